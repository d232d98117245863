import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPensionFile } from '@musubi/contracts/pension-collection/files.ts';
import { fetchPensionFile, givePensionFile, listPensionFiles } from '@musubi/contracts/pension-collection/line.ts';
import { lastDayFor } from '@musubi/contracts/pension-collection/months.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { AnyEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { fetchFile, listFiles } from '@musubi/pension/service/give-files.ts';
import { takeFile } from '@musubi/pension/service/take-file.ts';
import { anInsurer, aRecipient, ward } from '@musubi/pension/test/an-insurer.ts';
import { isOpen } from '../domain/charges.ts';
import { type PensionDeps, pensionWorker } from '../service/pension-collection/functions.ts';
import { pensionRound } from '../service/pension-collection/round.ts';
import { linkSubject, readUnlinked } from '../service/pension-collection/subjects.ts';
import { readPensionWatch, stopAlarm } from '../service/pension-collection/watch.ts';
import {
  aPerson,
  assessAll,
  chargeAll,
  clerk,
  decideAll,
  sentCharges,
  type TaxTest,
  taxTest,
} from './assessment-setup.ts';

/** The reports of a person as if the insurer had filed them: a pension alone. */
const pensionOf = act('test.pension-report', {
  right: ['resident-tax', 'person', 'update'],
  async run(tx, _deps: TaxTest['deps'], { personId }: { personId: string }) {
    await tx`update resident_tax.report r set kind = 'pension-payment-report', columns = '{}'::jsonb
              from resident_tax.report_state s where s.report_id = r.report_id and s.person_id = ${personId}`;
    tx.record({ event: 'test.report' });
    return ok(undefined);
  },
});

const address = '東京都目黒区上目黒二丁目19番15号';

/** A ward and an insurer on one line; `line` bends what goes over it. */
async function aWard() {
  const x = await taxTest();
  const insurer = await anInsurer('2026-05-25');
  await x.t.owner('grant update on resident_tax.report to public');
  const line = { rename: (name: string) => name, lost: false, calls: 0 };
  const call = async (
    endpoint: AnyEndpoint,
    _peer: string,
    _params: unknown,
    body: Record<string, string & number>,
  ) => {
    if (endpoint === listPensionFiles) return listFiles(insurer.deps, ward, { fiscalYear: body.fiscalYear! });
    if (endpoint === fetchPensionFile) return fetchFile(insurer.deps, ward, { fileName: body.fileName! });
    assert.equal(endpoint, givePensionFile);
    line.calls += 1;
    const content = Buffer.from(body.content!, 'utf8');
    const taken = await takeFile(insurer.deps, ward, { fileName: line.rename(body.fileName!), content });
    return line.lost ? err('timeout') : taken;
  };
  const deps: PensionDeps & TaxTest['deps'] = {
    ...x.deps,
    peers: { call: call as unknown as PeerClient['call'] },
    trust: insurer.trust,
    pension: 'finance/pension',
  };
  const on = (day: string) => {
    x.t.deps.civilClock.set(day);
    insurer.t.deps.civilClock.set(day);
  };
  return {
    x,
    deps,
    insurer,
    line,
    on,
    round: () => pensionRound(deps, pensionWorker),
    async pensioner(n: number, name: string, paidYen: number) {
      await insurer.register([
        aRecipient(n, { name, bornOn: `1955-03-${`${n}`.padStart(2, '0')}`, address, annualYen: paidYen }),
      ]);
      const born = `1955-03-${`${n}`.padStart(2, '0')}`;
      const { personId } = unwrap(await aPerson(deps, clerk, { name, born, address, reports: [{ paidYen }] }));
      unwrap(await pensionOf(deps, clerk, { personId }));
      return personId;
    },
    async levy() {
      await assessAll(deps);
      await decideAll(deps);
      await chargeAll(deps);
    },
    async [Symbol.asyncDispose]() {
      await insurer[Symbol.asyncDispose]();
      await x[Symbol.asyncDispose]();
    },
  };
}

const yenOf = (items: object): number =>
  Object.values(items as Record<string, number>).reduce((sum, yen) => sum + yen, 0);

