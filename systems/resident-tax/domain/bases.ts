import { roundDownTo, type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import { type BaseName, type Bases, baseNames } from './assessment-result.ts';
import { remaining } from './ratio.ts';
import type { Trace } from './trace.ts';

const zero = yen(0);
/** Written out: a spread costs a mass run more than all its other fields. */
const aggregateAlone = (aggregate: Yen): Record<BaseName, Yen> => ({
  aggregate,
  shortGeneral: zero,
  shortReduced: zero,
  longGeneral: zero,
  longSpecified: zero,
  longReduced: zero,
  listedDividends: zero,
  generalStocks: zero,
  listedStocks: zero,
  futures: zero,
  forestry: zero,
  retirement: zero,
});

/**
 * 課税標準額: the deductions are taken from the incomes in the order of their names, then each is cut to 1,000 yen by itself.
 *
 * @param onlyAggregate no other income is there: the common case of a mass run
 * @law 地方税法 第20条の4の2第1項, 第313条, 第314条の2, 附則第33条の2〜第35条の4
 */
export function basesOf(before: Bases, deductions: Yen, onlyAggregate: boolean, trace: Trace | null): Bases {
  const law = '地方税法 第20条の4の2第1項';
  const aggregate = roundDownTo(1_000, remaining(before.aggregate, deductions));
  trace?.step('taxable-income', law, aggregate, [before.aggregate, deductions]);
  if (onlyAggregate) return aggregateAlone(aggregate);
  const bases: Record<BaseName, Yen> = aggregateAlone(aggregate);
  let left = remaining(deductions, before.aggregate);
  for (let i = 1; i < baseNames.length; i++) {
    const name = baseNames[i] as BaseName;
    const income = before[name];
    if (income === 0) continue;
    bases[name] = roundDownTo(1_000, remaining(income, left));
    trace?.step('separate-base', law, bases[name], [i, income, left]);
    left = remaining(left, income);
  }
  return bases;
}
