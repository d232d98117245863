import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { isServiceTime, judgeRequest } from '../domain/requests.ts';
import { issueDegraded, openDegraded, readDegraded, switchDegraded } from '../service/degraded.ts';
import { registerCard } from '../service/records.ts';
import { answerRequest, readRequests } from '../service/requests.ts';
import { convenienceCertificatesSchema } from '../store/schema-set.ts';
import {
  aHolder,
  anOffice,
  aRecord,
  aRequest,
  centre,
  conductor,
  noon,
  type Office,
  orgNumber,
  requestIdOf,
  serialOf,
  staff,
  taxSystem,
  typesetter,
} from './an-office.ts';

after(() => typesetter.close());

const ask = async (office: Office, i: number, more = {}) =>
  unwrap(await answerRequest(office.deps, centre, aRequest(i, more))).result;

test('W12-4 N03 発行制限: 未登録のカード、支援措置、未申告、更正中、死亡・転出、区外は決まった番号だけを答え、何も作らない', async () => {
  await using office = await anOffice();
  assert.equal(await ask(office, 99), '30');
  const kinds = [
    ['1', '20'],
    ['2', '11'],
    ['3', '31'],
    ['4', '21'],
    ['5', '12'],
  ] as const;
  for (const [i, [restriction, expected]] of kinds.entries()) {
    await aHolder(office, i + 1);
    await aRecord(office, i + 1, { n: 2, restriction, content: null });
    assert.equal(await ask(office, i + 1), expected);
  }
  await aHolder(office, 9);
  assert.equal(await ask(office, 9, { taxYear: '2025' }), '11');
  for (const [n, more] of [{ taxYear: '2021' }, { taxYear: '2027' }, { certType: '01' as const }].entries())
    assert.equal(await ask(office, 9, { requestId: requestIdOf(500 + n), ...more }), '10');
  assert.equal(
    await ask(office, 9, { requestId: requestIdOf(600), certificateCheckedAt: '2026-11-21T11:54:00+09:00' }),
    '90',
  );
  assert.equal((await office.t.owner('select 1 from convenience_certificates.document')).length, 0);
  const ends = await office.t.owner<{ n: string }>(
    `select count(*) as n from audit.intake_event where body like '%"certificate.refused"%'`,
  );
  assert.equal(Number(ends[0]?.n), 11);
});

test('§2 取扱時間: 6:30から23:00まで、12月29日から1月3日までは取り扱わない', () => {
  const at = (text: string) => isServiceTime(Temporal.Instant.from(`${text}+09:00`));
  for (const [text, expected] of [
    ['2026-11-21T06:29:59', false],
    ['2026-11-21T06:30', true],
    ['2026-11-21T22:59:59', true],
    ['2026-11-21T23:00', false],
    ['2026-12-28T12:00', true],
    ['2026-12-29T12:00', false],
    ['2027-01-03T12:00', false],
    ['2027-01-04T12:00', true],
    ['2028-02-29T12:00', true],
  ] as const)
    assert.equal(at(text), expected, text);
  const judged = judgeRequest(
    { certType: '04', taxYear: 2026, certificateCheckedAt: noon.add({ minutes: 2 }) },
    noon,
    Temporal.PlainDate.from('2026-11-21'),
  );
  assert.deepEqual(judged, { ok: false, error: { result: '90', reason: 'certificate-check-too-old' } });
});

test('INC-54 INC-55 発行番号は一人のもの: 別の方への登録、知らない宛名番号、権限のない者は拒まれる', async () => {
  await using office = await anOffice();
  for (const i of [1, 2]) await aRecord(office, i);
  const register = (i: number, certSerial: string, actor = conductor) =>
    registerCard(office.deps, actor, { certSerial, addresseeNumber: `${i}` });
  const both = await Promise.all([register(1, 'ab'), register(2, 'ab')]);
  assert.equal(both.filter((done) => done.ok).length, 1);
  assert.ok(both.some((done) => !done.ok && done.error === 'serial-held'));
  assert.deepEqual(await register(3, 'cd'), { ok: false, error: 'no-such-person' });
  assert.deepEqual(await register(1, 'cd', taxSystem), { ok: false, error: 'not-authorised' });
  const none = await answerRequest(office.deps, taxSystem, aRequest(1));
  assert.deepEqual(none, { ok: false, error: 'not-authorised' });
});

