import iconv from 'iconv-lite';

/** Where a number was seen. `offset` counts bytes from the start of what was searched (of the decoded part for base64). */
export interface NumberSighting {
  readonly offset: number;
  /** Which alphabet the digits were written in. */
  readonly form: 'ascii' | 'full-width-utf-8' | 'full-width-cp932' | 'utf-16' | 'base64';
  /** For the searcher's own use against its set; never printed. */
  readonly digits: string;
}

const fullWidth = (digits: string): string =>
  digits.replace(/[0-9]/g, (d) => String.fromCharCode(d.charCodeAt(0) + 0xfee0));

/** All texts in which a 12-digit number may hide: plain, with the leading 0 of the tax files, in groups, full-width. */
export function numberForms(digits: string): readonly string[] {
  const groups = [digits.slice(0, 4), digits.slice(4, 8), digits.slice(8)];
  const narrow = [digits, `0${digits}`, groups.join(' '), groups.join('-')];
  return [...narrow, ...narrow.map((text) => fullWidth(text).replace(/ /g, '　').replace(/-/g, '－'))];
}

/** The same forms as bytes, in UTF-8, CP932 and UTF-16LE, each once. For a few numbers; for many use `findNumbers`. */
export function numberFormBytes(digits: string): readonly Uint8Array[] {
  const distinct = new Map<string, Uint8Array>();
  for (const text of numberForms(digits)) {
    for (const bytes of [Buffer.from(text, 'utf8'), iconv.encode(text, 'cp932'), Buffer.from(text, 'utf16le')]) {
      distinct.set(bytes.toString('hex'), bytes);
    }
  }
  return [...distinct.values()];
}

interface Run {
  digits: string;
  offsets: number[];
}

/**
 * Finds any of `numbers` (12-digit texts) in bytes of any kind, in one pass whatever the size of the set: digits are
 * read in ASCII, full-width UTF-8, full-width CP932 and UTF-16, with single spaces or hyphens between them, and base64
 * text is decoded and searched as well. Containers (ZIP, compressed PDF streams) are opened by the caller, as are
 * pieces of a large file, which must overlap by 64 bytes.
 */
export function findNumbers(bytes: Uint8Array, numbers: ReadonlySet<string>): NumberSighting[] {
  const found = findPlain(bytes, numbers);
  for (const { start, decoded } of base64Parts(bytes)) {
    for (const hit of findPlain(decoded, numbers)) found.push({ ...hit, offset: start, form: 'base64' });
  }
  return found;
}

function findPlain(bytes: Uint8Array, numbers: ReadonlySet<string>): NumberSighting[] {
  return [
    ...scan(
      bytes,
      numbers,
      'ascii',
      1,
      (i) => asciiDigit(bytes[i]!),
      (i) => separatorLength(bytes, i),
    ),
    ...scan(
      bytes,
      numbers,
      'full-width-utf-8',
      3,
      (i) => utf8Digit(bytes, i),
      (i) => wideSeparatorUtf8(bytes, i),
    ),
    ...scan(
      bytes,
      numbers,
      'full-width-cp932',
      2,
      (i) => cp932Digit(bytes, i),
      (i) => wideSeparatorCp932(bytes, i),
    ),
    ...([0, 1] as const).flatMap((high) =>
      scan(
        bytes,
        numbers,
        'utf-16',
        2,
        (i) => utf16Digit(bytes, i, high),
        (i) => utf16Separator(bytes, i, high),
      ),
    ),
  ];
}

/** Walks once; `digitAt` gives -1 where no digit starts, `separatorAt` the length of a separator or 0. */
function scan(
  bytes: Uint8Array,
  numbers: ReadonlySet<string>,
  form: NumberSighting['form'],
  width: number,
  digitAt: (i: number) => number,
  separatorAt: (i: number) => number,
): NumberSighting[] {
  const found: NumberSighting[] = [];
  let run: Run = { digits: '', offsets: [] };
  for (let i = 0; i < bytes.length; ) {
    const digit = digitAt(i);
    if (digit < 0) {
      i += run.digits === '' ? 1 : endOrSkip(i);
      continue;
    }
    run.digits += digit;
    run.offsets.push(i);
    if (run.digits.length >= 12) {
      const candidate = run.digits.slice(-12);
      if (numbers.has(candidate)) found.push({ offset: run.offsets.at(-12)!, form, digits: candidate });
      if (run.digits.length > 4096) run = { digits: run.digits.slice(-12), offsets: run.offsets.slice(-12) };
    }
    i += width;
  }
  return found;

  function endOrSkip(i: number): number {
    const skip = separatorAt(i);
    if (skip > 0 && digitAt(i + skip) >= 0) return skip;
    run = { digits: '', offsets: [] };
    return 1;
  }
}

const asciiDigit = (byte: number): number => (byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : -1);
const separatorLength = (b: Uint8Array, i: number): number => (b[i] === 0x20 || b[i] === 0x2d ? 1 : 0);
const utf8Digit = (b: Uint8Array, i: number): number =>
  b[i] === 0xef && b[i + 1] === 0xbc && b[i + 2]! >= 0x90 && b[i + 2]! <= 0x99 ? b[i + 2]! - 0x90 : -1;
const wideSeparatorUtf8 = (b: Uint8Array, i: number): number =>
  (b[i] === 0xe3 && b[i + 1] === 0x80 && b[i + 2] === 0x80) || (b[i] === 0xef && b[i + 1] === 0xbc && b[i + 2] === 0x8d)
    ? 3
    : 0;
const cp932Digit = (b: Uint8Array, i: number): number =>
  b[i] === 0x82 && b[i + 1]! >= 0x4f && b[i + 1]! <= 0x58 ? b[i + 1]! - 0x4f : -1;
const wideSeparatorCp932 = (b: Uint8Array, i: number): number =>
  b[i] === 0x81 && (b[i + 1] === 0x40 || b[i + 1] === 0x7c) ? 2 : 0;
/** One UTF-16 unit; `high` is where its high byte stands (1 little-endian, 0 big-endian). */
const utf16Unit = (b: Uint8Array, i: number, high: 0 | 1): number =>
  i + 1 < b.length ? (b[i + high]! << 8) | b[i + 1 - high]! : 0xffff;
function utf16Digit(b: Uint8Array, i: number, high: 0 | 1): number {
  const unit = utf16Unit(b, i, high);
  return unit >= 0xff10 && unit <= 0xff19 ? unit - 0xff10 : asciiDigit(unit);
}
const utf16Separator = (b: Uint8Array, i: number, high: 0 | 1): number =>
  [0x20, 0x2d, 0x3000, 0xff0d].includes(utf16Unit(b, i, high)) ? 2 : 0;

function* base64Parts(bytes: Uint8Array): Generator<{ start: number; decoded: Uint8Array }> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  for (const match of text.matchAll(/[A-Za-z0-9+/_-](?:\r?\n?[A-Za-z0-9+/_-]){15,}/g)) {
    const part = match[0].replace(/[\r\n]/g, '');
    // A run may begin in the middle of a group of four, so all four alignments are tried.
    for (let shift = 0; shift < 4; shift++) {
      yield { start: match.index, decoded: Buffer.from(part.slice(shift), 'base64') };
    }
  }
}
