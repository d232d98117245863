import assert from 'node:assert/strict';
import type { Brand } from '../ids/brand.ts';

/** Whole yen, always a safe integer; arithmetic gives a plain number back, which `yen` takes in again. */
export type Yen = Brand<number, 'Yen'>;

/** A rate as numerator and denominator, both whole numbers: 6 % is `[6, 100]`, never a decimal fraction. */
export type Ratio = readonly [numerator: number, denominator: number];

/** Throws unless `amount` is a safe integer: a fraction of a yen is a defect of the calculation. */
export function yen(amount: number): Yen {
  // A mass run makes a hundred amounts a person, nearly all below 2^31: for them one operation tells that they are whole.
  const whole = amount | 0; // of -0 it makes 0, which prints and compares as one number
  return (whole === amount ? whole : beyondInt32(amount)) as Yen;
}

function beyondInt32(amount: number): number {
  if (!Number.isSafeInteger(amount)) throw new RangeError('an amount of yen is a whole number below 2^53');
  return amount;
}

/** Cuts to whole units, towards zero: 1,000-yen rounding of the tax base, 100-yen rounding of the tax. `unit` > 0. */
export function roundDownTo(unit: number, amount: number): Yen {
  assertUnit(unit);
  return yen(amount - (amount % unit));
}

/** Raises to whole units, away from zero (切上げ). `unit` > 0. */
export function roundUpTo(unit: number, amount: number): Yen {
  assertUnit(unit);
  const rest = amount % unit;
  return yen(rest === 0 ? amount : amount - rest + Math.sign(amount) * unit);
}

/** The product of two whole numbers; throws where it would not be exact (2^53 and beyond). */
export function exactProduct(a: number, b: number): number {
  assert(Number.isSafeInteger(a) && Number.isSafeInteger(b), 'factors are whole numbers');
  const product = a * b;
  assert(Number.isSafeInteger(product), 'the product is beyond 2^53');
  return product;
}

/** Amount times rate, multiplied exactly, then divided and cut towards zero. */
export function atRate(amount: Yen, [numerator, denominator]: Ratio): Yen {
  assertUnit(denominator);
  // Not trunc(a / b): the quotient of two safe integers may round up to the next whole number.
  const product = exactProduct(amount, numerator);
  return yen((product - (product % denominator)) / denominator);
}

/** Amount times rate, a fraction raised away from zero (1円未満切上げ). */
export function atRateRoundedUp(amount: Yen, [numerator, denominator]: Ratio): Yen {
  assertUnit(denominator);
  return yen(roundUpTo(denominator, exactProduct(amount, numerator)) / denominator);
}

export const sum = (amounts: readonly number[]): Yen => {
  let total = 0;
  for (let i = 0; i < amounts.length; i++) total = yen(total + (amounts[i] as number));
  return yen(total);
};

/** `12,345円`, for pages and documents. */
export const formatYen = (amount: Yen): string => `${String(amount).replace(/\B(?=(\d{3})+$)/g, ',')}円`;

function assertUnit(unit: number): void {
  if (!Number.isSafeInteger(unit) || unit <= 0)
    throw new RangeError('a unit or denominator is a positive whole number');
}
