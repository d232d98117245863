import assert from 'node:assert/strict';
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
import type { Kind } from './kinds.ts';
import { type AnyField, type RecordOf, readField, type WriteNote, type WriteRefusal } from './layout.ts';

/** A field of a fixed-width record: where it begins (byte, from 1) and how many bytes it has. */
export type FixedField = AnyField & { readonly at: number; readonly bytes: number };

/** Puts positions on a field: `at(1, 2, required('kind', '…', constant('1')))`. */
export const at = <F extends AnyField>(from: number, bytes: number, field: F): F & { at: number; bytes: number } => ({
  ...field,
  at: from,
  bytes,
});

/** One kind of record. Bytes that no field covers are filler: written as spaces, not looked at when read. */
export interface FixedLayout<F extends readonly FixedField[] = readonly FixedField[]> {
  readonly name: string;
  readonly recordBytes: number;
  readonly fields: F;
  /** CP932 or UTF-8; escape sequences would move every position. */
  readonly policy: CharsetPolicy & { readonly charset: 'cp932' | 'utf-8' };
  readonly rules?: Partial<Record<FaultWord, string>>;
}

/** Checks that fields neither overlap nor leave the record: a layout with wrong positions is a defect. */
export function fixedLayout<const F extends readonly FixedField[]>(layout: FixedLayout<F>): FixedLayout<F> {
  let next = 1;
  for (const field of layout.fields) {
    assert(field.at >= next, `${layout.name}: ${field.name} begins inside the field before it`);
    next = field.at + field.bytes;
  }
  assert(next <= layout.recordBytes + 1, `${layout.name}: the fields are longer than the record`);
  return layout;
}

