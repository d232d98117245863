import type { Tx } from '../db/sql.ts';
import { type ColumnValue, JsonDocument, type Tie, TiedRows } from './tied-rows.ts';

/**
 * Copies rows into a fact table and makes their leaves on the way: for acts that write hundreds of rows at once. Name the table among
 * the event's `facts` and what this gives among its `batches`. `event_id` is added to every row.
 *
 * @param table as declared to the log; its name and the columns are constants of the program
 * @param key names the columns of the table's declared key
 * @param rows each with the same columns
 * @param options.named as of `TiedRows`
 */
export async function copyTied(
  tx: Tx,
  table: string,
  key: readonly string[],
  rows: readonly Readonly<Record<string, ColumnValue>>[],
  options: { readonly named?: boolean } = {},
): Promise<Tie> {
  const tied = new TiedRows(table, options);
  const [first] = rows;
  if (first === undefined) return tied.tie();
  const columns = [...Object.keys(first), 'event_id'];
  const lines = rows.map((row) => {
    const whole = { ...row, event_id: tx.eventId };
    tied.add(key.map((column) => `${whole[column as keyof typeof whole]}`).join('/'), whole);
    return copyLine(Object.values(whole));
  });
  await tx.copyIn(`copy ${table} (${columns.join(', ')}) from stdin`, pieces(lines));
  return tied.tie();
}

/** Rows that no event names (what stands now, read for lists): the same copy without leaves. */
export async function copyRows(
  tx: Tx,
  table: string,
  rows: readonly Readonly<Record<string, ColumnValue>>[],
): Promise<void> {
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

/** A message a line would cost more than the rows. */
function* pieces(lines: readonly string[], size = 256): Generator<Buffer> {
  for (let at = 0; at < lines.length; at += size) yield Buffer.from(lines.slice(at, at + size).join(''));
}
