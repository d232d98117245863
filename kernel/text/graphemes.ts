import iconv from 'iconv-lite';

const variationSelectors = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;
const segmenter = new Intl.Segmenter('ja', { granularity: 'grapheme' });

/** The base characters alone; 渡邉󠄂 becomes 渡邉. For keys and for charsets that know no variants. */
export const withoutVariationSelectors = (text: string): string => text.replace(variationSelectors, '');

/** Characters as a user sees them: base and variation selector count as one, so does か with a combining mark. */
export function graphemeLength(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let length = 0;
  for (const _ of segmenter.segment(text)) length++;
  return length;
}

/** The first `count` characters as a user sees them. */
export function firstGraphemes(text: string, count: number): string {
  let taken = 0;
  for (const { index } of segmenter.segment(text)) if (taken++ === count) return text.slice(0, index);
  return text;
}

export type TextFault =
  | 'unpaired-surrogate'
  | 'lone-variation-selector'
  | 'private-use-character'
  | 'control-character';

/** What no text between systems may hold (rule C03), or undefined where the text is sound. */
export function findTextFault(text: string): TextFault | undefined {
  if (!text.isWellFormed()) return 'unpaired-surrogate';
  if (/(^|[^\p{Script=Han}\p{Emoji}])[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u.test(text)) return 'lone-variation-selector';
  if (/\p{Co}/u.test(text)) return 'private-use-character';
  if (/\p{Cc}/u.test(text)) return 'control-character';
  return undefined;
}

/**
 * The bytes of one character in CP932 as Windows writes them, or undefined where CP932 has none. ¥ and ‾ have none: the
 * library's silent change to \ and ~ is left to the policy of each interface.
 */
export function cp932Bytes(char: string): Uint8Array | undefined {
  const code = char.codePointAt(0)!;
  if (code > 0xffff) return undefined;
  const known = codes[code];
  if (known !== undefined) return known ?? undefined;
  const found = findCp932Bytes(char, code) ?? null;
  codes[code] = found;
  return found ?? undefined;
}

/** What was found of each character so far: those of one name come again with every other. */
const codes: (Uint8Array | null | undefined)[] = new Array(0x10000);

function findCp932Bytes(char: string, code: number): Uint8Array | undefined {
  if (code < 0x80) return Uint8Array.of(code);
  if (code === 0xa5 || code === 0x203e || (code >= 0x80 && code <= 0x9f) || (code >= 0xe000 && code <= 0xf8ff))
    return undefined;
  const bytes = iconv.encode(char, 'cp932');
  return bytes[0] === 0x3f ? undefined : Uint8Array.from(bytes);
}

/** Length in CP932, or undefined where a character has no code there. */
export function bytesInCp932(text: string): number | undefined {
  let length = 0;
  for (const char of text) {
    const bytes = cp932Bytes(char);
    if (bytes === undefined) return undefined;
    length += bytes.length;
  }
  return length;
}
