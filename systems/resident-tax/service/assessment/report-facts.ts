import { housingLoanKinds } from '@musubi/contracts/wage-report/code-tables.ts';
import { incomeYearOf } from '@musubi/contracts/wage-report/reported-person.ts';
import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { SalaryReport } from '../../domain/from-reports.ts';
import type { LinkedReport } from '../../store/assessment-sources.ts';

type SalaryLines = Pick<LinkedReport, 'reportId' | 'payerName' | 'paidYen' | 'columns'>;

/** A stored report as the levy reads it. Column names are those of the unified CSV; an empty column is absent. */
export function salaryReportOf({ reportId, payerName, paidYen, columns }: SalaryLines): SalaryReport {
  const amount = (name: string): Yen => yen(amountOrNull(name) ?? 0);
  const amountOrNull = (name: string): Yen | null => (typeof columns[name] === 'number' ? yen(columns[name]) : null);
  const count = (name: string): number => (typeof columns[name] === 'number' ? columns[name] : 0);
  const flag = (name: string): boolean => columns[name] === true;
  const text = (name: string): string | undefined => (typeof columns[name] === 'string' ? columns[name] : undefined);

  const formerName = text('otherPayerName');
  const creditable = amountOrNull('housingLoanPossibleYen') ?? amountOrNull('housingLoanDeductionYen');
  const movedIn = text('housingLoan1OccupiedYear');
  return {
    documentId: reportId,
    payerName,
    revenue: yen(paidYen),
    incomeAfterDeduction: amountOrNull('incomeAfterDeductionYen'),
    incomeTaxDeductions: amount('incomeDeductionsTotalYen'),
    secondary: flag('secondaryWithholding'),
    leftOn: leftOn(columns),
    ordinaryCollection: flag('ordinaryCollection'),
    formerPayer:
      formerName === undefined
        ? null
        : {
            name: formerName,
            revenue: amount('otherPayerPaidYen'),
            socialInsurance: amount('otherPayerSocialInsuranceYen'),
          },
    socialInsurance: amount('socialInsuranceYen'),
    mutualAid: amount('smallEnterpriseMutualAidYen'),
    life: {
      newGeneral: amount('newLifePremiumYen'),
      newCare: amount('medicalCarePremiumYen'),
      newPension: amount('newPrivatePensionPremiumYen'),
      oldGeneral: amount('oldLifePremiumYen'),
      oldPension: amount('oldPrivatePensionPremiumYen'),
    },
    earthquakeDeduction: amount('earthquakeInsuranceDeductionYen'),
    oldLongTermPremium: amount('oldLongTermNonLifePremiumYen'),
    spouse: {
      deductible: ['main-yes', 'secondary-yes'].includes(text('spouse') ?? ''),
      elderly: flag('elderlySpouse'),
      specialDeduction: amount('spouseDeductionYen'),
      totalIncome: amountOrNull('spouseTotalIncomeYen'),
      abroad: text('spousePersonResidence') === 'non-resident',
    },
    dependants: {
      specified: count('specifiedDependantsMain') + count('specifiedDependantsSecondary'),
      elderly: count('elderlyDependantsMain') + count('elderlyDependantsSecondary'),
      elderlyLivingTogether: count('elderlyDependantsLivingTogether'),
      ordinary: count('otherDependantsMain') + count('otherDependantsSecondary'),
      underSixteen: count('dependantsUnder16'),
      abroad: count('nonResidentRelatives'),
    },
    disabled: {
      special: count('speciallyDisabled'),
      specialLivingTogether: count('speciallyDisabledLivingTogether'),
      ordinary: count('otherDisabled'),
    },
    disability: flag('selfSpeciallyDisabled') ? 'special' : flag('selfOtherDisabled') ? 'ordinary' : 'none',
    widow: ['yes', 'special'].includes(text('widow') ?? ''),
    singleParent: flag('singleParent'),
    workingStudent: flag('workingStudent'),
    incomeAdjustment: amount('incomeAdjustmentYen'),
    incomeTaxBasicDeduction: amountOrNull('basicDeductionYen'),
    housingLoan:
      creditable === null || creditable === 0 || movedIn === undefined
        ? null
        : {
            credited: amount('housingLoanDeductionYen'),
            creditable,
            movedInYear: yearOfMovingIn(movedIn, incomeYearOf(text('incomeYearInEra') ?? '')),
            category: housingLoanCode(text('housingLoan1Kind')),
          },
    // Columns 144 to 146 have no public inner order (contracts/wage-report); a clerk enters them with a return.
    specificRelatives: [],
  };
}

function leftOn(columns: LinkedReport['columns']): Temporal.PlainDate | null {
  if (columns.employmentChange !== 'left') return null;
  const { employmentChangeYear: year, employmentChangeMonth: month, employmentChangeDay: day } = columns;
  if (typeof year !== 'string' || typeof month !== 'string' || typeof day !== 'string') return null;
  const date = { year: incomeYearOf(year), month: Number(month), day: Number(day) };
  try {
    return Temporal.PlainDate.from(date, { overflow: 'reject' });
  } catch {
    // W09, a warning of the file: that the employment ended is certain, the day is not; the year's last day changes nothing else.
    return Temporal.PlainDate.from({ year: date.year, month: 12, day: 31 });
  }
}

/** Two digits without an era: 令和 where that year was over by the income year, else 平成 (loans of 平成21年 and later). */
function yearOfMovingIn(twoDigits: string, incomeYear: number): number {
  const reiwa = 2018 + Number(twoDigits);
  return reiwa <= incomeYear ? reiwa : 1988 + Number(twoDigits);
}

const housingLoanCode = (word: string | undefined): string =>
  Object.entries(housingLoanKinds).find(([, w]) => w === word)?.[0] ?? '01';
