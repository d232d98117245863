import type { SqlValue, Tx } from '@musubi/kernel/db/sql.ts';

type Cell = string | number | null | undefined;

/** One value of a COPY in text form. */
const cell = (value: Cell): string =>
  value === null || value === undefined
    ? '\\N'
    : typeof value === 'number'
      ? String(value)
      : value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');

/** Writes rows by COPY, in blocks that leave together. `statement` is a constant of the program. */
export async function copyRows<Row>(
  tx: Tx,
  statement: string,
  rows: readonly Row[],
  cells: (row: Row) => readonly Cell[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.copyIn(statement, blocks(rows, cells));
}

function* blocks<Row>(rows: readonly Row[], cells: (row: Row) => readonly Cell[]): Iterable<string> {
  let block = '';
  for (const row of rows) {
    const values = cells(row);
    for (let i = 0; i < values.length; i++) block += (i === 0 ? '' : '\t') + cell(values[i]);
    block += '\n';
    if (block.length > 60_000) {
      yield block;
      block = '';
    }
  }
  if (block !== '') yield block;
}

/** `count` numbers of a sequence, in order. */
export async function numbersOf(
  tx: Tx,
  sequence: 'collections.entry_no' | 'collections.receipt_no' | 'collections.slip_no',
  count: number,
): Promise<readonly number[]> {
  if (count === 0) return [];
  const name: SqlValue = sequence;
  const [row] = await tx<{ numbers: string }>`
    select string_agg(n::text, ',') as numbers
      from (select nextval(${name}::regclass) as n from generate_series(1, ${count}::integer)) as made`;
  return row!.numbers.split(',').map(Number);
}
