import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { upTo } from '@musubi/rates/resident-tax/shapes.ts';
import type { AssessmentInput } from './assessment-input.ts';
import type { DeductionAmounts } from './assessment-result.ts';
import { isDependantSpouse } from './exemption.ts';
import type { Settled } from './incomes.ts';
import { byBand, cutAt, lesser, remaining, totalOf } from './ratio.ts';
import type { StepId, Trace } from './trace.ts';

/** 所得控除 and the difference of the personal deductions to those of the income tax, which 調整控除 makes good. */
export interface Deducted {
  readonly amounts: DeductionAmounts;
  /** 人的控除額の差の合計 */
  readonly personalDifference: Yen;
}

/**
 * All deductions, and the sum of the personal differences.
 *
 * @param totalIncomeAfterLosses 総所得金額等, which casualty and medical costs are measured by
 * @law 地方税法 第34条, 第314条の2, 第314条の6, 附則第4条の5; 同法施行令 第48条の7の2
 */
export function deductionsOf(
  input: AssessmentInput,
  settled: Settled,
  totalIncomeAfterLosses: Yen,
  rates: RatesForYear,
  trace: Trace | null,
): Deducted {
  const { totalIncome } = settled.amounts;
  const { taxpayer, dependants: d, deductions: paid } = input;
  const { widow, singleParent, workingStudent, dependant } = rates.personal;

  const casualty = casualtyOf(input, totalIncomeAfterLosses, rates, trace);
  const medical = medicalOf(input, totalIncomeAfterLosses, rates, trace);
  const socialInsurance = totalOf(paid.socialInsurance);
  trace?.step('social-insurance', '地方税法 第314条の2第1項第3号', socialInsurance, paid.socialInsurance);
  const mutualAid = totalOf(paid.mutualAid);
  trace?.step('mutual-aid', '地方税法 第314条の2第1項第4号', mutualAid, paid.mutualAid);
  const lifeInsurance = lifeInsuranceOf(input, rates, trace);
  const earthquakeInsurance = earthquakeInsuranceOf(input, rates, trace);
  const disability = disabilityOf(input, rates, trace);

  const isWidow = taxpayer.widow && !taxpayer.singleParent && totalIncome <= widow.incomeLimit;
  const isSingleParent = taxpayer.singleParent && totalIncome <= singleParent.incomeLimit;
  const otherThanWork = taxpayer.workingStudent ? otherThanWorkOf(settled) : 0;
  const isWorkingStudent =
    taxpayer.workingStudent &&
    totalIncome <= workingStudent.incomeLimit &&
    otherThanWork <= workingStudent.otherIncomeLimit;
  const widowed = yen(isWidow ? widow.amount : 0);
  const single = yen(isSingleParent ? singleParent.amount : 0);
  const student = yen(isWorkingStudent ? workingStudent.amount : 0);

  const spouse = spouseCaseOf(input, totalIncome, rates);
  const dependants = yen(
    d.ordinary * dependant.ordinary +
      d.specified * dependant.specified +
      d.elderly * dependant.elderly +
      d.elderlyLivingTogether * dependant.elderlyLivingTogether,
  );
  const specificRelatives = specificRelativesOf(input, rates);
  const basic = yen(upTo(rates.basicDeduction, totalIncome));
  const total = yen(
    casualty +
      medical +
      socialInsurance +
      mutualAid +
      lifeInsurance +
      earthquakeInsurance +
      disability +
      widowed +
      single +
      student +
      spouse.spouse +
      spouse.special +
      dependants +
      specificRelatives +
      basic,
  );
  const personalDifference = personalDifferenceOf(
    input,
    { isWidow, isSingleParent, isWorkingStudent, ofSpouse: spouse.difference },
    totalIncome,
    rates,
    trace,
  );
  const amounts: DeductionAmounts = {
    casualty,
    medical,
    socialInsurance,
    mutualAid,
    lifeInsurance,
    earthquakeInsurance,
    disability,
    widow: widowed,
    singleParent: single,
    workingStudent: student,
    spouse: spouse.spouse,
    spouseSpecial: spouse.special,
    dependants,
    specificRelatives,
    basic,
    total,
  };
  if (trace !== null) {
    const facts = spouseFacts(input, totalIncome);
    trace.step('widow', '地方税法 第314条の2第1項第8号', widowed, [
      taxpayer.widow && !taxpayer.singleParent ? 1 : 0,
      totalIncome,
    ]);
    trace.step('single-parent', '地方税法 第314条の2第1項第8号の2', single, [
      taxpayer.singleParent ? 1 : 0,
      totalIncome,
    ]);
    trace.step('working-student', '地方税法 第314条の2第1項第9号', student, [
      taxpayer.workingStudent ? 1 : 0,
      totalIncome,
      otherThanWork,
    ]);
    trace.step('spouse', '地方税法 第314条の2第1項第10号', spouse.spouse, facts);
    trace.step('spouse-special', '地方税法 第314条の2第1項第10号の2', spouse.special, facts);
    trace.step('dependants', '地方税法 第314条の2第1項第11号・第4項', dependants, headsOf(input));
    trace.step('specific-relatives', '地方税法 第314条の2第1項第12号', specificRelatives, input.specificRelatives);
    trace.step('basic', '地方税法 第314条の2第2項', basic, [totalIncome]);
    trace.step('deductions-total', '地方税法 第314条の2', total, Object.values(amounts).slice(0, -1));
  }
  return { amounts, personalDifference };
}