test('AC-27 002-RTX-F7.3 縮退運用: 税システムが応じない間だけ、印のある住所のない証明書を窓口で交付し、回復後に一度だけ伝わる', async () => {
  await using office = await anOffice();
  await aHolder(office, 1);
  await aRecord(office, 2, { restriction: '1', content: null });
  const [operator, clerk] = [staff('certificate-operator'), staff('certificate-clerk')];
  const command = {
    issueId: office.deps.newId(),
    addresseeNumber: '1',
    fiscalYear: 2026,
    copies: 1,
    identifiedBy: 'licence',
  } as const;
  assert.deepEqual(await issueDegraded(office.deps, clerk, command), { ok: false, error: 'not-degraded' });
  assert.deepEqual(await switchDegraded(office.deps, operator, { on: true, reason: '障害' }), {
    ok: false,
    error: 'tax-system-answers',
  });
  office.says = 'unreachable';
  assert.deepEqual(await switchDegraded(office.deps, clerk, { on: true, reason: '障害' }), {
    ok: false,
    error: 'not-authorised',
  });
  assert.deepEqual(await switchDegraded(office.deps, operator, { on: true, reason: ' ' }), {
    ok: false,
    error: 'no-reason',
  });
  const twice = await Promise.all(
    [1, 2].map(() => switchDegraded(office.deps, operator, { on: true, reason: '障害' })),
  );
  assert.deepEqual(twice.map((done) => (done.ok ? 'on' : done.error)).sort(), ['already-so', 'on']);

  const { documentNo, feeYen } = unwrap(await issueDegraded(office.deps, clerk, command));
  assert.equal(feeYen, 300);
  const { pdf } = unwrap(await openDegraded(office.deps, clerk, { documentNo }));
  const { getDocument } = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const page = await (await getDocument({ data: Uint8Array.from(pdf), verbosity: 0 }).promise).getPage(1);
  const text = (await page.getTextContent()).items.map((item) => ('str' in item ? item.str : '')).join('');
  assert.ok(text.includes('縮退運用中に') && text.includes('（省略）') && !text.includes('上目黒'));
  // A second click is the same issue: the key holds it.
  await assert.rejects(issueDegraded(office.deps, clerk, command), /duplicate key/);
  assert.deepEqual(await issueDegraded(office.deps, clerk, { ...command, addresseeNumber: '2' }), {
    ok: false,
    error: 'restricted',
  });
  assert.deepEqual(await issueDegraded(office.deps, clerk, { ...command, addresseeNumber: '7' }), {
    ok: false,
    error: 'no-record',
  });
  assert.equal(await ask(office, 1), '31');
  assert.ok((await switchDegraded(office.deps, operator, { on: false, reason: '復旧' })).ok);
  assert.deepEqual(await issueDegraded(office.deps, clerk, { ...command, issueId: office.deps.newId() }), {
    ok: false,
    error: 'not-degraded',
  });
  const told = await office.told();
  assert.deepEqual(
    told.map((one) => [one.issueId, one.orgPersonNumber, one.channel]),
    [[command.issueId, orgNumber(1), 'degraded-counter']],
  );
  assert.equal(unwrap(await readDegraded(office.deps, operator, undefined)).issues.length, 1);
});

test('§3.1 未確定: 作成から15分たっても結果のないものが一覧に挙がる', async () => {
  await using office = await anOffice();
  await aHolder(office, 1);
  assert.equal(await ask(office, 1, { certSerial: serialOf(1) }), '00');
  const open = async () =>
    unwrap(await readRequests(office.deps, staff('certificate-operator'), { open: true, limit: 9, offset: 0 })).total;
  assert.equal(await open(), 0);
  office.ahead = 16 * 60_000;
  assert.equal(await open(), 1);
});

test('design §2.7 コンビニ交付: every column stands in the catalogue, and nothing else', async () => {
  await using office = await anOffice();
  const client = { query: async (text: string) => ({ rows: await office.t.owner(text) }) };
  const faults = await checkCatalogue(client as never, await readCatalogue([convenienceCertificatesSchema]));
  assert.deepEqual(
    faults.filter((fault) => fault.startsWith('convenience_certificates.')),
    [],
  );
});
