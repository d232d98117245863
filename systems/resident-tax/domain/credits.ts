import { roundDownTo, type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { DividendKind, SeparateBase } from '@musubi/rates/resident-tax/separate-levy.ts';
import type { Ratio } from '@musubi/rates/resident-tax/shapes.ts';
import type { AssessmentInput } from './assessment-input.ts';
import { type Bases, baseNames, type LevySide } from './assessment-result.ts';
import { donationCreditOf } from './donation-credit.ts';
import { isDependantSpouse, relativeCount } from './exemption.ts';
import { flatCutByHeads } from './flat-cut.ts';
import { both, incomeTaxBasicOf, less, none, type Sides, type Subject, within } from './levy-sides.ts';
import { cutAt, exactSum, lesser, raisedAt, remaining } from './ratio.ts';
import type { Trace } from './trace.ts';

const zero = yen(0);

export interface PerIncomeLevy {
  readonly sides: { readonly ward: LevySide; readonly metropolis: LevySide };
  /** What the 所得割 would be without 定額減税, each side cut to 100 yen, and the withheld levy that it would take. */
  readonly beforeFlatCut: { readonly perIncome: Yen; readonly withheldCredit: Yen };
  readonly donationSpecialRate: Ratio | null;
  readonly housingLoanLimit: Yen;
}

/**
 * 所得割: the bases at their rates, then the credits in the order of the law, each from what the one before left.
 *
 * @law 地方税法 第35条〜第37条の4, 第314条の3〜第314条の9, 附則第3条の3, 第5条〜第5条の8, 第7条の2, 第20条の4の2第3項
 */
export function perIncomeLevyOf(subject: Subject, rates: RatesForYear, trace: Trace | null): PerIncomeLevy {
  const { exemption, input } = subject;
  const due = exemption.notTaxable === null && input.taxpayer.kind === 'resident' && !exemption.perIncomeExempt;
  if (!due) return noLevy;

  const computed = computedOf(subject, rates, trace);
  const adjustment = adjustmentCreditOf(subject, rates, computed, trace);
  const afterAdjustment = less(computed, adjustment);
  const measure = adjustmentMeasureOf(subject, afterAdjustment, rates, trace);
  const afterMeasure = less(afterAdjustment, measure);
  const dividend = dividendCreditOf(subject, afterMeasure, rates, trace);
  const afterDividend = less(afterMeasure, dividend);
  const housing = housingLoanCreditOf(subject, afterDividend, rates, trace);
  const afterHousing = less(afterDividend, housing.applied);
  const donation = donationCreditOf(subject, afterMeasure, afterHousing, rates, trace);
  const afterDonation = less(afterHousing, donation.applied);
  const foreign = foreignTaxCreditOf(input, afterDonation, rates, trace);
  const afterForeign = less(afterDonation, foreign);
  const cut = flatCutOf(subject, afterForeign, rates, trace);
  const afterCut = less(afterForeign, cut);
  const withheld = withheldCreditOf(subject, afterCut, rates, trace);
  const last = less(afterCut, withheld);

  const ward = roundDownTo(100, last.ward);
  const metropolis = roundDownTo(100, last.metropolis);
  if (trace !== null) {
    const law = '地方税法 第20条の4の2第3項';
    const taken = [adjustment, measure, dividend, housing.applied, donation.applied, foreign, cut, withheld];
    trace.step('ward-per-income', law, ward, wardOf([computed, ...taken]));
    trace.step('metropolis-per-income', law, metropolis, metropolisOf([computed, ...taken]));
  }
  return {
    sides: {
      ward: {
        computed: computed.ward,
        adjustmentCredit: adjustment.ward,
        adjustmentMeasure: measure.ward,
        dividendCredit: dividend.ward,
        housingLoanCredit: housing.applied.ward,
        donationBasic: donation.basic.ward,
        donationSpecial: donation.special.ward,
        donationOneStop: donation.oneStop.ward,
        donationCredit: donation.applied.ward,
        foreignTaxCredit: foreign.ward,
        flatCut: cut.ward,
        withheldLevyCredit: withheld.ward,
        perIncome: ward,
      },
      metropolis: {
        computed: computed.metropolis,
        adjustmentCredit: adjustment.metropolis,
        adjustmentMeasure: measure.metropolis,
        dividendCredit: dividend.metropolis,
        housingLoanCredit: housing.applied.metropolis,
        donationBasic: donation.basic.metropolis,
        donationSpecial: donation.special.metropolis,
        donationOneStop: donation.oneStop.metropolis,
        donationCredit: donation.applied.metropolis,
        foreignTaxCredit: foreign.metropolis,
        flatCut: cut.metropolis,
        withheldLevyCredit: withheld.metropolis,
        perIncome: metropolis,
      },
    },
    beforeFlatCut:
      cut === none
        ? { perIncome: yen(ward + metropolis), withheldCredit: both(withheld) }
        : withoutFlatCut(subject, afterForeign, rates),
    donationSpecialRate: donation.specialRate,
    housingLoanLimit: housing.limit,
  };
}

const wardOf = (sides: readonly Sides[]): readonly number[] => sides.map(({ ward }) => ward);
const metropolisOf = (sides: readonly Sides[]): readonly number[] => sides.map(({ metropolis }) => metropolis);

function withoutFlatCut(subject: Subject, afterForeign: Sides, rates: RatesForYear): PerIncomeLevy['beforeFlatCut'] {
  const credit = withheldCreditOf(subject, afterForeign, rates, null);
  const left = less(afterForeign, credit);
  return {
    perIncome: yen(roundDownTo(100, left.ward) + roundDownTo(100, left.metropolis)),
    withheldCredit: both(credit),
  };
}

const zeroSide: LevySide = {
  computed: zero,
  adjustmentCredit: zero,
  adjustmentMeasure: zero,
  dividendCredit: zero,
  housingLoanCredit: zero,
  donationBasic: zero,
  donationSpecial: zero,
  donationOneStop: zero,
  donationCredit: zero,
  foreignTaxCredit: zero,
  flatCut: zero,
  withheldLevyCredit: zero,
  perIncome: zero,
};
const noLevy: PerIncomeLevy = {
  sides: { ward: zeroSide, metropolis: zeroSide },
  beforeFlatCut: { perIncome: zero, withheldCredit: zero },
  donationSpecialRate: null,
  housingLoanLimit: zero,
};

/** 算出所得割額 @law 地方税法 第35条, 第314条の3, 附則第33条の2〜第35条の4 */
function computedOf({ input, bases, onlyAggregate }: Subject, rates: RatesForYear, trace: Trace | null): Sides {
  const { wardPerIncome, metropolisPerIncome } = rates.levy;
  const computed = onlyAggregate
    ? { ward: cutAt(bases.aggregate, wardPerIncome), metropolis: cutAt(bases.aggregate, metropolisPerIncome) }
    : {
        ward: exactSum(atOwnRates(bases, 'ward', wardPerIncome, rates), false),
        metropolis: exactSum(atOwnRates(bases, 'metropolis', metropolisPerIncome, rates), false),
      };
  if (trace !== null) {
    const inputs = input.incomes.other === null ? [bases.aggregate] : baseNames.map((name) => bases[name]);
    trace.step('ward-computed', '地方税法 第314条の3, 附則第33条の2〜第35条の4', computed.ward, inputs);
    trace.step('metropolis-computed', '地方税法 第35条, 附則第33条の2〜第35条の4', computed.metropolis, inputs);
  }
  return computed;
}

const separateBases = baseNames.filter(
  (name) => !['aggregate', 'forestry', 'retirement'].includes(name),
) as SeparateBase[];

/** Every base in its parts, each with its rate. */
function atOwnRates(
  bases: Bases,
  side: keyof Sides,
  general: Ratio,
  rates: RatesForYear,
): readonly (readonly [number, Ratio])[] {
  const parts: (readonly [number, Ratio])[] = [[bases.aggregate + bases.forestry + bases.retirement, general]];
  for (const name of separateBases) {
    const base = bases[name];
    if (base === 0) continue;
    let from = 0;
    for (const { upTo: end, value } of rates.separate.rates[name]) {
      const part = Math.min(base, end) - from;
      if (part > 0) parts.push([part, value[side]]);
      from = end;
    }
  }
  return parts;
}

/** 調整控除 @law 地方税法 第37条, 第314条の6 */
function adjustmentCreditOf(
  { settled, deducted, bases }: Subject,
  rates: RatesForYear,
  computed: Sides,
  trace: Trace | null,
): Sides {
  const { adjustmentCredit: rule } = rates;
  const difference = deducted.personalDifference;
  const taxable = bases.aggregate + bases.forestry + bases.retirement;
  const over = taxable - rule.threshold;
  const base =
    settled.amounts.totalIncome > rule.ownIncomeLimit
      ? zero
      : over <= 0
        ? lesser(taxable, difference)
        : yen(Math.max(difference - over, rule.minimum));
  const credit = within({ ward: cutAt(base, rule.ward), metropolis: cutAt(base, rule.metropolis) }, computed);
  if (trace !== null) {
    trace.step('adjustment-credit-base', '地方税法 第314条の6', base, [
      taxable,
      difference,
      settled.amounts.totalIncome,
    ]);
    trace.step('ward-adjustment-credit', '地方税法 第314条の6', credit.ward, [base, computed.ward]);
    trace.step('metropolis-adjustment-credit', '地方税法 第37条', credit.metropolis, [base, computed.metropolis]);
  }
  return credit;
}

/** 調整措置: what remains after the levy is not pushed below the exemption limit. @law 地方税法 附則第3条の3第2項・第5項 */
function adjustmentMeasureOf(
  { totalIncomeAfterLosses, exemption }: Subject,
  left: Sides,
  _rates: RatesForYear,
  trace: Trace | null,
): Sides {
  const levy = both(left);
  const gap = remaining(exemption.perIncomeLimit, totalIncomeAfterLosses - levy);
  if (gap === 0 && trace === null) return none;
  const measure = { ward: shareOf(gap, left.ward, levy), metropolis: shareOf(gap, left.metropolis, levy) };
  trace?.step('adjustment-measure', '地方税法 附則第3条の3第2項・第5項', gap, [
    exemption.perIncomeLimit,
    totalIncomeAfterLosses,
    levy,
  ]);
  trace?.step('ward-adjustment-measure', '地方税法 附則第3条の3第5項', measure.ward, [gap, left.ward, levy]);
  trace?.step('metropolis-adjustment-measure', '地方税法 附則第3条の3第2項', measure.metropolis, [
    gap,
    left.metropolis,
    levy,
  ]);
  return measure;
}

/** What one side bears of `amount`, a fraction of a yen raised, at most what it has. */
const shareOf = (amount: Yen, side: Yen, levy: Yen): Yen =>
  levy === 0 ? zero : lesser(raisedAt(amount, [side, levy]), side);

const dividendOrder: readonly DividendKind[] = ['foreignCurrencyTrust', 'securitiesTrust', 'profit'];

/**
 * 配当控除. What of the bases exceeds the threshold counts against the dividends: first those with the lowest rate.
 *
 * @law 地方税法 附則第5条; 所得税法 第92条第1項
 */
function dividendCreditOf({ settled, bases }: Subject, left: Sides, rates: RatesForYear, trace: Trace | null): Sides {
  if (settled.amounts.dividends === 0) return none;
  const rule = rates.separate.dividendCredit;
  let sumOfBases = 0;
  for (const name of baseNames) sumOfBases += bases[name];
  let over = Math.max(0, sumOfBases - rule.threshold);
  const ward: [number, Ratio][] = [];
  const metropolis: [number, Ratio][] = [];
  for (const kind of dividendOrder) {
    const amount = settled.other.creditable[kind];
    if (amount === 0) continue;
    const above = Math.min(over, amount);
    over -= above;
    const rate = rule.kinds[kind];
    ward.push([amount - above, rate.below.ward], [above, rate.above.ward]);
    metropolis.push([amount - above, rate.below.metropolis], [above, rate.above.metropolis]);
  }
  const credit = within({ ward: exactSum(ward, true), metropolis: exactSum(metropolis, true) }, left);
  if (trace !== null) {
    const inputs = [...dividendOrder.map((kind) => settled.other.creditable[kind]), sumOfBases];
    trace.step('ward-dividend-credit', '地方税法 附則第5条第3項', credit.ward, [...inputs, left.ward]);
    trace.step('metropolis-dividend-credit', '地方税法 附則第5条第1項', credit.metropolis, [
      ...inputs,
      left.metropolis,
    ]);
  }
  return credit;
}

const noHousing = { applied: none, limit: zero };

/** 住宅借入金等特別税額控除 @law 地方税法 附則第5条の4の2 */
function housingLoanCreditOf(
  subject: Subject,
  left: Sides,
  rates: RatesForYear,
  trace: Trace | null,
): { readonly applied: Sides; readonly limit: Yen } {
  const { housingLoan: loan } = subject.input;
  const { housingLoan: rule } = rates;
  if (loan === null || loan.incomeTaxBeforeCredit === 0 || loan.movedInYear < rule.firstYear) return noHousing;
  const notCredited = remaining(loan.creditable, loan.incomeTaxBeforeCredit);
  if (notCredited === 0) return noHousing;
  const kind = loan.specificAcquisition ? rule.specific : rule.ordinary;
  const adds =
    rule.addBack !== null && loan.movedInYear >= rule.addBack.fromYear && loan.movedInYear <= rule.addBack.untilYear;
  const addBack = adds ? Math.max(0, incomeTaxBasicOf(subject, rates) - (rule.addBack?.base ?? 0)) : 0;
  const limit = lesser(kind.cap, cutAt(loan.incomeTaxTaxable + addBack, kind.ratio));
  const credit = lesser(notCredited, limit);
  const applied = within({ ward: raisedAt(credit, rule.ward), metropolis: raisedAt(credit, rule.metropolis) }, left);
  if (trace !== null) {
    trace.step('housing-loan-credit', '地方税法 附則第5条の4の2', credit, [
      loan.creditable,
      loan.incomeTaxBeforeCredit,
      loan.incomeTaxTaxable,
      addBack,
      loan.specificAcquisition ? 1 : 0,
    ]);
    trace.step('ward-housing-loan-credit', '地方税法 附則第5条の4の2第5項', applied.ward, [credit, left.ward]);
    trace.step('metropolis-housing-loan-credit', '地方税法 附則第5条の4の2第1項', applied.metropolis, [
      credit,
      left.metropolis,
    ]);
  }
  return { applied, limit };
}

/** 外国税額控除: the metropolis first, up to its share of the limit of the income tax. @law 地方税法 第37条の3, 第314条の8 */
function foreignTaxCreditOf(
  { foreignTax }: AssessmentInput,
  left: Sides,
  rates: RatesForYear,
  trace: Trace | null,
): Sides {
  if (foreignTax === null) return none;
  const { uncredited, nationalLimit } = foreignTax;
  const share = rates.separate.foreignTax;
  const metropolis = lesser(uncredited, cutAt(nationalLimit, share.metropolis));
  const ward = lesser(uncredited - metropolis, cutAt(nationalLimit, share.ward));
  const credit = within({ ward, metropolis }, left);
  trace?.step('metropolis-foreign-tax-credit', '地方税法 第37条の3', credit.metropolis, [
    uncredited,
    nationalLimit,
    left.metropolis,
  ]);
  trace?.step('ward-foreign-tax-credit', '地方税法 第314条の8', credit.ward, [uncredited, nationalLimit, left.ward]);
  return credit;
}

/** 定額減税: the metropolis' share is rounded up, the ward takes the rest. @law 地方税法 附則第5条の8, 第5条の12 */
function flatCutOf({ input, settled }: Subject, left: Sides, rates: RatesForYear, trace: Trace | null): Sides {
  const { totalIncome } = settled.amounts;
  const levy = both(left);
  const total = lesser(flatCutByHeads(input, totalIncome, rates), levy);
  if (total === 0) return none;
  const metropolis = shareOf(total, left.metropolis, levy);
  const ward = lesser(total - metropolis, left.ward);
  if (trace !== null) {
    const law = '地方税法 附則第5条の8, 第5条の12';
    const spouseHere = isDependantSpouse(input, rates) && input.spouse?.abroad === false ? 1 : 0;
    const relatives = relativeCount(input) - input.dependants.abroad;
    trace.step('flat-cut', law, total, [spouseHere, relatives, totalIncome, levy]);
    trace.step('metropolis-flat-cut', law, metropolis, [total, left.metropolis, levy]);
    trace.step('ward-flat-cut', law, ward, [total, metropolis, left.ward]);
  }
  return { ward, metropolis };
}

/** 配当割額・株式等譲渡所得割額の控除 @law 地方税法 第37条の4, 第314条の9 */
function withheldCreditOf({ settled }: Subject, left: Sides, rates: RatesForYear, trace: Trace | null): Sides {
  const { levyWithheld } = settled.other;
  if (levyWithheld === 0) return none;
  const share = raisedAt(levyWithheld, rates.separate.withheldWardShare);
  const credit = within({ ward: share, metropolis: yen(levyWithheld - share) }, left);
  trace?.step('ward-withheld-credit', '地方税法 第314条の9', credit.ward, [levyWithheld, left.ward]);
  trace?.step('metropolis-withheld-credit', '地方税法 第37条の4', credit.metropolis, [levyWithheld, left.metropolis]);
  return credit;
}