const headsOf = ({ dependants: d }: AssessmentInput): readonly number[] => [
  d.ordinary,
  d.specified,
  d.elderly,
  d.elderlyLivingTogether,
];

function specificRelativesOf({ specificRelatives }: AssessmentInput, rates: RatesForYear): Yen {
  let total = 0;
  for (const income of specificRelatives) total += upTo(rates.specificRelative, income);
  return yen(total);
}

/** 合計所得金額 that is no income from one's own work. @law 地方税法 第292条第1項第12号 */
function otherThanWorkOf({ amounts, other }: Settled): number {
  const work =
    amounts.salary + Math.max(0, amounts.business) + amounts.declaredRetirement + Math.max(0, other.miscellaneousWork);
  return amounts.totalIncome - work;
}

/** 雑損控除 @law 地方税法 第314条の2第1項第1号 */
function casualtyOf({ deductions }: AssessmentInput, income: Yen, rates: RatesForYear, trace: Trace | null): Yen {
  const { casualty: given } = deductions;
  if (given === null) return yen(0);
  const rule = rates.care.casualty;
  const suffered = remaining(given.loss + given.disasterExpenses, given.reimbursed);
  const overIncome = suffered - cutAt(income, rule.incomeShare);
  const overFloor = Math.min(given.disasterExpenses, suffered) - rule.disasterFloor;
  const amount = remaining(Math.max(overIncome, overFloor), 0);
  trace?.step('casualty', '地方税法 第314条の2第1項第1号', amount, [
    given.loss,
    given.disasterExpenses,
    given.reimbursed,
    income,
  ]);
  return amount;
}

/** 医療費控除 @law 地方税法 第314条の2第1項第2号, 附則第4条の5 */
function medicalOf({ deductions }: AssessmentInput, income: Yen, rates: RatesForYear, trace: Trace | null): Yen {
  const { medical: given } = deductions;
  if (given === null) return yen(0);
  const self = given.kind === 'self-medication';
  const { medical, selfMedication } = rates.care;
  const own = remaining(given.paid, given.reimbursed);
  const floor = self ? selfMedication.floor : Math.min(medical.floor, cutAt(income, medical.incomeShare));
  const amount = lesser(remaining(own, floor), self ? selfMedication.most : medical.most);
  trace?.step('medical', '地方税法 第314条の2第1項第2号, 附則第4条の5', amount, [
    given.paid,
    given.reimbursed,
    income,
    self ? 1 : 0,
  ]);
  return amount;
}

