import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WageReportRecord } from '@musubi/contracts/wage-report/layout.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { takeIn } from '../service/intake/take-in.ts';
import { anIntake, coverOf, fileOf, job, people, receive, recordOf, register, sampleColumns } from './an-intake.ts';
import { assessAll } from './assessment-setup.ts';

/** Columns of the sample that the levy reads: empty unless a row says otherwise. */
const nothing = Object.fromEntries(
  [
    'unpaidYen',
    'spouse',
    'elderlySpouse',
    'spouseDeductionYen',
    'spouseTotalIncomeYen',
    'specifiedDependantsMain',
    'specifiedDependantsSecondary',
    'elderlyDependantsMain',
    'elderlyDependantsLivingTogether',
    'elderlyDependantsSecondary',
    'otherDependantsMain',
    'otherDependantsSecondary',
    'speciallyDisabled',
    'speciallyDisabledLivingTogether',
    'otherDisabled',
    'socialInsuranceYen',
    'smallEnterpriseMutualAidYen',
    'lifeInsuranceDeductionYen',
    'earthquakeInsuranceDeductionYen',
    'housingLoanDeductionYen',
    'housingLoanPossibleYen',
    'housingLoanCount',
    'housingLoan1OccupiedYear',
    'housingLoan1OccupiedMonth',
    'housingLoan1OccupiedDay',
    'housingLoan1Kind',
    'housingLoan1BalanceYen',
    'newLifePremiumYen',
    'oldLifePremiumYen',
    'medicalCarePremiumYen',
    'newPrivatePensionPremiumYen',
    'oldPrivatePensionPremiumYen',
    'oldLongTermNonLifePremiumYen',
    'dependantsUnder16',
    'nonResidentRelatives',
    'secondaryWithholding',
    'selfSpeciallyDisabled',
    'selfOtherDisabled',
    'widow',
    'workingStudent',
    'employmentChange',
    'employmentChangeYear',
    'employmentChangeMonth',
    'employmentChangeDay',
    'otherPayerAddress',
    'otherPayerAbroad',
    'otherPayerName',
    'otherPayerPaidYen',
    'otherPayerWithheldYen',
    'otherPayerSocialInsuranceYen',
    'otherPayerLeftYear',
    'otherPayerLeftMonth',
    'otherPayerLeftDay',
    'ordinaryCollection',
    'basicDeductionYen',
    'incomeAdjustmentYen',
    'singleParent',
    'specificRelative1',
    'specificRelative2',
    'specificRelative3',
    'remarks',
  ].map((name) => [name, undefined]),
) as Partial<WageReportRecord>;

/** By hand, 令和8年度. */
const rows: readonly {
  readonly columns: Readonly<Record<string, unknown>>;
  readonly annual: number;
  readonly collection: string;
}[] = [
  {
    columns: { paidYen: 4_000_000, incomeAfterDeductionYen: 2_760_000, socialInsuranceYen: 600_000 },
    annual: 175_500,
    collection: 'special',
  },
  {
    columns: {
      paidYen: 5_000_000,
      incomeAfterDeductionYen: 3_560_000,
      socialInsuranceYen: 500_000,
      spouse: 'main-yes',
      otherDependantsMain: 1,
      dependantsUnder16: 1,
      ordinaryCollection: true,
    },
    annual: 194_500,
    collection: 'ordinary',
  },
  {
    columns: { paidYen: 1_100_000, incomeAfterDeductionYen: 450_000, ordinaryCollection: true },
    annual: 0,
    collection: 'none',
  },
  // 令和7年9月に退職: the rest is paid by ordinary collection. 2,020,000 − 880,000 = 1,140,000.
  {
    columns: {
      paidYen: 3_000_000,
      incomeAfterDeductionYen: undefined,
      socialInsuranceYen: 450_000,
      employmentChange: 'left',
      employmentChangeYear: '07',
      employmentChangeMonth: '09',
      employmentChangeDay: '30',
    },
    annual: 116_500,
    collection: 'ordinary',
  },
  // 本人が障害者（26万円）: 1,730,000 − 260,000 = 1,470,000; 人的控除差 5万円 + 1万円: 88,200 − 1,800; 58,800 − 1,200; + 5,000
  {
    columns: {
      paidYen: 4_000_000,
      incomeAfterDeductionYen: 2_760_000,
      socialInsuranceYen: 600_000,
      selfOtherDisabled: true,
    },
    annual: 149_000,
    collection: 'special',
  },
];

test('002 W03–W07 ファイルから賦課まで: 統一CSVの列がそのまま税額に反映される', async () => {
  await using i = await anIntake();
  const everyone = people(rows.length);
  const ids = await register(i.deps, everyone);
  const sample = await sampleColumns();
  const file = fileOf(
    everyone.map((who, at) =>
      recordOf(sample, who, { ...nothing, ...(rows[at]?.columns as Partial<WageReportRecord>) }),
    ),
  );
  const { intakeId } = unwrap(await receive(i.deps, coverOf(i.deps, file, rows.length), file));
  assert.equal(unwrap(await runBatch(i.deps, job, takeIn, { intakeId })).state, 'done');
  assert.equal((await assessAll(i.deps)).end.state, 'done');
  for (const [at, row] of rows.entries()) {
    const [stored] = await i.t.owner<{ annual_yen: string; collection: string }>(
      'select annual_yen, collection from resident_tax.assessment where person_id = $1',
      [ids.get(at + 1)],
    );
    assert.deepEqual([Number(stored?.annual_yen), stored?.collection], [row.annual, row.collection], `row ${at + 1}`);
  }
});
