import { hash } from 'node:crypto';
import { rootOf } from './merkle.ts';

/** A column as the program has it. Moments and days as jsonb writes them (`momentInJson`, ISO date), uuids in lower case. */
export type ColumnValue = string | number | boolean | null | readonly string[];

/**
 * Leaves of many rows of one table that one act made itself, for `batches` of its event: the database would take ten times as long to
 * read them back and digest them. Verification makes the leaves from the rows and says where the two differ.
 */
export class TiedRows {
  readonly #table: string;
  readonly #leaves: { readonly key: string; readonly leaf: string }[] = [];
  #columns: readonly string[] | undefined;

  constructor(table: string) {
    this.#table = table;
  }

  get size(): number {
    return this.#leaves.length;
  }

  /**
   * @param key values of the table's declared key, `/` between them
   * @param row all columns but those that the declaration excludes; each row of a batch has the same ones
   */
  add(key: string, row: Readonly<Record<string, ColumnValue>>): void {
    this.#columns ??= Object.keys(row).toSorted(byJsonb);
    let text = '{';
    for (const column of this.#columns) {
      const value = row[column];
      if (value === null || value === undefined) continue;
      text += text.length > 1 ? `, "${column}": ${inJson(value)}` : `"${column}": ${inJson(value)}`;
    }
    this.addText(key, `${text}}`);
  }

  /** @param text the row as jsonb text without nulls */
  addText(key: string, text: string): void {
    // RFC 6962's leaf, as text of one byte a character: a hundred thousand buffers cost more than hashing.
    this.#leaves.push({ key, leaf: hash('sha256', `\0${this.#table}\n${key}\n${hash('sha256', text)}\n`, 'latin1') });
  }

  /** Count and root over the rows, in the order of their keys. */
  tie(): { readonly count: number; readonly root: string } {
    const sorted = this.#leaves.sort((a, b) => (a.key < b.key ? -1 : 1));
    const leaves = function* () {
      for (const { leaf } of sorted) yield Buffer.from(leaf, 'latin1');
    };
    return { count: sorted.length, root: rootOf(leaves()).toString('hex') };
  }
}

/** As jsonb orders keys: shorter before longer, then by bytes. Columns are ASCII. */
const byJsonb = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);

/** As jsonb writes a moment under UTC; to be written into the row so too, or the database may round otherwise. */
export const momentInJson = (at: Temporal.Instant): string => at.round('microsecond').toString().replace('Z', '+00:00');
/** As jsonb writes a text. */
export const textInJson = (text: string): string =>
  /["\\\u0000-\u001f]/.test(text) ? JSON.stringify(text) : `"${text}"`;

const inJson = (value: Exclude<ColumnValue, null>): string =>
  typeof value === 'string'
    ? textInJson(value)
    : typeof value === 'object'
      ? `[${value.map(textInJson).join(', ')}]`
      : `${value}`;
