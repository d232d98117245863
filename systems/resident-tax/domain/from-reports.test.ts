import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sum, yen } from '@musubi/kernel/yen/yen.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import fc from 'fast-check';
import { noPremiums, ordinaryTaxpayer } from './an-earner.ts';
import { assess } from './assess.ts';
import { combineSalaryReports, type SalaryReport } from './from-reports.ts';

const rates = ratesForYear(2026);
const aReport = (change: Partial<SalaryReport> = {}): SalaryReport => ({
  documentId: 'r1',
  payerName: '目黒商事',
  revenue: yen(4_000_000),
  incomeAfterDeduction: yen(2_760_000),
  incomeTaxDeductions: yen(1_480_000),
  secondary: false,
  leftOn: null,
  ordinaryCollection: false,
  formerPayer: null,
  socialInsurance: yen(600_000),
  mutualAid: yen(0),
  life: noPremiums,
  earthquakeDeduction: yen(0),
  oldLongTermPremium: yen(0),
  spouse: { deductible: false, elderly: false, specialDeduction: yen(0), totalIncome: null, abroad: false },
  dependants: { specified: 0, elderly: 0, elderlyLivingTogether: 0, ordinary: 0, underSixteen: 0, abroad: 0 },
  disabled: { special: 0, specialLivingTogether: 0, ordinary: 0 },
  disability: 'none',
  widow: false,
  singleParent: false,
  workingStudent: false,
  incomeAdjustment: yen(0),
  incomeTaxBasicDeduction: null,
  housingLoan: null,
  specificRelatives: [],
  ...change,
});
const combine = (...reports: readonly SalaryReport[]) => combineSalaryReports(reports, ordinaryTaxpayer, rates);

test('1枚の給与支払報告書から年税額175,500円、主たる給与の支払者が特別徴収する', () => {
  const { input, questions } = combine(aReport());
  const result = assess(input, rates, null);
  assert.equal(result.annualTotal, 175_500);
  assert.equal(result.collection.method, 'special');
  assert.deepEqual(questions, []);
});

test('2人の支払者の給与と社会保険料は合計し、家族の事項は年末調整をした報告書から取る', () => {
  const second = aReport({
    documentId: 'r2',
    payerName: '品川工業',
    secondary: true,
    incomeAfterDeduction: null,
    revenue: yen(500_000),
    socialInsurance: yen(10_000),
    dependants: { ...aReport().dependants, ordinary: 3 },
  });
  const { input } = combine(second, aReport());
  assert.equal(sum(input.incomes.salaries), 4_500_000);
  assert.equal(sum(input.deductions.socialInsurance), 610_000);
  assert.equal(input.dependants.ordinary, 0);
});

test('前職分を含む報告書があるとき、前職の報告書は足さない。金額が違えば職員に尋ねる', () => {
  const former = aReport({
    documentId: 'r0',
    payerName: '前職',
    revenue: yen(1_000_000),
    incomeAfterDeduction: null,
    leftOn: Temporal.PlainDate.from('2025-04-30'),
  });
  const current = aReport({ formerPayer: { name: '前職', revenue: yen(1_000_000), socialInsurance: yen(100_000) } });
  const same = combine(former, current);
  assert.deepEqual([same.includedElsewhere, sum(same.input.incomes.salaries), same.questions], [['r0'], 4_000_000, []]);
  const differs = combine({ ...former, revenue: yen(1_000_001) }, current);
  assert.deepEqual(differs.questions, ['former-employment-differs']);
});

test('年末調整済みの報告書が2枚あれば職員に尋ねる', () => {
  assert.deepEqual(combine(aReport(), aReport({ documentId: 'r2', payerName: '別' })).questions, [
    'two-year-end-adjusted-reports',
  ]);
});

test('配偶者特別控除があるのに配偶者の合計所得がなければ職員に尋ねる', () => {
  const spouse = { ...aReport().spouse, specialDeduction: yen(380_000) };
  assert.deepEqual(combine(aReport({ spouse })).questions, ['spouse-income-missing']);
});

test('地震保険料: 所得税の控除額から求めた住民税の控除額は、保険料から求めたものと常に同じ', () => {
  const oldPart = (premium: number) => (premium <= 10_000 ? premium : Math.min(15_000, Math.ceil(premium / 2) + 5_000));
  const oldResident = (premium: number) =>
    premium <= 5_000 ? premium : Math.min(10_000, Math.ceil(premium / 2) + 2_500);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 80_000 }), fc.integer({ min: 0, max: 40_000 }), (earthquake, old) => {
      const stated = Math.min(50_000, Math.min(50_000, earthquake) + oldPart(old));
      const { input } = combine(aReport({ earthquakeDeduction: yen(stated), oldLongTermPremium: yen(old) }));
      const expected = Math.min(25_000, Math.ceil(Math.min(50_000, earthquake) / 2) + oldResident(old));
      assert.equal(assess(input, rates, null).deductions.earthquakeInsurance, expected);
    }),
    { numRuns: 500, seed: 20_260_104 },
  );
});

test('住宅借入金: 可能額と控除額の差を住民税から引き、特定増改築では引かない', () => {
  const housingLoan = { credited: yen(60_000), creditable: yen(150_000), movedInYear: 2023, category: '01' };
  const taken = (category: string) =>
    assess(combine(aReport({ housingLoan: { ...housingLoan, category } })).input, rates, null).levy.ward
      .housingLoanCredit;
  // 課税 1,280,000 + 基礎控除の増加 400,000 = 1,680,000 の5 % = 84,000
  assert.equal(taken('01'), 50_400);
  assert.equal(taken('11'), 54_000);
  assert.equal(taken('03'), 0);
});
