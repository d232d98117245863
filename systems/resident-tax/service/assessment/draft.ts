import { fingerprint } from '@musubi/kernel/crypto/digest.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { type RatesForYear, ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { assess } from '../../domain/assess.ts';
import type { AssessmentInput, PensionCollection } from '../../domain/assessment-input.ts';
import type { AssessmentResult } from '../../domain/assessment-result.ts';
import { withoutDenied } from '../../domain/dependant-denial.ts';
import type { RegisterFacts, SalaryReport } from '../../domain/from-reports.ts';
import { levyDateOf, wasResidentOn } from '../../domain/levy-date.ts';
import { type MergeQuestion, mergeDocuments } from '../../domain/merge-documents.ts';
import {
  hasListedShares,
  type ListedShares,
  listedInAggregate,
  listedSharesOf,
  withoutListedShares,
} from '../../domain/service-day.ts';
import type { LevyPerson, LinkedReport } from '../../store/assessment-sources.ts';
import type { ListedShareFacts } from '../../store/service-days.ts';
import { personsDocuments } from './persons-documents.ts';

/** Names the rules as the program holds them; a decision stores it. Changed with every change of a rule in domain/. */
export const rulesVersion = 'resident-tax/2';

/** Why a person is not assessed yet: a clerk has to look first. */
export const holdReasons = {
  'two-year-end-adjusted-reports': '年末調整済みの報告書が2通以上あります',
  'former-employment-differs': '前職分の金額が前の勤務先の報告書と一致しません',
  'spouse-income-missing': '配偶者特別控除がありますが、配偶者の所得の記載がありません',
  'two-returns': '確定申告と住民税申告の両方があります',
  'return-lacks-salary': '申告書の給与収入が給与支払報告書の合計より少なくなっています',
  'return-lacks-pension': '申告書の年金収入が公的年金等支払報告書の合計より少なくなっています',
  'family-stated-twice': '扶養親族等の記載が資料の間で一致しません',
  'amount-unreadable': '申告書に読み取れない金額があります',
  'birth-date-missing': '申告書の配偶者又は親族の生年月日がありません',
  'gain-details-missing': '総合譲渡・一時所得の明細（第二表）がありません',
  'carried-losses-to-verify': '繰越損失の控除があります（第四表の確認が必要です）',
  'housing-loan-move-in-missing': '住宅借入金等特別控除の居住開始年月日が分かりません',
  'land-special-deduction': '土地建物等の譲渡所得の特別控除があります',
  'retirement-in-return': '申告書に退職所得があります',
  'specific-expenditure-to-verify': '給与所得者の特定支出控除があります',
  'family-employee-differs': '所得税と住民税で専従者の扱いが異なります',
  'real-estate-loss-interest': '不動産所得の損失に土地取得の負債利子があります',
  'income-unknown': '所得の分かる資料がありません（未申告の調査が必要です）',
  'abroad-not-counted': '国外居住親族の入力がありません（訂正された資料が必要です）',
  'sex-not-registered': 'ひとり親の人的控除差の判定に必要な性別が登録されていません',
  'previous-year-value-missing': '前年の値（定額減税前の年金特別徴収税額）が登録されていません',
  'service-day-missing': '送達日が記録されていません',
  'filing-day-missing': '申告書の提出日が分かりません（上場株式等の所得の申告時期の確認が必要です）',
  'listed-in-aggregate': '送達後に申告された配当に、上場株式等の分とその他の分が含まれています',
  'withheld-levy-appropriated': '配当割額・株式等譲渡所得割額の控除不足額があります（充当の処理が必要です）',
  'denied-on-other-document':
    '扶養否認をした資料が賦課の基になっていません（否認を取り消し、現在の資料で確かめてください）',
  'denied-relative-not-counted': '否認した扶養親族等が資料の人数に含まれていません',
  'no-report-left': '合算の対象となる報告書がありません',
} as const;
export type HoldReason = MergeQuestion | keyof typeof holdReasons;

