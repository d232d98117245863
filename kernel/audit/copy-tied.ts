import type { Tx } from '../db/sql.ts';
import { type ColumnValue, JsonDocument, type Tie, TiedRows, type TieOptions } from './tied-rows.ts';

type Row = Readonly<Record<string, ColumnValue>>;

/**
 * Copies rows into a fact table and makes their leaves on the way: for acts that write hundreds of rows at once. Name the table among
 * the event's `facts` and what this gives among its `batches`. `event_id` is added to every row.
 *
 * @param table as declared to the log; its name and the columns are constants of the program
 * @param key names the columns of the table's declared key
 * @param rows each with the same columns; taken a few hundred at a time, so that rows which are made as they are taken are made while the
 *   database writes those before
 */
export async function copyTied(
  tx: Tx,
  table: string,
  key: readonly string[],
  rows: Iterable<Row>,
  options: TieOptions = {},
): Promise<Tie> {
  const tied = new TiedRows(table, options);
  const iterator = Iterator.from(rows);
  const first = iterator.next();
  if (first.done) return tied.tie();
  const columns = [...Object.keys(first.value), 'event_id'];
  const line = (row: Row): string => {
    const whole: Row = { ...row, event_id: tx.eventId };
    tied.add(key.map((column) => `${whole[column]}`).join('/'), whole);
    return copyLine(Object.values(whole));
  };
  const lines = function* () {
    yield line(first.value);
    for (const row of iterator) yield line(row);
  };
  await tx.copyIn(`copy ${table} (${columns.join(', ')}) from stdin`, pieces(lines()));
  return tied.tie();
}

/** Rows that no event names (what stands now, read for lists): the same copy without leaves. */
export async function copyRows(tx: Tx, table: string, rows: readonly Row[]): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const lines = rows.map((row) => copyLine(Object.values(row)));
  await tx.copyIn(`copy ${table} (${Object.keys(first).join(', ')}) from stdin`, pieces(lines));
}

const copyLine = (values: readonly ColumnValue[]): string => `${values.map(inCopy).join('\t')}\n`;

/** As COPY's text format has it. @source PostgreSQL, COPY, Text Format; Array Value Input */
function inCopy(value: ColumnValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'string') return escaped(value);
  if (value instanceof JsonDocument) return escaped(value.text);
  if (typeof value !== 'object') return `${value}`;
  return escaped(`{${value.map((one) => (typeof one === 'number' ? one : quoted(one))).join(',')}}`);
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const escaped = (text: string): string =>
  /[\\\t\n\r]/.test(text) ? text.replaceAll(/[\\\t\n\r]/g, (char) => escapes[char]!) : text;

/** A message a line would cost more than the rows; hundreds of long ones at once would wait in memory. */
function* pieces(lines: Iterable<string>, characters = 65_536): Generator<Buffer> {
  let piece = '';
  for (const line of lines) {
    piece += line;
    if (piece.length < characters) continue;
    yield Buffer.from(piece);
    piece = '';
  }
  if (piece !== '') yield Buffer.from(piece);
}
