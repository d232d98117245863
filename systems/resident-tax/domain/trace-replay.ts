import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { landGrounds } from '@musubi/rates/resident-tax/other-income.ts';
import { type BandTable, bandOf, type Ratio, upTo } from '@musubi/rates/resident-tax/shapes.ts';
import type { StepId, TraceStep } from './trace.ts';

// A second calculation of every figure, from the recorded reasons alone. It knows the order of the steps and one line of
// arithmetic for each, and shares no code with the engine: an error of the engine and one of this file must coincide to pass.

/** The same links for several steps. */
const allOf = <S extends StepId>(ids: readonly S[], of: Readonly<Record<number, StepId>>) =>
  Object.fromEntries(ids.map((id) => [id, of])) as Readonly<Record<S, Readonly<Record<number, StepId>>>>;

/** Which inputs of a step are results of earlier steps, by position; the others are facts of the documents. */
const links: Partial<Record<StepId, Readonly<Record<number, StepId>>>> = {
  'salary-income': { 0: 'salary-revenue' },
  'specific-expenditure': { 0: 'salary-income', 1: 'salary-revenue' },
  'income-adjustment': { 0: 'salary-revenue' },
  business: { 4: 'family-employees' },
  'pension-income': { 0: 'pension-revenue', 1: 'other-than-pension' },
  'pension-adjustment': { 1: 'pension-income' },
  salary: { 1: 'income-adjustment', 2: 'pension-adjustment' },
  miscellaneous: { 0: 'pension-income', 1: 'miscellaneous-other' },
  ...allOf(['aggregate', 'forestry-after-offset', 'retirement-after-offset', 'unabsorbed-loss'], {
    1: 'dividends',
    2: 'real-estate',
    3: 'business',
    4: 'salary',
    5: 'miscellaneous',
    6: 'transfer-short',
    7: 'transfer-long',
    8: 'transfer-loss',
    9: 'occasional',
    10: 'forestry',
    11: 'declared-retirement',
  }),
  'total-income': {
    0: 'aggregate',
    1: 'forestry-after-offset',
    2: 'retirement-after-offset',
    8: 'listed-dividends',
    9: 'general-stocks',
    10: 'listed-stocks',
    11: 'futures',
  },
  'total-income-after-losses': { 0: 'total-income' },
  casualty: { 3: 'total-income-after-losses' },
  medical: { 2: 'total-income-after-losses' },
  'full-exemption': { 5: 'total-income' },
  'per-capita-limit': { 0: 'dependant-count' },
  'per-income-limit': { 0: 'dependant-count' },
  'per-income-exempt': { 0: 'full-exemption', 1: 'total-income-after-losses', 2: 'per-income-limit' },
  'per-capita-exempt': { 0: 'full-exemption', 1: 'per-income-exempt', 2: 'total-income', 3: 'per-capita-limit' },
  'life-insurance': { 0: 'life-general', 1: 'life-care', 2: 'life-pension' },
  widow: { 1: 'total-income' },
  'single-parent': { 1: 'total-income' },
  'working-student': { 1: 'total-income' },
  spouse: { 4: 'total-income' },
  'spouse-special': { 4: 'total-income' },
  basic: { 0: 'total-income' },
  'deductions-total': {
    0: 'casualty',
    1: 'medical',
    2: 'social-insurance',
    3: 'mutual-aid',
    4: 'life-insurance',
    5: 'earthquake-insurance',
    6: 'disability',
    7: 'widow',
    8: 'single-parent',
    9: 'working-student',
    10: 'spouse',
    11: 'spouse-special',
    12: 'dependants',
    13: 'specific-relatives',
    14: 'basic',
  },
  'personal-difference': { 10: 'total-income' },
  'taxable-income': { 1: 'deductions-total' },
  'ward-computed': { 0: 'taxable-income' },
  'metropolis-computed': { 0: 'taxable-income' },
  'adjustment-credit-base': { 1: 'personal-difference', 2: 'total-income' },
  'ward-adjustment-credit': { 0: 'adjustment-credit-base', 1: 'ward-computed' },
  'metropolis-adjustment-credit': { 0: 'adjustment-credit-base', 1: 'metropolis-computed' },
  'adjustment-measure': { 0: 'per-income-limit', 1: 'total-income-after-losses' },
  'ward-adjustment-measure': { 0: 'adjustment-measure' },
  'metropolis-adjustment-measure': { 0: 'adjustment-measure' },
  'ward-housing-loan-credit': { 0: 'housing-loan-credit' },
  'metropolis-housing-loan-credit': { 0: 'housing-loan-credit' },
  'ward-donation-basic': { 1: 'total-income-after-losses' },
  'metropolis-donation-basic': { 1: 'total-income-after-losses' },
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
  'ward-per-income': { 0: 'ward-computed' },
  'metropolis-per-income': { 0: 'metropolis-computed' },
  'withheld-appropriated': { 0: 'withheld-shortfall', 1: 'annual-total' },
  payable: { 0: 'annual-total', 1: 'withheld-appropriated' },
  'retirement-ward': { 0: 'retirement-income' },
  'retirement-metropolis': { 0: 'retirement-income' },
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
interface Limit {
  readonly single: number;
  readonly perHead: number;
  readonly addition: number;
}
const limit = (n: Numbers, l: Limit, extra: number): number =>
  at(n, 0) === 0 ? l.single : l.perHead * (at(n, 0) + 1) + l.addition + extra;
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
  const found = bracket(r, at(n, 1), at(n, 2) + at(n, 3))?.share;
  const others: readonly Ratio[] = [
    r.donation.without,
    ...(at(n, 4) > 0 ? [upTo(r.donation.special, at(n, 4) / 5).share] : []),
    ...(at(n, 5) > 0 ? [upTo(r.donation.special, at(n, 5)).share] : []),
    ...(at(n, 6) > 0 ? [r.separate.donationShort] : []),
    ...(at(n, 7) > 0 ? [r.separate.donationOther] : []),
  ];
  const [lowest] = others.toSorted((a, b) => a[0] * b[1] - b[0] * a[1]);
  const share = found ?? lowest ?? r.donation.without;
  const asked = up(Math.max(0, at(n, 0) - r.donation.floor), [share[0] * split[0], share[1] * split[1]]);
  return Math.min(asked, up(at(n, 8), r.donation.levyCap));
};
const oneStop: Formula = (n, r) => {
  const found = at(n, 1) === 1 ? undefined : bracket(r, at(n, 2), at(n, 3) + at(n, 4));
  return found === undefined ? 0 : up(at(n, 0), found.oneStop);
};
const share: Formula = (n) => (at(n, 2) === 0 ? 0 : Math.min(up(at(n, 0), [at(n, 1), at(n, 2)]), at(n, 1)));
const capped = (credit: number, left: number): number => Math.min(credit, left);
const hundred: Formula = (n) => cut(100, Math.max(0, at(n, 0) - total(n.slice(1))));
const sumUpTo: Formula = (n) => capped(at(n, 0) + at(n, 1) + at(n, 2), at(n, 3));

