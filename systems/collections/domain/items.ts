import assert from 'node:assert/strict';

/**
 * What a charge is made of, in whole yen, in the order in which money goes to it: the tax (ward, metropolis and forest in
 * proportion), then the reminder fee, then interest.
 */
export interface Items {
  readonly ward: number;
  readonly metropolitan: number;
  readonly forest: number;
  readonly fee: number;
  readonly interest: number;
}
export const itemNames = ['ward', 'metropolitan', 'forest', 'fee', 'interest'] as const;
export const noItems: Items = { ward: 0, metropolitan: 0, forest: 0, fee: 0, interest: 0 };

export const taxOf = (i: Items): number => i.ward + i.metropolitan + i.forest;
export const totalOf = (i: Items): number => i.ward + i.metropolitan + i.forest + i.fee + i.interest;
export const plus = (a: Items, b: Items): Items => each((name) => a[name] + b[name]);
export const minus = (a: Items, b: Items): Items => each((name) => a[name] - b[name]);
export const negative = (a: Items): Items => each((name) => -a[name]);
export const taxItems = (ward: number, metropolitan: number, forest: number): Items => ({
  ward,
  metropolitan,
  forest,
  fee: 0,
  interest: 0,
});
const each = (make: (name: keyof Items) => number): Items => ({
  ward: make('ward'),
  metropolitan: make('metropolitan'),
  forest: make('forest'),
  fee: make('fee'),
  interest: make('interest'),
});

/**
 * Shares `amount` among whole parts in proportion to `weights`; the parts add up to it exactly. What is left after cutting goes to
 * the largest fraction, the first of equals.
 *
 * @param amount not more than the sum of `weights`, so that no part becomes larger than its weight
 */
export function shareOut(amount: number, weights: readonly number[]): readonly number[] {
  const whole = weights.reduce((all, w) => all + w, 0);
  assert(Number.isSafeInteger(amount) && amount >= 0 && amount <= whole && weights.every((w) => w >= 0));
  if (amount === whole) return weights;
  const exact = weights.map((w) => BigInt(amount) * BigInt(w));
  const parts = exact.map((e) => Number(e / BigInt(whole)));
  let left = amount - parts.reduce((all, p) => all + p, 0);
  const byFraction = exact
    .map((e, i) => [e % BigInt(whole), i] as const)
    .sort((a, b) => (a[0] === b[0] ? a[1] - b[1] : a[0] > b[0] ? -1 : 1));
  for (const [, i] of byFraction) {
    if (left === 0) break;
    parts[i]! += 1;
    left -= 1;
  }
  return parts;
}
