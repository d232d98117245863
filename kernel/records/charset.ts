import iconv from 'iconv-lite';
import { err, ok, type Result } from '../result/result.ts';
import { cp932Bytes, findTextFault, type TextFault } from '../text/graphemes.ts';
import { toFullWidthAscii } from '../text/width.ts';

/** How an interface treats characters; written out for each, never a default. */
export interface CharsetPolicy {
  /** `jis` is ISO-2022-JP: JIS X 0208 between ESC $ B and ESC ( B. */
  readonly charset: 'cp932' | 'jis' | 'utf-8';
  /** `jis-1-2`: JIS X 0201 and JIS X 0208 (levels 1 and 2, no NEC or IBM rows); `cp932`: those too; `any`: Unicode. */
  readonly repertoire: 'jis-1-2' | 'cp932' | 'any';
  /** 〜 ‖ − — ¢ £ ¬ ¥ that CP932 knows by a neighbouring code: `map` to it (read back as ～ ∥ － ― ￠ ￡ ￢ \), or refuse. */
  readonly lookalikes: 'map' | 'refuse';
  /** A variation selector where the charset has none: leave it out with a note, or refuse. */
  readonly variants: 'strip' | 'refuse';
  /** A character outside the repertoire: refuse; reduce with a note, else refuse; reduce with a note, else 〓 with a note. */
  readonly outside: 'refuse' | 'reduce' | 'reduce-or-geta';
  /** The body's own reductions (MJ縮退, 国税庁 JIS縮退マップ), asked before the built-in ones. */
  readonly reductions?: ReadonlyMap<string, string>;
}

export interface EncodeNote {
  /** Index of the character (code point) in the text given. */
  readonly at: number;
  readonly word: 'reduced' | 'variant-stripped' | 'replaced-by-geta';
}
export interface Encoded {
  readonly bytes: Uint8Array;
  /** The text as the other side will read it. */
  readonly text: string;
  readonly notes: readonly EncodeNote[];
}
export interface EncodeRefusal {
  readonly at: number;
  readonly word: TextFault | 'outside-repertoire' | 'variation-selector';
}
export interface DecodeRefusal {
  readonly byteOffset: number;
  readonly word: 'bad-byte' | TextFault | 'outside-repertoire';
}

const lookalikes: Readonly<Record<string, string>> = {
  '〜': '～',
  '‖': '∥',
  '−': '－',
  '—': '―',
  '¢': '￠',
  '£': '￡',
  '¬': '￢',
  '¥': '\\',
};
const toJisLookalikes: Readonly<Record<string, string>> = {
  '～': '〜',
  '∥': '‖',
  '－': '−',
  '￠': '¢',
  '￡': '£',
  '￢': '¬',
};
/** The two published reductions that no Unicode decomposition gives, and 麴 of the 国税庁 map. */
const builtIn: ReadonlyMap<string, string> = new Map([
  ['髙', '高'],
  ['﨑', '崎'],
  ['麴', '麹'],
]);
const isSelector = (char: string): boolean => /^[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]$/u.test(char);
const ascii = /^[\x20-\x7e]*$/;

/** Text to bytes under the policy. Nothing is dropped or changed without a note; `?` is never written for another. */
export function encodeText(text: string, policy: CharsetPolicy): Result<Encoded, EncodeRefusal> {
  if (ascii.test(text)) return ok({ bytes: Buffer.from(text, 'latin1'), text, notes: [] });
  const fault = findTextFault(text);
  if (fault !== undefined) return err({ at: [...text].findIndex((c) => findTextFault(c) === fault), word: fault });
  const notes: EncodeNote[] = [];
  let out = '';
  for (const [at, char] of [...text].entries()) {
    const written = writeChar(char, policy);
    if (typeof written !== 'string') {
      if (written.word !== undefined) return err({ at, word: written.word });
      out += written.text;
      notes.push({ at, word: written.note });
    } else out += written;
  }
  return ok({ bytes: toBytes(out, policy.charset), text: out, notes });
}

type Written = string | { text: string; note: EncodeNote['word']; word?: never } | { word: EncodeRefusal['word'] };
function writeChar(char: string, policy: CharsetPolicy): Written {
  if (policy.repertoire === 'any') return char;
  if (isSelector(char)) {
    return policy.variants === 'strip' ? { text: '', note: 'variant-stripped' } : { word: 'variation-selector' };
  }
  if (inRepertoire(char, policy.repertoire)) return char;
  const twin = lookalikes[char];
  if (twin !== undefined) return policy.lookalikes === 'map' ? twin : { word: 'outside-repertoire' };
  if (policy.outside === 'refuse') return { word: 'outside-repertoire' };
  const wide = toFullWidthAscii(char.normalize('NFKC'));
  for (const reduced of [policy.reductions?.get(char), builtIn.get(char), wide]) {
    if (reduced !== undefined && reduced !== char && [...reduced].every((c) => inRepertoire(c, policy.repertoire))) {
      return { text: reduced, note: 'reduced' };
    }
  }
  return policy.outside === 'reduce-or-geta'
    ? { text: '〓', note: 'replaced-by-geta' }
    : { word: 'outside-repertoire' };
}

function inRepertoire(char: string, repertoire: CharsetPolicy['repertoire']): boolean {
  if (repertoire === 'any') return true;
  const bytes = cp932Bytes(char);
  if (bytes === undefined) return false;
  return repertoire === 'cp932' || bytes.length === 1 || isJisLead(bytes[0]!);
}
/** Lead bytes of JIS X 0208 rows 1–8 and 16–84; NEC row 13 (87) and the extensions (ED, EE, FA–FC) are not. */
const isJisLead = (lead: number): boolean =>
  (lead >= 0x81 && lead <= 0x84) || (lead >= 0x88 && lead <= 0x9f) || (lead >= 0xe0 && lead <= 0xea);