/** What a clerk settled for exactly these reports. */
export interface Settlement {
  readonly seenReportIds: readonly string[];
  readonly leftOutIds: readonly string[];
  readonly spouseIncomeYen: number | null;
  readonly questions: readonly string[];
}

export interface Draft {
  readonly personId: string;
  readonly reportIds: readonly string[];
  readonly input: AssessmentInput;
  readonly inputDigest: Buffer;
  readonly result: AssessmentResult;
}

/**
 * The levy of one person from register and reports, or why it has to wait.
 * @law 地方税法 第317条の6, 第321条の4
 */
export function draftFor(
  person: LevyPerson,
  reports: readonly LinkedReport[],
  settlement: Settlement | undefined,
  rates: RatesForYear,
  listed: ListedShareFacts | undefined,
): Result<Draft, readonly HoldReason[]> {
  const settled = settlement && sameIds(settlement.seenReportIds, reports) ? settlement : undefined;
  const counting = reports.filter((report) => !settled?.leftOutIds.includes(report.reportId));
  if (counting.length === 0) return err(['no-report-left'] as const);
  const facts = registerFactsOf(person, rates.fiscalYear);
  const documents = personsDocuments(counting);
  const salaries = documents.salaries.map((report) => withSpouseIncome(report, settled));
  const merged = mergeDocuments({ ...documents, salaries }, facts, rates);
  const { questions } = merged;
  const pension = pensionCollectionOf(person, rates, merged.input);
  if (pension === 'previous-year-value-missing') return err([pension] as const);
  const denied = person.denied.filter((one) => one.fiscalYear === rates.fiscalYear);
  // What was denied on a document that the levy does not rest on says nothing about the one that it rests on.
  if (denied.some(({ reportId }) => merged.uses.get(reportId) !== 'counted'))
    return err(['denied-on-other-document'] as const);
  const family = withoutDenied(merged.input, denied);
  if (!family.ok) return err([family.error] as const);
  const shares = listedSharesIn(family.value, listed);
  const late = shares?.verdict === 'left-out';
  const counted = late ? withoutListedShares(family.value) : family.value;
  const input = pension === null ? counted : { ...counted, pensionCollection: pension };
  const holds: HoldReason[] = questions.filter((question) => !settled?.questions.includes(question));
  // No clerk's word takes the place of a day: entering it does (INC-19).
  if (shares?.verdict === 'service-day-missing' || shares?.verdict === 'filing-day-missing') holds.push(shares.verdict);
  if (late && listedInAggregate(family.value) && !settled?.questions.includes('listed-in-aggregate'))
    holds.push('listed-in-aggregate');
  if (person.sex === 'other' && input.taxpayer.singleParent && !settled?.questions.includes('sex-not-registered'))
    holds.push('sex-not-registered');
  // No clerk's word takes the place of the number: a correction of the document does, or leaving it out.
  if (counting.some((report) => namesAbroad(report) > countedAbroad(report))) holds.push('abroad-not-counted');
  const result = assess(input, rates, null);
  // What was withheld beyond the 所得割 pays part of the year's tax; charges that count it as paid are not made here.
  if (result.withheldLevy.appropriated > 0) holds.push('withheld-levy-appropriated');
  if (holds.length > 0) return err(holds);
  return ok({
    personId: person.personId,
    reportIds: counting.map((report) => report.reportId).sort(),
    input,
    inputDigest: inputDigestOf(input),
    result,
  });
}

/**
 * 公的年金からの特別徴収 where the insurer named the person and nothing but pensions is taxed; beside wages or other income the tax
 * stays with the employer or the slips. Of a year with 定額減税 the tax before it is not stored as such, so nothing is guessed (INC-18).
 *
 * @law 地方税法 第321条の7の2, 第321条の7の8
 */
