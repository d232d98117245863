import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { answerRequest, noteOutcome, readRequests, readSettlement } from '../service/requests.ts';
import {
  aHolder,
  anOffice,
  aRecord,
  aRequest,
  centre,
  contentOf,
  nameOf,
  type Office,
  requestIdOf,
  serialOf,
  typesetter,
} from './an-office.ts';

after(() => typesetter.close());

async function textOf(pdfBase64: string): Promise<string> {
  const document = await getDocument({ data: Uint8Array.from(Buffer.from(pdfBase64, 'base64')), verbosity: 0 }).promise;
  const content = await (await document.getPage(1)).getTextContent();
  return content.items.map((item) => ('str' in item ? item.str : '')).join('');
}
const ask = async (office: Office, i: number, more = {}) =>
  unwrap(await answerRequest(office.deps, centre, aRequest(i, more)));

test('INC-01 INC-03 百人が止まった時計の同じ時に申請しても、どの答えも自分の証明書で、番号は一つも重ならない', async () => {
  await using office = await anOffice();
  const people = Array.from({ length: 100 }, (_, i) => i + 1);
  for (const i of people) await aHolder(office, i);
  const answers = await Promise.all(people.map(async (i) => ({ i, answer: await ask(office, i) })));
  const numbers = new Set<string>();
  for (const { i, answer } of answers) {
    assert.ok(answer.result === '00');
    numbers.add(answer.documentNo);
    assert.equal(answer.certSerial, serialOf(i));
    const text = await textOf(answer.pdfBase64);
    assert.ok(text.includes(nameOf(i)), nameOf(i));
    assert.ok(text.includes(answer.documentNo));
    for (const other of people) if (other !== i) assert.ok(!text.includes(nameOf(other)));
  }
  assert.equal(numbers.size, 100);
  // The register of issues and what was given are one-to-one, and the paper's person is the card's.
  const rows = await office.t.owner(
    `select 1 from convenience_certificates.document d join convenience_certificates.request r using (request_id)
       join convenience_certificates.card c on c.cert_serial = r.cert_serial and c.org_person_number = d.org_person_number`,
  );
  assert.equal(rows.length, 100);
});

test('INC-01 同じ申請番号の繰返しは同じ証明書で、別の申請に使われた番号からは何も出ない (N04)', async () => {
  await using office = await anOffice();
  for (const i of [1, 2]) await aHolder(office, i);
  const tries = await Promise.all([1, 1, 1, 1].map((i) => ask(office, i)));
  const made = tries.filter((answer) => answer.result === '00');
  assert.ok(made.length >= 1);
  assert.ok(tries.every((answer) => answer.result === '00' || answer.result === '31'));
  assert.deepEqual(await ask(office, 1), made[0]);
  // The next person at the machine, with the number of the one before.
  assert.equal((await ask(office, 2, { requestId: aRequest(1).requestId })).result, '90');
  assert.equal((await office.t.owner('select 1 from convenience_certificates.document')).length, 1);
});

test('INC-01 N05 制限時間を過ぎてできた証明書は捨てられ、後から同じ番号で聞かれても出ない。半分を過ぎると知らせる', async () => {
  await using office = await anOffice();
  await aHolder(office, 1);
  office.meanwhile = async () => {
    office.ahead = 9_000;
  };
  assert.equal((await ask(office, 1)).result, '90');
  office.meanwhile = async () => {};
  assert.equal((await ask(office, 1)).result, '90');
  assert.deepEqual(office.alarms, ['certificates.slow']);
  assert.equal((await office.t.owner('select 1 from convenience_certificates.document')).length, 0);
  const [end] = await office.t.owner<{ reason: string }>('select reason from convenience_certificates.request_end');
  assert.equal(end?.reason, 'abandoned');
  assert.equal((await ask(office, 1, { requestId: aRequest(7).requestId })).result, '00');
});

test('INC-01 作成中に倒れたプロセスの申請は、時間を過ぎれば放棄として終わり、別の人の証明書にはならない', async () => {
  await using office = await anOffice();
  await aHolder(office, 1);
  office.meanwhile = async () => {
    throw new Error('killed');
  };
  await assert.rejects(answerRequest(office.deps, centre, aRequest(1)), /killed/);
  office.meanwhile = async () => {};
  assert.equal((await ask(office, 1)).result, '31');
  office.ahead = 60_000;
  assert.equal((await ask(office, 1)).result, '90');
  assert.equal((await ask(office, 1)).result, '90');
});

test('INC-05 個人住民税システムが応じない、又は記録が古いと言うときは、1秒後も1分後も1日後も交付しない', async () => {
  await using office = await anOffice();
  await aHolder(office, 1);
  let n = 1;
  const result = async (): Promise<string> => {
    const { requestId } = aRequest(++n);
    const certificateCheckedAt = office.deps.machineClock.now().toString();
    return (await ask(office, 1, { requestId, certificateCheckedAt })).result;
  };
  for (const says of ['stale', 'unreachable'] as const)
    for (const ahead of [1_000, 60_000, 86_400_000]) {
      office.says = says;
      office.ahead = ahead;
      assert.equal(await result(), '31');
    }
  assert.deepEqual(
    new Set(office.alarms),
    new Set(['certificates.record-behind', 'certificates.tax-system-unreachable']),
  );
  office.says = 'counts';
  assert.equal(await result(), '00');
  const reasons = await office.t.owner<{ reason: string }>(
    'select distinct reason from convenience_certificates.request_end order by 1',
  );
  assert.deepEqual(
    reasons.map((row) => row.reason),
    ['made', 'stale', 'unreachable'],
  );
});

