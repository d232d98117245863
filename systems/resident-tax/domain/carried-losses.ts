import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { AssessmentInput, CarriedLoss, CarriedLosses } from './assessment-input.ts';
import { type BaseName, type Bases, baseNames, type CarriedLossAmounts } from './assessment-result.ts';
import type { Settled } from './incomes.ts';
import type { Trace } from './trace.ts';

export interface AfterLosses {
  readonly used: CarriedLossAmounts;
  /** Bases before deductions; land after 特別控除. */
  readonly bases: Bases;
  /** 総所得金額等 */
  readonly totalIncome: Yen;
  readonly outOfTerm: boolean;
}

const zero = yen(0);
const nothing: CarriedLossAmounts = {
  netLoss: zero,
  casualtyLoss: zero,
  homeLoss: zero,
  listedStockLoss: zero,
  futuresLoss: zero,
};
const kinds = ['listedStockLoss', 'futuresLoss', 'netLoss', 'casualtyLoss', 'homeLoss'] as const;
type Kind = (typeof kinds)[number];

const homeOrder: readonly BaseName[] = [
  'longGeneral',
  'longSpecified',
  'longReduced',
  'shortGeneral',
  'shortReduced',
  'aggregate',
  'forestry',
  'retirement',
];

/**
 * 繰越控除: each loss within its term, the oldest first, against the incomes that its kind may lower.
 *
 * @law 地方税法 第32条第8項・第9項, 第313条第8項・第9項, 附則第4条, 第4条の2, 第35条の2の6, 第35条の4の2
 */
export function carryLosses(
  input: AssessmentInput,
  { amounts, other }: Settled,
  rates: RatesForYear,
  trace: Trace | null,
): AfterLosses {
  const { afterDeduction: land } = other.land;
  const before: Bases = {
    aggregate: amounts.aggregate,
    shortGeneral: land.shortGeneral,
    shortReduced: land.shortReduced,
    longGeneral: land.longGeneral,
    longSpecified: land.longSpecified,
    longReduced: land.longReduced,
    listedDividends: amounts.listedDividends,
    generalStocks: amounts.generalStocks,
    listedStocks: amounts.listedStocks,
    futures: amounts.futures,
    forestry: amounts.forestry,
    retirement: amounts.declaredRetirement,
  };
  if (input.carriedLosses !== null)
    return takeLosses(input, input.carriedLosses, before, amounts.totalIncome, rates, trace);
  trace?.step('total-income-after-losses', '地方税法 第292条第1項第13号, 第313条', amounts.totalIncome, [
    amounts.totalIncome,
  ]);
  return { used: nothing, bases: before, totalIncome: amounts.totalIncome, outOfTerm: false };
}

/** Apart from `carryLosses`, because the functions below hold on to a person's figures, which costs everybody who has no losses too. */
function takeLosses(
  input: AssessmentInput,
  carried: CarriedLosses,
  before: Bases,
  total: Yen,
  rates: RatesForYear,
  trace: Trace | null,
): AfterLosses {
  const left: Record<BaseName, number> = { ...before };
  const used: Record<Kind, number> = { ...nothing };
  const lastYear = input.fiscalYear - 2;
  const firstYear = (disaster: boolean): number =>
    input.fiscalYear - 1 - (disaster ? rates.other.carryYearsDisaster : rates.other.carryYears);
  let outOfTerm = false;
  const inTerm = <L extends CarriedLoss & { readonly specifiedDisaster?: boolean }>(losses: readonly L[]): L[] => {
    const counted = losses.filter(
      (loss) => loss.incomeYear <= lastYear && loss.incomeYear >= firstYear(loss.specifiedDisaster ?? false),
    );
    if (counted.length < losses.length) outOfTerm = true;
    return counted.sort((a, b) => a.incomeYear - b.incomeYear);
  };
  const take = (kind: Kind, loss: CarriedLoss, from: readonly BaseName[]): void => {
    let rest: number = loss.amount;
    for (const name of from) {
      const taken = Math.min(rest, left[name]);
      if (taken === 0) continue;
      trace?.step('loss-taken', '地方税法 第313条第8項・第9項, 附則第4条, 第35条の2の6, 第35条の4の2', taken, [
        kinds.indexOf(kind),
        loss.incomeYear,
        baseNames.indexOf(name),
        rest,
        left[name],
      ]);
      left[name] -= taken;
      used[kind] += taken;
      rest -= taken;
    }
  };
  for (const loss of inTerm(carried.listedStock)) take('listedStockLoss', loss, ['listedStocks', 'listedDividends']);
  for (const loss of inTerm(carried.futures)) take('futuresLoss', loss, ['futures']);
  const net = inTerm(carried.net);
  const casualty = inTerm(carried.casualty);
  const home = inTerm(carried.home);
  for (let year = firstYear(true); year <= lastYear; year++) {
    for (const loss of net)
      if (loss.incomeYear === year)
        take(
          'netLoss',
          loss,
          loss.kind === 'ordinary' ? ['aggregate', 'forestry', 'retirement'] : ['forestry', 'aggregate', 'retirement'],
        );
    for (const loss of casualty) if (loss.incomeYear === year) take('casualtyLoss', loss, baseNames);
  }
  if (total <= rates.other.homeLossIncomeLimit) for (const loss of home) take('homeLoss', loss, homeOrder);

  const usedOf = kinds.map((kind) => used[kind]);
  const totalIncome = yen(usedOf.reduce((rest, amount) => rest - amount, total as number));
  trace?.step('total-income-after-losses', '地方税法 第292条第1項第13号, 第313条', totalIncome, [total, ...usedOf]);
  return { used: used as Record<Kind, Yen>, bases: left as Record<BaseName, Yen>, totalIncome, outOfTerm };
}
