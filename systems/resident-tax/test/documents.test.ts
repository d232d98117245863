import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Procedure } from '@musubi/contracts/eltax/delivery.ts';
import { type PensionReportRecord, pensionReportLayout } from '@musubi/contracts/pension-report/layout.ts';
import { writePensionPaymentReports } from '@musubi/contracts/pension-report/pension-payment-report.ts';
import { type OneStopRecord, writeOneStopNotices } from '@musubi/contracts/tax-return/one-stop-notice.ts';
import { writeReturnXml } from '@musubi/contracts/tax-return/return-xml.ts';
import { type TaxReturnRecord, writeTaxReturns } from '@musubi/contracts/tax-return/tax-return.ts';
import { type WardReturnRecord, writeWardReturns } from '@musubi/contracts/tax-return/ward-return.ts';
import { toEraDate } from '@musubi/kernel/calendar/eras.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { toFullWidthAscii } from '@musubi/kernel/text/width.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import type { Deps } from '../deps.ts';
import { orderKeying, receiveKeyedBatch, verifyBatch } from '../service/intake/keyed-batches.ts';
import { readOpenIntakes } from '../service/intake/read-intakes.ts';
import { receiveDelivery, taxAgency } from '../service/intake/receive-delivery.ts';
import { takeIn } from '../service/intake/take-in.ts';
import { aSheet } from './a-sheet.ts';
import {
  anIntake,
  clerk,
  coverOf,
  fileOf,
  type IntakeTest,
  job,
  meguro,
  people,
  receive,
  recordOf,
  register,
  type Someone,
  sampleColumns,
} from './an-intake.ts';
import { assessAll } from './assessment-setup.ts';

const two = (n: number): string => `${n}`.padStart(2, '0');
const nothing = Object.fromEntries(pensionReportLayout.fields.map(({ name }) => [name, undefined]));

function aPension(who: Someone, over: Partial<PensionReportRecord> = {}): PensionReportRecord {
  const born = toEraDate(Temporal.PlainDate.from(who.bornOn));
  return {
    ...nothing,
    formKind: '331',
    payerAddress: '東京都杉並区高井戸西３－５－２４',
    payerName: '日本年金機構',
    payerNumber: '4011305001653',
    submissionKind: 'new',
    incomeYearInEra: '07',
    address: toFullWidthAscii(who.address),
    livesAbroad: false,
    name: who.name,
    kana: who.kana,
    bornEra: born.era,
    bornYear: two(born.year),
    bornMonth: two(born.month),
    bornDay: two(born.day),
    individualNumber: who.number,
    municipality: meguro,
    paid1Yen: yen(1_980_000),
    socialInsuranceYen: yen(78_000),
    ...over,
  } as PensionReportRecord;
}

function aReturn(who: Someone, items: Record<string, string>, over: Partial<TaxReturnRecord> = {}): TaxReturnRecord {
  const shared = { ...who, individualNumber: who.number.digits() };
  return {
    formKind: 'KZ01',
    receptionNumber: '2026022000000001',
    medium: 'e-tax',
    returnKind: 'final',
    incomeYear: '2025',
    filedOn: Temporal.PlainDate.from('2026-02-20'),
    taxOffice: '01119',
    municipality: meguro,
    individualNumber: who.number,
    kana: who.kana,
    name: who.name,
    bornOn: Temporal.PlainDate.from(who.bornOn),
    address: who.address,
    replaces: undefined,
    content: writeReturnXml({ items: new Map(Object.entries(items)), numbers: new Map() }, shared),
    ...over,
  };
}

const aNotice = (who: Someone, no: number, over: Partial<OneStopRecord> = {}): OneStopRecord => ({
  formKind: 'ST01',
  version: '1',
  noticeKind: 'new',
  noticeNumber: `2026-${no}`,
  replaces: undefined,
  donationYear: '2025',
  givenTo: `01100${2}` as OneStopRecord['givenTo'],
  municipality: meguro,
  kana: who.kana,
  name: who.name,
  bornOn: Temporal.PlainDate.from(who.bornOn),
  postalCode: undefined,
  address: who.address,
  individualNumber: who.number,
  phone: undefined,
  amountYen: yen(30_000),
  donations: 1,
  appliedOn: Temporal.PlainDate.from('2025-12-01'),
  changed: false,
  ...over,
});

