import { kanjiSearchKey } from './search-keys.ts';

/**
 * For matching only: ways of writing that mean one address get one key. Full and half width, 二丁目1番1号 and 2-1-1. Names of
 * towns keep their own numerals (三番町).
 */
export const addressKey = (text: string): string =>
  kanjiSearchKey(text)
    .replace(/[〇一二三四五六七八九十]+(?=丁目|番|号|番地)/g, (n) => String(fromKanji(n)))
    .replace(/丁目|番地の?|番|号|の(?=[0-9])|[‐‑–—―−－ｰー]/g, '-')
    .replace(/-+/g, '-')
    .replace(/-$/, '');

const digits = '〇一二三四五六七八九';
function fromKanji(text: string): number {
  const [tens, ones] = text.includes('十') ? (text.split('十') as [string, string]) : ['0', text];
  const value = (t: string, empty: number): number => (t === '' ? empty : Math.max(0, digits.indexOf(t)));
  return text.includes('十')
    ? value(tens, 1) * 10 + value(ones, 0)
    : Number([...text].map((d) => digits.indexOf(d)).join(''));
}
