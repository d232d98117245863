/** Counts by row and column; what is not there is 0. */
export interface Table {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly cells: readonly (readonly number[])[];
}
/** Null: not published. */
export interface Suppressed {
  readonly cells: readonly (readonly (number | null)[])[];
  readonly rowTotals: readonly (number | null)[];
  readonly columnTotals: readonly (number | null)[];
  readonly total: number | null;
}

/**
 * Counts from 1 to below `minimum` are not published, totals among them. Where a line and its total would give its only
 * missing figure away by subtraction, the next smallest figure of the line is left out as well, until no line has exactly one.
 */
export function suppress({ rows, columns, cells }: Table, minimum: number): Suppressed {
  const whole = withTotals(cells, columns.length);
  const hidden = whole.map((line) => line.map((n) => n > 0 && n < minimum));
  for (let changed = true; changed; ) {
    changed = false;
    for (const line of linesOf(rows.length + 1, columns.length + 1)) {
      if (line.filter(([r, c]) => hidden[r]![c]).length !== 1) continue;
      const next = line
        .filter(([r, c]) => !hidden[r]![c])
        .sort(([r, c], [s, d]) => weight(whole[r]![c]!) - weight(whole[s]![d]!))[0];
      if (next === undefined) continue;
      hidden[next[0]]![next[1]] = true;
      changed = true;
    }
  }
  const shown = whole.map((line, r) => line.map((n, c) => (hidden[r]![c] ? null : n)));
  return {
    cells: shown.slice(0, -1).map((line) => line.slice(0, -1)),
    rowTotals: shown.slice(0, -1).map((line) => line.at(-1)!),
    columnTotals: shown.at(-1)!.slice(0, -1),
    total: shown.at(-1)!.at(-1)!,
  };
}

/** Totals are figures like the others: the last row and the last column. */
function withTotals(cells: readonly (readonly number[])[], columns: number): number[][] {
  const lines = cells.map((line) => [...line, sum(line)]);
  return [...lines, Array.from({ length: columns + 1 }, (_, c) => sum(lines.map((line) => line[c]!)))];
}

/** A zero covers a small count as well as any other number, but is the last to be taken: most zeros are known anyway. */
const weight = (n: number): number => (n === 0 ? Number.MAX_SAFE_INTEGER : n);
const sum = (numbers: readonly number[]): number => numbers.reduce((all, n) => all + n, 0);

function* linesOf(rows: number, columns: number): Generator<readonly (readonly [number, number])[]> {
  for (let r = 0; r < rows; r++) yield Array.from({ length: columns }, (_, c) => [r, c] as const);
  for (let c = 0; c < columns; c++) yield Array.from({ length: rows }, (_, r) => [r, c] as const);
}
