import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { landGrounds } from '@musubi/rates/resident-tax/other-income.ts';
import { type LandClass, landClasses, type OtherIncomes } from './assessment-input.ts';
import { cutAt } from './ratio.ts';
import type { Trace } from './trace.ts';

export type ByLandClass = Readonly<Record<LandClass, Yen>>;

export interface LandAmounts {
  /** After offsets among each other, before 特別控除: what 合計所得金額 contains. */
  readonly gains: ByLandClass;
  /** After 特別控除: what the bases are made of. */
  readonly afterDeduction: ByLandClass;
  readonly specialDeduction: Yen;
}

const zero = yen(0);
const nothing: ByLandClass = {
  shortGeneral: zero,
  shortReduced: zero,
  longGeneral: zero,
  longSpecified: zero,
  longReduced: zero,
};
export const noLand: LandAmounts = { gains: nothing, afterDeduction: nothing, specialDeduction: zero };

const isShort = (name: LandClass): boolean => name === 'shortGeneral' || name === 'shortReduced';

/**
 * Gains of land and buildings: losses against gains of the same term, then of the other; then 特別控除, each ground once, at most
 * 50,000,000 yen in all.
 *
 * @law 地方税法 附則第34条〜第35条; 租税特別措置法 第31条, 第31条の4, 第32条, 第33条の4〜第36条
 */
export function landOf(given: OtherIncomes['land'], rates: RatesForYear, trace: Trace | null): LandAmounts {
  if (!hasLand(given)) return noLand;
  const named = landClasses.filter((name) => given[name] !== undefined);
  const raw: Record<LandClass, number> = { ...nothing };
  for (const name of named) {
    const of = given[name];
    if (of === undefined) continue;
    raw[name] = of.revenue - (of.acquisitionCost ?? cutAt(of.revenue, rates.other.unknownCost)) - of.transferExpenses;
    trace?.step('land-gain', '租税特別措置法 第31条, 第31条の4, 第32条', raw[name], [
      of.revenue,
      of.acquisitionCost ?? -1,
      of.transferExpenses,
    ]);
  }
  const gains = offsetTerms(raw);
  const afterDeduction: Record<LandClass, number> = { ...gains };
  let left = rates.other.landDeductionTotal;
  for (const ground of landGrounds) {
    let ofGround = Math.min(rates.other.landDeduction[ground], left);
    for (const name of named) {
      if (given[name]?.specialDeduction !== ground) continue;
      const taken = Math.min(ofGround, afterDeduction[name]);
      afterDeduction[name] -= taken;
      ofGround -= taken;
      left -= taken;
    }
  }
  const result: LandAmounts = {
    gains,
    afterDeduction: afterDeduction as Record<LandClass, Yen>,
    specialDeduction: yen(rates.other.landDeductionTotal - left),
  };
  if (trace !== null) {
    const order = [0, ...landGrounds.map((_, i) => i + 1)];
    const grounds = landClasses.map((name) => {
      const of = given[name]?.specialDeduction;
      return order[of === undefined || of === 'none' ? 0 : landGrounds.indexOf(of) + 1] ?? 0;
    });
    const inputs = landClasses.map((name) => raw[name]);
    for (const [i, name] of landClasses.entries()) {
      trace.step('land-after-offset', '租税特別措置法 第31条第1項, 第32条第1項', gains[name], [i, ...inputs]);
      trace.step('land-after-deduction', '租税特別措置法 第33条の4〜第36条', afterDeduction[name], [
        i,
        ...landClasses.map((each) => gains[each]),
        ...grounds,
      ]);
    }
  }
  return result;
}

const hasLand = (given: OtherIncomes['land']): boolean =>
  given.shortGeneral !== undefined ||
  given.shortReduced !== undefined ||
  given.longGeneral !== undefined ||
  given.longSpecified !== undefined ||
  given.longReduced !== undefined;

/** A loss is taken from the gains of its term in the order of the classes, then of the other term; what is left is lost. */
function offsetTerms(raw: Readonly<Record<LandClass, number>>): ByLandClass {
  const left: Record<LandClass, number> = { ...raw };
  const lossOf = (short: boolean): number =>
    landClasses.reduce((total, name) => (isShort(name) === short ? total - Math.min(0, raw[name]) : total), 0);
  const losses = { short: lossOf(true), long: lossOf(false) };
  for (const name of landClasses) left[name] = Math.max(0, left[name]);
  const take = (loss: number, short: boolean): number => {
    let rest = loss;
    for (const name of landClasses) {
      if (isShort(name) !== short) continue;
      const taken = Math.min(rest, left[name]);
      left[name] -= taken;
      rest -= taken;
    }
    return rest;
  };
  const shortRest = take(losses.short, true);
  const longRest = take(losses.long, false);
  take(shortRest, false);
  take(longRest, true);
  return left as Record<LandClass, Yen>;
}
