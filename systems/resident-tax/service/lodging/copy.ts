import type { LodgedCopy } from '@musubi/contracts/exchange/endpoints.ts';
import type { AssessmentResult } from '../../domain/assessment-result.ts';
import type { Explained } from '../assessment/assess-one.ts';

/** 地方税関係情報（個人住民税）. @source formats/common-functions-standard §6.4 */
export const taxInformation = 'TKX-0001';

/** 課税区分: 1 課税, 2 非課税 (3 未申告 has no levy and so no copy of this kind). */
const taxedOf = ({ status }: AssessmentResult): string =>
  status === 'taxed' || status === 'per-capita-only' ? '1' : '2';

/**
 * What another body may learn of a levy, item by item. Incomes and credits that this levy cannot hold are 0, because the levy
 * says so, not because they are unknown.
 */
export function copyItems({ input, result }: Explained): NonNullable<LodgedCopy['items']> {
  const { incomes, deductions, levy, perCapita } = result;
  const { dependants } = input;
  return {
    課税年度: input.fiscalYear,
    課税区分: taxedOf(result),
    市町村民税所得割額: levy.ward.perIncome,
    市町村民税均等割額: perCapita.ward,
    道府県民税所得割額: levy.metropolis.perIncome,
    道府県民税均等割額: perCapita.metropolis,
    森林環境税: result.forestTax,
    税額控除前所得割額: levy.ward.computed,
    調整控除額: levy.ward.adjustmentCredit,
    住宅借入金等特別税額控除額: levy.ward.housingLoanCredit,
    寄附金税額控除額: levy.ward.donationCredit,
    配当控除額: 0,
    外国税額控除額: 0,
    合計所得金額: incomes.totalIncome,
    総所得金額等: incomes.totalIncomeAfterLosses,
    総所得金額: incomes.totalIncomeAfterLosses,
    給与収入: incomes.salaryRevenue,
    給与所得: incomes.salary,
    公的年金等収入: 0,
    社会保険料控除額: deductions.socialInsurance,
    小規模企業共済等掛金控除額: deductions.mutualAid,
    生命保険料控除額: deductions.lifeInsurance,
    地震保険料控除額: deductions.earthquakeInsurance,
    障害者控除額: deductions.disability,
    配偶者控除額: deductions.spouse,
    配偶者特別控除額: deductions.spouseSpecial,
    扶養控除額: deductions.dependants,
    基礎控除額: deductions.basic,
    所得控除額合計: deductions.total,
    特定扶養人数: dependants.specified,
    老人扶養人数: dependants.elderly,
    同居老親扶養人数: dependants.elderlyLivingTogether,
    その他扶養人数: dependants.ordinary,
    '16歳未満扶養人数': dependants.underSixteen,
    障害者数: dependants.disabled + dependants.speciallyDisabled + dependants.speciallyDisabledLivingTogether,
    寡婦: input.taxpayer.widow,
    ひとり親: input.taxpayer.singleParent,
    勤労学生: input.taxpayer.workingStudent,
    課税標準額: result.bases.aggregate,
  };
}
