import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assessmentCase } from '@musubi/contracts/assessment-interchange/case.ts';
import type { InterchangeResult } from '@musubi/contracts/assessment-interchange/result.ts';
import fc from 'fast-check';
import { assess } from '../../domain/assess.ts';
import { explain } from '../../domain/explanations.ts';
import { recordingTrace } from '../../domain/trace.ts';
import { replay } from '../../domain/trace-replay.ts';
import { inputFromJson, inputToJson } from '../../store/assessment-input-json.ts';
import { anyCase } from './a-case.ts';
import { assessLine } from './assess-lines.ts';
import { inputOfCase, ratesOfCase } from './case-input.ts';

type Given = Record<string, unknown> & { readonly fiscalYear?: number };
function line(given: Given): InterchangeResult {
  const { person, ...rest } = given;
  const whole = {
    caseId: 'x',
    fiscalYear: 2026,
    person: { birthDate: '1980-04-02', sex: 'female', ...(person as object) },
    ...rest,
  };
  const result = assessLine(JSON.stringify(whole));
  assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.error));
  return JSON.parse(result.value) as InterchangeResult;
}
const salary = (revenue: number, socialInsurance = 0) => ({ salaries: [{ payerId: 'p1', revenue, socialInsurance }] });
const sum = (amounts: readonly number[]): number => amounts.reduce((a, b) => a + b, 0);
const designated = { designatedCity: true, wardIncomeRatePercent: '8', metropolisIncomeRatePercent: '2' };

test('assessment-interchange §7: the example of the format', () => {
  const result = line({
    incomes: salary(4_000_000, 600_000),
    collection: { specialCollectorPayerId: 'p1' },
  });
  assert.equal(result.incomes.salary, 2_760_000);
  assert.equal(result.deductions.total, 1_030_000);
  assert.equal(result.levy.ward.computed, 103_800);
  assert.deepEqual([result.levy.ward.perIncome, result.levy.metropolis.perIncome], [102_300, 68_200]);
  assert.equal(result.annual.total, 175_500);
  assert.equal(result.collection.method, 'wageSpecial');
  assert.deepEqual(result.collection.wageSpecial[0], { month: '2026-06', amount: 14_900 });
  assert.ok(result.collection.wageSpecial.slice(1).every((part) => part.amount === 14_600));
});

test('新潟市 令和8年度 給与所得者(1): persons by birth date instead of counts', () => {
  const result = line({
    municipality: designated,
    person: { sex: 'male', maritalStatus: 'married' },
    spouse: { birthDate: '1982-01-01' },
    relatives: [
      { relation: 'child', birthDate: '2007-06-01' },
      { relation: 'child', birthDate: '2011-06-01' },
    ],
    incomes: salary(5_000_000, 500_000),
  });
  assert.equal(result.bases.aggregate, 1_970_000);
  assert.deepEqual([result.levy.ward.perIncome, result.levy.metropolis.perIncome], [151_600, 37_900]);
  assert.equal(result.annual.total, 194_500);
  assert.deepEqual(
    result.collection.ordinary.map((part) => part.amount),
    [50_500, 48_000, 48_000, 48_000],
  );
});

test('あきる野市 設例1: 長男22歳・長女20歳の特定親族、次男19歳、次女17歳', () => {
  const child = (birthDate: string, salaryRevenue = 0) => ({
    relation: 'child',
    birthDate,
    incomes: { salaryRevenue },
  });
  const result = line({
    person: { sex: 'male', maritalStatus: 'married' },
    spouse: { birthDate: '1980-01-01', incomes: { salaryRevenue: 1_230_000 } },
    relatives: [
      child('2003-05-01', 1_750_000),
      child('2005-05-01', 1_600_000),
      child('2006-05-01'),
      child('2008-05-01'),
    ],
    incomes: salary(7_000_000, 700_000),
    deductions: {
      lifeInsurance: { newGeneral: 100_000, newCare: 32_000 },
      earthquakeInsurance: { earthquake: 40_000 },
    },
  });
  assert.equal(result.deductions.total, 2_970_000);
  assert.equal(result.personalDeductionDifference, 330_000);
  assert.equal(result.annual.total, 223_000);
});

test('尼崎市: 75歳の年金3,200,000円、旧生命保険・医療費・老人配偶者', () => {
  const result = line({
    fiscalYear: 2026,
    person: { sex: 'male', maritalStatus: 'married', birthDate: '1950-02-01' },
    spouse: { birthDate: '1950-01-01' },
    incomes: { publicPensions: [{ payerId: 'n', revenue: 3_200_000, socialInsurance: 350_000 }] },
    deductions: { lifeInsurance: { oldGeneral: 30_000 }, medical: { kind: 'ordinary', paid: 200_000 } },
  });
  assert.equal(result.incomes.publicPension, 2_100_000);
  assert.equal(result.deductions.total, 1_282_500);
  assert.equal(result.bases.aggregate, 817_000);
  assert.deepEqual(
    [result.levy.ward.afterAdjustmentCredit, result.levy.metropolis.afterAdjustmentCredit],
    [44_520, 29_680],
  );
});

