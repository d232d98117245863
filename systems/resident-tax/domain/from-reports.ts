import { sum, type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type {
  AssessmentInput,
  Dependants,
  Disability,
  HousingLoan,
  LifePremiums,
  Spouse,
  Taxpayer,
} from './assessment-input.ts';
import { byBand, remaining } from './ratio.ts';

/** One 給与支払報告書 as far as the levy needs it; amounts in yen, column numbers of the unified CSV (315) in brackets. */
export interface SalaryReport {
  readonly documentId: string;
  readonly payerName: string;
  /** 支払金額 [17], included earlier employment of the year [67]. */
  readonly revenue: Yen;
  /** 給与所得控除後の金額 [19]; null: no year-end adjustment was made. */
  readonly incomeAfterDeduction: Yen | null;
  /** 所得控除の額の合計額 [20] */
  readonly incomeTaxDeductions: Yen;
  /** 乙欄 [50] */
  readonly secondary: boolean;
  /** 退職 [60–63] */
  readonly leftOn: Temporal.PlainDate | null;
  /** 普通徴収 [134] */
  readonly ordinaryCollection: boolean;
  /** 他の支払者 [66, 67, 69] */
  readonly formerPayer: { readonly name: string; readonly revenue: Yen; readonly socialInsurance: Yen } | null;
  /** 社会保険料等 [36] with 小規模企業共済等掛金 [37] in it. */
  readonly socialInsurance: Yen;
  readonly mutualAid: Yen;
  /** 生命保険料 [87–90, 41] */
  readonly life: LifePremiums;
  /** 地震保険料の控除額 of the income tax [39], 旧長期損害保険料 [43]. */
  readonly earthquakeDeduction: Yen;
  readonly oldLongTermPremium: Yen;
  /** [23], [24], [25], [42], [98 = 01] */
  readonly spouse: {
    readonly deductible: boolean;
    readonly elderly: boolean;
    readonly specialDeduction: Yen;
    readonly totalIncome: Yen | null;
    readonly abroad: boolean;
  };
  /** [26+27], [28+30], [29], [31+32], [91], [93] */
  readonly dependants: {
    readonly specified: number;
    readonly elderly: number;
    readonly elderlyLivingTogether: number;
    readonly ordinary: number;
    readonly underSixteen: number;
    readonly abroad: number;
  };
  /** 障害者の数 [33, of it 34, 35], without the taxpayer. */
  readonly disabled: { readonly special: number; readonly specialLivingTogether: number; readonly ordinary: number };
  /** [51, 52], [54], [143], [56] */
  readonly disability: Disability;
  readonly widow: boolean;
  readonly singleParent: boolean;
  readonly workingStudent: boolean;
  /** 所得金額調整控除額 [142] */
  readonly incomeAdjustment: Yen;
  /** 基礎控除の額 [141]; null: empty. */
  readonly incomeTaxBasicDeduction: Yen | null;
  /** [40], [78], year of [74], [79] */
  readonly housingLoan: {
    readonly credited: Yen;
    readonly creditable: Yen;
    readonly movedInYear: number;
    readonly category: string;
  } | null;
  /** 合計所得金額 of 特定親族, where the report states them. */
  readonly specificRelatives: readonly Yen[];
}

/** What a clerk has to look at before the reports can be used together. */
export type ReportQuestion = 'two-year-end-adjusted-reports' | 'former-employment-differs' | 'spouse-income-missing';

export interface CombinedReports {
  readonly input: AssessmentInput;
  /** Reports whose pay another report already includes (前職分): shown, not added. */
  readonly includedElsewhere: readonly string[];
  readonly questions: readonly ReportQuestion[];
}

/** Facts that no report carries: from the resident register and other offices, as of the levy date. */
export type RegisterFacts = Pick<
  Taxpayer,
  'bornOn' | 'sex' | 'kind' | 'residentOnLevyDate' | 'diedOn' | 'departedOn' | 'publicAssistance'
>;

/**
 * All salary reports of one person and one year as one set of facts. Pay of every payer is added, except what another report
 * includes already; the family and insurance facts come from the one report with the year-end adjustment.
 *
 * @param reports at least one, all of the same person and income year
 * @law 地方税法 第317条の6, 第313条; 所得税法 第190条
 */
export function combineSalaryReports(
  reports: readonly SalaryReport[],
  person: RegisterFacts,
  rates: RatesForYear,
): CombinedReports {
  const primary = primaryReport(reports);
  const includedElsewhere = reports.filter((report) =>
    reports.some((other) => other !== report && includes(other, report)),
  );
  const counted = reports.filter((report) => !includedElsewhere.includes(report));
  const { spouse, incomeMissing } = spouseOf(primary, rates);

  const questions: ReportQuestion[] = [];
  if (counted.filter((report) => isYearEndAdjusted(report)).length > 1) questions.push('two-year-end-adjusted-reports');
  if (counted.some((report) => counted.some((other) => nearlyIncludes(other, report))))
    questions.push('former-employment-differs');
  if (incomeMissing) questions.push('spouse-income-missing');

  return {
    input: {
      fiscalYear: rates.fiscalYear,
      taxpayer: {
        ...person,
        disability: primary.disability,
        widow: primary.widow,
        singleParent: primary.singleParent,
        workingStudent: primary.workingStudent,
      },
      incomes: {
        salaries: counted.map((report) => report.revenue),
        specificExpenditure: yen(0),
        publicPensions: [],
        other: null,
      },
      carriedLosses: null,
      spouse,
      dependants: dependantsOf(primary),
      specificRelatives: primary.specificRelatives,
      deductions: {
        socialInsurance: counted.map((report) => yen(report.socialInsurance - report.mutualAid)),
        mutualAid: counted.map((report) => report.mutualAid),
        life: primary.life,
        earthquake: {
          earthquake: earthquakePremiumOf(primary, rates),
          oldLongTerm: primary.oldLongTermPremium,
          bothKinds: [],
        },
        medical: null,
        casualty: null,
      },
      returnFiled: false,
      donations: [],
      housingLoan: housingLoanOf(primary),
      foreignTax: null,
      incomeTaxBasicDeduction: primary.incomeTaxBasicDeduction,
      specialCollection: !primary.secondary && !primary.ordinaryCollection && primary.leftOn === null,
      otherIncomeByOrdinary: false,
      pensionCollection: null,
      retirements: [],
    },
    includedElsewhere: includedElsewhere.map((report) => report.documentId),
    questions,
  };
}

const isYearEndAdjusted = (report: SalaryReport): boolean => !report.secondary && report.incomeAfterDeduction !== null;

/** Year-end adjusted before others, main (甲欄) before secondary, in employment before left, then the highest pay. */
export function primaryReport(reports: readonly SalaryReport[]): SalaryReport {
  const rank = (report: SalaryReport): number =>
    (isYearEndAdjusted(report) ? 4 : 0) + (report.secondary ? 0 : 2) + (report.leftOn === null ? 1 : 0);
  const [first] = reports.toSorted((a, b) => rank(b) - rank(a) || b.revenue - a.revenue);
  if (first === undefined) throw new Error('a person without reports has nothing to combine');
  return first;
}

/** `other` states the pay of `report` as former employment, to the yen. */
const includes = (other: SalaryReport, report: SalaryReport): boolean =>
  other.formerPayer !== null &&
  other.formerPayer.name === report.payerName &&
  other.formerPayer.revenue === report.revenue;

/** Same payer named, another amount: adding would count pay twice, leaving out might lose some. */
const nearlyIncludes = (other: SalaryReport, report: SalaryReport): boolean =>
  other !== report && other.formerPayer?.name === report.payerName && other.formerPayer.revenue !== report.revenue;

function spouseOf({ spouse }: SalaryReport, rates: RatesForYear): { spouse: Spouse | null; incomeMissing: boolean } {
  if (!spouse.deductible && spouse.specialDeduction === 0 && spouse.totalIncome === null)
    return { spouse: null, incomeMissing: false };
  const facts = { elderly: spouse.elderly, abroad: spouse.abroad, familyEmployee: false };
  if (spouse.totalIncome !== null)
    return { spouse: { ...facts, totalIncome: spouse.totalIncome }, incomeMissing: false };
  // 配偶者控除: any income up to the limit gives the same levy. 配偶者特別控除 depends on the income, so a clerk must ask.
  if (spouse.deductible) return { spouse: { ...facts, totalIncome: yen(0) }, incomeMissing: false };
  return { spouse: { ...facts, totalIncome: yen(rates.dependantIncomeLimit + 1) }, incomeMissing: true };
}

function dependantsOf({ dependants, disabled, incomeAdjustment }: SalaryReport): Dependants {
  return {
    ordinary: dependants.ordinary,
    specified: dependants.specified,
    elderly: dependants.elderly - dependants.elderlyLivingTogether,
    elderlyLivingTogether: dependants.elderlyLivingTogether,
    underSixteen: dependants.underSixteen,
    abroad: dependants.abroad,
    disabled: disabled.ordinary,
    speciallyDisabled: disabled.special - disabled.specialLivingTogether,
    speciallyDisabledLivingTogether: disabled.specialLivingTogether,
    underTwentyThree: dependants.specified + dependants.underSixteen,
    // The report does not tell 16 to 18 from 23 and older, nor a child claimed by the other parent: its own 控除額 does.
    adjustmentOnly: incomeAdjustment > 0,
  };
}

/**
 * The report states one 地震保険料控除額 of the income tax (all of the earthquake premium, at most 50,000 together with the old
 * contract's part). Taking the old part off gives the premium; where 50,000 was reached, the inhabitant tax is at its own
 * ceiling of 25,000 whatever was paid beyond.
 */
function earthquakePremiumOf(report: SalaryReport, { insurance }: RatesForYear): Yen {
  return remaining(report.earthquakeDeduction, byBand(insurance.incomeTaxOldLongTerm, report.oldLongTermPremium));
}

/** 特定増改築 (03, 13) gives no credit here. [79]: 10s 特定取得, 20s 特別特定取得, 30s 特例特別特例取得 → 7 %. */
function housingLoanOf(report: SalaryReport): HousingLoan | null {
  const loan = report.housingLoan;
  if (loan === null || report.incomeAfterDeduction === null || loan.category.endsWith('3')) return null;
  const taxable = remaining(report.incomeAfterDeduction, report.incomeTaxDeductions);
  return {
    movedInYear: loan.movedInYear,
    creditable: loan.creditable,
    // What the income tax could not take is the difference; where it took all, nothing is left over and the two are equal.
    incomeTaxBeforeCredit: loan.credited,
    incomeTaxTaxable: yen(taxable - (taxable % 1_000)),
    specificAcquisition: /^[123]/.test(loan.category),
  };
}

/** Sum of what all reports that count state as pay; the run's control total. */
export const countedRevenue = ({ input }: CombinedReports): Yen => sum(input.incomes.salaries);
