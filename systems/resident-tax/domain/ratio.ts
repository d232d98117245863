import { roundDownTo, sum, type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import { type BandTable, bandOf, type Ratio } from '@musubi/rates/resident-tax/shapes.ts';

const zero = yen(0);

/** Up to here the floor of the rounded quotient of two whole numbers is the quotient: it is no closer to the next one than a double tells. */
const plainly = 2 ** 52;

/** amount × numerator ÷ denominator, cut or raised to whole yen. Exact also where the product leaves the safe integers. */
function scaled(amount: number, numerator: number, denominator: number, up: boolean): Yen {
  const product = amount * numerator;
  if (product >= 0 && product <= plainly) {
    const quotient = Math.floor(product / denominator);
    return yen(up && quotient * denominator < product ? quotient + 1 : quotient);
  }
  const exact = BigInt(amount) * BigInt(numerator) + (up ? BigInt(denominator) - 1n : 0n);
  return yen(Number(exact / BigInt(denominator)));
}

/** Amount (not negative) at a rate, a fraction of a yen cut. */
export const cutAt = (amount: number, rate: Ratio): Yen => scaled(amount, rate[0], rate[1], false);
/** Amount (not negative) at a rate, a fraction of a yen raised. */
export const raisedAt = (amount: number, rate: Ratio): Yen => scaled(amount, rate[0], rate[1], true);
/** amount × first × second with one division at the end, a fraction of a yen raised. */
export const raisedAtBoth = (amount: number, first: Ratio, second: Ratio): Yen =>
  scaled(amount, first[0] * second[0], first[1] * second[1], true);

/** Σ amount × rate, exact until the end; then cut or raised to whole yen. */
export function exactSum(parts: readonly (readonly [amount: number, rate: Ratio])[], up: boolean): Yen {
  let numerator = 0;
  let denominator = 1;
  for (const [amount, [n, d]] of parts) {
    if (denominator % d === 0) numerator += amount * n * (denominator / d);
    else {
      const common = denominator * (d / commonDivisor(denominator, d));
      numerator = numerator * (common / denominator) + amount * n * (common / d);
      denominator = common;
    }
    // Every product is at most the sum, as amounts and rates are not negative.
    if (numerator > Number.MAX_SAFE_INTEGER) return bigSum(parts, up);
  }
  return scaled(numerator, 1, denominator, up);
}

function commonDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

function bigSum(parts: readonly (readonly [amount: number, rate: Ratio])[], up: boolean): Yen {
  let [numerator, denominator] = [0n, 1n];
  for (const [amount, [n, d]] of parts) {
    numerator = numerator * BigInt(d) + BigInt(amount) * BigInt(n) * denominator;
    denominator *= BigInt(d);
  }
  return yen(Number((numerator + (up ? denominator - 1n : 0n)) / denominator));
}

/** Value of a piecewise table at `amount` yen. */
export function byBand(table: BandTable, amount: number): Yen {
  const { unit, ratio, plus } = bandOf(table, amount);
  if (ratio[0] === 0) return yen(plus);
  const base = unit === 1 ? amount : roundDownTo(unit, amount);
  return yen(scaled(base, ratio[0], ratio[1], table.rounding === 'up') + plus);
}

/** Total of amounts, one per document: most people have one or none. */
export const totalOf = (amounts: readonly Yen[]): Yen =>
  amounts.length === 0 ? zero : amounts.length === 1 ? (amounts[0] as Yen) : sum(amounts);

export const lesser = (a: number, b: number): Yen => yen(Math.min(a, b));
/** a − b, not below zero. */
export function remaining(a: number, b: number): Yen {
  const left = a - b;
  return left <= 0 ? zero : yen(left);
}
/** A date as one comparable number, yyyymmdd. */
export const dayNumber = (day: Temporal.PlainDate): number => day.year * 10_000 + day.month * 100 + day.day;
/**
 * Below zero where `day` is before the day `number` (yyyymmdd), zero on it, above zero after it. What a mass run compares ages with:
 * nearly always the year alone tells, and each part read of a date costs as much as a table.
 */
export function dayAgainst(day: Temporal.PlainDate, number: number): number {
  const years = day.year - Math.trunc(number / 10_000);
  return years === 0 ? dayNumber(day) - number : years;
}
