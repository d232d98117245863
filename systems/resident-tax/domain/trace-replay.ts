import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { type BandTable, bandOf, type Ratio, upTo } from '@musubi/rates/resident-tax/shapes.ts';
import type { StepId, TraceStep } from './trace.ts';

// A second calculation of every figure, from the recorded reasons alone. It knows the order of the steps and one line of
// arithmetic for each, and shares no code with the engine: an error of the engine and one of this file must coincide to pass.

/** Which inputs of a step are results of earlier steps, by position; the others are facts of the documents. */
const links: Partial<Record<StepId, Readonly<Record<number, StepId>>>> = {
  'salary-income': { 0: 'salary-revenue' },
  'income-adjustment': { 0: 'salary-revenue' },
  'total-income': { 0: 'salary-income', 1: 'income-adjustment' },
  'full-exemption': { 5: 'total-income' },
  'per-capita-limit': { 0: 'dependant-count' },
  'per-income-limit': { 0: 'dependant-count' },
  'per-income-exempt': { 0: 'full-exemption', 1: 'total-income', 2: 'per-income-limit' },
  'per-capita-exempt': { 0: 'full-exemption', 1: 'per-income-exempt', 2: 'total-income', 3: 'per-capita-limit' },
  'life-insurance': { 0: 'life-general', 1: 'life-care', 2: 'life-pension' },
  widow: { 1: 'total-income' },
  'single-parent': { 1: 'total-income' },
  'working-student': { 1: 'total-income' },
  spouse: { 4: 'total-income' },
  'spouse-special': { 4: 'total-income' },
  basic: { 0: 'total-income' },
  'deductions-total': {
    0: 'social-insurance',
    1: 'mutual-aid',
    2: 'life-insurance',
    3: 'earthquake-insurance',
    4: 'disability',
    5: 'widow',
    6: 'single-parent',
    7: 'working-student',
    8: 'spouse',
    9: 'spouse-special',
    10: 'dependants',
    11: 'specific-relatives',
    12: 'basic',
  },
  'personal-difference': { 10: 'total-income' },
  'taxable-income': { 0: 'total-income', 1: 'deductions-total' },
  'ward-computed': { 0: 'taxable-income' },
  'metropolis-computed': { 0: 'taxable-income' },
  'adjustment-credit-base': { 0: 'taxable-income', 1: 'personal-difference', 2: 'total-income' },
  'ward-adjustment-credit': { 0: 'adjustment-credit-base', 1: 'ward-computed' },
  'metropolis-adjustment-credit': { 0: 'adjustment-credit-base', 1: 'metropolis-computed' },
  'adjustment-measure': { 0: 'per-income-limit', 1: 'total-income' },
  'ward-adjustment-measure': { 0: 'adjustment-measure' },
  'metropolis-adjustment-measure': { 0: 'adjustment-measure' },
  'ward-housing-loan-credit': { 0: 'housing-loan-credit' },
  'metropolis-housing-loan-credit': { 0: 'housing-loan-credit' },
  'ward-donation-basic': { 1: 'total-income' },
  'metropolis-donation-basic': { 1: 'total-income' },
  'ward-donation-special': { 1: 'taxable-income', 2: 'personal-difference' },
  'metropolis-donation-special': { 1: 'taxable-income', 2: 'personal-difference' },
  'ward-donation-one-stop': { 0: 'ward-donation-special', 2: 'taxable-income', 3: 'personal-difference' },
  'metropolis-donation-one-stop': { 0: 'metropolis-donation-special', 2: 'taxable-income', 3: 'personal-difference' },
  'ward-donation-credit': { 0: 'ward-donation-basic', 1: 'ward-donation-special', 2: 'ward-donation-one-stop' },
  'metropolis-donation-credit': {
    0: 'metropolis-donation-basic',
    1: 'metropolis-donation-special',
    2: 'metropolis-donation-one-stop',
  },
  'flat-cut': { 2: 'total-income' },
  'metropolis-flat-cut': { 0: 'flat-cut' },
  'ward-flat-cut': { 0: 'flat-cut', 1: 'metropolis-flat-cut' },
  'annual-total': {
    0: 'ward-per-income',
    1: 'metropolis-per-income',
    2: 'ward-per-capita',
    3: 'metropolis-per-capita',
    4: 'forest-tax',
  },
};