/** 障害者控除 @law 地方税法 第314条の2第1項第6号・第3項 */
function disabilityOf({ taxpayer, dependants: d }: AssessmentInput, rates: RatesForYear, trace: Trace | null): Yen {
  const { disability } = rates.personal;
  const ordinary = d.disabled + (taxpayer.disability === 'ordinary' ? 1 : 0);
  const special = d.speciallyDisabled + (taxpayer.disability === 'special' ? 1 : 0);
  const together = d.speciallyDisabledLivingTogether;
  const amount = yen(
    ordinary * disability.ordinary + special * disability.special + together * disability.specialLivingTogether,
  );
  trace?.step('disability', '地方税法 第314条の2第1項第6号・第3項', amount, [ordinary, special, together]);
  return amount;
}

/** 人的控除額の差 @law 地方税法 第314条の6第1号イ; 同法施行令 第48条の7の2 */
function personalDifferenceOf(
  input: AssessmentInput,
  entitled: { isWidow: boolean; isSingleParent: boolean; isWorkingStudent: boolean; ofSpouse: number },
  totalIncome: Yen,
  rates: RatesForYear,
  trace: Trace | null,
): Yen {
  const { taxpayer, dependants: d } = input;
  const difference = rates.adjustmentCredit.difference;
  const ordinaryDisabled = d.disabled + (taxpayer.disability === 'ordinary' ? 1 : 0);
  const speciallyDisabled = d.speciallyDisabled + (taxpayer.disability === 'special' ? 1 : 0);
  const parent = taxpayer.sex === 'female' ? difference.singleMother : difference.singleFather;
  const amount = yen(
    difference.basic +
      ordinaryDisabled * difference.disability +
      speciallyDisabled * difference.specialDisability +
      d.speciallyDisabledLivingTogether * difference.specialDisabilityLivingTogether +
      (entitled.isWidow ? difference.widow : 0) +
      (entitled.isSingleParent ? parent : 0) +
      (entitled.isWorkingStudent ? difference.workingStudent : 0) +
      entitled.ofSpouse +
      d.ordinary * difference.dependant +
      d.specified * difference.specifiedDependant +
      d.elderly * difference.elderlyDependant +
      d.elderlyLivingTogether * difference.elderlyDependantLivingTogether,
  );
  trace?.step('personal-difference', '地方税法 第314条の6第1号イ, 同法施行令 第48条の7の2', amount, [
    ordinaryDisabled,
    speciallyDisabled,
    d.speciallyDisabledLivingTogether,
    entitled.isWidow ? 1 : 0,
    entitled.isSingleParent ? (taxpayer.sex === 'female' ? 1 : 2) : 0,
    entitled.isWorkingStudent ? 1 : 0,
    ...spouseFacts(input, totalIncome),
    ...headsOf(input),
  ]);
  return amount;
}

/** Old and new contracts of one category: the better of either alone and of both up to their common cap. */
function lifeCategory(id: StepId, newPremium: Yen, oldPremium: Yen, rates: RatesForYear, trace: Trace | null): Yen {
  const { insurance } = rates;
  if (newPremium === 0 && oldPremium === 0 && trace === null) return yen(0);
  const byNew = newPremium === 0 ? 0 : byBand(insurance.newLife, newPremium);
  const byOld = oldPremium === 0 ? 0 : byBand(insurance.oldLife, oldPremium);
  const amount = yen(Math.max(byNew, byOld, Math.min(byNew + byOld, insurance.lifeBothCap)));
  trace?.step(id, '地方税法 第314条の2第1項第5号', amount, [newPremium, oldPremium]);
  return amount;
}

