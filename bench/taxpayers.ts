import { yen } from '@musubi/kernel/yen/yen.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { assess } from '@musubi/resident-tax/domain/assess.ts';
import type { AssessmentInput } from '@musubi/resident-tax/domain/assessment-input.ts';
import type { AssessmentResult } from '@musubi/resident-tax/domain/assessment-result.ts';
import { anybody, numbers } from './assess/anybody.ts';

const faultNames = [
  'crashed',
  'notWhole',
  'negative',
  'partsDiffer',
  'earnsMorePaysLess',
  'deductsMorePaysMore',
] as const;
type Fault = (typeof faultNames)[number];

export interface TaxpayersBench {
  readonly name: 'taxpayers';
  readonly figures: Readonly<Record<'taxpayers' | 'assessments' | 'taxed' | 'per_s' | Fault, number>>;
  readonly floor: Record<string, never>;
  readonly checks: Readonly<Record<'no_faults' | 'all_kinds_seen', boolean>>;
}

/** What may be below zero: losses of the year, as they came about. */
const mayBeNegative = new Set(['business', 'realEstate', 'transferShort', 'transferLong', 'transferLoss']);

/** Every figure of a result is whole, and none is below zero but a loss. */
function figureFault(value: unknown, name = ''): Fault | undefined {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) return 'notWhole';
    return value < 0 && !mayBeNegative.has(name) ? 'negative' : undefined;
  }
  if (typeof value !== 'object' || value === null || value instanceof Temporal.PlainDate) return undefined;
  for (const key in value) {
    const fault = figureFault((value as Record<string, unknown>)[key], Number.isNaN(Number(key)) ? key : name);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Shares give the levy, instalments give what is to be paid, what was withheld is all accounted for. */
function partsAgree({ levy, perCapita, forestTax, annualTotal, payable, collection, withheldLevy }: AssessmentResult) {
  const fixed = perCapita.ward + perCapita.metropolis + forestTax;
  const { withheld, shortfall, appropriated, refund } = withheldLevy;
  const credited = withheld === 0 ? 0 : levy.ward.withheldLevyCredit + levy.metropolis.withheldLevyCredit;
  const parts = collection.instalments.reduce((sum, part) => sum + part.amount, 0) + pensionOf(collection.pension);
  return (
    levy.ward.perIncome + levy.metropolis.perIncome + fixed === annualTotal &&
    (collection.method === 'mixed' || parts === payable) &&
    credited + shortfall === withheld &&
    appropriated + refund === shortfall &&
    payable === annualTotal - appropriated
  );
}
const pensionOf = (pension: AssessmentResult['collection']['pension']): number =>
  pension === null
    ? 0
    : [...pension.provisional, ...pension.main, ...pension.ordinary].reduce((sum, part) => sum + part, 0) -
      pension.excess;

const earningMore = (input: AssessmentInput, more: number): AssessmentInput => {
  const [first = 0, ...others] = input.incomes.salaries;
  return { ...input, incomes: { ...input.incomes, salaries: [yen(first + more), ...others] } };
};
const deductingMore = (input: AssessmentInput, more: number): AssessmentInput => {
  const { deductions } = input;
  return { ...input, deductions: { ...deductions, socialInsurance: [...deductions.socialInsurance, yen(more)] } };
};

/**
 * Generated taxpayers (`--residents`, a million), the same every time: whatever is true of them, nothing breaks, no figure is a
 * fraction or below zero, all parts add up; who earns more salary never pays less, and a deduction never costs anything.
 */
export async function run(options: { readonly residents?: number | undefined } = {}): Promise<TaxpayersBench> {
  const count = options.residents ?? 1_000_000;
  const below = numbers(20_261_121);
  const found = Object.fromEntries(faultNames.map((name) => [name, 0])) as Record<Fault, number>;
  const seen = new Set<string>();
  let [taxed, assessments] = [0, 0];
  const total = (input: AssessmentInput): number => {
    assessments++;
    return assess(input, ratesForYear(input.fiscalYear), null).annualTotal;
  };
  const { user: began } = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    const input = anybody(below);
    const more = 1 + below(300_000);
    try {
      const result = assess(input, ratesForYear(input.fiscalYear), null);
      assessments++;
      seen.add(`${result.status} ${result.collection.method}`);
      if (result.status === 'taxed') taxed++;
      const fault = figureFault(result);
      if (fault !== undefined) found[fault]++;
      if (!partsAgree(result)) found.partsDiffer++;
      if (result.exemption.notTaxable !== null) continue;
      if (onlyEarns(input) && total(earningMore(input, more)) < result.annualTotal) found.earnsMorePaysLess++;
      if (!mayReverse(input) && total(deductingMore(input, more)) > result.annualTotal) found.deductsMorePaysMore++;
    } catch {
      found.crashed++;
    }
  }
  const seconds = (process.cpuUsage().user - began) / 1_000_000;
  return {
    name: 'taxpayers',
    figures: { taxpayers: count, assessments, taxed, per_s: Math.round(count / seconds), ...found },
    floor: {},
    checks: {
      no_faults: faultNames.every((name) => found[name] === 0),
      all_kinds_seen: ['taxed ordinary', 'taxed special', 'taxed pension', 'taxed mixed', 'exempt none'].every((kind) =>
        seen.has(kind),
      ),
    },
  };
}

/** Beside other incomes a higher salary may rightly cost less: a loss finds another income first, a pension another tier. */
const onlyEarns = ({ incomes, carriedLosses }: AssessmentInput): boolean =>
  incomes.other === null && incomes.publicPensions.length === 0 && carriedLosses === null;

/**
 * Who gives and has incomes taxed apart may pay more for a deduction by the law's own words: once 課税総所得金額 falls below the
 * differences of the personal deductions, the share of 特例控除 is no longer that of the bracket but the lower one of the other bases.
 * @law 地方税法 第314条の7第11項第2号・第3号, 附則第5条の6
 */
const mayReverse = ({ donations, incomes }: AssessmentInput): boolean => donations.length > 0 && incomes.other !== null;
