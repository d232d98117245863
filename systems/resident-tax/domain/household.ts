import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { Dependants, Disability, Spouse, Taxpayer } from './assessment-input.ts';
import { pensionAdjustmentOf, pensionIncomeOf } from './incomes.ts';
import { byBand, dayNumber } from './ratio.ts';

/** A person who shares the taxpayer's livelihood (生計を一にする); amounts of the income year. */
export interface Member {
  readonly bornOn: Temporal.PlainDate;
  readonly diedOn: Temporal.PlainDate | null;
  readonly salaryRevenue: Yen;
  readonly pensionRevenue: Yen;
  /** 合計所得金額 of all other income. */
  readonly otherIncome: Yen;
  readonly disability: Disability;
  readonly livingTogether: boolean;
  readonly abroad: boolean;
  readonly familyEmployee: boolean;
}
export interface Relative extends Member {
  readonly relation: 'child' | 'parent' | 'grandparent' | 'grandchild' | 'sibling' | 'other';
  readonly studyingAbroad: boolean;
  /** Yen sent to a relative abroad in the income year. */
  readonly remittance: Yen;
  /** Another taxpayer's dependant. */
  readonly claimedByOther: boolean;
}
export interface Family {
  readonly sex: 'male' | 'female';
  readonly maritalStatus: 'neverMarried' | 'married' | 'divorced' | 'bereaved' | 'spouseMissing';
  readonly deFactoSpouse: boolean;
  readonly spouse: Member | null;
  readonly relatives: readonly Relative[];
}

/** What an assessment knows of the family: heads by kind, and the claims that follow from marriage and children. */
export interface Household extends Pick<Taxpayer, 'widow' | 'singleParent'> {
  readonly spouse: Spouse | null;
  readonly dependants: Dependants;
  readonly specificRelatives: readonly Yen[];
}

/** Nobody at all. */
export const noDependants: Dependants = {
  ordinary: 0,
  specified: 0,
  elderly: 0,
  elderlyLivingTogether: 0,
  underSixteen: 0,
  abroad: 0,
  disabled: 0,
  speciallyDisabled: 0,
  speciallyDisabledLivingTogether: 0,
  underTwentyThree: 0,
  adjustmentOnly: false,
};

/** Money sent that makes a relative of 30 to 69 years abroad a dependant nevertheless. @law 地方税法 第314条の2第1項第11号 */
const remittanceEnough = 380_000;

/**
 * The family as of 31 December of the income year, or of the day of death where that is earlier.
 *
 * @law 地方税法 第292条第1項第7号〜第12号, 第295条第3項, 第314条の2第1項第6号〜第12号; 年齢計算ニ関スル法律
 */
export function householdOf(family: Family, rates: RatesForYear): Household {
  const incomeYear = rates.fiscalYear - 1;
  const dependants: { -readonly [K in keyof Dependants]: Dependants[K] } = { ...noDependants };
  const countDisability = ({ disability, livingTogether }: Member): void => {
    if (disability === 'ordinary') dependants.disabled++;
    else if (disability === 'special' && livingTogether) dependants.speciallyDisabledLivingTogether++;
    else if (disability === 'special') dependants.speciallyDisabled++;
  };

  let spouse: Spouse | null = null;
  if (family.spouse !== null && counted(family.spouse, incomeYear)) {
    const totalIncome = totalIncomeOf(family.spouse, rates);
    spouse = {
      totalIncome,
      elderly: ageOf(family.spouse, incomeYear) >= 70,
      abroad: family.spouse.abroad,
      familyEmployee: family.spouse.familyEmployee,
    };
    if (!spouse.familyEmployee && totalIncome <= rates.dependantIncomeLimit) countDisability(family.spouse);
  }

  const specificRelatives: Yen[] = [];
  let anyDependant = false;
  let ownChild = false;
  for (const relative of family.relatives) {
    if (!counted(relative, incomeYear)) continue;
    const age = ageOf(relative, incomeYear);
    const totalIncome = totalIncomeOf(relative, rates);
    const within = totalIncome <= rates.dependantIncomeLimit;
    if (relative.claimedByOther) {
      if (within && !relative.familyEmployee && (age < 23 || relative.disability === 'special'))
        dependants.adjustmentOnly = true;
      continue;
    }
    if (within && relative.relation === 'child') ownChild = true;
    if (relative.familyEmployee) continue;
    if (!within) {
      if (age >= 19 && age <= 22) specificRelatives.push(totalIncome);
      continue;
    }
    anyDependant = true;
    countDisability(relative);
    if (leftOutAbroad(relative, age)) continue;
    if (age < 16) dependants.underSixteen++;
    else if (age >= 70)
      dependants[
        relative.livingTogether && (relative.relation === 'parent' || relative.relation === 'grandparent')
          ? 'elderlyLivingTogether'
          : 'elderly'
      ]++;
    else dependants[age >= 19 && age <= 22 ? 'specified' : 'ordinary']++;
    if (relative.abroad) dependants.abroad++;
    if (age < 23) dependants.underTwentyThree++;
  }

  const unmarried = family.maritalStatus !== 'married' && !family.deFactoSpouse;
  const singleParent = unmarried && ownChild;
  const lostSpouse =
    family.maritalStatus === 'bereaved' ||
    family.maritalStatus === 'spouseMissing' ||
    (family.maritalStatus === 'divorced' && anyDependant);
  return {
    spouse,
    dependants,
    specificRelatives,
    singleParent,
    widow: family.sex === 'female' && unmarried && !singleParent && lostSpouse,
  };
}

/** Born by the end of the income year, and not dead before it began. */
const counted = ({ bornOn, diedOn }: Member, incomeYear: number): boolean =>
  bornOn.year <= incomeYear && (diedOn === null || diedOn.year >= incomeYear);

/** Age reached at the end of the day before the birthday: on the day after the judged one, counted by the calendar. */
function ageOf({ bornOn, diedOn }: Member, incomeYear: number): number {
  const judged =
    diedOn !== null && diedOn.year === incomeYear
      ? dayNumber(diedOn.add({ days: 1 }))
      : (incomeYear + 1) * 10_000 + 101;
  return Math.floor((judged - dayNumber(bornOn)) / 10_000);
}

/** 国外居住親族: from 令和6年度 those of 30 to 69 years count only as students, when disabled, or when enough was sent. */
const leftOutAbroad = (relative: Relative, age: number): boolean =>
  relative.abroad &&
  age >= 30 &&
  age <= 69 &&
  !relative.studyingAbroad &&
  relative.disability === 'none' &&
  relative.remittance < remittanceEnough;

function totalIncomeOf(member: Member, rates: RatesForYear): Yen {
  const salary = byBand(rates.salaryIncome, member.salaryRevenue);
  const pension =
    member.pensionRevenue === 0
      ? yen(0)
      : pensionIncomeOf(
          member.pensionRevenue,
          salary + member.otherIncome,
          ageOf(member, rates.fiscalYear - 1) >= 65,
          rates,
        );
  return yen(salary + pension - pensionAdjustmentOf(salary, pension) + member.otherIncome);
}