const senders: Partial<Record<Procedure, { corporateNumber: string; name: string }>> = {
  'tax-return': { corporateNumber: taxAgency, name: '国税庁' },
};

async function bringIn(deps: Deps, procedure: Procedure, bytes: Uint8Array, records: number) {
  const payer = senders[procedure] ?? { corporateNumber: '4011305001653', name: '送信元' };
  const { intakeId } = unwrap(
    await receive(deps, coverOf(deps, bytes, records, { procedure, payer }), Buffer.from(bytes)),
  );
  assert.equal(unwrap(await runBatch(deps, job, takeIn, { intakeId })).state, 'done');
  return intakeId;
}
const bringPensions = (deps: Deps, ...of: readonly PensionReportRecord[]) =>
  bringIn(deps, 'pension-payment-report', unwrap(writePensionPaymentReports(of)).bytes, of.length);
const bringReturns = (deps: Deps, ...of: readonly TaxReturnRecord[]) =>
  bringIn(deps, 'tax-return', unwrap(writeTaxReturns(of)), of.length);
const bringNotices = (deps: Deps, ...of: readonly OneStopRecord[]) =>
  bringIn(deps, 'one-stop-notice', unwrap(writeOneStopNotices(of)), of.length);

const documents = (i: IntakeTest, personId: string | undefined) =>
  i.t.owner<{ kind: string; state: string }>(
    `select r.kind, s.state from resident_tax.report_state s join resident_tax.report r using (report_id)
      where s.person_id = $1 order by r.report_id`,
    [personId],
  );
const levy = async (i: IntakeTest, personId: string | undefined) => {
  const rows = await i.t.owner<{ annual: string; income: string }>(
    `select annual_yen::text as annual, total_income_yen::text as income from resident_tax.assessment where person_id = $1
      order by version desc`,
    [personId],
  );
  return rows.map((row) => [Number(row.income), Number(row.annual)]);
};

test('002-RTX-F2.1 年金報告書・確定申告書・申告特例通知は給与支払報告書と同じ道で入り、一人の税額になる', async () => {
  await using i = await anIntake();
  const everyone = people(4);
  const [worker, pensioner, owner, donor] = everyone as [Someone, Someone, Someone, Someone];
  const ids = await register(i.deps, everyone);
  const sample = await sampleColumns();
  const wages = { paidYen: yen(4_000_000), incomeAfterDeductionYen: yen(2_760_000), socialInsuranceYen: yen(600_000) };
  const salaries = fileOf([recordOf(sample, worker, wages), recordOf(sample, donor, wages)]);
  await bringIn(i.deps, 'salary-payment-report', salaries, 2);
  await bringPensions(i.deps, aPension(pensioner));
  await bringReturns(i.deps, aReturn(owner, { ABB00030: '5000000', ABB00300: '3000000', ABB00410: '3000000' }));
  await bringNotices(i.deps, aNotice(donor, 1));
  assert.deepEqual(await documents(i, ids.get(4)), [
    { kind: 'salary-payment-report', state: 'linked' },
    { kind: 'one-stop-notice', state: 'linked' },
  ]);

  assert.equal((await assessAll(i.deps)).end.state, 'done');
  const [[, workers]] = (await levy(i, ids.get(1))) as [[number, number]];
  const [[, donors]] = (await levy(i, ids.get(4))) as [[number, number]];
  assert.ok(donors < workers, '申告特例控除');
  assert.equal((await levy(i, ids.get(3)))[0]?.[0], 3_000_000);
  assert.equal((await levy(i, ids.get(2))).length, 1);
});