test('INC-02 作成の途中で記録が変わると、前の記録の証明書は渡されない', async () => {
  await using office = await anOffice();
  await aHolder(office, 1);
  office.meanwhile = async () => {
    await aRecord(office, 1, { n: 2 });
  };
  assert.equal((await ask(office, 1)).result, '31');
  office.meanwhile = async () => {};
  assert.equal((await ask(office, 1, { requestId: aRequest(9).requestId })).result, '00');
});

test('INC-01 別人の記録から証明書を登録することは、データベースが拒む', async () => {
  await using office = await anOffice();
  for (const i of [1, 2]) {
    await aHolder(office, i);
    await ask(office, i);
  }
  await assert.rejects(
    office.t.owner(
      `update convenience_certificates.document d set record_id = (select o.record_id from convenience_certificates.document o
         where o.request_id <> d.request_id)`,
    ),
    /violates foreign key/,
  );
});

test('AC-26 002-CVS-F1 002-CVS-F2 002-CVS-F3 目黒 花子の証明書: その年度のものが記録されて渡り、税情報のない人・支援措置の人・取扱時間外には番号だけを答え、翌日の一覧はセンターの一覧と一致する', async () => {
  await using office = await anOffice();
  await aHolder(office, 1);
  const hanako = { ...contentOf(1), person: { ...contentOf(1).person, name: '目黒 花子' } };
  for (const [n, fiscalYear] of [2025, 2026].entries())
    await aRecord(office, 1, { n: n + 2, fiscalYear, content: { ...hanako, fiscalYear } });
  // The centre's own list: what it gave to a machine and the machine printed.
  const centresList: string[] = [];
  for (const [requestId, taxYear] of [
    [requestIdOf(1), '2026'],
    [requestIdOf(2), '2025'],
  ] as const) {
    const answer = await ask(office, 1, { requestId, taxYear });
    assert.ok(answer.result === '00');
    const text = await textOf(answer.pdfBase64);
    assert.ok(text.includes('目黒 花子') && text.includes(`令和${Number(taxYear) - 2018}年度`), taxYear);
    const printed = { outcome: 'printed', feeReceived: 300, printedAt: '2026-11-21T12:01:00+09:00' } as const;
    unwrap(await noteOutcome(office.deps, centre, { requestId, ...printed }));
    centresList.push(requestId);
  }
  const logged = await office.t.owner('select 1 from audit.intake_event where body like \'%"certificate.given"%\'');
  assert.equal(logged.length, 2);

  await aHolder(office, 2);
  await aRecord(office, 2, { n: 2, restriction: '1', content: null });
  await aHolder(office, 3);
  const refused = async (i: number, n: number, more = {}) =>
    (await ask(office, i, { requestId: requestIdOf(n), ...more })).result;
  assert.equal(await refused(2, 10), '20');
  assert.equal(await refused(3, 11, { taxYear: '2024' }), '11');
  assert.equal(await refused(99, 12), '30');
  office.ahead = 11 * 3_600_000;
  assert.equal(await refused(1, 13), '40');
  assert.equal((await office.t.owner('select 1 from convenience_certificates.document')).length, 2);

  // The next day: each side's list of what was printed, and the day's sum.
  office.ahead = 24 * 3_600_000;
  office.t.deps.civilClock.set('2026-11-22');
  const { rows } = unwrap(await readRequests(office.deps, centre, { open: false, limit: 50, offset: 0 }));
  const issued = rows.filter((row) => row.outcome === 'printed').map((row) => row.requestId);
  assert.deepEqual(issued.toSorted(), centresList.toSorted());
  const day = unwrap(await readSettlement(office.deps, centre, { date: '2026-11-21' })).rows;
  assert.deepEqual(day, [{ certType: '04', count: 2, copies: 2, feeYen: 600 }]);
});

test('002-CVS-F4 §3.1 印刷されたものだけが発行となり、税システムに一度だけ伝わり、日次の精算に載る', async () => {
  await using office = await anOffice();
  for (const i of [1, 2]) {
    await aHolder(office, i);
    await ask(office, i, { copies: 2 });
  }
  const state = (i: number, outcome: 'printed' | 'printFailed', feeReceived: number) =>
    noteOutcome(office.deps, centre, {
      requestId: aRequest(i).requestId,
      outcome,
      feeReceived,
      printedAt: outcome === 'printed' ? '2026-11-21T12:01:00+09:00' : null,
    });
  assert.deepEqual(await state(1, 'printed', 300), { ok: false, error: 'fee-differs' });
  assert.deepEqual(await state(2, 'printFailed', 600), { ok: false, error: 'fee-differs' });
  const twice = await Promise.all([state(1, 'printed', 600), state(1, 'printed', 600)]);
  assert.ok(twice.every((done) => done.ok));
  assert.ok((await state(2, 'printFailed', 0)).ok);
  assert.deepEqual(await state(1, 'printFailed', 0), { ok: false, error: 'outcome-already-stated' });
  assert.deepEqual(await state(3, 'printed', 600), { ok: false, error: 'no-such-request' });
  const told = await office.told();
  assert.deepEqual(
    told.map((one) => [one.orgPersonNumber, one.channel, one.copies, one.feeYen]),
    [['000000000000001', 'store', 2, 600]],
  );
  assert.deepEqual(unwrap(await readSettlement(office.deps, centre, { date: '2026-11-21' })).rows, [
    { certType: '04', count: 1, copies: 2, feeYen: 600 },
  ]);
});
