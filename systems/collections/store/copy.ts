import type { SqlValue, Tx } from '@musubi/kernel/db/sql.ts';

type Cell = string | number | null | undefined;

/** One value of a COPY in text form. */
const cell = (value: Cell): string =>
  value === null || value === undefined
    ? '\\N'
    : typeof value === 'number'
      ? String(value)
      : value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');

/** Up to so many rows an insert is less work for both sides than a COPY, for which the pipeline of the connection is emptied. */
const few = 8;
const inserts = new Map<string, TemplateStringsArray>();

/** The same rows as `copy T (…) from stdin` writes, as one insert of `rows` rows: its parts between the values. */
function insertOf(statement: string, rows: number): TemplateStringsArray {
  const key = `${rows} ${statement}`;
  const known = inserts.get(key);
  if (known !== undefined) return known;
  const [, table, columns] = /^copy ([a-z_.]+) \(([a-z_,\s]+)\)\s+from stdin$/.exec(statement) ?? [];
  if (table === undefined || columns === undefined) throw new Error('not a copy of named columns');
  const width = columns.split(',').length;
  const between = Array.from({ length: rows * width - 1 }, (_, i) => ((i + 1) % width === 0 ? '), (' : ', '));
  const parts = [`insert into ${table} (${columns}) values (`, ...between, ')'];
  const strings: TemplateStringsArray = Object.assign(parts, { raw: parts });
  inserts.set(key, strings);
  return strings;
}

/** Writes rows, many by COPY in blocks that leave together. `statement` is a constant of the program: `copy T (…) from stdin`. */
export async function copyRows<Row>(
  tx: Tx,
  statement: string,
  rows: readonly Row[],
  cells: (row: Row) => readonly Cell[],
): Promise<void> {
  if (rows.length === 0) return;
  if (rows.length <= few) {
    await tx(insertOf(statement, rows.length), ...rows.flatMap((row) => cells(row).map((value) => value ?? null)));
    return;
  }
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
