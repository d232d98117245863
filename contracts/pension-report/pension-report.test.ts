import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import type { Outcome } from '@musubi/kernel/records/faults.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { type PensionReportRecord, pensionReportLayout } from './layout.ts';
import {
  type PensionPaymentReport,
  readPensionPaymentReports,
  writePensionPaymentReports,
} from './pension-payment-report.ts';

const meguro = unwrap(parseLocalGovernmentCode('131105'));
const setagaya = unwrap(parseLocalGovernmentCode('131121'));
const number = makeIndividualNumber(seededRandom('a pensioner'));
const empty = Object.fromEntries(pensionReportLayout.fields.map(({ name }) => [name, undefined]));
const aRecord = (over: Partial<PensionReportRecord> = {}): PensionReportRecord =>
  ({
    ...empty,
    formKind: '331',
    payerAddress: '東京都杉並区高井戸西３－５－２４',
    payerName: '日本年金機構',
    submissionKind: 'new',
    incomeYearInEra: '07',
    address: '東京都目黒区中目黒１－２－３',
    livesAbroad: false,
    name: '田中　一雄',
    bornEra: '昭和',
    bornYear: '25',
    bornMonth: '05',
    bornDay: '10',
    paid1Yen: yen(1_980_000),
    paid2Yen: yen(20_000),
    withheld1Yen: yen(12_500),
    spouse: 'yes',
    otherDependants: 1,
    socialInsuranceYen: yen(78_000),
    payerNumber: '4011305001653',
    kana: 'ﾀﾅｶ ｶｽﾞｵ',
    individualNumber: number,
    municipality: meguro,
    ...over,
  }) as PensionReportRecord;

async function read(bytes: Uint8Array) {
  const outcomes: Outcome<PensionPaymentReport>[] = [];
  const summary = await readPensionPaymentReports([bytes], {
    municipality: meguro,
    each: (o) => void outcomes.push(o),
  });
  assert.equal(summary.in, summary.accepted + summary.rejected);
  return { outcomes, faults: outcomes.flatMap((o) => (o.accepted ? o.warnings : o.faults)) };
}
const written = (...records: readonly PensionReportRecord[]): Uint8Array =>
  unwrap(writePensionPaymentReports(records)).bytes;

test('331 公的年金等支払報告書は75項目、支払金額は各号の合計、書けば同じ内容に戻る', async () => {
  assert.equal(pensionReportLayout.fields.length, 75);
  const bytes = written(aRecord());
  const { outcomes, faults } = await read(bytes);
  assert.deepEqual(faults, []);
  const [outcome] = outcomes;
  assert.ok(outcome?.accepted);
  const { value } = outcome;
  assert.deepEqual([value.paid, value.incomeYear, value.bornOn?.toString()], [2_000_000, 2025, '1950-05-10']);
  assert.ok(value.columns.individualNumber?.equals(number));
  assert.deepEqual(written(value.columns), bytes);
});

test('P08 W02・W05・W06・W07・W08・W09: 悪い行は規則と項目を示して拒否し、値は示さない', async () => {
  const text = Buffer.from(written(aRecord())).toString('latin1');
  const bytes = (change: (line: string) => string): Buffer => Buffer.from(change(text), 'latin1');
  const first = async (file: Uint8Array) => (await read(file)).faults[0];
  assert.equal((await first(bytes((t) => t.replace('331,', '331,,'))))?.rule, 'W02');
  assert.equal((await first(bytes((t) => t.replace('1980000', '19800A0'))))?.rule, 'W05');
  assert.equal((await first(bytes((t) => t.replace(number.digits(), '123456789012'))))?.rule, 'W06');
  assert.equal((await first(written(aRecord({ municipality: setagaya }))))?.rule, 'W07');
  assert.equal(
    (await first(written(aRecord({ spousePersonName: '田中　花', spousePersonNumber: number }))))?.word,
    'same-number-twice',
  );
  const unpaid = await first(written(aRecord({ unpaid1Yen: yen(2_000_000) })));
  assert.deepEqual([unpaid?.rule, unpaid?.severity], ['W08', 'warning']);
  assert.equal((await first(written(aRecord({ bornMonth: '02', bornDay: '30' }))))?.rule, 'W09');
});
