import { createHash } from 'node:crypto';

/** What is compared of a table: how many rows, which keys, how much money. */
export interface TableFigures {
  readonly rows: number;
  /** SHA-256, hex, over the sorted keys, each ended by a line feed. Keys are numbers of the business, never Individual Numbers. */
  readonly keys: string;
  /** Yen by column. */
  readonly totals: Readonly<Record<string, number>>;
}
export interface TableStatement extends TableFigures {
  readonly table: string;
}
export interface LoadedRow {
  readonly key: string;
  readonly totals: Readonly<Record<string, number>>;
}

export function figuresOf(rows: Iterable<LoadedRow>, columns: readonly string[]): TableFigures {
  const keys: string[] = [];
  const totals = Object.fromEntries(columns.map((column) => [column, 0]));
  for (const row of rows) {
    keys.push(row.key);
    for (const column of columns) {
      const sum = totals[column]! + (row.totals[column] ?? Number.NaN);
      // A column that is no number, or a sum beyond exactness, agrees with nothing.
      totals[column] = Number.isSafeInteger(sum) ? sum : Number.NaN;
    }
  }
  const hash = createHash('sha256');
  for (const key of keys.sort()) hash.update(`${key}\n`);
  return { rows: keys.length, keys: hash.digest('hex'), totals };
}

/** Which figures differ; empty where all agree. */
export function differences(stated: TableFigures, found: TableFigures): string[] {
  const columns = new Set([...Object.keys(stated.totals), ...Object.keys(found.totals)]);
  return [
    ...(stated.rows === found.rows ? [] : ['rows']),
    ...(stated.keys === found.keys ? [] : ['keys']),
    ...[...columns].filter((column) => stated.totals[column] !== found.totals[column]).sort(),
  ];
}
