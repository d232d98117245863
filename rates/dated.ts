import assert from 'node:assert/strict';

/** How far a value was checked: `read` in the named source, `recalled` from general knowledge of the law, `inferred` from points. */
export type Standing = 'read' | 'recalled' | 'inferred';

/** One row of a dated table. It holds from `effectiveFrom` until the day before the next row. */
export interface DatedRow<T> {
  /** ISO date. For taxes on inhabitants: the first 賦課期日 (1 January of the 年度) that the row applies to. */
  readonly effectiveFrom: string;
  /** ISO date or year in which the rule was published (公布), as far as the source names it. */
  readonly published: string;
  /** 法令名と条項 */
  readonly law: string;
  /** Where the value was read. */
  readonly source: string;
  readonly standing: Standing;
  readonly value: T;
}

/** A table of one rule through time. `supportedUntil` is the last day for which somebody has checked it. */
export interface DatedTable<T> {
  readonly id: string;
  readonly supportedUntil: string;
  readonly rows: readonly DatedRow<T>[];
}

/** The one row that holds on `day` (ISO date). A day outside the table throws: a missing rate is never zero. */
export function rowOn<T>(table: DatedTable<T>, day: string): DatedRow<T> {
  const first = table.rows[0];
  assert(first !== undefined, `${table.id}: empty table`);
  assert(day >= first.effectiveFrom && day <= table.supportedUntil, `${table.id}: no row for ${day}`);
  let found = first;
  for (const row of table.rows) if (row.effectiveFrom <= day) found = row;
  return found;
}

export const valueOn = <T>(table: DatedTable<T>, day: string): T => rowOn(table, day).value;

/** All rows that claim `day`, by their own span; more or less than one is a defect of the table. Used by the table's test. */
export function rowsClaiming<T>(table: DatedTable<T>, day: string): readonly DatedRow<T>[] {
  return table.rows.filter((row, i) => {
    const next = table.rows[i + 1];
    const until = next === undefined ? table.supportedUntil : next.effectiveFrom;
    return row.effectiveFrom <= day && (next === undefined ? day <= until : day < until);
  });
}
