import { pipeline, Readable } from 'node:stream';
import { CsvError, type Options, parse } from 'csv-parse';
import { parse as parseWhole } from 'csv-parse/sync';
import { err, ok, type Result } from '../result/result.ts';
import { type CharsetPolicy, encodeText } from './charset.ts';
import {
  type Fault,
  type FaultWord,
  type FileFault,
  faultOf,
  type Outcome,
  type ReadSummary,
  Tally,
} from './faults.ts';
import { type AnyField, type RecordOf, readField, readText, type WriteNote, type WriteRefusal } from './layout.ts';

/** A CSV format: the fields in column order and everything about the bytes around them. */
export interface CsvLayout<F extends readonly AnyField[] = readonly AnyField[]> {
  readonly name: string;
  readonly fields: F;
  /** CP932 or UTF-8: in ISO-2022-JP a comma may be half of a character. */
  readonly policy: CharsetPolicy & { readonly charset: 'cp932' | 'utf-8' };
  readonly recordEnd: '\r\n' | '\n';
  /** False where the format knows no quoting: a `"` is then an ordinary character. */
  readonly quoted: boolean;
  /** The interface's rule ids for the words. */
  readonly rules?: Partial<Record<FaultWord, string>>;
}

export interface ReadCsvOptions<F extends readonly AnyField[], T> {
  /** Versions of one format; a record is read by the one with its column count. All share charset, end and quoting. */
  readonly layouts: readonly [CsvLayout<F>, ...CsvLayout<F>[]];
  /** From the fields of a sound record to the program's value; faults of severity `reject` reject it. */
  readonly finish: (
    record: RecordOf<F>,
    row: number,
    columns: number,
  ) => { value: T | undefined; faults: readonly Fault[] };
  readonly each: (outcome: Outcome<T>) => void | Promise<void>;
  /** Bytes a record may have at most, 1 MiB unless told. Beyond it the file is refused. */
  readonly maxRecordBytes?: number;
}

/**
 * Reads a CSV file of any length, a record at a time. A record with the wrong number of columns, an undecodable byte, a
 * field that breaks its kind, or one that the file's end cuts in half is rejected with its place; the reading goes on.
 * Bytes are split before they are decoded: in CP932 and UTF-8 no comma, quote or line end is part of a character.
 */
export async function readCsv<F extends readonly AnyField[], T>(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ReadCsvOptions<F, T>,
): Promise<ReadSummary> {
  const layout = options.layouts[0];
  const tally = new Tally(options.each);
  const seen = { head: '', tail: '', bytes: 0 };
  const fileFaults: FileFault[] = [];
  let rows = 0;
  let held: readonly string[] | undefined;

  const form = {
    encoding: 'latin1',
    record_delimiter: layout.recordEnd,
    quote: layout.quoted ? '"' : false,
    relax_column_count: true,
    max_record_size: options.maxRecordBytes ?? 1_048_576,
  } as const;
  try {
    for await (const columns of recordsOf(watched(source, seen), form, isOnePiece(source))) {
      if (seen.head.startsWith('\xef\xbb\xbf')) break;
      // One record is held back: only the end of the file tells whether the last one is whole.
      if (held !== undefined) await tally.add(readRow(held, ++rows, options));
      held = columns;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    fileFaults.push(error.code === 'CSV_MAX_RECORD_SIZE' ? tooLong : brokenQuoting);
  }
  if (seen.head.startsWith('\xef\xbb\xbf')) return tally.close(rows, [byteOrderMark]);
  if (held !== undefined) {
    const whole = seen.tail.endsWith(layout.recordEnd) || fileFaults.length > 0;
    const last = ++rows;
    await tally.add(
      whole ? readRow(held, last, options) : rejected(last, faultOf('cut-short', { row: last }, layout.rules)),
    );
  }
  if (seen.bytes === 0) fileFaults.push(emptyFile);
  return tally.close(rows, fileFaults);
}

/** A piece that is in memory anyway is cut at once: a stream costs as much a record as cutting it. */
const isOnePiece = (source: unknown): boolean => Array.isArray(source) && source.length === 1;

async function* recordsOf(
  source: AsyncGenerator<Uint8Array>,
  form: Options,
  isWhole: boolean,
): AsyncGenerator<readonly string[]> {
  if (!isWhole) {
    const parser = parse(form);
    pipeline(Readable.from(source), parser, () => {}); // errors arrive at the loop below
    yield* parser as AsyncIterable<string[]>;
    return;
  }
  for await (const piece of source) {
    const records: string[][] = [];
    let broken: unknown;
    try {
      // What stands before a record that breaks is read, as from a stream.
      parseWhole(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength), {
        ...form,
        on_record: (columns: string[]) => {
          records.push(columns);
          return null;
        },
      });
    } catch (error) {
      broken = error;
    }
    yield* records;
    if (broken !== undefined) throw broken;
  }
}

