import { legalAgeOn } from '@musubi/kernel/calendar/age.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

export type Insurer = 'employee-dependent' | 'employee-own' | 'national-health' | 'public-assistance';

export interface Household {
  readonly appliedOn: Temporal.PlainDate;
  readonly patientBornOn: Temporal.PlainDate;
  readonly applicantIsPatient: boolean;
  readonly insurer: Insurer;
  /** Further insured persons of the same 国民健康保険 in the household, without the applicant and children at school. */
  readonly otherMembers: number;
}

/** 成年年齢 18 since this day (民法 第4条): from then an adult patient is judged by their own income. */
const adultAtEighteenFrom = Temporal.PlainDate.from('2022-04-01');

/**
 * Whose tax counts (支給認定基準世帯員), as far as it is the applicant alone.
 * @source rules/medical-subsidy §2.2; incident INC-57
 */
export function standardMember(
  household: Household,
): Result<'applicant' | 'nobody', 'adult-patient-applies' | 'other-members-not-supported'> {
  const adultAge = Temporal.PlainDate.compare(household.appliedOn, adultAtEighteenFrom) >= 0 ? 18 : 20;
  const adult = legalAgeOn(household.patientBornOn, household.appliedOn) >= adultAge;
  if (adult && !household.applicantIsPatient) return err('adult-patient-applies');
  if (household.insurer === 'public-assistance') return ok('nobody');
  if (household.insurer === 'national-health' && household.otherMembers > 0) return err('other-members-not-supported');
  return ok('applicant');
}

/**
 * The fiscal year whose tax is looked at: applications from July use the current one, until June the one before; renewals use
 * the current one (東京都).
 * @source rules/medical-subsidy §2.1
 */
export function taxYearOf(appliedOn: Temporal.PlainDate, kind: 'new' | 'renewal'): number {
  const fiscal = appliedOn.month >= 4 ? appliedOn.year : appliedOn.year - 1;
  if (appliedOn.month >= 7 || appliedOn.month <= 3) return fiscal;
  return kind === 'renewal' ? fiscal : fiscal - 1;
}
