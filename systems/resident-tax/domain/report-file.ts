/** Why a whole file is refused; the payer reads the code through the portal. */
export type FileRefusal =
  | 'empty-file'
  | 'byte-order-mark'
  | 'cut-short'
  | 'record-count-differs'
  | 'summary-parts-differ'
  | 'summary-total-differs'
  | 'other-municipality'
  | 'other-procedure'
  | 'sender-not-entitled'
  | 'same-file-again'
  | 'form-unreadable';

export const fileRefusalTexts: Record<FileRefusal, string> = {
  'empty-file': 'ファイルが空です',
  'byte-order-mark': 'ファイルの先頭にBOMがあります',
  'cut-short': 'ファイルがレコードの途中で終わっています',
  'record-count-differs': 'ファイルの件数が受付の件数と一致しません',
  'summary-parts-differ': '総括表の内訳と合計が一致しません',
  'summary-total-differs': '総括表の報告人員とファイルの件数が一致しません',
  'other-municipality': '提出先がこの区ではありません',
  'other-procedure': '予告された手続と内容が一致しません',
  'sender-not-entitled': 'この手続の送信元として認められていません',
  'same-file-again': '同じファイルがすでに取り込まれています',
  'form-unreadable': '電子申告の項目を読み取れません（申告した人に確かめてください）',
};

export interface FileShape {
  readonly records: number;
  /** Records whose 提出区分 (column 10) is a cancellation. */
  readonly cancellations: number;
  readonly fault: FileRefusal | undefined;
}

/**
 * What can be told of a file of the unified CSV before any record is believed. Bytes are looked at, not characters: in CP932 a
 * line end or a comma is never half of a character.
 */
export function shapeOf(file: Uint8Array): FileShape {
  const none = { records: 0, cancellations: 0 };
  if (file.length === 0) return { ...none, fault: 'empty-file' };
  if (file[0] === 0xef && file[1] === 0xbb && file[2] === 0xbf) return { ...none, fault: 'byte-order-mark' };
  let records = 0;
  let cancellations = 0;
  for (let start = 0; start < file.length; ) {
    const end = recordEnd(file, start);
    records += 1;
    if (end === undefined) return { records, cancellations, fault: 'cut-short' };
    if (submissionKindOf(file.subarray(start, end)) === '3') cancellations += 1;
    start = end;
  }
  return { records, cancellations, fault: undefined };
}

/** Offset after the line end of the record that begins at `start`; undefined where the file ends before it. */
export function recordEnd(file: Uint8Array, start: number): number | undefined {
  for (let at = file.indexOf(0x0d, start); at !== -1; at = file.indexOf(0x0d, at + 1))
    if (file[at + 1] === 0x0a) return at + 2;
  return undefined;
}

/** Some whole records of a file that is read piece by piece. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** Records before this piece. */
  readonly before: number;
  /** The checkpoint to go on from, `bytes:records`; null at the end of the file. */
  readonly next: string | null;
}

/**
 * The next records after a checkpoint, taking no more of the file than they need. The file was found whole before, so every record ends.
 *
 * @param file from the checkpoint on, in parts of any length but nothing
 * @param start byte of the file where it begins
 */
export async function nextPiece(
  file: AsyncIterable<Uint8Array>,
  { start, before }: { readonly start: number; readonly before: number },
  recordsInPiece: number,
): Promise<Piece> {
  let bytes = new Uint8Array(0);
  let end = 0;
  let records = 0;
  const piece = (): Piece => ({
    bytes: bytes.subarray(0, end),
    before,
    next: `${start + end}:${before + records}`,
  });
  for await (const part of file) {
    // The records are whole, and the file goes on.
    if (records === recordsInPiece) return piece();
    const longer = new Uint8Array(bytes.length + part.length);
    longer.set(bytes);
    longer.set(part, bytes.length);
    bytes = longer;
    for (let at = recordEnd(bytes, end); at !== undefined && records < recordsInPiece; at = recordEnd(bytes, end)) {
      end = at;
      records += 1;
    }
    if (records === recordsInPiece && end < bytes.length) return piece();
  }
  return { bytes, before, next: null };
}

function submissionKindOf(record: Uint8Array): string {
  let start = 0;
  for (let column = 1; column < 10; column++) {
    const comma = record.indexOf(0x2c, start);
    if (comma === -1) return '';
    start = comma + 1;
  }
  return String.fromCharCode(record[start] ?? 0);
}

/**
 * The file with every run of eleven or more digits made zeros, so that its digest tells nothing about the Individual Numbers in
 * it. Different files can look alike this way: it finds what may be the same, it does not decide.
 */
export function withoutLongNumbers(file: Uint8Array): Uint8Array {
  const masked = Uint8Array.from(file);
  // Full-width digits are 82 4F to 82 58 in CP932.
  const digitLength = (at: number): number => {
    const byte = masked[at]!;
    if (byte >= 0x30 && byte <= 0x39) return 1;
    const next = masked[at + 1] ?? 0;
    return byte === 0x82 && next >= 0x4f && next <= 0x58 ? 2 : 0;
  };
  for (let at = 0; at < masked.length; ) {
    let end = at;
    let digits = 0;
    for (let length = digitLength(end); length > 0; length = digitLength(end)) {
      end += length;
      digits += 1;
    }
    if (digits >= 11) masked.fill(0x30, at, end);
    at = Math.max(end, at + 1);
  }
  return masked;
}