test('AC-13 年金特別徴収: 月に一度のファイルの人数と合計は税システムと一致し、初年度は2期の普通徴収と10月・12月・2月になる', async () => {
  await using w = await aWard();
  await w.pensioner(1, '山田 一郎', 3_000_000);
  await w.pensioner(2, '品川 次郎', 2_800_000);
  w.on('2026-06-01');
  assert.deepEqual(await w.round(), { faults: [] });
  await w.levy();
  const levies = await w.x.t.owner<{ collection: string; annual: number }>(
    'select collection, annual_yen::int as annual from resident_tax.assessment order by annual_yen',
  );
  assert.deepEqual(
    levies.map((levy) => levy.collection),
    ['pension', 'pension'],
  );
  const charges = unwrap(await sentCharges(w.deps, clerk, undefined));
  for (const noticeNumber of new Set(charges.map((c) => c.noticeNumber))) {
    const own = charges.filter((c) => c.noticeNumber === noticeNumber);
    assert.deepEqual(own.map((c) => [c.method, c.instalment]).sort(), [
      ['ordinary', 1],
      ['ordinary', 2],
      ['pension', 10],
      ['pension', 12],
      ['pension', 2],
    ]);
    assert.ok(own.every((c) => (c.method === 'pension') === (c.collector?.name === '年金保険者')));
    const [oct, dec, feb] = [10, 12, 2].map((m) =>
      yenOf(own.find((c) => c.method === 'pension' && c.instalment === m)!.items),
    );
    assert.ok(dec === feb && dec! % 100 === 0 && oct! >= dec! && oct! - dec! < 300);
    assert.ok(levies.some(({ annual }) => annual === own.reduce((sum, c) => sum + yenOf(c.items), 0)));
  }

  w.on('2026-07-10');
  assert.deepEqual(await w.round(), { faults: [] });
  const { files, totals } = unwrap(await readPensionWatch(w.deps, clerk, { fiscalYear: 2026 }));
  const [file] = files;
  assert.deepEqual(
    [files.length, file?.fileName, file?.receivedOn, file?.refused],
    [1, 'NT_131105_2026_orders_001.csv', '2026-07-10', 0],
  );
  // What the insurer holds: count and yen of October to February equal the ward's own; and the next year's 仮徴収 is half of the tax.
  const held = await w.insurer.t.owner<{ month: string; persons: number; yen: number }>(
    'select month, count(*)::int as persons, sum(amount_yen)::int as yen from pension.deduction_order group by 1 order by 1',
  );
  const main = held.filter(({ month }) => ['2026-10', '2026-12', '2027-02'].includes(month));
  assert.deepEqual(
    [main.map(({ persons }) => persons), main.reduce((sum, { yen }) => sum + yen, 0)],
    [[2, 2, 2], totals.totalYen],
  );
  assert.equal(totals.persons, file?.persons);
  const provisional = held.filter(({ month }) => ['2027-04', '2027-06', '2027-08'].includes(month));
  const half = levies.reduce((sum, { annual }) => sum + Math.trunc(annual / 200) * 100, 0);
  assert.equal(
    provisional.reduce((sum, { yen }) => sum + yen, 0),
    half,
  );
  // Once a month, and nothing again that did not change.
  await w.round();
  w.on('2026-08-03');
  await w.round();
  assert.equal(w.line.calls, 1);

  // Kept back, paid over by 通知書番号 and month, and told back.
  await w.insurer.work('2026-10-15');
  const october = main.find(({ month }) => month === '2026-10')!;
  assert.deepEqual(
    [[...w.insurer.paid.values()].reduce((sum, { amount }) => sum + amount, 0), w.insurer.paid.size],
    [october.yen, 2],
  );
  w.on('2026-11-01');
  assert.deepEqual(await w.round(), { faults: [] });
  const results = await w.x.t.owner<{ n: number }>(
    'select count(*)::int as n from resident_tax.pension_result where withheld_yen = ordered_yen',
  );
  assert.deepEqual(results, [{ n: 2 }]);
});

test('INC-25 中止依頼: 受付の証拠がない間は10日前から担当に、5日前から課長に知らせ、期限を過ぎたら徴収される人と額が出る', async () => {
  await using w = await aWard();
  const personId = await w.pensioner(1, '山田 一郎', 3_000_000);
  w.on('2026-06-01');
  await w.round();
  await w.levy();
  w.on('2026-07-10');
  await w.round();
  const before = unwrap(await sentCharges(w.deps, clerk, undefined));
  const october = yenOf(before.find((c) => c.method === 'pension' && c.instalment === 10)!.items);

  // He dies on 20 July; the file of stops goes out under a name that the insurer refuses, and again, and again.
  w.on('2026-07-25');
  await w.x.t.owner(`update resident_tax.person_state set removed_on = '2026-07-20', reason = 'death'`);
  w.line.rename = (name) => name.replace('stops', 'stop');
  await w.round();
  await w.round();
  const watch = async () => unwrap(await readPensionWatch(w.deps, clerk, { fiscalYear: 2026 }));
  const [file] = (await watch()).files.filter(({ kind }) => kind === 'stops');
  assert.deepEqual([file?.receivedOn, file?.attempts, file?.lastWord], [null, 2, 'wrong-file-name']);
  assert.deepEqual(
    (await watch()).stops.map((stop) => [stop.personId, stop.fromMonth, stop.amountYen, stop.state, stop.alarm]),
    [[personId, '2026-10', october, 'not-received', 'none']],
  );
  // What is left of the year is paid by slip: nothing is asked of the pension, the levy is whole.
  await chargeAll(w.deps);
  const now = new Map(unwrap(await sentCharges(w.deps, clerk, undefined)).map((c) => [c.chargeId, c]));
  const standing = [...now.values()];
  assert.ok(standing.filter((c) => c.method === 'pension').every((c) => yenOf(c.items) === 0));
  assert.equal(
    standing.reduce((sum, c) => sum + yenOf(c.items), 0),
    before.reduce((sum, c) => sum + yenOf(c.items), 0),
  );

  for (const [day, alarm] of [
    ['2026-07-30', 'none'],
    ['2026-07-31', 'clerk'],
    ['2026-08-05', 'chief'],
    ['2026-08-11', 'overdue'],
  ] as const) {
    w.on(day);
    assert.equal((await watch()).stops[0]?.alarm, alarm, day);
  }
  const warned = await w.x.t.owner(
    `select 1 from audit.intake_event where body like '%"pension-stop.unacknowledged"%'`,
  );
  assert.equal(warned.length, 3);

  // The name is right again in time, but the answer is lost: the same bytes go again, and the receipt ends the alarm.
  w.on('2026-08-10');
  w.line.rename = (name) => name;
  w.line.lost = true;
  await w.round();
  assert.equal((await watch()).stops.length, 1, 'no receipt, no proof');
  w.line.lost = false;
  await w.round();
  assert.deepEqual((await watch()).stops, []);
  await w.insurer.work('2026-10-15');
  assert.equal(w.insurer.paid.size, 0, 'nobody is withheld from');
});