test('附則7条6項 後から届いた確定申告は、申告特例を無効にし、税額を改める。申告書が取り下げられれば元に戻る (INC-23)', async () => {
  await using i = await anIntake();
  const [donor] = people(1) as [Someone];
  const ids = await register(i.deps, [donor]);
  const sample = await sampleColumns();
  const wages = { paidYen: yen(4_000_000), incomeAfterDeductionYen: yen(2_760_000), socialInsuranceYen: yen(600_000) };
  await bringIn(i.deps, 'salary-payment-report', fileOf([recordOf(sample, donor, wages)]), 1);
  await bringNotices(i.deps, aNotice(donor, 1));
  await assessAll(i.deps);
  const declared = { ABB00080: '4000000', ABB00370: '2760000', ABB00410: '2760000', ABB00450: '600000' };
  await bringReturns(i.deps, aReturn(donor, declared));
  await assessAll(i.deps);
  await bringReturns(
    i.deps,
    aReturn(
      donor,
      {},
      {
        receptionNumber: '2026030100000001',
        returnKind: 'withdrawn',
        replaces: '2026022000000001',
        content: undefined,
      },
    ),
  );
  await assessAll(i.deps);
  const versions = await levy(i, ids.get(1));
  assert.equal(versions.length, 3);
  const [last, middle, first] = versions.map(([, annual]) => annual!) as [number, number, number];
  assert.ok(middle > first, 'the donation no longer counts');
  assert.equal(last, first);
});

test('K05 修正申告は確定申告に代わり、前の申告書は履歴に残る', async () => {
  await using i = await anIntake();
  const [owner] = people(1) as [Someone];
  const ids = await register(i.deps, [owner]);
  await bringReturns(i.deps, aReturn(owner, { ABB00030: '5000000', ABB00300: '3000000' }));
  await bringReturns(
    i.deps,
    aReturn(
      owner,
      { ABB00030: '5000000', ABB00300: '3500000' },
      {
        receptionNumber: '2026030200000007',
        returnKind: 'amended',
        replaces: '2026022000000001',
        filedOn: Temporal.PlainDate.from('2026-03-02'),
      },
    ),
  );
  assert.deepEqual(
    (await documents(i, ids.get(1))).map(({ state }) => state),
    ['superseded', 'linked'],
  );
  await assessAll(i.deps);
  assert.equal((await levy(i, ids.get(1)))[0]?.[0], 3_500_000);
});

test('002-NTL-F1 K02 読めない申告書は不受理一覧に項目の符号で残り、ほかの申告書は取り込まれる', async () => {
  await using i = await anIntake();
  const [a, b] = people(2) as [Someone, Someone];
  await register(i.deps, [a, b]);
  const good = aReturn(a, { ABB00300: '1000000' });
  const bad = aReturn(b, { ABB00300: '1000000' });
  const intakeId = await bringReturns(i.deps, good, {
    ...bad,
    content: bad.content!.replaceAll('ABB00300', 'ABB77777'),
  });
  const [fault] = await i.t.owner('select rule, word, field from resident_tax.intake_fault where intake_id = $1', [
    intakeId,
  ]);
  assert.deepEqual(fault, { rule: 'K02', word: 'unknown-element', field: 'ABB77777' });
  const [outcome] = await i.t.owner('select accepted_count, rejected_count from resident_tax.intake_outcome');
  assert.deepEqual(outcome, { accepted_count: 1, rejected_count: 1 });
});

test('番号利用法12条 申告書・年金・寄附のどの資料からも、個人番号は保管庫の外に残らない', async () => {
  await using i = await anIntake();
  const [a, wife] = people(2) as [Someone, Someone];
  await register(i.deps, [a, wife]);
  await bringPensions(
    i.deps,
    aPension(a, { spouse: 'yes', spousePersonName: wife.name, spousePersonNumber: wife.number }),
  );
  await bringNotices(i.deps, aNotice(a, 1));
  const shared = { ...a, individualNumber: a.number.digits() };
  const items = { items: new Map([['ABY00020', wife.name]]), numbers: new Map([['ABY00030', wife.number]]) };
  await bringReturns(i.deps, { ...aReturn(a, {}), content: writeReturnXml(items, shared) });
  for (const table of ['report', 'report_relative', 'intake', 'intake_fault', 'match_step']) {
    const text = JSON.stringify(await i.t.owner(`select * from resident_tax.${table}`));
    for (const who of [a, wife]) assert.ok(!text.includes(who.number.digits()), table);
  }
  const relatives = await i.t.owner<{ person_id: string | null }>('select person_id from resident_tax.report_relative');
  assert.equal(relatives.length, 2);
  assert.ok(
    relatives.every(({ person_id }) => person_id !== null),
    'the relative is known here by the number',
  );
});

