import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sum, yen } from '@musubi/kernel/yen/yen.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import fc from 'fast-check';
import { noPremiums, ordinaryTaxpayer } from './an-earner.ts';
import { assess } from './assess.ts';
import type { SalaryReport } from './from-reports.ts';
import type { FiledReturn } from './from-returns.ts';
import { mergeDocuments, type OneStopNotice, type PensionReport, type PersonsDocuments } from './merge-documents.ts';

const rates = ratesForYear(2026);
const none: PersonsDocuments = { salaries: [], pensions: [], returns: [], oneStops: [] };
const aSalary = (over: Partial<SalaryReport> = {}): SalaryReport => ({
  documentId: 's1',
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
  ...over,
});
const aPension = (over: Partial<PensionReport> = {}): PensionReport => ({
  documentId: 'p1',
  payerName: '日本年金機構',
  revenue: yen(1_980_000),
  socialInsurance: yen(78_000),
  spouse: 'none',
  spouseAbroad: false,
  dependants: { specified: 0, elderly: 0, ordinary: 0, underSixteen: 0, abroad: 0 },
  disabled: { special: 0, specialLivingTogether: 0, ordinary: 0 },
  disability: 'none',
  widow: false,
  singleParent: false,
  ...over,
});
const aReturn = (items: Record<string, string | number>, over: Partial<FiledReturn> = {}): FiledReturn => ({
  documentId: 'r1',
  kind: 'tax-return',
  items: Object.fromEntries(Object.entries(items).map(([code, value]) => [code, `${value}`])),
  ...over,
});
const notice = (no: number, amount = 30_000): OneStopNotice => ({
  documentId: `o${no}`,
  recipient: `団体 ${no}`,
  amount: yen(amount),
});
const merge = (documents: Partial<PersonsDocuments>) =>
  mergeDocuments({ ...none, ...documents }, ordinaryTaxpayer, rates);

test('002-RTX-F2 申告書があれば給与支払報告書に優先し、報告書は徴収方法だけを決める', () => {
  const filed = aReturn({ ABB00080: 4_000_000, ABB00370: 2_760_000, ABB00450: 700_000 });
  const { input, uses, questions } = merge({ salaries: [aSalary()], returns: [filed] });
  assert.deepEqual(questions, []);
  assert.equal(sum(input.deductions.socialInsurance), 700_000);
  assert.equal(input.specialCollection, true);
  assert.equal(input.returnFiled, true);
  assert.deepEqual(Object.fromEntries(uses), { r1: 'counted', s1: 'covered-by-return' });
});

test('申告書の給与収入が報告書の合計より少なければ、賦課せず問いにする (漏れた支払者)', () => {
  const filed = aReturn({ ABB00080: 4_000_000, ABB00370: 2_760_000 });
  const second = aSalary({ documentId: 's2', payerName: '品川工業', revenue: yen(500_000), secondary: true });
  assert.deepEqual(merge({ salaries: [aSalary(), second], returns: [filed] }).questions, ['return-lacks-salary']);
  assert.deepEqual(merge({ pensions: [aPension()], returns: [filed] }).questions, ['return-lacks-pension']);
});

test('地方税法317条の3 確定申告と住民税申告の両方があれば、担当者がどちらによるかを決める', () => {
  const items = { ABB00080: 4_000_000, ABB00370: 2_760_000 };
  const ward = aReturn(items, { documentId: 'w1', kind: 'ward-return' });
  const merged = merge({ returns: [ward, aReturn(items)] });
  assert.deepEqual(merged.questions, ['two-returns']);
  assert.equal(merged.uses.get('r1'), 'counted');
  assert.deepEqual(merge({ returns: [ward] }).questions, []);
});

test('給与と年金は合算し、扶養の記載が資料の間で食い違えば問いにする', () => {
  const spouse = { ...aSalary().spouse, deductible: true };
  const both = merge({ salaries: [aSalary({ spouse })], pensions: [aPension()] });
  assert.deepEqual(both.questions, []);
  assert.deepEqual(both.input.incomes.publicPensions, [1_980_000]);
  assert.equal(sum(both.input.deductions.socialInsurance), 678_000);
  assert.notEqual(both.input.spouse, null);
  const dependants = { ...aPension().dependants, ordinary: 1 };
  const differs = merge({ salaries: [aSalary({ spouse })], pensions: [aPension({ dependants })] });
  assert.deepEqual(differs.questions, ['family-stated-twice']);
  const pensionOnly = merge({ pensions: [aPension({ spouse: 'elderly', dependants })] });
  assert.deepEqual([pensionOnly.input.spouse?.elderly, pensionOnly.input.dependants.ordinary], [true, 1]);
});