/** Pairs of revenue and costs: what is left of all. */
const net: Formula = (n) => n.reduce((sum, x, i) => sum + (i % 2 === 0 ? x : -x), 0);
const netOrNothing: Formula = (n, r) => Math.max(0, net(n, r));
/** Revenue less the higher of costs and floor, the floor up to the revenue. */
const withFloor = (revenue: number, costs: number, floor: number): number =>
  revenue - Math.max(costs, Math.min(floor, revenue));
const retirementOf = (n: Numbers, { retirement: t }: RatesForYear): number => {
  const [amount, years] = [at(n, 0), at(n, 1)];
  const further = Math.max(0, years - t.years);
  const deduction =
    Math.max(t.least, t.perYear * (years - further) + t.perFurtherYear * further) + at(n, 3) * t.disability;
  const over = Math.max(0, amount - deduction);
  if (years > t.shortYears) return down(over, [1, 2]);
  if (at(n, 2) === 1) return over;
  return over <= t.shortHalfUpTo ? down(over, [1, 2]) : over - t.shortHalfUpTo / 2;
};
const transferOf = (n: Numbers, r: RatesForYear): { short: number; long: number; loss: number } => {
  const [short, long] = [at(n, 0), at(n, 1)];
  if (short + long <= 0 || (short <= 0 && long <= 0)) return { short: 0, long: 0, loss: Math.max(0, -(short + long)) };
  const [s, l] = short < 0 ? [0, short + long] : long < 0 ? [short + long, 0] : [short, long];
  const forShort = Math.min(s, r.other.transferDeduction);
  return { short: s - forShort, long: Math.max(0, l - (r.other.transferDeduction - forShort)), loss: 0 };
};
/** 損益通算 by pouring each loss over its row of incomes in turn. */
const poured = (n: Numbers): { aggregate: number; forestry: number; retirement: number; rest: number } => {
  const sumOfOrdinary = total(n.slice(0, 6));
  const pot = {
    ordinary: Math.max(0, sumOfOrdinary),
    short: at(n, 6),
    long: at(n, 7),
    occasional: at(n, 9),
    forestry: Math.max(0, at(n, 10)),
    retirement: at(n, 11),
  };
  const pour = (loss: number, ...over: readonly (keyof typeof pot)[]): number => {
    let left = loss;
    for (const name of over) {
      const before = pot[name];
      pot[name] = Math.max(0, before - left);
      left -= before - pot[name];
    }
    return left;
  };
  const ofTransfers = pour(at(n, 8), 'occasional');
  const ofOrdinary = pour(Math.max(0, -sumOfOrdinary), 'short', 'long', 'occasional');
  const left = pour(ofOrdinary + pour(ofTransfers, 'ordinary'), 'forestry', 'retirement');
  const ofForestry = pour(Math.max(0, -at(n, 10)), 'ordinary', 'short', 'long', 'occasional', 'retirement');
  return {
    aggregate: pot.ordinary + pot.short + down(pot.long + pot.occasional, [1, 2]),
    forestry: pot.forestry,
    retirement: pot.retirement,
    rest: left + ofForestry,
  };
};
/** Five classes of land: two of short, three of long term. */
const landOffset = (n: Numbers): Numbers => {
  const raw = n.slice(1, 6);
  const gains = raw.map((x) => Math.max(0, x));
  const losses = raw.map((x) => Math.max(0, -x));
  const pour = (loss: number, from: number, to: number): number => {
    let left = loss;
    for (let i = from; i < to; i++) {
      const before = gains[i] ?? 0;
      gains[i] = Math.max(0, before - left);
      left -= before - (gains[i] ?? 0);
    }
    return left;
  };
  const ofShort = pour(total(losses.slice(0, 2)), 0, 2);
  const ofLong = pour(total(losses.slice(2)), 2, 5);
  pour(ofShort, 2, 5);
  pour(ofLong, 0, 2);
  return gains;
};
const landDeducted = (n: Numbers, r: RatesForYear): Numbers => {
  const gains = n.slice(1, 6);
  const grounds = n.slice(6, 11);
  let all = r.other.landDeductionTotal;
  for (const [g, ground] of landGrounds.entries()) {
    let own = r.other.landDeduction[ground];
    for (const [i, of] of grounds.entries()) {
      if (of !== g + 1) continue;
      const taken = Math.min(gains[i] ?? 0, own, all);
      gains[i] = (gains[i] ?? 0) - taken;
      own -= taken;
      all -= taken;
    }
  }
  return gains;
};
const separateNames = [
  'shortGeneral',
  'shortReduced',
  'longGeneral',
  'longSpecified',
  'longReduced',
  'listedDividends',
  'generalStocks',
  'listedStocks',
  'futures',
] as const;
/** The twelve bases at their rates in millionths, then one division: all rates are decimals of at most that length. */
const computed =
  (side: 'ward' | 'metropolis'): Formula =>
  (n, r) => {
    const [numerator, denominator] = side === 'ward' ? r.levy.wardPerIncome : r.levy.metropolisPerIncome;
    let exact = BigInt(at(n, 0) + (n[10] ?? 0) + (n[11] ?? 0)) * BigInt(numerator) * 10_000n;
    for (const [i, name] of separateNames.entries()) {
      let begun = 0;
      for (const { upTo: end, value } of r.separate.rates[name]) {
        const part = Math.max(0, Math.min(n[i + 1] ?? 0, end) - begun);
        const [top, bottom] = value[side];
        exact += ((BigInt(part) * BigInt(top) * 10_000n) / BigInt(bottom)) * BigInt(denominator);
        begun = end;
      }
    }
    return Number(exact / (BigInt(denominator) * 10_000n));
  };