test('岐阜市 計算例(4): 給与と土地の長期譲渡12,000,000円は、区475,800円・都317,200円', () => {
  const result = line({
    person: { sex: 'male', maritalStatus: 'married' },
    spouse: { birthDate: '1982-01-01' },
    incomes: {
      ...salary(4_000_000, 400_000),
      separateLand: { longGeneral: { revenue: 12_000_000, acquisitionCost: 0 } },
    },
  });
  assert.deepEqual([result.bases.aggregate, result.bases.longGeneral], [1_930_000 - 70_000 + 70_000, 12_000_000]);
  assert.deepEqual([result.levy.ward.computed, result.levy.metropolis.computed], [475_800, 317_200]);
});

test('岐阜市 計算例(3): 営業と配当（総合）、配当控除3,200円・2,400円', () => {
  const result = line({
    person: { sex: 'male' },
    incomes: {
      business: { revenue: 3_100_000 },
      dividends: [{ kind: 'profit', revenue: 200_000, treatment: 'aggregate' }],
    },
  });
  assert.equal(result.incomes.aggregate, 3_300_000);
  assert.deepEqual([result.levy.ward.dividendCredit, result.levy.metropolis.dividendCredit], [3_200, 2_400]);
});

test('松江市: 営業所得3,495,000円', () => {
  const result = line({ incomes: { business: { revenue: 5_670_000, expenses: 2_175_000 } } });
  assert.equal(result.incomes.business, 3_495_000);
});

test('新宮市: 退職手当24,000,000円・34年は、区186,000円・都124,000円', () => {
  const result = line({ retirements: [{ amount: 24_000_000, serviceFrom: '1992-04-01', serviceTo: '2026-03-31' }] });
  assert.deepEqual(result.retirements, [
    { serviceYears: 34, deduction: 17_800_000, income: 3_100_000, ward: 186_000, metropolis: 124_000 },
  ]);
});

test('富加町: 年金特別徴収の仮徴収と本徴収', () => {
  const year = (payable: number, previousYearTax: number | null) => {
    const result = line({
      person: { birthDate: '1950-02-01', sex: 'male' },
      incomes: { publicPensions: [{ payerId: 'n', revenue: payable }] },
      collection: {
        pension: { receivesOldAgePension: true, annualBenefit: payable, careInsuranceWithheld: true, previousYearTax },
      },
    });
    return result;
  };
  const first = year(2_400_000, null);
  assert.equal(first.collection.method, 'pensionSpecial');
  const { provisional, main, ordinary } = first.collection.pension;
  assert.deepEqual(provisional, [0, 0, 0]);
  assert.equal(sum([...main, ...ordinary]), first.annual.payable);
  const later = year(2_400_000, 60_000).collection.pension;
  assert.deepEqual(later.provisional, [10_000, 10_000, 10_000]);
  assert.equal(sum([...later.provisional, ...later.main]), first.annual.payable);
  const over = year(1_600_000, 60_000).collection.pension;
  assert.equal(over.excess, 30_000 - year(1_600_000, 60_000).annual.payable);
});

test('RT §15 E: 上場株式の譲渡と源泉の株式等譲渡所得割', () => {
  const result = line({
    returnFiled: true,
    incomes: {
      ...salary(4_000_000, 600_000),
      listedStocks: [{ revenue: 1_000_000, treatment: 'declared', levyWithheld: 50_000 }],
    },
  });
  assert.deepEqual([result.levy.ward.withheldLevyCredit, result.levy.metropolis.withheldLevyCredit], [30_000, 20_000]);
  assert.deepEqual([result.levy.ward.perIncome, result.levy.metropolis.perIncome], [102_300, 68_200]);
});

test('棚倉町: 控除しきれない配当割額は均等割等に充当し、残りは還付する', () => {
  const result = line({
    incomes: {
      ...salary(1_500_000),
      dividends: [{ kind: 'profit', revenue: 100_000, treatment: 'separate', levyWithheld: 80_000 }],
    },
  });
  const { withheld, shortfall, appropriated, refund } = result.withheldLevy;
  assert.equal(withheld, 80_000);
  assert.equal(appropriated, 5_000);
  assert.equal(refund, shortfall - appropriated);
  assert.equal(result.annual.payable, 0);
});

test('年齢計算ニ関スル法律: 1月1日生まれは前年12月31日に年齢を1つ重ねる', () => {
  const of = (birthDate: string) =>
    line({ person: { sex: 'male', maritalStatus: 'married' }, spouse: { birthDate }, incomes: salary(5_000_000) })
      .deductions.spouse;
  assert.equal(of('1956-01-01'), 380_000);
  assert.equal(of('1956-01-02'), 330_000);
});