test('INC-18 仮徴収の前年の値: 更正後の決定額を種類で読み、減免の額には左右されず、ない値は推し量らない', async () => {
  await using w = await aWard();
  const personId = await w.pensioner(1, '山田 一郎', 3_000_000);
  w.on('2026-06-01');
  await w.round();
  await w.levy();
  await w.x.t.owner(`update resident_tax.report set paid_yen = 2900000`);
  await w.levy();
  const years = await w.x.t.owner<{ annual: number }>(
    'select annual_yen::int as annual from resident_tax.assessment order by version',
  );
  assert.equal(years.length, 2);
  w.on('2026-07-10');
  await w.round();
  const asked = async () => {
    const rows = await w.insurer.t.owner<{ yen: number }>(
      `select sum(amount_yen)::int as yen from pension.deduction_order where month in ('2027-04', '2027-06', '2027-08')`,
    );
    return rows[0]!.yen;
  };
  assert.equal(await asked(), Math.trunc(years[1]!.annual / 200) * 100);
  // A levy of a year whose tax before 定額減税 is not stored: the person waits, with the reason.
  await w.x.t.owner(`update resident_tax.assessment set fiscal_year = 2025`);
  await w.x.t.owner(`update resident_tax.pension_subject_link set fiscal_year = 2026 where person_id = $1`, [personId]);
  const { end } = await assessAll(w.deps);
  assert.equal(end.state, 'done');
  assert.deepEqual(await w.x.t.owner('select code from jobs.reject'), [{ code: 'previous-year-value-missing' }]);
});

test('002-RTX-F4.4 対象者情報: 名簿の氏名・生年月日・住所が一人と一致するときだけ結び付き、ほかは担当者が選び、別人は選べない', async () => {
  await using w = await aWard();
  const one = await w.pensioner(1, '山田 一郎', 3_000_000);
  // Of one name and birth date: a namesake in the ward, so nobody is linked by itself.
  const namesake = unwrap(
    await aPerson(w.deps, clerk, {
      name: '山田 一郎',
      born: '1955-03-01',
      address: '東京都目黒区八雲1-1-1',
      reports: [{ paidYen: 1 }],
    }),
  ).personId;
  const stranger = unwrap(await aPerson(w.deps, clerk, { name: '別人 花子', reports: [{ paidYen: 1 }] })).personId;
  await w.round();
  const { rows } = unwrap(await readUnlinked(w.deps, clerk, { fiscalYear: 2026 }));
  assert.equal(rows.length, 1);
  const command = { fiscalYear: 2026, pensionNumber: '0000000001', pensionCode: '1150' };
  assert.deepEqual(await linkSubject(w.deps, clerk, { ...command, personId: stranger }), err('another-person'));
  const both = await Promise.all([
    linkSubject(w.deps, clerk, { ...command, personId: one }),
    linkSubject(w.deps, clerk, { ...command, personId: namesake }),
  ]);
  assert.deepEqual(both.map((done) => done.ok).sort(), [false, true]);
  // The same file again changes nothing; a file that is cut is not taken at all.
  assert.deepEqual(await w.round(), { faults: [] });
  assert.equal((await w.x.t.owner('select 1 from resident_tax.pension_subject')).length, 1);
  assert.equal(readPensionFile(Buffer.from('H,NT'), 'subjects').ok, false);
});

test('INC-25 税システムと保険者の期限は同じ日: どの月でも一致する', () => {
  for (const month of ['2026-04', '2026-06', '2026-08', '2026-10', '2026-12', '2027-02']) {
    const last = lastDayFor(month);
    const dueOn = Temporal.PlainDate.from(`${month}-10`).add({ months: 1 });
    assert.deepEqual(
      [isOpen({ method: 'pension', dueOn }, last), isOpen({ method: 'pension', dueOn }, last.add({ days: 1 }))],
      [true, false],
    );
    assert.equal(stopAlarm(month, last.add({ days: 1 })).alarm, 'overdue');
  }
});
