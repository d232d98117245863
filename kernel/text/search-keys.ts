import { withoutVariationSelectors } from './graphemes.ts';
import { hiraganaToKatakana, toFullWidthKana } from './width.ts';

const largeOfSmall = new Map(
  [...'ァィゥェォッャュョヮヵヶ'].map((small, i) => [small, [...'アイウエオツヤユヨワカケ'][i]!]),
);
const merged: Readonly<Record<string, string>> = { ヲ: 'オ', ヰ: 'イ', ヱ: 'エ' };

/**
 * 清音化カナ: the key by which kana names are searched. A pure character map: two names with the same key are read
 * alike by most clerks, not the same name.
 */
export function kanaSearchKey(text: string): string {
  const katakana = hiraganaToKatakana(toFullWidthKana(text.normalize('NFC')));
  let key = '';
  for (const char of katakana.normalize('NFD').replace(/[\u3099\u309a゛゜\s・\-ー‐‑–—―−－ｰ～〜]/gu, '')) {
    const large = largeOfSmall.get(char) ?? char;
    key += merged[large] ?? large;
  }
  return key;
}

/** Variants that clerks type alike; the last step of the key, for matching only and never for what is stored. */
const foldings: ReadonlyMap<string, string> = new Map(
  [
    ['崎', '﨑'],
    ['高', '髙'],
    ['辺', '邊邉'],
    ['斉', '齋齊斎'],
    ['沢', '澤'],
    ['浜', '濱濵'],
    ['広', '廣'],
    ['国', '國'],
    ['桜', '櫻'],
    ['真', '眞'],
    ['恵', '惠'],
    ['栄', '榮'],
    ['蔵', '藏'],
    ['竜', '龍'],
  ].flatMap(([to, from]) => [...from!].map((char) => [char, to!] as const)),
);

/**
 * Search key for names and addresses in kanji: NFKC without variation selectors, then `reductions` (MJ縮退 and 国税庁
 * maps where the body has them), then the fixed folding above.
 */
export function kanjiSearchKey(text: string, reductions: ReadonlyMap<string, string> = new Map()): string {
  let key = '';
  for (const char of withoutVariationSelectors(text).normalize('NFKC').replace(/\s/g, '')) {
    const reduced = reductions.get(char) ?? char;
    key += foldings.get(reduced) ?? reduced;
  }
  return key;
}