function toBytes(text: string, charset: CharsetPolicy['charset']): Uint8Array {
  if (charset === 'utf-8') return Buffer.from(text, 'utf8');
  if (charset === 'cp932') return iconv.encode(text, 'cp932');
  return toJis(text);
}

/** CP932 pairs to JIS rows and cells, shifted in and out; half-width kana become what ISO-2022-JP has, full-width. */
function toJis(text: string): Uint8Array {
  const out: number[] = [];
  let double = false;
  for (const char of text.replace(/[\uff61-\uff9f]+/g, (kana) => kana.normalize('NFKC'))) {
    const [lead, trail] = cp932Bytes(char)!;
    if (trail === undefined) {
      if (double) out.push(0x1b, 0x28, 0x42);
      double = false;
      out.push(lead!);
      continue;
    }
    if (!double) out.push(0x1b, 0x24, 0x42);
    double = true;
    const row = (lead! - (lead! < 0xa0 ? 0x81 : 0xc1)) * 2 + (trail >= 0x9f ? 1 : 0);
    const cell = trail >= 0x9f ? trail - 0x9f : trail - (trail > 0x7f ? 0x41 : 0x40);
    out.push(row + 0x21, cell + 0x21);
  }
  if (double) out.push(0x1b, 0x28, 0x42);
  return Uint8Array.from(out);
}

/** Bytes to text. A byte that is no character refuses with its offset (C01); U+FFFD is never made. */
export function decodeBytes(bytes: Uint8Array, policy: CharsetPolicy): Result<string, DecodeRefusal> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const latin = buffer.toString('latin1');
  if (ascii.test(latin)) return ok(latin);
  const text = policy.charset === 'cp932' ? decodeCp932(latin) : decodeStrictly(buffer, policy.charset);
  if (text === undefined) return err({ byteOffset: firstBadByte(buffer, policy.charset), word: 'bad-byte' });
  if (isReadable(text, policy)) return ok(text);
  for (const [index, char] of [...text].entries()) {
    const word = isSelector(char) && index > 0 ? undefined : findTextFault(char);
    const outside = word === undefined && !isSelector(char) && !readable(char, policy);
    if (word !== undefined || outside) {
      const before = [...text].slice(0, index).join('');
      return err({ byteOffset: encodedLength(before, policy.charset), word: word ?? 'outside-repertoire' });
    }
  }
  const whole = findTextFault(text);
  return whole === undefined ? ok(text) : err({ byteOffset: 0, word: whole });
}

/** Nothing to look for: every character is one of the interface's, and none stands where it must not. */
function isReadable(text: string, policy: CharsetPolicy): boolean {
  if (policy.repertoire !== 'any') for (const char of text) if (!readable(char, policy)) return false;
  return findTextFault(text) === undefined;
}

const readable = (char: string, policy: CharsetPolicy): boolean =>
  inRepertoire(char, policy.repertoire) || (policy.charset === 'jis' && lookalikes[char] !== undefined);

function encodedLength(text: string, charset: CharsetPolicy['charset']): number {
  if (charset === 'utf-8') return Buffer.byteLength(text);
  return charset === 'cp932' ? iconv.encode(text, 'cp932').length : toJis(text).length;
}

/** From bytes as one character each; undefined where CP932 has no such character. */
function decodeCp932(latin: string): string | undefined {
  let text = '';
  for (let at = 0; at < latin.length; ) {
    const lead = latin.charCodeAt(at);
    const width = cp932Width(lead);
    if (at + width > latin.length) return undefined;
    const char = cp932Char(width === 1 ? lead : (lead << 8) | latin.charCodeAt(at + 1));
    if (char === undefined) return undefined;
    text += char;
    at += width;
  }
  return text;
}

/** What was found for each code so far. */
const chars: (string | null | undefined)[] = new Array(0x10000);

/** @param code one byte or two */
function cp932Char(code: number): string | undefined {
  let char = chars[code];
  if (char === undefined) {
    const found = iconv.decode(Buffer.from(code > 0xff ? [code >> 8, code & 0xff] : [code]), 'cp932');
    char = found.includes('\ufffd') ? null : found;
    chars[code] = char;
  }
  return char ?? undefined;
}

function decodeStrictly(buffer: Uint8Array, charset: 'jis' | 'utf-8'): string | undefined {
  try {
    const label = charset === 'jis' ? 'iso-2022-jp' : 'utf-8';
    // A decoder that has refused once keeps state, so each call has its own.
    const text = new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(buffer);
    return charset === 'jis' ? text.replace(/[～∥－￠￡￢]/g, (c) => toJisLookalikes[c]!) : text;
  } catch {
    return undefined;
  }
}

function firstBadByte(buffer: Buffer, charset: CharsetPolicy['charset']): number {
  for (let at = 0; at < buffer.length; ) {
    const width =
      charset === 'cp932' ? cp932Width(buffer[at]!) : charset === 'utf-8' ? utf8Width(buffer[at]!) : buffer.length;
    const part = buffer.subarray(at, at + width);
    const text = charset === 'cp932' ? iconv.decode(part, 'cp932') : decodeStrictly(part, charset);
    if (text === undefined || part.length < width || text.includes('\ufffd')) return at;
    at += width;
  }
  return 0;
}
const cp932Width = (lead: number): number => ((lead >= 0x81 && lead <= 0x9f) || (lead >= 0xe0 && lead <= 0xfc) ? 2 : 1);
const utf8Width = (lead: number): number => (lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4);
