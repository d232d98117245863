/* What a name, a reading or an address in the register may be made of; the network's item checks ask for the same. */

// Controls, unassigned code points and half-width kana; 外字 (private use) come with the ward's own font and are counted.
const plainText = /^[^\p{Cc}\p{Cn}\p{Cs}\uFF61-\uFF9F]+$/u;
const katakana = /^[ァ-ヶー・ヽヾ　 ]+$/u;

/** Not blank, no control or unassigned character, no half-width kana, no variation selector that stands alone. */
export const isUsableText = (text: string): boolean =>
  text.trim() !== '' && plainText.test(text) && !/^[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/u.test(text);

export const isKatakana = (text: string): boolean => text.trim() !== '' && katakana.test(text);