function lifeInsuranceOf({ deductions: { life } }: AssessmentInput, rates: RatesForYear, trace: Trace | null): Yen {
  const general = lifeCategory('life-general', life.newGeneral, life.oldGeneral, rates, trace);
  const care = lifeCategory('life-care', life.newCare, yen(0), rates, trace);
  const pension = lifeCategory('life-pension', life.newPension, life.oldPension, rates, trace);
  const amount = lesser(general + care + pension, rates.insurance.lifeTotalCap);
  trace?.step('life-insurance', '地方税法 第314条の2第1項第5号', amount, [general, care, pension]);
  return amount;
}

/** A contract of both kinds is used as one of them: the choice that gives the highest deduction in all. */
function earthquakeInsuranceOf({ deductions }: AssessmentInput, rates: RatesForYear, trace: Trace | null): Yen {
  const { insurance } = rates;
  const { earthquake, oldLongTerm, bothKinds } = deductions.earthquake;
  if (earthquake === 0 && oldLongTerm === 0 && bothKinds.length === 0 && trace === null) return yen(0);
  let best = 0;
  for (let choice = 0; choice < 1 << bothKinds.length; choice++) {
    let quake: number = earthquake;
    let old: number = oldLongTerm;
    for (let i = 0; i < bothKinds.length; i++) {
      const contract = bothKinds[i] as (typeof bothKinds)[number];
      if (((choice >> i) & 1) === 0) quake += contract.earthquake;
      else old += contract.oldLongTerm;
    }
    const amount = byBand(insurance.earthquake, quake) + byBand(insurance.oldLongTerm, old);
    best = Math.max(best, Math.min(amount, insurance.earthquakeTotalCap));
  }
  trace?.step('earthquake-insurance', '地方税法 第314条の2第1項第5号の3', best, [
    earthquake,
    oldLongTerm,
    ...bothKinds.flatMap((contract) => [contract.earthquake, contract.oldLongTerm]),
  ]);
  return yen(best);
}

/** Present, total income, elderly, family employee, then the taxpayer's own total income. */
const spouseFacts = ({ spouse }: AssessmentInput, totalIncome: Yen): readonly number[] =>
  spouse === null
    ? [0, 0, 0, 0, totalIncome]
    : [1, spouse.totalIncome, spouse.elderly ? 1 : 0, spouse.familyEmployee ? 1 : 0, totalIncome];

const noSpouse = { spouse: yen(0), special: yen(0), difference: 0 };

/** 配偶者控除 or 配偶者特別控除, and the difference that goes with it; both fall in three steps of the taxpayer's income. */
function spouseCaseOf(
  input: AssessmentInput,
  totalIncome: Yen,
  rates: RatesForYear,
): { readonly spouse: Yen; readonly special: Yen; readonly difference: number } {
  const { spouse } = input;
  if (spouse === null || spouse.familyEmployee) return noSpouse;
  const [first, second, third] = rates.spouse.ownIncomeColumns;
  if (totalIncome > third) return noSpouse;
  const column = totalIncome <= first ? 0 : totalIncome <= second ? 1 : 2;
  const difference = rates.adjustmentCredit.difference;
  if (isDependantSpouse(input, rates)) {
    const amounts = spouse.elderly ? rates.spouse.elderlySpouse : rates.spouse.spouse;
    const gap = spouse.elderly ? difference.elderlySpouse : difference.spouse;
    return { spouse: yen(amounts[column]), special: yen(0), difference: gap[column] };
  }
  return {
    spouse: yen(0),
    special: yen(upTo(rates.spouse.special, spouse.totalIncome)[column]),
    difference: specialDifferenceOf(spouse.totalIncome, column, rates),
  };
}

/** 配偶者特別控除 differs from that of the income tax only for incomes below the last row. */
function specialDifferenceOf(spouseIncome: Yen, column: 0 | 1 | 2, rates: RatesForYear): number {
  for (const { below, value } of rates.adjustmentCredit.difference.spouseSpecial)
    if (spouseIncome < below) return value[column];
  return 0;
}