const total = (n: readonly number[]): number => n.reduce((a, b) => a + b, 0);
const dot = (n: readonly number[], amounts: readonly number[]): number => total(n.map((x, i) => x * (amounts[i] ?? 0)));
const down = (a: number, [n, d]: Ratio): number => Number((BigInt(a) * BigInt(n)) / BigInt(d));
const up = (a: number, [n, d]: Ratio): number => Number((BigInt(a) * BigInt(n) + BigInt(d) - 1n) / BigInt(d));
const cut = (unit: number, a: number): number => a - (a % unit);
const table = (t: BandTable, a: number): number => {
  const { unit, ratio, plus } = bandOf(t, a);
  return (t.rounding === 'up' ? up : down)(cut(unit, a), ratio) + plus;
};
type Numbers = readonly number[];
type Formula = (n: Numbers, r: RatesForYear) => number;
const at = (n: Numbers, i: number): number => {
  const value = n[i];
  if (value === undefined) throw new Error(`input ${i} is missing`);
  return value;
};
const limit = (n: Numbers, r: RatesForYear, extra: number): number =>
  at(n, 0) === 0 ? r.exemption.single : r.exemption.perHead * (at(n, 0) + 1) + r.exemption.addition + extra;
const life: Formula = (n, r) => {
  const [a, b] = [table(r.insurance.newLife, at(n, 0)), table(r.insurance.oldLife, at(n, 1))];
  return Math.max(a, b, Math.min(a + b, r.insurance.lifeBothCap));
};
const column = (r: RatesForYear, own: number): number =>
  r.spouse.ownIncomeColumns.findIndex((limitOf) => own <= limitOf);
