import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';

/** 氏名 in the form in which names are compared: variants folded, no spaces. For comparing and searching, never for show. */
export const nameKeyOf = (name: string): string => kanjiSearchKey(name);
export const kanaKeyOf = (kana: string): string => kanaSearchKey(kana);

/**
 * 住所 in the form in which addresses are compared: 「二丁目3番4号」 and 「2-3-4」 are the same place. Prefecture and the name of a
 * building are kept where they are written; a difference there goes to a clerk, it never links.
 */
export function addressKeyOf(address: string): string {
  const plain = kanjiSearchKey(address)
    .replaceAll(/[‐‑‒–—―−ー－](?=[0-9])/g, '-')
    .replaceAll(/[〇一二三四五六七八九十]+(?=丁目|番|号)/g, (kanji) => `${numberOfKanji(kanji)}`)
    .replaceAll(/丁目|番地の?|番|号室?/g, '-');
  return plain.replaceAll(/-+/g, '-').replace(/-$/, '');
}

const digits = '〇一二三四五六七八九';
/** 1 to 99; what is larger is never written so in addresses. */
function numberOfKanji(kanji: string): number {
  const [tens, ones] = kanji.includes('十') ? kanji.split('十') : ['', kanji];
  const value = (part: string | undefined): number =>
    [...(part ?? '')].reduce((total, char) => total * 10 + digits.indexOf(char), 0);
  return (kanji.includes('十') ? (tens === '' ? 1 : value(tens)) * 10 : 0) + value(ones);
}
