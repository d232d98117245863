import { atRate, atRateRoundedUp, roundDownTo, type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { type Ratio, upTo } from '@musubi/rates/resident-tax/shapes.ts';
import type { AssessmentInput } from './assessment-input.ts';
import type { AssessmentResult, Exemption, LevySide, Warning } from './assessment-result.ts';
import type { Deducted } from './deductions.ts';
import { isDependantSpouse, relativeCount } from './exemption.ts';
import { atRatesUp, lesser, remaining } from './ratio.ts';
import type { Trace } from './trace.ts';

interface Sides {
  readonly ward: Yen;
  readonly metropolis: Yen;
}
const none: Sides = { ward: yen(0), metropolis: yen(0) };
const both = (sides: Sides): Yen => yen(sides.ward + sides.metropolis);
/** A credit never takes more than what is left of its side. */
const within = (credit: Sides, left: Sides): Sides => ({
  ward: lesser(credit.ward, left.ward),
  metropolis: lesser(credit.metropolis, left.metropolis),
});
const less = (left: Sides, credit: Sides): Sides => ({
  ward: remaining(left.ward, credit.ward),
  metropolis: remaining(left.metropolis, credit.metropolis),
});

export interface Subject {
  readonly input: AssessmentInput;
  readonly incomes: AssessmentResult['incomes'];
  readonly deducted: Deducted;
  readonly exemption: Exemption;
  /** 課税総所得金額, cut to 1,000 yen. */
  readonly taxable: Yen;
}

/**
 * 所得割: the base at the rates, then the credits in the order of the law, each from what the one before left.
 * Further credits (配当, 外国税額, 配当割額等) take their place in this sequence.
 *
 * @law 地方税法 第35条〜第37条の4, 第314条の3〜第314条の9, 附則第3条の3, 第5条〜第5条の8, 第7条の2, 第20条の4の2第3項
 */
export function perIncomeLevyOf(
  subject: Subject,
  rates: RatesForYear,
  trace: Trace,
): { readonly ward: LevySide; readonly metropolis: LevySide } {
  const { version, levy } = rates;
  const due =
    subject.exemption.notTaxable === null &&
    subject.input.taxpayer.kind === 'resident' &&
    !subject.exemption.perIncomeExempt;
  if (!due) return { ward: zeroSide, metropolis: zeroSide };

  const computed = {
    ward: atRate(subject.taxable, levy.wardPerIncome),
    metropolis: atRate(subject.taxable, levy.metropolisPerIncome),
  };
  trace.step('ward-computed', version, '地方税法 第314条の3第1項', computed.ward, [subject.taxable]);
  trace.step('metropolis-computed', version, '地方税法 第35条第1項', computed.metropolis, [subject.taxable]);

  const adjustment = within(adjustmentCreditOf(subject, rates, computed, trace), computed);
  const afterAdjustment = less(computed, adjustment);
  const measure = adjustmentMeasureOf(subject, afterAdjustment, rates, trace);
  const afterMeasure = less(afterAdjustment, measure);
  const housing = housingLoanCreditOf(subject, afterMeasure, rates, trace);
  const afterHousing = less(afterMeasure, housing);
  const donation = donationCreditOf(subject, afterMeasure, afterHousing, rates, trace);
  const afterDonation = less(afterHousing, donation.applied);
  const cut = flatCutOf(subject, afterDonation, rates, trace);
  const last = less(afterDonation, cut);

  const ward = roundDownTo(100, last.ward);
  const metropolis = roundDownTo(100, last.metropolis);
  const law = '地方税法 第20条の4の2第3項';
  trace.step('ward-per-income', version, law, ward, [
    computed.ward,
    adjustment.ward,
    measure.ward,
    housing.ward,
    donation.applied.ward,
    cut.ward,
  ]);
  trace.step('metropolis-per-income', version, law, metropolis, [
    computed.metropolis,
    adjustment.metropolis,
    measure.metropolis,
    housing.metropolis,
    donation.applied.metropolis,
    cut.metropolis,
  ]);
  const side = (name: keyof Sides, perIncome: Yen): LevySide => ({
    computed: computed[name],
    adjustmentCredit: adjustment[name],
    adjustmentMeasure: measure[name],
    housingLoanCredit: housing[name],
    donationBasic: donation.basic[name],
    donationSpecial: donation.special[name],
    donationOneStop: donation.oneStop[name],
    donationCredit: donation.applied[name],
    flatCut: cut[name],
    perIncome,
  });
  return { ward: side('ward', ward), metropolis: side('metropolis', metropolis) };
}

const zero = yen(0);
const zeroSide: LevySide = {
  computed: zero,
  adjustmentCredit: zero,
  adjustmentMeasure: zero,
  housingLoanCredit: zero,
  donationBasic: zero,
  donationSpecial: zero,
  donationOneStop: zero,
  donationCredit: zero,
  flatCut: zero,
  perIncome: zero,
};

/** 調整控除 @law 地方税法 第37条, 第314条の6 */
function adjustmentCreditOf(
  { incomes, deducted, taxable }: Subject,
  rates: RatesForYear,
  computed: Sides,
  trace: Trace,
): Sides {
  const { version, adjustmentCredit: rule } = rates;
  const difference = deducted.personalDifference;
  const over = taxable - rule.threshold;
  const base =
    incomes.totalIncome > rule.ownIncomeLimit
      ? yen(0)
      : over <= 0
        ? lesser(taxable, difference)
        : yen(Math.max(difference - over, rule.minimum));
  trace.step('adjustment-credit-base', version, '地方税法 第314条の6', base, [
    taxable,
    difference,
    incomes.totalIncome,
  ]);
  const credit = within({ ward: atRate(base, rule.ward), metropolis: atRate(base, rule.metropolis) }, computed);
  trace.step('ward-adjustment-credit', version, '地方税法 第314条の6', credit.ward, [base, computed.ward]);
  trace.step('metropolis-adjustment-credit', version, '地方税法 第37条', credit.metropolis, [
    base,
    computed.metropolis,
  ]);
  return credit;
}

/** 調整措置: what remains after the levy is not pushed below the exemption limit. @law 地方税法 附則第3条の3第2項・第5項 */
function adjustmentMeasureOf({ incomes, exemption }: Subject, left: Sides, rates: RatesForYear, trace: Trace): Sides {
  const { version } = rates;
  const levy = both(left);
  const gap = remaining(exemption.perIncomeLimit, incomes.totalIncomeAfterLosses - levy);
  trace.step('adjustment-measure', version, '地方税法 附則第3条の3第2項・第5項', gap, [
    exemption.perIncomeLimit,
    incomes.totalIncomeAfterLosses,
    levy,
  ]);
  const share = (side: Yen): Yen => (levy === 0 ? yen(0) : lesser(atRateRoundedUp(gap, [side, levy]), side));
  const measure = { ward: share(left.ward), metropolis: share(left.metropolis) };
  trace.step('ward-adjustment-measure', version, '地方税法 附則第3条の3第5項', measure.ward, [gap, left.ward, levy]);
  trace.step('metropolis-adjustment-measure', version, '地方税法 附則第3条の3第2項', measure.metropolis, [
    gap,
    left.metropolis,
    levy,
  ]);
  return measure;
}

/** 所得税の基礎控除 as a document states it, else by the table of the year. */
function incomeTaxBasicOf({ input, incomes }: Subject, rates: RatesForYear): number {
  if (input.incomeTaxBasicDeduction !== null) return input.incomeTaxBasicDeduction;
  return rates.incomeTaxBasicDeduction === null ? 0 : upTo(rates.incomeTaxBasicDeduction, incomes.totalIncome);
}

/** 住宅借入金等特別税額控除 @law 地方税法 附則第5条の4の2 */
function housingLoanCreditOf(subject: Subject, left: Sides, rates: RatesForYear, trace: Trace): Sides {
  const { housingLoan: loan } = subject.input;
  const { version, housingLoan: rule } = rates;
  if (loan === null || loan.incomeTaxBeforeCredit === 0 || loan.movedInYear < rule.firstYear) return none;
  const kind = loan.specificAcquisition ? rule.specific : rule.ordinary;
  const adds =
    rule.addBack !== null && loan.movedInYear >= rule.addBack.fromYear && loan.movedInYear <= rule.addBack.untilYear;
  const addBack = adds ? Math.max(0, incomeTaxBasicOf(subject, rates) - (rule.addBack?.base ?? 0)) : 0;
  const limit = lesser(kind.cap, atRate(yen(loan.incomeTaxTaxable + addBack), kind.ratio));
  const credit = lesser(remaining(loan.creditable, loan.incomeTaxBeforeCredit), limit);
  trace.step('housing-loan-credit', version, '地方税法 附則第5条の4の2', credit, [
    loan.creditable,
    loan.incomeTaxBeforeCredit,
    loan.incomeTaxTaxable,
    addBack,
    loan.specificAcquisition ? 1 : 0,
  ]);
  const sides = within(
    { ward: atRateRoundedUp(credit, rule.ward), metropolis: atRateRoundedUp(credit, rule.metropolis) },
    left,
  );
  trace.step('ward-housing-loan-credit', version, '地方税法 附則第5条の4の2第5項', sides.ward, [credit, left.ward]);
  trace.step('metropolis-housing-loan-credit', version, '地方税法 附則第5条の4の2第1項', sides.metropolis, [
    credit,
    left.metropolis,
  ]);
  return sides;
}

/** Gifts that count: those of a return, or without one those of 申告特例 to at most five recipients. */
function countedDonations(input: AssessmentInput, rates: RatesForYear): AssessmentInput['donations'] {
  if (input.returnFiled) return input.donations;
  const oneStop = input.donations.filter((gift) => gift.oneStop);
  return recipientsOf(oneStop) > rates.donation.oneStopRecipients ? [] : oneStop;
}

const recipientsOf = (gifts: AssessmentInput['donations']): number => new Set(gifts.map((gift) => gift.recipient)).size;

/** What the ward must tell the person about gifts that did not count. @law 地方税法 附則第7条の2第11項・第12項 */
export function donationWarnings(input: AssessmentInput, rates: RatesForYear): readonly Warning[] {
  if (input.donations.length === 0) return [];
  const oneStop = input.donations.filter((gift) => gift.oneStop);
  if (input.returnFiled) return oneStop.length > 0 ? ['one-stop-void-by-return'] : [];
  const warnings: Warning[] = [];
  if (oneStop.length < input.donations.length) warnings.push('gift-not-declared');
  if (recipientsOf(oneStop) > rates.donation.oneStopRecipients) warnings.push('one-stop-over-five-recipients');
  return warnings;
}

interface DonationCredits {
  readonly basic: Sides;
  readonly special: Sides;
  readonly oneStop: Sides;
  readonly applied: Sides;
}
const noDonation: DonationCredits = { basic: none, special: none, oneStop: none, applied: none };

/** 寄附金税額控除 and 申告特例控除; `capBase` is the levy after 調整控除 and 調整措置. @law 地方税法 第37条の2, 第314条の7, 附則第7条の2 */
function donationCreditOf(
  subject: Subject,
  capBase: Sides,
  left: Sides,
  rates: RatesForYear,
  trace: Trace,
): DonationCredits {
  const { input, incomes, deducted, taxable } = subject;
  if (input.donations.length === 0) return noDonation;
  const gifts = countedDonations(input, rates);
  const { version, donation: rule } = rates;
  const amountOf = (...kinds: readonly string[]): number =>
    gifts.reduce((total, gift) => (kinds.includes(gift.kind) ? total + gift.amount : total), 0);
  const wardGifts = amountOf('hometown', 'both-sides', 'ward');
  const metropolisGifts = amountOf('hometown', 'both-sides', 'metropolis');
  const hometown = amountOf('hometown');

  const cap = atRate(incomes.totalIncomeAfterLosses, rule.incomeShare);
  const basicOf = (given: number, rate: Ratio): Yen =>
    atRateRoundedUp(remaining(Math.min(given, cap), rule.floor), rate);
  const basic = { ward: basicOf(wardGifts, rule.ward), metropolis: basicOf(metropolisGifts, rule.metropolis) };
  trace.step('ward-donation-basic', version, '地方税法 第314条の7第1項', basic.ward, [
    wardGifts,
    incomes.totalIncomeAfterLosses,
  ]);
  trace.step('metropolis-donation-basic', version, '地方税法 第37条の2第1項', basic.metropolis, [
    metropolisGifts,
    incomes.totalIncomeAfterLosses,
  ]);

  const addBack = rule.basicOver === null ? 0 : Math.max(0, incomeTaxBasicOf(subject, rates) - rule.basicOver);
  const bracketIncome = taxable - deducted.personalDifference - addBack;
  const bracket = taxable > 0 && bracketIncome >= 0 ? upTo(rule.special, bracketIncome) : null;
  const share = bracket?.share ?? rule.without;
  const specialOf = (split: Ratio, levy: Yen): Yen =>
    lesser(atRatesUp(remaining(hometown, rule.floor), share, split), atRateRoundedUp(levy, rule.levyCap));
  const special = {
    ward: specialOf(rule.wardShare, capBase.ward),
    metropolis: specialOf(rule.metropolisShare, capBase.metropolis),
  };
  const specialInputs = [hometown, taxable, deducted.personalDifference, addBack];
  trace.step('ward-donation-special', version, '地方税法 第314条の7第11項', special.ward, [
    ...specialInputs,
    capBase.ward,
  ]);
  trace.step('metropolis-donation-special', version, '地方税法 第37条の2第11項', special.metropolis, [
    ...specialInputs,
    capBase.metropolis,
  ]);

  const byOneStop = !input.returnFiled && bracket !== null;
  const extra = bracket?.oneStop ?? ([0, 1] as const);
  const oneStop = byOneStop
    ? { ward: atRateRoundedUp(special.ward, extra), metropolis: atRateRoundedUp(special.metropolis, extra) }
    : none;
  const oneStopInputs = [input.returnFiled ? 1 : 0, taxable, deducted.personalDifference, addBack];
  trace.step('ward-donation-one-stop', version, '地方税法 附則第7条の2第4項', oneStop.ward, [
    special.ward,
    ...oneStopInputs,
  ]);
  trace.step('metropolis-donation-one-stop', version, '地方税法 附則第7条の2第1項', oneStop.metropolis, [
    special.metropolis,
    ...oneStopInputs,
  ]);

  const applied = within(
    {
      ward: yen(basic.ward + special.ward + oneStop.ward),
      metropolis: yen(basic.metropolis + special.metropolis + oneStop.metropolis),
    },
    left,
  );
  trace.step('ward-donation-credit', version, '地方税法 第314条の7', applied.ward, [
    basic.ward,
    special.ward,
    oneStop.ward,
    left.ward,
  ]);
  trace.step('metropolis-donation-credit', version, '地方税法 第37条の2', applied.metropolis, [
    basic.metropolis,
    special.metropolis,
    oneStop.metropolis,
    left.metropolis,
  ]);
  return { basic, special, oneStop, applied };
}

/** 定額減税: the metropolis' share is rounded up, the ward takes the rest. @law 地方税法 附則第5条の8, 第5条の12 */
function flatCutOf({ input, incomes }: Subject, left: Sides, rates: RatesForYear, trace: Trace): Sides {
  const rule = rates.flatCut;
  const levy = both(left);
  if (rule === null || incomes.totalIncome > rule.ownIncomeLimit || levy === 0) return none;
  const spouseHere = isDependantSpouse(input, rates) && input.spouse?.abroad === false ? 1 : 0;
  const spouseWithin = incomes.totalIncome <= rule.spouseOwnIncomeLimit;
  const relatives = relativeCount(input) - input.dependants.abroad;
  const heads =
    rule.heads === 'household' ? 1 + (spouseWithin ? spouseHere : 0) + relatives : spouseWithin ? 0 : spouseHere;
  const total = lesser(heads * rule.perHead, levy);
  trace.step('flat-cut', rates.version, '地方税法 附則第5条の8', total, [
    spouseHere,
    relatives,
    incomes.totalIncome,
    levy,
  ]);
  const metropolis = lesser(atRateRoundedUp(total, [left.metropolis, levy]), left.metropolis);
  const ward = lesser(total - metropolis, left.ward);
  trace.step('metropolis-flat-cut', rates.version, '地方税法 附則第5条の8', metropolis, [total, left.metropolis, levy]);
  trace.step('ward-flat-cut', rates.version, '地方税法 附則第5条の8', ward, [total, metropolis, left.ward]);
  return { ward, metropolis };
}
