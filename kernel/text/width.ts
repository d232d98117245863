/** Half-width kana (JIS X 0201, U+FF61–FF9F) in code order, beside their full-width forms. */
const wide =
  '。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜';
const voicedPairs = new Map<string, string>();
const voicedParts = new Map<string, string>();
for (const base of wide) {
  for (const [mark, combining] of [
    ['゛', '\u3099'],
    ['゜', '\u309a'],
  ] as const) {
    const composed = (base + combining).normalize('NFC');
    if (composed.length === 1) voicedPairs.set(base + mark, composed);
  }
}
for (const [pair, composed] of voicedPairs) voicedParts.set(composed, pair);
const withoutHalf: Readonly<Record<string, string>> = { ヮ: 'ワ', ヵ: 'カ', ヶ: 'ケ', ヰ: 'イ', ヱ: 'エ' };

/** ｶﾞ → ガ. Other characters stay. A mark that belongs to no letter becomes ゛ or ゜. */
export function toFullWidthKana(text: string): string {
  const plain = text.replace(/[\uff61-\uff9f]/g, (c) => wide[c.charCodeAt(0) - 0xff61]!);
  // Only marks that were half-width may join: a stored full-width ゛ is somebody's own text.
  if (!/[\uff9e\uff9f]/.test(text)) return plain;
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const next = text[i + 1];
    const joined = next === 'ﾞ' || next === 'ﾟ' ? voicedPairs.get(plain[i]! + plain[i + 1]!) : undefined;
    out += joined ?? plain[i]!;
    if (joined !== undefined) i++;
  }
  return out;
}

/** ガ → ｶﾞ, ヴ → ｳﾞ; ヮ ヵ ヶ ヰ ヱ have no half-width form and become ﾜ ｶ ｹ ｲ ｴ. Other characters stay. */
export function toHalfWidthKana(text: string): string {
  let out = '';
  for (const char of text) {
    for (const part of voicedParts.get(char) ?? withoutHalf[char] ?? char) {
      const at = wide.indexOf(part);
      out += at < 0 ? part : String.fromCharCode(0xff61 + at);
    }
  }
  return out;
}

/** ひらがな → カタカナ, letter by letter (ゔ → ヴ). */
export const hiraganaToKatakana = (text: string): string =>
  text.replace(/[\u3041-\u3096\u309d\u309e]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0x60));

/** ASCII letters, digits, signs and the space → full-width. */
export const toFullWidthAscii = (text: string): string =>
  text.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).replaceAll(' ', '\u3000');

/** Full-width letters, digits, signs and the ideographic space → ASCII. */
export const toHalfWidthAscii = (text: string): string =>
  text.replace(/[！-～]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replaceAll('\u3000', ' ');