const dividendCredit =
  (side: 'ward' | 'metropolis'): Formula =>
  (n, { separate: { dividendCredit: rule } }) => {
    let over = Math.max(0, at(n, 3) - rule.threshold);
    let exact = 0n;
    for (const [i, kind] of (['foreignCurrencyTrust', 'securitiesTrust', 'profit'] as const).entries()) {
      const above = Math.min(over, at(n, i));
      over -= above;
      const rates = rule.kinds[kind];
      exact += BigInt(at(n, i) - above) * BigInt(rates.below[side][0]) + BigInt(above) * BigInt(rates.above[side][0]);
    }
    return capped(Number((exact + 9_999n) / 10_000n), at(n, 4));
  };

const formulas: Record<StepId, Formula> = {
  'salary-revenue': total,
  'salary-income': (n, r) => table(r.salaryIncome, at(n, 0)),
  'income-adjustment': (n, { incomeAdjustment: a }) =>
    Math.min(at(n, 2), at(n, 1) * up(Math.max(0, Math.min(at(n, 0), a.ceiling) - a.over), a.ratio)),
  'specific-expenditure': (n) => {
    const over = 2 * at(n, 2) - (at(n, 1) - at(n, 0));
    return over <= 0 ? at(n, 0) : down(Math.max(0, 2 * at(n, 0) - over), [1, 2]);
  },
  'family-employees': (n, { other: o }) => {
    const before = withFloor(at(n, 0), at(n, 1), at(n, 3)) - at(n, 2);
    const each = Math.max(0, Math.floor(before / (at(n, 4) + at(n, 5) + 1)));
    return at(n, 4) * Math.min(o.whiteSpouse, each) + at(n, 5) * Math.min(o.whiteOther, each);
  },
  'real-estate': (n) => {
    const rent = at(n, 0) - at(n, 1);
    return rent < 0 ? Math.min(0, rent + at(n, 2)) : rent - Math.min(rent, at(n, 3));
  },
  business: (n) => {
    const before = withFloor(at(n, 0), at(n, 1), at(n, 3)) - at(n, 2) - at(n, 4) + (at(n, 5) - at(n, 6));
    return before - Math.min(at(n, 7), Math.max(0, before));
  },
  dividends: netOrNothing,
  'transfer-short': (n, r) => transferOf(n, r).short,
  'transfer-long': (n, r) => transferOf(n, r).long,
  'transfer-loss': (n, r) => transferOf(n, r).loss,
  occasional: (n, r) => Math.max(0, at(n, 0) - at(n, 1) - r.other.occasionalDeduction),
  'miscellaneous-other': (n) => withFloor(at(n, 0), at(n, 1), at(n, 4)) + at(n, 2) - at(n, 3),
  'general-stocks': netOrNothing,
  'listed-stocks': netOrNothing,
  'listed-dividends': (n, r) => Math.max(0, netOrNothing(n.slice(1), r) + Math.min(0, at(n, 0))),
  futures: netOrNothing,
  forestry: (n, r) => {
    const wood = at(n, 0) - at(n, 1);
    return wood > 0 ? Math.max(0, wood - r.other.forestryDeduction) : wood;
  },
  'declared-retirement': retirementOf,
  'land-gain': (n, r) => at(n, 0) - (at(n, 1) === -1 ? down(at(n, 0), r.other.unknownCost) : at(n, 1)) - at(n, 2),
  'land-after-offset': (n) => landOffset(n)[at(n, 0)] ?? 0,
  'land-after-deduction': (n, r) => landDeducted(n, r)[at(n, 0)] ?? 0,
  'pension-revenue': total,
  'other-than-pension': (n) => {
    const { aggregate, forestry, retirement } = poured(n);
    return aggregate + forestry + retirement + total(n.slice(12));
  },
  'pension-income': (n, { pension: p }) =>
    Math.max(0, at(n, 0) - table(at(n, 2) === 1 ? p.from65 : p.under65, at(n, 0)) + upTo(p.tiers, at(n, 1))),
  'pension-adjustment': (n) =>
    at(n, 0) === 0 || at(n, 1) === 0
      ? 0
      : Math.max(0, Math.min(at(n, 0), 100_000) + Math.min(at(n, 1), 100_000) - 100_000),
  salary: (n) => at(n, 0) - at(n, 1) - at(n, 2),
  miscellaneous: (n) => Math.max(0, total(n)),
  aggregate: (n) => poured(n).aggregate,
  'forestry-after-offset': (n) => poured(n).forestry,
  'retirement-after-offset': (n) => poured(n).retirement,
  'unabsorbed-loss': (n) => poured(n).rest,
  'total-income': total,
  'loss-taken': (n) => Math.min(at(n, 3), at(n, 4)),
  'total-income-after-losses': (n) => at(n, 0) - total(n.slice(1)),
  'dependant-count': total,
  'full-exemption': (n, r) =>
    at(n, 0) === 1 || (total(n.slice(1, 5)) > 0 && at(n, 5) <= r.exemption.personalIncomeLimit) ? 1 : 0,
  'per-capita-limit': (n, r) => limit(n, r.exemption.perCapita, r.exemption.perCapitaExtra),
  'per-income-limit': (n, r) => limit(n, r.exemption, r.exemption.perIncomeExtra),
  'per-income-exempt': (n) => (at(n, 0) === 1 || at(n, 1) <= at(n, 2) ? 1 : 0),
  'per-capita-exempt': (n) => (at(n, 0) === 1 || (at(n, 1) === 1 && at(n, 2) <= at(n, 3)) ? 1 : 0),
  casualty: (n, { care: { casualty: c } }) => {
    const suffered = Math.max(0, at(n, 0) + at(n, 1) - at(n, 2));
    const byDisaster = Math.min(at(n, 1), suffered) - c.disasterFloor;
    return Math.max(0, suffered - down(at(n, 3), c.incomeShare), byDisaster);
  },
  medical: (n, { care: { medical: m, selfMedication: s } }) => {
    const own = Math.max(0, at(n, 0) - at(n, 1));
    return at(n, 3) === 1
      ? Math.min(s.most, Math.max(0, own - s.floor))
      : Math.min(m.most, Math.max(0, own - Math.min(m.floor, down(at(n, 2), m.incomeShare))));
  },
  'social-insurance': total,
  'mutual-aid': total,
  'life-general': life,
  'life-care': life,
  'life-pension': life,
  'life-insurance': (n, r) => Math.min(total(n), r.insurance.lifeTotalCap),
  'earthquake-insurance': (n, { insurance: i }) => {
    const of = (quake: number, old: number): number =>
      Math.min(table(i.earthquake, quake) + table(i.oldLongTerm, old), i.earthquakeTotalCap);
    let choices: readonly (readonly [number, number])[] = [[at(n, 0), at(n, 1)]];
    for (let k = 2; k < n.length; k += 2)
      choices = choices.flatMap(([quake, old]) => [
        [quake + at(n, k), old] as const,
        [quake, old + at(n, k + 1)] as const,
      ]);
    return Math.max(...choices.map(([quake, old]) => of(quake, old)));
  },
  disability: (n, { personal: { disability: d } }) => dot(n, [d.ordinary, d.special, d.specialLivingTogether]),
  widow: (n, { personal: { widow: w } }) => (at(n, 1) <= w.incomeLimit ? at(n, 0) * w.amount : 0),
  'single-parent': (n, { personal: { singleParent: s } }) => (at(n, 1) <= s.incomeLimit ? at(n, 0) * s.amount : 0),
  'working-student': (n, { personal: { workingStudent: w } }) =>
    at(n, 1) <= w.incomeLimit && at(n, 2) <= w.otherIncomeLimit ? at(n, 0) * w.amount : 0,
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
  'separate-base': (n) => cut(1_000, Math.max(0, at(n, 1) - at(n, 2))),
  'ward-computed': computed('ward'),
  'metropolis-computed': computed('metropolis'),
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
  'ward-dividend-credit': dividendCredit('ward'),
  'metropolis-dividend-credit': dividendCredit('metropolis'),
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
  'metropolis-foreign-tax-credit': (n, { separate: { foreignTax: f } }) =>
    Math.min(at(n, 0), down(at(n, 1), f.metropolis), at(n, 2)),
  'ward-foreign-tax-credit': (n, { separate: { foreignTax: f } }) =>
    Math.min(Math.max(0, at(n, 0) - down(at(n, 1), f.metropolis)), down(at(n, 1), f.ward), at(n, 2)),
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
  'ward-withheld-credit': (n, { separate: { withheldWardShare: w } }) => capped(up(at(n, 0), w), at(n, 1)),
  'metropolis-withheld-credit': (n, { separate: { withheldWardShare: w } }) =>
    capped(at(n, 0) - up(at(n, 0), w), at(n, 1)),
  'annual-total': total,
  'withheld-shortfall': (n) => at(n, 0) - at(n, 1),
  'withheld-appropriated': (n) => Math.min(at(n, 0), at(n, 1)),
  payable: (n) => at(n, 0) - at(n, 1),
  'retirement-income': (n, r) => cut(1_000, retirementOf(n, r)),
  'retirement-ward': (n, r) => (1 - at(n, 1)) * cut(100, down(at(n, 0), r.levy.wardPerIncome)),
  'retirement-metropolis': (n, r) => (1 - at(n, 1)) * cut(100, down(at(n, 0), r.levy.metropolisPerIncome)),
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