const emptyFile: FileFault = { word: 'empty-file', message: 'ファイルが空です' };
const byteOrderMark: FileFault = { word: 'byte-order-mark', message: 'ファイルの先頭にBOMがあります' };
const brokenQuoting: FileFault = { word: 'broken-quoting', message: '引用符が閉じていません' };
const tooLong: FileFault = { word: 'record-too-long', message: 'レコードが長すぎます' };

async function* watched(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  seen: { head: string; tail: string; bytes: number },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    const latin = (part: Uint8Array): string => Buffer.from(part).toString('latin1');
    if (seen.head.length < 3) seen.head = (seen.head + latin(chunk.subarray(0, 3))).slice(0, 3);
    seen.tail = (seen.tail + latin(chunk.subarray(-2))).slice(-2);
    seen.bytes += chunk.length;
    yield chunk;
  }
}

const rejected = (row: number, ...faults: Fault[]): { accepted: false; row: number; faults: readonly Fault[] } => ({
  accepted: false,
  row,
  faults,
});

const printableAscii = /^[\x20-\x7e]*$/;

function readRow<F extends readonly AnyField[], T>(
  columns: readonly string[],
  row: number,
  options: ReadCsvOptions<F, T>,
): Outcome<T> {
  const layout = options.layouts.find((l) => l.fields.length === columns.length);
  if (layout === undefined) return rejected(row, faultOf('wrong-column-count', { row }, options.layouts[0].rules));
  const faults: Fault[] = [];
  const record: Record<string, unknown> = {};
  const { fields } = layout;
  for (let index = 0; index < fields.length; index++) {
    const text = columns[index]!;
    const field = fields[index]!;
    if (text === '' && !field.required) {
      record[field.name] = undefined;
      continue;
    }
    const place = { row, column: index + 1 };
    // Most columns of the wide forms are empty or digits: printable ASCII is the same text in CP932 and UTF-8.
    const read = printableAscii.test(text)
      ? readText(text, field, place, layout.rules ?? {})
      : readField(Buffer.from(text, 'latin1'), field, layout.policy, place, layout.rules ?? {});
    if ('fault' in read) faults.push(read.fault);
    else record[field.name] = read.value;
  }
  if (faults.length > 0) return { accepted: false, row, faults };
  const finished = options.finish(record as RecordOf<F>, row, columns.length);
  if (finished.value === undefined || finished.faults.some((f) => f.severity === 'reject')) {
    return { accepted: false, row, faults: finished.faults };
  }
  return { accepted: true, row, value: finished.value, warnings: finished.faults };
}

/** One record as bytes with its record end. Every field is checked as a reader would check it. */
export function writeCsvRecord<F extends readonly AnyField[]>(
  layout: CsvLayout<F>,
  record: RecordOf<F>,
  row: number,
): Result<{ bytes: Uint8Array; notes: readonly WriteNote[] }, WriteRefusal> {
  const parts: Uint8Array[] = [];
  const notes: WriteNote[] = [];
  for (const [index, field] of layout.fields.entries()) {
    const place = { column: index + 1, field: field.label };
    const value: unknown = (record as Record<string, unknown>)[field.name];
    if (value === undefined && field.required) return err({ ...place, word: 'missing' });
    const encoded = encodeText(value === undefined ? '' : field.kind.format(value), layout.policy);
    if (!encoded.ok) return err({ ...place, word: encoded.error.word });
    const { text } = encoded.value;
    if (!layout.quoted && text.includes(',')) return err({ ...place, word: 'outside-repertoire' });
    const checked = text === '' ? undefined : field.kind.parse(text);
    if (checked !== undefined && !checked.ok) return err({ ...place, word: checked.error });
    if (index > 0) parts.push(Buffer.from(','));
    parts.push(layout.quoted && /[",]/.test(text) ? quote(encoded.value.bytes) : encoded.value.bytes);
    for (const note of encoded.value.notes) notes.push({ ...note, ...place, row });
  }
  parts.push(Buffer.from(layout.recordEnd));
  return ok({ bytes: Buffer.concat(parts), notes });
}
/**
 * Many records as one file, by one layout or by the one that fits each record.
 *
 * @returns the bytes and the notes of every reduced character; or the first record that cannot be written, by its row
 */
export function writeCsvRecords<F extends readonly AnyField[], R extends RecordOf<F>>(
  layout: CsvLayout<F> | ((record: R) => CsvLayout<F>),
  records: Iterable<R>,
): Result<{ bytes: Buffer; notes: readonly WriteNote[] }, WriteRefusal & { readonly row: number }> {
  const parts: Uint8Array[] = [];
  const notes: WriteNote[] = [];
  for (const record of records) {
    const row = parts.length + 1;
    const written = writeCsvRecord(typeof layout === 'function' ? layout(record) : layout, record, row);
    if (!written.ok) return err({ ...written.error, row });
    parts.push(written.value.bytes);
    notes.push(...written.value.notes);
  }
  return ok({ bytes: Buffer.concat(parts), notes });
}

const quote = (bytes: Uint8Array): Uint8Array =>
  Buffer.from(`"${Buffer.from(bytes).toString('latin1').replaceAll('"', '""')}"`, 'latin1');
