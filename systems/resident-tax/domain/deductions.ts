import { roundDownTo, sum, type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { upTo } from '@musubi/rates/resident-tax/shapes.ts';
import type { AssessmentInput } from './assessment-input.ts';
import type { DeductionAmounts } from './assessment-result.ts';
import { isDependantSpouse } from './exemption.ts';
import { byBand, lesser } from './ratio.ts';
import type { StepId, Trace } from './trace.ts';

/** 所得控除 and the difference of the personal deductions to those of the income tax, which 調整控除 makes good. */
export interface Deducted {
  readonly amounts: DeductionAmounts;
  /** 人的控除額の差の合計 */
  readonly personalDifference: Yen;
}

/**
 * All deductions of a salary earner, and the sum of the personal differences.
 *
 * @law 地方税法 第34条, 第314条の2, 第314条の6; 同法施行令 第48条の7の2
 */
export function deductionsOf(input: AssessmentInput, totalIncome: Yen, rates: RatesForYear, trace: Trace): Deducted {
  const { version } = rates;
  const note = (id: StepId, law: string, amount: Yen, inputs: readonly number[]): Yen => {
    trace.step(id, version, law, amount, inputs);
    return amount;
  };
  const { taxpayer, dependants: d, deductions: paid } = input;
  const { disability, widow, singleParent, workingStudent, dependant } = rates.personal;

  const socialInsurance = note(
    'social-insurance',
    '地方税法 第314条の2第1項第3号',
    sum(paid.socialInsurance),
    paid.socialInsurance,
  );
  const mutualAid = note('mutual-aid', '地方税法 第314条の2第1項第4号', sum(paid.mutualAid), paid.mutualAid);
  const lifeInsurance = lifeInsuranceOf(input, rates, trace);
  const earthquakeInsurance = earthquakeInsuranceOf(input, rates, trace);

  const ordinaryDisabled = d.disabled + (taxpayer.disability === 'ordinary' ? 1 : 0);
  const speciallyDisabled = d.speciallyDisabled + (taxpayer.disability === 'special' ? 1 : 0);
  const disabled = note(
    'disability',
    '地方税法 第314条の2第1項第6号',
    yen(
      ordinaryDisabled * disability.ordinary +
        speciallyDisabled * disability.special +
        d.speciallyDisabledLivingTogether * disability.specialLivingTogether,
    ),
    [ordinaryDisabled, speciallyDisabled, d.speciallyDisabledLivingTogether],
  );

  const isWidow = taxpayer.widow && !taxpayer.singleParent && totalIncome <= widow.incomeLimit;
  const isSingleParent = taxpayer.singleParent && totalIncome <= singleParent.incomeLimit;
  const isWorkingStudent = taxpayer.workingStudent && totalIncome <= workingStudent.incomeLimit;
  const widowed = note('widow', '地方税法 第314条の2第1項第8号', yen(isWidow ? widow.amount : 0), [
    taxpayer.widow && !taxpayer.singleParent ? 1 : 0,
    totalIncome,
  ]);
  const single = note(
    'single-parent',
    '地方税法 第314条の2第1項第8号の2',
    yen(isSingleParent ? singleParent.amount : 0),
    [taxpayer.singleParent ? 1 : 0, totalIncome],
  );
  const student = note(
    'working-student',
    '地方税法 第314条の2第1項第9号',
    yen(isWorkingStudent ? workingStudent.amount : 0),
    [taxpayer.workingStudent ? 1 : 0, totalIncome],
  );

  const spouseCase = spouseCaseOf(input, totalIncome, rates);
  const spouse = note('spouse', '地方税法 第314条の2第1項第10号', spouseCase.spouse, spouseFacts(input, totalIncome));
  const spouseSpecial = note(
    'spouse-special',
    '地方税法 第314条の2第1項第10号の2',
    spouseCase.special,
    spouseFacts(input, totalIncome),
  );
  const heads = [d.ordinary, d.specified, d.elderly, d.elderlyLivingTogether] as const;
  const dependants = note(
    'dependants',
    '地方税法 第314条の2第1項第11号・第4項',
    yen(
      heads[0] * dependant.ordinary +
        heads[1] * dependant.specified +
        heads[2] * dependant.elderly +
        heads[3] * dependant.elderlyLivingTogether,
    ),
    heads,
  );
  const specificRelatives = note(
    'specific-relatives',
    '地方税法 第314条の2第1項第12号',
    sum(input.specificRelatives.map((income) => upTo(rates.specificRelative, income))),
    input.specificRelatives,
  );
  const basic = note('basic', '地方税法 第314条の2第2項', yen(upTo(rates.basicDeduction, totalIncome)), [totalIncome]);

  const parts = [
    socialInsurance,
    mutualAid,
    lifeInsurance,
    earthquakeInsurance,
    disabled,
    widowed,
    single,
    student,
    spouse,
    spouseSpecial,
    dependants,
    specificRelatives,
    basic,
  ];
  const total = note('deductions-total', '地方税法 第314条の2', sum(parts), parts);

  const difference = rates.adjustmentCredit.difference;
  const singleDifference = taxpayer.sex === 'female' ? difference.singleMother : difference.singleFather;
  const personalDifference = note(
    'personal-difference',
    '地方税法 第314条の6第1号イ, 同法施行令 第48条の7の2',
    yen(
      difference.basic +
        ordinaryDisabled * difference.disability +
        speciallyDisabled * difference.specialDisability +
        d.speciallyDisabledLivingTogether * difference.specialDisabilityLivingTogether +
        (isWidow ? difference.widow : 0) +
        (isSingleParent ? singleDifference : 0) +
        (isWorkingStudent ? difference.workingStudent : 0) +
        spouseCase.difference +
        heads[0] * difference.dependant +
        heads[1] * difference.specifiedDependant +
        heads[2] * difference.elderlyDependant +
        heads[3] * difference.elderlyDependantLivingTogether,
    ),
    [
      ordinaryDisabled,
      speciallyDisabled,
      d.speciallyDisabledLivingTogether,
      isWidow ? 1 : 0,
      isSingleParent ? (taxpayer.sex === 'female' ? 1 : 2) : 0,
      isWorkingStudent ? 1 : 0,
      ...spouseFacts(input, totalIncome),
      ...heads,
    ],
  );
  return {
    amounts: {
      socialInsurance,
      mutualAid,
      lifeInsurance,
      earthquakeInsurance,
      disability: disabled,
      widow: widowed,
      singleParent: single,
      workingStudent: student,
      spouse,
      spouseSpecial,
      dependants,
      specificRelatives,
      basic,
      total,
    },
    personalDifference,
  };
}

/** The base of the per income levy, cut to 1,000 yen. @law 地方税法 第20条の4の2第1項 */
export function taxableIncomeOf(totalIncome: Yen, deductions: Yen, rates: RatesForYear, trace: Trace): Yen {
  const base = roundDownTo(1_000, Math.max(0, totalIncome - deductions));
  trace.step('taxable-income', rates.version, '地方税法 第20条の4の2第1項', base, [totalIncome, deductions]);
  return base;
}

/** Old and new contracts of one category: the better of either alone and of both up to their common cap. */
function lifeInsuranceOf({ deductions: { life } }: AssessmentInput, rates: RatesForYear, trace: Trace): Yen {
  const { version, insurance } = rates;
  const law = '地方税法 第314条の2第1項第5号';
  const category = (id: StepId, newPremium: Yen, oldPremium: Yen): Yen => {
    const byNew = byBand(insurance.newLife, newPremium);
    const byOld = byBand(insurance.oldLife, oldPremium);
    const amount = yen(Math.max(byNew, byOld, Math.min(byNew + byOld, insurance.lifeBothCap)));
    trace.step(id, version, law, amount, [newPremium, oldPremium]);
    return amount;
  };
  const general = category('life-general', life.newGeneral, life.oldGeneral);
  const care = category('life-care', life.newCare, yen(0));
  const pension = category('life-pension', life.newPension, life.oldPension);
  const amount = lesser(general + care + pension, insurance.lifeTotalCap);
  trace.step('life-insurance', version, law, amount, [general, care, pension]);
  return amount;
}

function earthquakeInsuranceOf({ deductions }: AssessmentInput, rates: RatesForYear, trace: Trace): Yen {
  const { insurance, version } = rates;
  const { earthquake, oldLongTerm } = deductions.earthquake;
  const both = byBand(insurance.earthquake, earthquake) + byBand(insurance.oldLongTerm, oldLongTerm);
  const amount = lesser(both, insurance.earthquakeTotalCap);
  trace.step('earthquake-insurance', version, '地方税法 第314条の2第1項第5号の3', amount, [earthquake, oldLongTerm]);
  return amount;
}

/** Present, total income, elderly, family employee, then the taxpayer's own total income. */
const spouseFacts = ({ spouse }: AssessmentInput, totalIncome: Yen): readonly number[] =>
  spouse === null
    ? [0, 0, 0, 0, totalIncome]
    : [1, spouse.totalIncome, spouse.elderly ? 1 : 0, spouse.familyEmployee ? 1 : 0, totalIncome];

/** 配偶者控除 or 配偶者特別控除, and the difference that goes with it; both fall in three steps of the taxpayer's income. */
function spouseCaseOf(
  input: AssessmentInput,
  totalIncome: Yen,
  rates: RatesForYear,
): { readonly spouse: Yen; readonly special: Yen; readonly difference: number } {
  const none = { spouse: yen(0), special: yen(0), difference: 0 };
  const { spouse } = input;
  if (spouse === null || spouse.familyEmployee) return none;
  const column = rates.spouse.ownIncomeColumns.findIndex((limit) => totalIncome <= limit) as -1 | 0 | 1 | 2;
  if (column === -1) return none;
  const difference = rates.adjustmentCredit.difference;
  if (isDependantSpouse(input, rates)) {
    const amounts = spouse.elderly ? rates.spouse.elderlySpouse : rates.spouse.spouse;
    const gap = spouse.elderly ? difference.elderlySpouse : difference.spouse;
    return { spouse: yen(amounts[column]), special: yen(0), difference: gap[column] };
  }
  const gap = difference.spouseSpecial.find((row) => spouse.totalIncome < row.below);
  return {
    spouse: yen(0),
    special: yen(upTo(rates.spouse.special, spouse.totalIncome)[column]),
    difference: gap?.value[column] ?? 0,
  };
}
