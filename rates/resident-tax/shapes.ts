/** An exact ratio, numerator and denominator: 6 % is [6, 100]. Never a decimal fraction. */
export type Ratio = readonly [numerator: number, denominator: number];

/**
 * One band of a piecewise table over an amount x (yen), from `from` on:
 * ⌊(x cut to `unit`) × ratio⌋ or ⌈…⌉, + `plus`. Whether it is rounded up or down is the table's, see `rounding`.
 */
export interface Band {
  readonly from: number;
  readonly unit: number;
  readonly ratio: Ratio;
  readonly plus: number;
}

export interface BandTable {
  readonly rounding: 'down' | 'up';
  /** Ascending; the first starts at 0. */
  readonly bands: readonly Band[];
}

/** `value` holds for amounts up to and including `upTo` yen (Infinity in the last row). Ascending. */
export interface UpTo<T> {
  readonly upTo: number;
  readonly value: T;
}

/** First value whose `upTo` is not below `amount`. */
export function upTo<T>(rows: readonly UpTo<T>[], amount: number): T {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as UpTo<T>;
    if (amount <= row.upTo) return row.value;
  }
  throw new Error('no row for the amount: the table must end with Infinity');
}

/** The band that `amount` falls into. */
export function bandOf(table: BandTable, amount: number): Band {
  const { bands } = table;
  for (let i = bands.length - 1; i >= 0; i--) {
    const band = bands[i] as Band;
    if (band.from <= amount) return band;
  }
  throw new Error('no band for the amount');
}

/** Amounts by the taxpayer's own 合計所得金額: up to 9,000,000 / 9,500,000 / 10,000,000 yen. */
export type ByOwnIncome = readonly [number, number, number];