/** A record as read: which layout it followed, and its fields. */
export interface FixedRecord {
  readonly layout: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A total that a trailer states about all detail records of the file before it. `sumOf` names a field of whole numbers; else they are counted. */
export interface ControlTotal {
  readonly trailer: string;
  readonly field: string;
  readonly details: string;
  readonly sumOf?: string;
}

export interface ReadFixedOptions {
  readonly recordBytes: number;
  readonly recordEnd: '\r\n' | '\n' | '';
  /** Chooses the layout by the record's bytes (usually its first); undefined rejects it as of unknown kind. */
  readonly pick: (record: Uint8Array) => FixedLayout | undefined;
  readonly each: (outcome: Outcome<FixedRecord>) => void | Promise<void>;
  readonly totals?: readonly ControlTotal[];
  readonly rules?: Partial<Record<FaultWord, string>>;
}

/**
 * Reads fixed-width records of any number. A record with a bad byte, a wrong end or a wrong field is rejected; a last
 * one that is too short is named as cut. Totals are compared where no detail was rejected; where one was, a stated sum
 * cannot be checked and only the count is.
 */
export async function readFixed(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ReadFixedOptions,
): Promise<ReadSummary> {
  const totals = new Totals(options.totals ?? []);
  const tally = new Tally(options.each);
  const step = options.recordBytes + options.recordEnd.length;
  let rest = Buffer.alloc(0);
  let rows = 0;
  for await (const chunk of source) {
    rest = Buffer.concat([rest, chunk]);
    let used = 0;
    for (; rest.length - used >= step; used += step) {
      await tally.add(readRecord(rest.subarray(used, used + step), ++rows, options, totals));
    }
    rest = rest.subarray(used);
  }
  if (rest.length > 0) {
    const row = ++rows;
    await tally.add({ accepted: false, row, faults: [faultOf('cut-short', { row }, options.rules)] });
  }
  const empty: FileFault[] = rows === 0 ? [{ word: 'empty-file', message: 'ファイルが空です' }] : [];
  return tally.close(rows, [...empty, ...totals.faults()]);
}

function readRecord(bytes: Buffer, row: number, options: ReadFixedOptions, totals: Totals): Outcome<FixedRecord> {
  const record = bytes.subarray(0, options.recordBytes);
  const reject = (...faults: Fault[]): Outcome<FixedRecord> => ({ accepted: false, row, faults });
  const layout = options.pick(record);
  if (layout !== undefined) totals.seen(layout.name);
  if (bytes.subarray(options.recordBytes).toString('latin1') !== options.recordEnd) {
    return reject(faultOf('wrong-record-end', { row }, options.rules));
  }
  if (layout === undefined) return reject(faultOf('unknown-record-kind', { row }, options.rules));
  if (layout.recordBytes !== options.recordBytes) return reject(faultOf('wrong-record-length', { row }, options.rules));
  const faults: Fault[] = [];
  const fields: Record<string, unknown> = {};
  for (const [index, field] of layout.fields.entries()) {
    const part = record.subarray(field.at - 1, field.at - 1 + field.bytes);
    const place = { row, column: index + 1 };
    const read = readField(part, field, layout.policy, place, layout.rules ?? {}, (text) => unpad(text, field.kind));
    if ('fault' in read) {
      const within = read.fault.byteOffset;
      faults.push(within === undefined ? read.fault : { ...read.fault, byteOffset: field.at - 1 + within });
    } else fields[field.name] = read.value;
  }
  if (faults.length > 0) return reject(...faults);
  totals.add(layout.name, fields);
  return { accepted: true, row, value: { layout: layout.name, fields }, warnings: [] };
}

/** Spaces at the end are padding, whatever the kind; zeros at the front belong to the digits. */
const unpad = (text: string, kind: Kind<unknown>): string =>
  kind.pad === 'wide-space-right' ? text.replace(/[ \u3000]+$/, '') : text.replace(/ +$/, '');

/** One record as bytes with its end; refuses what does not fit instead of cutting it. */
export function writeFixedRecord<F extends readonly FixedField[]>(
  layout: FixedLayout<F>,
  record: RecordOf<F>,
  recordEnd: ReadFixedOptions['recordEnd'],
  row = 1,
): Result<{ bytes: Uint8Array; notes: readonly WriteNote[] }, WriteRefusal> {
  const out = Buffer.alloc(layout.recordBytes, 0x20);
  const notes: WriteNote[] = [];
  for (const [index, field] of layout.fields.entries()) {
    const place = { column: index + 1, field: field.label };
    const value: unknown = (record as Record<string, unknown>)[field.name];
    if (value === undefined && field.required) return err({ ...place, word: 'missing' });
    const encoded = encodeText(value === undefined ? '' : field.kind.format(value), layout.policy);
    if (!encoded.ok) return err({ ...place, word: encoded.error.word });
    const padded = pad(encoded.value.bytes, encoded.value.text, field, layout.policy.charset);
    if (padded === undefined) return err({ ...place, word: 'too-long' });
    const checked = value === undefined ? undefined : field.kind.parse(unpad(padded.text, field.kind));
    if (checked !== undefined && !checked.ok) return err({ ...place, word: checked.error });
    out.set(padded.bytes, field.at - 1);
    for (const note of encoded.value.notes) notes.push({ ...note, ...place, row });
  }
  return ok({ bytes: Buffer.concat([out, Buffer.from(recordEnd)]), notes });
}

function pad(
  bytes: Uint8Array,
  text: string,
  field: FixedField,
  charset: 'cp932' | 'utf-8',
): { bytes: Uint8Array; text: string } | undefined {
  const room = field.bytes - bytes.length;
  if (room < 0) return undefined;
  if (field.kind.pad === 'zero-left' && text !== '') {
    return { bytes: Buffer.concat([Buffer.alloc(room, 0x30), bytes]), text: '0'.repeat(room) + text };
  }
  const wide = charset === 'cp932' ? Buffer.from([0x81, 0x40]) : Buffer.from('\u3000');
  if (field.kind.pad !== 'wide-space-right' || room % wide.length !== 0) {
    return { bytes: Buffer.concat([bytes, Buffer.alloc(room, 0x20)]), text };
  }
  return { bytes: Buffer.concat([bytes, ...Array.from({ length: room / wide.length }, () => wide)]), text };
}

class Totals {
  readonly #wanted: readonly ControlTotal[];
  readonly #read = new Map<string, number>();
  readonly #accepted = new Map<string, number>();
  readonly #sums = new Map<ControlTotal, number>();
  readonly #faults: FileFault[] = [];
  constructor(wanted: readonly ControlTotal[]) {
    this.#wanted = wanted;
  }
  seen(layout: string): void {
    this.#read.set(layout, (this.#read.get(layout) ?? 0) + 1);
  }
  add(layout: string, fields: Readonly<Record<string, unknown>>): void {
    this.#accepted.set(layout, (this.#accepted.get(layout) ?? 0) + 1);
    for (const total of this.#wanted) {
      if (total.details === layout && total.sumOf !== undefined) {
        this.#sums.set(total, (this.#sums.get(total) ?? 0) + ((fields[total.sumOf] as number | undefined) ?? 0));
      }
      if (total.trailer === layout) this.#compare(total, fields[total.field]);
    }
  }
  faults(): readonly FileFault[] {
    const missing = this.#wanted.filter((total) => (this.#accepted.get(total.trailer) ?? 0) === 0);
    return [...this.#faults, ...missing.map(() => controlTotal('合計を示すレコードがありません'))];
  }
  #compare(total: ControlTotal, stated: unknown): void {
    const read = this.#read.get(total.details) ?? 0;
    if (total.sumOf === undefined) {
      if (stated !== read) this.#faults.push(controlTotal('件数が合計レコードと一致しません'));
    } else if (read === (this.#accepted.get(total.details) ?? 0) && stated !== (this.#sums.get(total) ?? 0)) {
      this.#faults.push(controlTotal('金額の合計が合計レコードと一致しません'));
    }
  }
}
const controlTotal = (message: string): FileFault => ({ word: 'control-total', message });
