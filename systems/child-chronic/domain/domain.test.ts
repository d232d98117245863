import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowsClaiming } from '@musubi/rates/dated.ts';
import { type Condition, ceilingRates, decideTier, type TierBasis } from './ceilings.ts';
import { standardMember, taxYearOf } from './intake.ts';
import { readTaxAnswer } from './tax-answer.ts';

const day = Temporal.PlainDate.from;
const taxed = (perIncomeYen: number): TierBasis => ({
  publicAssistance: false,
  taxed: 'taxed',
  perIncomeYen,
  totalIncomeYen: 3_000_000,
});
const exempt = (totalIncomeYen: number | undefined): TierBasis => ({
  publicAssistance: false,
  taxed: 'exempt',
  perIncomeYen: 0,
  totalIncomeYen,
});

const rows: readonly [string, TierBasis, Condition, string, number][] = [
  ['生活保護', { ...taxed(0), publicAssistance: true }, 'general', '1', 0],
  ['非課税80万9千円以下', exempt(809_000), 'general', '2', 1_250],
  ['非課税80万9千円超', exempt(809_001), 'severe', '3', 2_500],
  ['非課税で収入不明', exempt(undefined), 'general', '3', 2_500],
  ['均等割のみ', taxed(0), 'general', '4', 5_000],
  ['所得割70,999円', taxed(70_999), 'severe', '4', 2_500],
  ['所得割71,000円', taxed(71_000), 'general', '5', 10_000],
  ['所得割81,000円 (rules §2.1の例)', taxed(81_000), 'general', '5', 10_000],
  ['所得割250,999円', taxed(250_999), 'severe', '5', 5_000],
  ['所得割251,000円', taxed(251_000), 'general', '6', 15_000],
  ['人工呼吸器等', taxed(900_000), 'ventilator', '6', 500],
  ['血友病等', taxed(900_000), 'haemophilia', '6', 0],
  [
    '所得が確認できない',
    { publicAssistance: false, taxed: undefined, perIncomeYen: undefined, totalIncomeYen: undefined },
    'general',
    '6',
    15_000,
  ],
];
for (const [title, basis, condition, tier, ceilingYen] of rows) {
  test(`001 MED-X8 自己負担上限月額: ${title} → ${tier}階層 ${ceilingYen}円 (児童福祉法施行令22条)`, () => {
    const decided = decideTier(basis, condition, day('2026-07-01'));
    assert.deepEqual([decided.tier, decided.ceilingYen], [tier, ceilingYen]);
  });
}

test('001-8.17 所得割71,000円は10,000円、重症5,000円、人工呼吸器等500円、生活保護0円、70,999円は5,000円、251,000円は15,000円', () => {
  const ceiling = (basis: TierBasis, condition: Condition = 'general') =>
    decideTier(basis, condition, day('2026-07-01')).ceilingYen;
  assert.deepEqual(
    [
      ceiling(taxed(71_000)),
      ceiling(taxed(71_000), 'severe'),
      ceiling(taxed(71_000), 'ventilator'),
      ceiling({ ...taxed(71_000), publicAssistance: true }),
      ceiling(taxed(70_999)),
      ceiling(taxed(251_000)),
    ],
    [10_000, 5_000, 500, 0, 5_000, 15_000],
  );
});

test('001 低所得1の基準額は申請日で変わる。表にない日は判定しない', () => {
  assert.equal(decideTier(exempt(805_000), 'general', day('2025-06-30')).tier, '3');
  assert.equal(decideTier(exempt(805_000), 'general', day('2025-07-01')).tier, '2');
  assert.throws(() => decideTier(exempt(0), 'general', day('2027-04-01')), /no row/);
  for (let d = day('2018-01-01'); d.year < 2027; d = d.add({ days: 97 }))
    assert.equal(rowsClaiming(ceilingRates, d.toString()).length, 1);
});

test('rules medical-subsidy §2.1 7月以降は当年度、6月までは前年度、更新は当年度の税', () => {
  assert.equal(taxYearOf(day('2026-06-30'), 'new'), 2025);
  assert.equal(taxYearOf(day('2026-07-01'), 'new'), 2026);
  assert.equal(taxYearOf(day('2027-01-15'), 'new'), 2026);
  assert.equal(taxYearOf(day('2026-04-10'), 'renewal'), 2026);
});

const household = {
  appliedOn: day('2026-07-01'),
  patientBornOn: day('2018-06-01'),
  applicantIsPatient: false,
  insurer: 'employee-dependent',
  otherMembers: 0,
} as const;
test('INC-57 成年の受給者は本人の収入で判定する（2022年4月1日以降は18歳から）', () => {
  const eighteen = { ...household, patientBornOn: day('2004-04-02') };
  assert.deepEqual(standardMember({ ...eighteen, appliedOn: day('2022-03-31') }), { ok: true, value: 'applicant' });
  assert.deepEqual(standardMember({ ...eighteen, appliedOn: day('2022-04-01') }), {
    ok: false,
    error: 'adult-patient-applies',
  });
  assert.ok(standardMember({ ...eighteen, applicantIsPatient: true, insurer: 'employee-own' }).ok);
  const national = { ...household, insurer: 'national-health', otherMembers: 1 } as const;
  assert.deepEqual(standardMember(national), { ok: false, error: 'other-members-not-supported' });
});

test('001 MED-X8 調整控除後所得割額を優先し、ないときは注意を添える', () => {
  const full = readTaxAnswer('00', {
    課税区分: '課税',
    調整控除後所得割額: 81_000,
    市町村民税所得割額: 69_000,
    合計所得金額: 1,
  });
  assert.deepEqual([full.basis.perIncomeYen, full.caution], [81_000, undefined]);
  const less = readTaxAnswer('00', { 課税区分: '1', 市町村民税所得割額: 69_000 });
  assert.equal(less.basis.perIncomeYen, 69_000);
  assert.match(less.caution ?? '', /税額控除後/);
  assert.equal(readTaxAnswer('00', { 課税区分: '未申告' }).basis.taxed, undefined);
  assert.equal(readTaxAnswer('50', {}).basis.perIncomeYen, undefined);
});