test('002-NTL-F1 国税庁以外が送った確定申告書と、予告と違う手続の配信は、ファイルごと返戻する', async () => {
  await using i = await anIntake();
  const [a] = people(1) as [Someone];
  await register(i.deps, [a]);
  const bytes = Buffer.from(unwrap(writeTaxReturns([aReturn(a, {})])));
  const stranger = unwrap(await receive(i.deps, coverOf(i.deps, bytes, 1, { procedure: 'tax-return' }), bytes));
  assert.equal(stranger.refusal, 'sender-not-entitled');
  const other = Buffer.from(unwrap(writeOneStopNotices([aNotice(a, 1)])));
  const cover = coverOf(i.deps, other, 1, { procedure: 'one-stop-notice' });
  unwrap(
    await receive(i.deps, { ...cover, fileSha256: 'f'.repeat(64) }, other).then(
      () => ({ ok: true, value: 1 }) as const,
    ),
  );
  const changed = await receiveDelivery(i.deps, job, {
    cover: { ...cover, procedure: 'pension-payment-report' },
    coverJws: 'signed elsewhere',
    file: other,
  });
  assert.equal(unwrap(changed).refusal, 'other-procedure');
});

test('002-RTX-F2.1 紙の住民税申告は、発注した枚数がそろって納品され、二人の入力が一致したものだけが賦課に使われる', async () => {
  await using i = await anIntake();
  const [a, b] = people(2) as [Someone, Someone];
  const ids = await register(i.deps, [a, b]);
  const order = {
    incomeYear: 2025,
    sheets: 2,
    contractor: { corporateNumber: '4011305001653', name: '見本データ入力株式会社' },
    takenBy: '入力 次郎',
  };
  const refused = async (result: Promise<{ ok: boolean; error?: string }>) => (await result).error;
  assert.equal(await refused(orderKeying(i.deps, clerk, { ...order, sheets: 0 })), 'no-sheets');
  const stranger = { ...order.contractor, corporateNumber: '1' };
  assert.equal(await refused(orderKeying(i.deps, clerk, { ...order, contractor: stranger })), 'no-such-contractor');
  const { deliveryId, batchNumber } = unwrap(await orderKeying(i.deps, clerk, order));
  const good = aSheet(a, batchNumber, 1);
  const typo = aSheet(b, batchNumber, 2);
  const bytes = (...sheets: readonly WardReturnRecord[]) => unwrap(writeWardReturns(sheets));
  assert.equal(await refused(orderKeying(i.deps, clerk, { ...order, takenBy: ' ' })), 'not-confirmed');
  const deliver = (file: Uint8Array) => receiveKeyedBatch(i.deps, clerk, { deliveryId, file });
  const fault = async (file: Uint8Array) => {
    const delivered = unwrap(await deliver(file));
    return delivered.outcome === 'refused' ? delivered.fault : delivered.outcome;
  };
  assert.equal(await fault(bytes(good)), 'sheet-missing');
  assert.equal(await fault(bytes(good, good)), 'sheet-twice');
  assert.equal(await fault(bytes(aSheet(a, '9', 1), typo)), 'other-batch');
  assert.equal(await fault(bytes(good, typo).subarray(0, -9)), 'cut-short');
  const whole = bytes(good, { ...typo, entryB: typo.entryB.replace('1200000', '1260000') });
  const tries = await Promise.all([deliver(whole), deliver(whole)]);
  assert.deepEqual(tries.map((t) => (t.ok ? 'ok' : t.error)).toSorted(), ['already-delivered', 'ok']);
  const waiting = unwrap(await readOpenIntakes(i.deps, job, undefined));
  assert.deepEqual(waiting.open, []);
  const { intakeId } = unwrap(await verifyBatch(i.deps, clerk, { deliveryId, sheets: 2 }));
  assert.equal(unwrap(await runBatch(i.deps, job, takeIn, { intakeId })).state, 'done');
  const faults = await i.t.owner<{ rule: string; field: string }>(
    'select rule, field from resident_tax.intake_fault order by fault_no',
  );
  assert.deepEqual(
    faults.map(({ rule, field }) => `${rule} ${field}`),
    ['D02 ABB00410'],
  );
  assert.deepEqual(unwrap(await readOpenIntakes(i.deps, job, undefined)).unacknowledged, []);
  await assessAll(i.deps);
  assert.equal((await levy(i, ids.get(1)))[0]?.[0], 1_200_000);
  assert.deepEqual(await levy(i, ids.get(2)), []);
});
