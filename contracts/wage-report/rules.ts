import type { Fault } from '@musubi/kernel/records/faults.ts';
import type { SalaryPaymentReport } from './salary-payment-report.ts';

const notMore = [
  // part, whole, column of the part
  ['unpaidYen', 'paidYen', 18, '未払金額が支払金額を超えています'],
  ['unwithheldTaxYen', 'withheldTaxYen', 22, '未徴収税額が源泉徴収税額を超えています'],
  ['elderlyDependantsLivingTogether', 'elderlyDependantsMain', 29, '同居老親等の数が老人扶養親族の数を超えています'],
  ['speciallyDisabledLivingTogether', 'speciallyDisabled', 34, '同居特別障害者の数が特別障害者の数を超えています'],
  ['smallEnterpriseMutualAidYen', 'socialInsuranceYen', 37, '小規模企業共済等掛金が社会保険料等の金額を超えています'],
  ['otherPayerPaidYen', 'paidYen', 67, '他の支払者の給与等の金額が支払金額を超えています'],
] as const;

/** W08 to W10: what does not add up but does not stop the record. */
export function warningsOf(report: SalaryPaymentReport): Fault[] {
  const { row, columns } = report;
  const found: Fault[] = [];
  for (const [part, whole, column, message] of notMore) {
    if ((columns[part] ?? 0) > (columns[whole] ?? 0))
      found.push(warning(row, 'W08', 'part-exceeds-whole', message, column));
  }
  if (columns.bornEra !== 'other' && report.bornOn === undefined) {
    found.push(warning(row, 'W09', 'no-such-date', '生年月日が存在しない日付です', 45));
  } else if (report.bornOn !== undefined && report.bornOn.year > report.incomeYear) {
    found.push(warning(row, 'W09', 'born-after-year-end', '生年月日が年分より後です', 45));
  }
  const changed = columns.employmentChange !== undefined && columns.employmentChange !== 'none';
  if (changed && report.joinedOn === undefined && report.leftOn === undefined) {
    found.push(warning(row, 'W09', 'no-such-date', '中途就・退職の年月日が存在しない日付です', 61));
  }
  const family = [report.spousePerson, ...report.dependants, ...report.youngDependants];
  const abroad = family.some((member) => member?.residence !== undefined && member.residence !== 'resident');
  if (abroad && (columns.nonResidentRelatives ?? 0) === 0) {
    found.push(warning(row, 'W10', 'non-residents-not-counted', '非居住者である親族の数が0です', 93));
  }
  return found;
}

function warning(row: number, rule: string, word: string, message: string, column: number): Fault {
  return { row, rule, word, message, column, severity: 'warning' };
}