/** present, income, elderly, family employee, own income → kind of spouse and column. */
const spouseCase = (
  n: Numbers,
  r: RatesForYear,
  from = 0,
): { kind: 'none' | 'spouse' | 'elderly' | 'special'; col: number } => {
  const [present, income, elderly, employee, own] = [0, 1, 2, 3, 4].map((i) => at(n, from + i)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const col = column(r, own);
  if (present === 0 || employee === 1 || col === -1) return { kind: 'none', col };
  if (income > r.dependantIncomeLimit) return { kind: 'special', col };
  return { kind: elderly === 1 ? 'elderly' : 'spouse', col };
};
const difference: Formula = (n, r) => {
  const d = r.adjustmentCredit.difference;
  const { kind, col } = spouseCase(n, r, 6);
  const row =
    kind === 'special'
      ? d.spouseSpecial.find((x) => at(n, 7) < x.below)?.value
      : { none: undefined, spouse: d.spouse, elderly: d.elderlySpouse }[kind];
  return (
    d.basic +
    dot(n.slice(0, 4), [d.disability, d.specialDisability, d.specialDisabilityLivingTogether, d.widow]) +
    ([0, d.singleMother, d.singleFather][at(n, 4)] ?? 0) +
    at(n, 5) * d.workingStudent +
    (row?.[col] ?? 0) +
    dot(n.slice(11), [d.dependant, d.specifiedDependant, d.elderlyDependant, d.elderlyDependantLivingTogether])
  );
};
const gift = (n: Numbers, r: RatesForYear, rate: Ratio): number =>
  up(Math.max(0, Math.min(at(n, 0), down(at(n, 1), r.donation.incomeShare)) - r.donation.floor), rate);
const bracket = (r: RatesForYear, taxable: number, less: number) =>
  taxable > 0 && taxable >= less ? upTo(r.donation.special, taxable - less) : undefined;
const special = (n: Numbers, r: RatesForYear, split: Ratio): number => {
  const share = bracket(r, at(n, 1), at(n, 2) + at(n, 3))?.share ?? r.donation.without;
  const asked = up(Math.max(0, at(n, 0) - r.donation.floor), [share[0] * split[0], share[1] * split[1]]);
  return Math.min(asked, up(at(n, 4), r.donation.levyCap));
};
const oneStop: Formula = (n, r) => {
  const found = at(n, 1) === 1 ? undefined : bracket(r, at(n, 2), at(n, 3) + at(n, 4));
  return found === undefined ? 0 : up(at(n, 0), found.oneStop);
};
const share: Formula = (n) => (at(n, 2) === 0 ? 0 : Math.min(up(at(n, 0), [at(n, 1), at(n, 2)]), at(n, 1)));
const capped = (credit: number, left: number): number => Math.min(credit, left);
const hundred: Formula = (n) => cut(100, Math.max(0, at(n, 0) - total(n.slice(1))));
const sumUpTo: Formula = (n) => capped(at(n, 0) + at(n, 1) + at(n, 2), at(n, 3));

const formulas: Record<StepId, Formula> = {
  'salary-revenue': total,
  'salary-income': (n, r) => table(r.salaryIncome, at(n, 0)),
  'income-adjustment': (n, { incomeAdjustment: a }) =>
    at(n, 1) * up(Math.max(0, Math.min(at(n, 0), a.ceiling) - a.over), a.ratio),
  'total-income': (n) => at(n, 0) - at(n, 1),
  'dependant-count': total,
  'full-exemption': (n, r) =>
    at(n, 0) === 1 || (total(n.slice(1, 5)) > 0 && at(n, 5) <= r.exemption.personalIncomeLimit) ? 1 : 0,
  'per-capita-limit': (n, r) => limit(n, r, r.exemption.perCapitaExtra),
  'per-income-limit': (n, r) => limit(n, r, r.exemption.perIncomeExtra),
  'per-income-exempt': (n) => (at(n, 0) === 1 || at(n, 1) <= at(n, 2) ? 1 : 0),
  'per-capita-exempt': (n) => (at(n, 0) === 1 || (at(n, 1) === 1 && at(n, 2) <= at(n, 3)) ? 1 : 0),
  'social-insurance': total,
  'mutual-aid': total,
  'life-general': life,
  'life-care': life,
  'life-pension': life,
  'life-insurance': (n, r) => Math.min(total(n), r.insurance.lifeTotalCap),
  'earthquake-insurance': (n, { insurance: i }) =>
    Math.min(table(i.earthquake, at(n, 0)) + table(i.oldLongTerm, at(n, 1)), i.earthquakeTotalCap),
  disability: (n, { personal: { disability: d } }) => dot(n, [d.ordinary, d.special, d.specialLivingTogether]),
  widow: (n, { personal: { widow: w } }) => (at(n, 1) <= w.incomeLimit ? at(n, 0) * w.amount : 0),
  'single-parent': (n, { personal: { singleParent: s } }) => (at(n, 1) <= s.incomeLimit ? at(n, 0) * s.amount : 0),
  'working-student': (n, { personal: { workingStudent: w } }) => (at(n, 1) <= w.incomeLimit ? at(n, 0) * w.amount : 0),
  spouse: (n, r) => {
    const { kind, col } = spouseCase(n, r);
    return { none: 0, special: 0, spouse: r.spouse.spouse[col] ?? 0, elderly: r.spouse.elderlySpouse[col] ?? 0 }[kind];
  },
  'spouse-special': (n, r) => {
    const { kind, col } = spouseCase(n, r);
    return kind === 'special' ? (upTo(r.spouse.special, at(n, 1))[col] ?? 0) : 0;
  },
  dependants: (n, { personal: { dependant: d } }) =>
    dot(n, [d.ordinary, d.specified, d.elderly, d.elderlyLivingTogether]),
  'specific-relatives': (n, r) => total(n.map((income) => upTo(r.specificRelative, income))),
  basic: (n, r) => upTo(r.basicDeduction, at(n, 0)),
  'deductions-total': total,
  'personal-difference': difference,
  'taxable-income': (n) => cut(1_000, Math.max(0, at(n, 0) - at(n, 1))),
  'ward-computed': (n, r) => down(at(n, 0), r.levy.wardPerIncome),
  'metropolis-computed': (n, r) => down(at(n, 0), r.levy.metropolisPerIncome),
  'adjustment-credit-base': (n, { adjustmentCredit: a }) => {
    if (at(n, 2) > a.ownIncomeLimit) return 0;
    return at(n, 0) <= a.threshold
      ? Math.min(at(n, 0), at(n, 1))
      : Math.max(at(n, 1) - (at(n, 0) - a.threshold), a.minimum);
  },
  'ward-adjustment-credit': (n, r) => capped(down(at(n, 0), r.adjustmentCredit.ward), at(n, 1)),
  'metropolis-adjustment-credit': (n, r) => capped(down(at(n, 0), r.adjustmentCredit.metropolis), at(n, 1)),
  'adjustment-measure': (n) => Math.max(0, at(n, 0) - (at(n, 1) - at(n, 2))),
  'ward-adjustment-measure': share,
  'metropolis-adjustment-measure': share,
  'housing-loan-credit': (n, { housingLoan: h }) => {
    const kind = at(n, 4) === 1 ? h.specific : h.ordinary;
    return Math.min(Math.max(0, at(n, 0) - at(n, 1)), kind.cap, down(at(n, 2) + at(n, 3), kind.ratio));
  },
  'ward-housing-loan-credit': (n, r) => capped(up(at(n, 0), r.housingLoan.ward), at(n, 1)),
  'metropolis-housing-loan-credit': (n, r) => capped(up(at(n, 0), r.housingLoan.metropolis), at(n, 1)),
  'ward-donation-basic': (n, r) => gift(n, r, r.donation.ward),
  'metropolis-donation-basic': (n, r) => gift(n, r, r.donation.metropolis),
  'ward-donation-special': (n, r) => special(n, r, r.donation.wardShare),
  'metropolis-donation-special': (n, r) => special(n, r, r.donation.metropolisShare),
  'ward-donation-one-stop': oneStop,
  'metropolis-donation-one-stop': oneStop,
  'ward-donation-credit': sumUpTo,
  'metropolis-donation-credit': sumUpTo,
  'flat-cut': (n, { flatCut: f }) => {
    if (f === null) throw new Error('no 定額減税 in this year');
    const spouseWithin = at(n, 2) <= f.spouseOwnIncomeLimit;
    const heads = f.heads === 'household' ? 1 + (spouseWithin ? at(n, 0) : 0) + at(n, 1) : spouseWithin ? 0 : at(n, 0);
    return Math.min(heads * f.perHead, at(n, 3));
  },
  'metropolis-flat-cut': (n) => capped(up(at(n, 0), [at(n, 1), at(n, 2)]), at(n, 1)),
  'ward-flat-cut': (n) => capped(at(n, 0) - at(n, 1), at(n, 2)),
  'ward-per-income': hundred,
  'metropolis-per-income': hundred,
  'ward-per-capita': (n, r) => at(n, 0) * r.levy.wardPerCapita,
  'metropolis-per-capita': (n, r) => at(n, 0) * r.levy.metropolisPerCapita,
  'forest-tax': (n, r) => at(n, 0) * at(n, 1) * r.levy.forestTax,
  'annual-total': total,
};

export interface ReplayFault {
  readonly id: StepId;
  readonly fault: 'result-differs' | 'input-differs-from-earlier-step' | 'other-rates-version';
  readonly recorded: number;
  readonly recomputed: number;
}

/**
 * Recomputes every figure of a recorded trace. An input that is an earlier result is taken from this recomputation, never
 * from the record; the record's value only has to agree.
 *
 * @returns the recomputed figures by step, and every disagreement (none: the record is sound)
 */
export function replay(
  steps: readonly TraceStep[],
  rates: RatesForYear,
): { readonly figures: ReadonlyMap<StepId, number>; readonly faults: readonly ReplayFault[] } {
  const figures = new Map<StepId, number>();
  const faults: ReplayFault[] = [];
  for (const { id, inputs, result, ratesVersion } of steps) {
    if (ratesVersion !== rates.version)
      faults.push({ id, fault: 'other-rates-version', recorded: result, recomputed: result });
    const own = inputs.map((recorded, i) => {
      const from = links[id]?.[i];
      const recomputed = from === undefined ? undefined : figures.get(from);
      if (recomputed === undefined) return recorded;
      if (recomputed !== recorded) faults.push({ id, fault: 'input-differs-from-earlier-step', recorded, recomputed });
      return recomputed;
    });
    const recomputed = formulas[id](own, rates);
    if (recomputed !== result) faults.push({ id, fault: 'result-differs', recorded: result, recomputed });
    figures.set(id, recomputed);
  }
  return { figures, faults };
}
