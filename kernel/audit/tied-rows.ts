import { hash } from 'node:crypto';
import { rootOf } from './merkle.ts';

/**
 * A column as the program has it. Moments and days as jsonb writes them (`momentInJson`, ISO date), uuids in lower case, bytes as
 * `\\x` and hexadecimal digits.
 */
export type ColumnValue = string | number | boolean | null | readonly (string | number)[] | JsonDocument;

/** A value of a jsonb column, as text that jsonb would write. */
export class JsonDocument {
  readonly text: string;
  constructor(value: unknown) {
    this.text = documentInJson(value);
  }
}

export interface TieOptions {
  /** Each row's digest is kept too: verification then names the row that differs, not its event. */
  readonly named?: boolean;
  /** Columns that the table's declaration leaves out of the digest, where the rows have them. */
  readonly excluded?: readonly string[];
}

/**
 * Leaves of many rows of one table that one act made itself, for `batches` of its event: the database would take ten times as long to
 * read them back and digest them. Verification makes the leaves from the rows and says where the two differ.
 */
export class TiedRows {
  readonly #table: string;
  readonly #leaves: { readonly key: string; readonly leaf: string }[] = [];
  readonly #digests: Record<string, string> | undefined;
  readonly #excluded: readonly string[];
  #columns: readonly string[] | undefined;

  constructor(table: string, { named, excluded = [] }: TieOptions = {}) {
    this.#table = table;
    this.#digests = named ? {} : undefined;
    this.#excluded = excluded;
  }

  get size(): number {
    return this.#leaves.length;
  }

  /**
   * @param key values of the table's declared key, `/` between them
   * @param row all columns; each row of a batch has the same ones
   */
  add(key: string, row: Readonly<Record<string, ColumnValue>>): void {
    this.#columns ??= Object.keys(row)
      .filter((column) => !this.#excluded.includes(column))
      .toSorted(byJsonb);
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
    const digest = hash('sha256', text);
    if (this.#digests !== undefined) this.#digests[key] = digest;
    this.#leaves.push({ key, leaf: hash('sha256', `\0${this.#table}\n${key}\n${digest}\n`, 'latin1') });
  }

  /** Count and root over the rows, in the order of their keys. */
  tie(): Tie {
    const sorted = this.#leaves.sort((a, b) => (a.key < b.key ? -1 : 1));
    const leaves = function* () {
      for (const { leaf } of sorted) yield Buffer.from(leaf, 'latin1');
    };
    const tie = { count: sorted.length, root: rootOf(leaves()).toString('hex') };
    return this.#digests === undefined ? tie : { ...tie, rows: this.#digests };
  }
}

/** What an event states of the rows of one table, as its `batches` take it. */
export interface Tie {
  readonly count: number;
  /** Hexadecimal. */
  readonly root: string;
  /** Digest of each row by its key, where they are kept. */
  readonly rows?: Readonly<Record<string, string>>;
}

/** As jsonb orders keys: shorter before longer, then by bytes. Names are ASCII. */
const byJsonb = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);

/** As jsonb writes a moment under UTC; to be written into the row so too, or the database may round otherwise. */
export const momentInJson = (at: Temporal.Instant): string => at.round('microsecond').toString().replace('Z', '+00:00');
/** As jsonb writes bytes. */
export const bytesInJson = (bytes: Buffer): string => `\\x${bytes.toString('hex')}`;
/** As jsonb writes a text. */
export const textInJson = (text: string): string =>
  /["\\\u0000-\u001f]/.test(text) ? JSON.stringify(text) : `"${text}"`;

const inJson = (value: Exclude<ColumnValue, null>): string => {
  if (typeof value === 'string') return textInJson(value);
  if (value instanceof JsonDocument) return value.text;
  return typeof value === 'object'
    ? `[${value.map((one) => (typeof one === 'string' ? textInJson(one) : `${one}`)).join(', ')}]`
    : `${value}`;
};

/**
 * A value as jsonb writes it: members that are undefined left out, null kept, numbers safe integers.
 * @throws TypeError on a fraction: jsonb may write it otherwise than the program
 */
export function documentInJson(value: unknown): string {
  if (typeof value === 'string') return textInJson(value);
  if (value === null || typeof value === 'boolean') return `${value}`;
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError('a document of a row holds whole numbers');
    return value === 0 ? '0' : `${value}`;
  }
  if (Array.isArray(value)) return `[${value.map(documentInJson).join(', ')}]`;
  if (value instanceof Temporal.PlainDate || value instanceof Temporal.Instant) return `"${value}"`;
  if (typeof value !== 'object') throw new TypeError(`a document of a row holds no ${typeof value}`);
  const members = value as Readonly<Record<string, unknown>>;
  let text = '{';
  for (const name of Object.keys(members).sort(byJsonb)) {
    const member = members[name];
    if (member === undefined) continue;
    text += text.length > 1 ? ', ' : '';
    text += `${textInJson(name)}: ${documentInJson(member)}`;
  }
  return `${text}}`;
}