test('附則7条6項 申告特例通知は申告があれば無効、5団体を超えても無効、それ以外は控除される', () => {
  const five = merge({ salaries: [aSalary()], oneStops: [1, 2, 3, 4, 5].map((no) => notice(no)) });
  assert.equal(five.input.donations.length, 5);
  assert.ok(five.input.donations.every((gift) => gift.oneStop && !gift.declared));
  const without = assess(merge({ salaries: [aSalary()] }).input, rates, null).annualTotal;
  assert.ok(assess(five.input, rates, null).annualTotal < without);

  const six = merge({ salaries: [aSalary()], oneStops: [1, 2, 3, 4, 5, 6].map((no) => notice(no)) });
  assert.deepEqual(six.input.donations, []);
  assert.equal(six.uses.get('o6'), 'void-too-many');

  const filed = aReturn({ ABB00080: 4_000_000, ABB00370: 2_760_000, ABI00240: 30_000 });
  const voided = merge({ salaries: [aSalary()], returns: [filed], oneStops: [notice(1)] });
  assert.equal(voided.uses.get('o1'), 'void-return-filed');
  assert.deepEqual(
    voided.input.donations.map(({ oneStop, amount }) => [oneStop, amount]),
    [[false, 30_000]],
  );
});

test('002-RTX-F2 寄附の通知だけがある人は、所得なしとせず未申告として調査に回す', () => {
  assert.deepEqual(merge({ oneStops: [notice(1)] }).questions, ['income-unknown']);
});

test('申告された所得は1円も変わらない: 事業・不動産・雑・配当・株式・損失', () => {
  const amount = fc.integer({ min: -5_000_000, max: 20_000_000 });
  const gain = fc.integer({ min: 0, max: 9_000_000 });
  fc.assert(
    fc.property(amount, amount, gain, gain, (business, estate, misc, stocks) => {
      const filed = aReturn({
        ABB00030: Math.max(business, 0) + 1_000_000,
        ABB00300: business,
        ABB00050: Math.max(estate, 0) + 500_000,
        ABB00340: estate,
        ABB00110: misc,
        ABB01120: misc,
        ABL00130: stocks,
        ABL00310: stocks,
      });
      const { other } = merge({ returns: [filed] }).input.incomes;
      const net = (of: { revenue: number; costs: number } | null | undefined) => (of ? of.revenue - of.costs : 0);
      assert.equal(net(other?.business), business);
      assert.equal(net(other?.realEstate), estate);
      assert.equal(net(other?.miscellaneousOther), misc);
      assert.equal(net(other?.listedStocks[0]), stocks);
    }),
    { numRuns: 200 },
  );
});

test('第二表の親族は年齢と続柄で区分し、生年月日がなければ問いにする', () => {
  const filed = aReturn({
    ABB00080: 6_000_000,
    ABY00020: '目黒　次郎',
    ABY00040: '1950-03-03',
    ABY00160_1: '目黒　大学',
    ABY00180_1: '子',
    ABY00190_1: '2005-05-05',
    ABY00160_2: '目黒　母',
    ABY00180_2: '母',
    ABY00190_2: '1948-01-01',
    ABY00160_3: '目黒　子',
    ABY00180_3: '子',
    ABY00190_3: '2015-01-01',
    ABY00270_3: '1',
    ABY00160_4: '目黒　障',
    ABY00180_4: '弟',
    ABY00190_4: '1985-01-01',
    ABY00220_4: '1',
    ABY00280_4: '1',
  });
  const { input, questions } = merge({ returns: [filed] });
  assert.deepEqual(questions, []);
  assert.equal(input.spouse?.elderly, true);
  const { specified, elderlyLivingTogether, underSixteen, ordinary, speciallyDisabled } = input.dependants;
  assert.deepEqual([specified, elderlyLivingTogether, underSixteen, ordinary, speciallyDisabled], [1, 1, 1, 1, 1]);
  assert.deepEqual(merge({ returns: [aReturn({ ABY00160_1: '目黒　某' })] }).questions, ['birth-date-missing']);
});

test('医療費控除・住宅ローン控除・寄附は申告書から税額に届き、読めない事項は問いになる', () => {
  const base = { ABB00080: 6_000_000, ABB00370: 4_360_000, ABB00410: 4_360_000 };
  const tax = (items: Record<string, string | number>) =>
    assess(merge({ returns: [aReturn({ ...base, ...items })] }).input, rates, null).annualTotal;
  assert.equal(tax({}) - tax({ ABB00440: 200_000 }), 20_000);
  const loan = { ABB00650: 150_000, ABB00580: 2_000_000, ABB00590: 102_500, ABF00000: '居住開始 令和４年３月１５日' };
  assert.ok(tax(loan) < tax({}));
  assert.deepEqual(merge({ returns: [aReturn({ ...base, ...loan, ABF00000: '' })] }).questions, [
    'housing-loan-move-in-missing',
  ]);
  assert.deepEqual(merge({ returns: [aReturn({ ...base, ABB00830: 10_000, ABL00410: 5 })] }).questions.toSorted(), [
    'carried-losses-to-verify',
    'retirement-in-return',
  ]);
  assert.deepEqual(merge({ returns: [aReturn({ ...base, ABH00215: '八万円' })] }).questions, ['amount-unreadable']);
});