function pensionCollectionOf(
  person: LevyPerson,
  rates: RatesForYear,
  { incomes }: AssessmentInput,
): PensionCollection | null | 'previous-year-value-missing' {
  const { fiscalYear } = rates;
  const subject = person.pensions.find((one) => one.fiscalYear === fiscalYear);
  const alone = incomes.salaries.length === 0 && incomes.other === null && incomes.publicPensions.length > 0;
  if (subject === undefined || !alone) return null;
  const before = person.pensionLevies.find((one) => one.fiscalYear === fiscalYear - 1);
  if (before !== undefined && ratesForYear(before.fiscalYear).flatCut !== null) return 'previous-year-value-missing';
  return {
    receivesOldAgePension: true,
    annualBenefit: yen(subject.annualYen),
    careInsuranceWithheld: subject.careWithheld,
    previousYearTax: before === undefined ? null : yen(before.annualYen),
  };
}

/**
 * Relatives whom a report names as living abroad. A count that was not keyed is no zero: the heads of the flat cut and of the exemption
 * rest on it (INC-16).
 */
const namesAbroad = ({ columns }: LinkedReport): number =>
  Object.entries(columns).filter(
    ([name, value]) =>
      /^(spousePerson|dependant[1-4]|young[1-4])Residence$/.test(name) && value !== undefined && value !== 'resident',
  ).length;
const countedAbroad = ({ columns }: LinkedReport): number =>
  typeof columns.nonResidentRelatives === 'number' ? columns.nonResidentRelatives : 0;

/** What becomes of the listed shares among a person's facts; undefined where there are none. */
export const listedSharesIn = (
  input: AssessmentInput,
  facts: ListedShareFacts | undefined,
): ListedShares | undefined =>
  hasListedShares(input)
    ? listedSharesOf(input.fiscalYear, facts?.declaredOn ?? null, facts?.service ?? { state: 'not-recorded' })
    : undefined;

export const inputDigestOf = (input: AssessmentInput): Buffer => fingerprint(input);

function sameIds(ids: readonly string[], reports: readonly LinkedReport[]): boolean {
  return ids.length === reports.length && reports.every((report) => ids.includes(report.reportId));
}

function withSpouseIncome(report: SalaryReport, settled: Settlement | undefined): SalaryReport {
  const income = settled?.spouseIncomeYen ?? null;
  if (income === null || report.spouse.totalIncome !== null || report.spouse.specialDeduction === 0) return report;
  return { ...report, spouse: { ...report.spouse, totalIncome: yen(income) } };
}

/** Reasons of the register under which a person is gone for good, by its words. */
const isDeath = (reason: string): boolean => /death|died|死亡/.test(reason);
const isAbroad = (reason: string): boolean => /abroad|overseas|国外/.test(reason);

/** What the register says of a person for the levy of a year. */
export function registerFactsOf(person: LevyPerson, fiscalYear: number): RegisterFacts {
  const removedOn = person.removedOn === null ? null : Temporal.PlainDate.from(person.removedOn);
  const reason = person.removalReason ?? '';
  const outside = person.outside.find((one) => one.fiscalYear === fiscalYear)?.kind;
  return {
    bornOn: Temporal.PlainDate.from(person.birthDate),
    // Sex decides one thing only, the difference of a single parent's deduction; such a person is held above.
    sex: person.sex === 'male' ? 'male' : 'female',
    // 家屋敷課税 is per capita alone; who lives here unregistered is taxed as a resident (地方税法 第294条第1項第2号, 第3項).
    kind: outside === 'office-or-house' ? 'house-or-office-only' : 'resident',
    residentOnLevyDate: outside === 'lives-here' || wasResidentOn(person.stays.map(datedState), levyDateOf(fiscalYear)),
    diedOn: isDeath(reason) ? removedOn : null,
    departedOn: isAbroad(reason) ? removedOn : null,
    publicAssistance: person.assistedYears.includes(fiscalYear),
  };
}

const datedState = ({ version, changedOn, becameResidentOn, removedOn }: LevyPerson['stays'][number]) => ({
  version,
  changedOn: Temporal.PlainDate.from(changedOn),
  becameResidentOn: Temporal.PlainDate.from(becameResidentOn),
  removedOn: removedOn === null ? null : Temporal.PlainDate.from(removedOn),
});
