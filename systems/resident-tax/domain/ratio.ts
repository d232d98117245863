import { atRate, atRateRoundedUp, roundDownTo, type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import { type BandTable, bandOf, type Ratio } from '@musubi/rates/resident-tax/shapes.ts';

/** amount × first × second with one division at the end, a fraction of a yen rounded up. */
export const atRatesUp = (amount: Yen, first: Ratio, second: Ratio): Yen =>
  atRateRoundedUp(amount, [first[0] * second[0], first[1] * second[1]]);

/** Value of a piecewise table at `amount` yen. */
export function byBand(table: BandTable, amount: Yen): Yen {
  const { unit, ratio, plus } = bandOf(table, amount);
  const base = roundDownTo(unit, amount);
  return yen((table.rounding === 'up' ? atRateRoundedUp(base, ratio) : atRate(base, ratio)) + plus);
}

export const lesser = (a: number, b: number): Yen => yen(Math.min(a, b));
/** a − b, not below zero. */
export const remaining = (a: number, b: number): Yen => yen(Math.max(0, a - b));