test('ひとり親・寡婦は婚姻と子から決まる', () => {
  const child = { relation: 'child', birthDate: '2015-01-01' };
  const single = line({ person: { maritalStatus: 'divorced' }, relatives: [child], incomes: salary(3_000_000) });
  assert.deepEqual([single.deductions.singleParent, single.deductions.widow], [300_000, 0]);
  const widow = line({ person: { maritalStatus: 'bereaved' }, incomes: salary(3_000_000) });
  assert.equal(widow.deductions.widow, 260_000);
  const partner = line({ person: { maritalStatus: 'bereaved', deFactoSpouse: true }, incomes: salary(3_000_000) });
  assert.equal(partner.deductions.widow, 0);
});

test('損益通算: 事業の損失は給与から、残りは一時所得の2分の1の前から引く', () => {
  const result = line({
    incomes: {
      ...salary(1_000_000),
      business: { revenue: 0, expenses: 1_000_000 },
      occasional: { revenue: 2_000_000 },
    },
  });
  assert.equal(result.incomes.salary, 350_000);
  assert.equal(result.incomes.occasional, 1_500_000);
  assert.equal(result.incomes.aggregate, (1_500_000 - 650_000) / 2);
});

test('a line that is not whole is refused with the members at fault, and never their values', () => {
  const refused = (text: string) => {
    const result = assessLine(text);
    assert.ok(!result.ok);
    return result.error;
  };
  assert.deepEqual(refused('{'), [{ member: '', fault: 'is no JSON object' }]);
  const whole = { caseId: 'x', fiscalYear: 2026, person: { birthDate: '1980-04-02', sex: 'female' } };
  const [wrongDay] = refused(JSON.stringify({ ...whole, person: { birthDate: '2025-02-29', sex: 'female' } }));
  assert.equal(wrongDay?.member, 'person.birthDate');
  assert.ok(!wrongDay?.fault.includes('2025-02-29'));
  assert.equal(refused(JSON.stringify({ ...whole, fiscalYear: 2023 }))[0]?.member, 'fiscalYear');
  assert.match(refused(JSON.stringify({ ...whole, surplus: 1 }))[0]?.fault ?? '', /does not know: surplus/);
  assert.equal(refused(JSON.stringify({ ...whole, incomes: salary(1.5) }))[0]?.member, 'incomes.salaries.0.revenue');
});

test('design §6.5: any case at all is recomputed from its reasons alone, explained, stored and read back; its parts add up', () => {
  fc.assert(
    fc.property(anyCase, (given) => {
      const text = JSON.stringify(given);
      const parsed = assessmentCase.parse(JSON.parse(text));
      const rates = ratesOfCase(parsed);
      const input = inputOfCase(parsed, rates);
      const trace = recordingTrace(rates.version);
      const result = assess(input, rates, trace);
      assert.deepEqual(assess(inputFromJson(JSON.parse(inputToJson(input).text)), rates, null), result);
      const { faults, figures } = replay(trace.steps, rates);
      assert.deepEqual(faults, []);
      assert.equal(figures.get('total-income'), result.incomes.totalIncome);
      assert.equal(figures.get('annual-total'), result.annualTotal);
      for (const step of trace.steps) assert.ok(explain(step).title.length > 0 && step.law.length > 0);

      const line = assessLine(text);
      assert.ok(line.ok);
      const out = JSON.parse(line.value) as InterchangeResult;
      const { annual, collection, levy, withheldLevy } = out;
      assert.equal(
        annual.total,
        sum([
          annual.wardPerIncome,
          annual.metropolisPerIncome,
          annual.wardPerCapita,
          annual.metropolisPerCapita,
          annual.forestEnvironmentTax,
        ]),
      );
      for (const side of [levy.ward, levy.metropolis]) {
        assert.equal(side.perIncome, side.afterWithheldLevyCredit - (side.afterWithheldLevyCredit % 100));
        for (const amount of Object.values(side)) assert.ok(amount >= 0);
      }
      assert.equal(
        withheldLevy.withheld,
        levy.ward.withheldLevyCredit + levy.metropolis.withheldLevyCredit + withheldLevy.shortfall,
      );
      const { provisional, main, ordinary, excess } = collection.pension;
      const parts = [
        ...collection.ordinary.map((part) => part.amount),
        ...collection.wageSpecial.map((part) => part.amount),
        ...provisional,
        ...main,
        ...ordinary,
      ];
      assert.ok(parts.every((part) => part >= 0));
      if (collection.method !== 'mixed') assert.equal(sum(parts) - excess, annual.payable);
      assert.ok(out.totalIncomeAfterLosses >= 0 && out.incomes.unabsorbedLoss >= 0);
    }),
    { numRuns: 3_000, seed: 20_261_121 },
  );
});
