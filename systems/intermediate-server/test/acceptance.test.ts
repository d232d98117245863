import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { rights as accountRights } from '@musubi/accounts/rights.ts';
import { settings } from '@musubi/child-chronic/deps.ts';
import { askTax } from '@musubi/child-chronic/service/ask-tax.ts';
import { rights as collectionRights } from '@musubi/collections/rights.ts';
import { rights as platformRights } from '@musubi/common-platform/rights.ts';
import { askAnotherBody, beginLinkage, lodgeCopies, provide } from '@musubi/contracts/exchange/endpoints.ts';
import type { Permit } from '@musubi/contracts/exchange/messages.ts';
import { sealedTypes } from '@musubi/contracts/exchange/signed.ts';
import { peerMay } from '@musubi/kernel/access/rights.ts';
import { verifyInstance } from '@musubi/kernel/audit/verify.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { route, type ServerFault } from '@musubi/kernel/http/server.ts';
import { holdCeremony, issueIdentity } from '@musubi/kernel/pki/authority.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { rights as taxRights } from '@musubi/resident-tax/rights.ts';
import pg from 'pg';
import { fetchList } from '../service/fetch-list.ts';
import { bodySegments, type Placed } from './exchange-world.ts';
import { depsOf } from './ims-deps.ts';
import { aPermit, aStatement, codeAt } from './messages.ts';
import { organisationsWorld } from './organisations-world.ts';

/*
 * Acceptance scenarios of 002 §8 and 001 §8 that pass through the exchange, with the two bodies' platforms, the prefecture's
 * subsidy system, the intermediate servers, the network and its root as instances of their own.
 */

const world = await organisationsWorld();
after(() => world[Symbol.asyncDispose]());
const job = { kind: 'job', name: 'test' } as const;
for (const each of [world.meguro, world.tokyo]) unwrap(await fetchList(depsOf(world, each), job));

const taro = { 課税区分: '課税', 合計所得金額: 3_880_000, 調整控除後所得割額: 81_000, 市町村民税所得割額: 69_000 };
const count = async ({ t }: Placed, from: string, values: unknown[] = []): Promise<number> =>
  (await t.owner<{ n: number }>(`select count(*)::int as n from ${from}`, values))[0]!.n;

type Copy = Parameters<typeof lodge>[1];
/** The ward's tax system lodges over the ward's platform. */
async function lodge(person: string, copy: { items?: object; blocked?: boolean; withheld?: boolean }) {
  const lodged = await world.residentTax.call(
    lodgeCopies,
    'meguro/common-platform',
    {},
    {
      batchId: world.newId(),
      system: 'resident-tax',
      kind: 'difference',
      copies: [
        {
          row: 1,
          orgPersonNumber: person,
          informationCode: 'TKX-0001',
          condition: { taxYear: 2026 },
          validFrom: '2026-06-01',
          items: { ...taro, ...copy.items },
          autoReplyBlocked: copy.blocked ?? false,
          withheldFromPerson: copy.withheld ?? false,
        },
      ],
    },
  );
  assert.deepEqual(lodged, ok({ accepted: 1, rejected: [] }));
}

/** An applicant of the prefecture, taken in at the counter's page; gives the case. */
async function aCase(resident: ReturnType<typeof world.resident>): Promise<string> {
  world.sit('tokyo/child-chronic', 'officer1', ['case-officer']);
  const opened = await world.post(world.subsidy, '/cases/new', {
    requestKey: world.newId(),
    kind: 'renewal',
    appliedOn: '2026-06-05',
    // Of each applicant another child: nobody is certified twice.
    ...(resident.name === '目黒 太郎'
      ? { patientName: '目黒 一郎', patientKana: 'メグロ イチロウ' }
      : { patientName: '目黒 二郎', patientKana: 'メグロ ジロウ' }),
    patientBirthOn: '2018-06-01',
    applicantIsPatient: 'no',
    applicantName: resident.name,
    applicantKana: resident.nameKana,
    applicantBirthOn: resident.birthDate,
    applicantSex: resident.sex,
    applicantAddress: resident.address,
    individualNumber: resident.individualNumber,
    individualNumberAgain: resident.individualNumber,
    numberDocument: 'card',
    identityDocuments: 'card',
    insurer: 'employee-dependent',
    otherMembers: '0',
    condition: 'general',
    channel: 'counter',
    sheets: '3',
    formVersion: '2026-04',
    noticed: 'yes',
  });
  assert.equal(opened.status, 303, opened.text);
  return opened.location.slice('/cases/'.length);
}
const numberOf = async (caseId: string): Promise<string> => {
  const [row] = await world.subsidy.t.owner<{ number: string }>(
    'select org_person_number as number from child_chronic.registration where case_id = $1 and org_person_number is not null',
    [caseId],
  );
  return row!.number;
};
const askByPage = (caseId: string) =>
  world.post(world.subsidy, `/cases/${caseId}/inquiries`, { requestKey: world.newId(), provider: 'meguro' });

/** 目黒 太郎 with his copy, as applicant of the prefecture. */
async function anApplicant(name = '目黒 太郎', nameKana = 'メグロ タロウ', copy: Copy | null = {}) {
  const resident = world.resident(name, nameKana);
  const ward = await world.taxpayer(resident);
  if (copy !== null) await lodge(ward, copy);
  const caseId = await aCase(resident);
  const prefecture = await numberOf(caseId);
  await world.untilHeld(world.prefecture, prefecture);
  return { resident, ward, caseId, prefecture };
}

test('AC-17 照合リストにない照会は拒まれ、提供者に届かず、端末・利用者・本人・時刻とともに記録される', async () => {
  const resident = world.resident('目黒 花子', 'メグロ ハナコ');
  const person = await world.taxpayer(resident);
  const before = await world.tokyo.t.owner('select max(intake_no) from audit.intake_event');
  // A clerk of the tax section asks for medical information under the tax procedure.
  const asked = await world.residentTax.call(
    askAnotherBody,
    'meguro/common-platform',
    {},
    {
      requestId: world.newId(),
      asker: { system: 'resident-tax', staffId: 'S-0171', terminalId: 'T-0911', caseReference: '令8-減免-17' },
      orgPersonNumber: person,
      procedure: 'MS2-048',
      informationCode: 'TKX-0014',
      items: ['支給認定'],
      condition: { asOf: '2026-06-01' },
      provider: 'tokyo',
    },
  );
  assert.deepEqual(asked, err('not-on-list'));
  assert.deepEqual(await world.tokyo.t.owner('select max(intake_no) from audit.intake_event'), before);
  assert.equal(await count(world.tokyo, 'intermediate_server.accepted_permit'), 0);
  assert.equal(await count(world.tokyo, "intermediate_server.exchange_record where role = 'provider'"), 0);
  assert.equal(await count(world.network, 'information_providing_network.inquiry'), 0, 'no permit was signed');
  const [refused] = (await world.eventsOf(world.meguro, 'inquiry.ended')).filter(({ subjects }) =>
    subjects.includes(person),
  );
  assert.deepEqual(
    [refused?.detail?.refusal, refused?.detail?.staffId, refused?.detail?.terminalId],
    ['not-on-list', 'S-0171', 'T-0911'],
  );
  const ago = Temporal.Instant.from(refused!.at).until(world.machineClock.now()).total('seconds');
  assert.ok(ago >= 0 && ago < 60, 'with the time at which it was');
  const [record] = await world.network.t.owner(
    'select refusal, asker, provider, procedure from information_providing_network.refusal',
  );
  assert.deepEqual(record, { refusal: 'not-on-list', asker: 'meguro', provider: 'tokyo', procedure: 'MS2-048' });
});

test('AC-18 照会の権限のない利用者には照会が示されず、要求は拒まれ、中間サーバーには何も届かず、記録は一件', async () => {
  const { caseId } = await anApplicant();
  const before = await count(world.tokyo, 'intermediate_server.inquiry');
  assert.match((await world.read(world.subsidy, `/cases/${caseId}`)).text, /action="\/cases\/[^"]*\/inquiries"/);
  world.sit('tokyo/child-chronic', 'viewer1', ['viewer']);
  const shown = await world.read(world.subsidy, `/cases/${caseId}`);
  assert.equal(shown.status, 200);
  assert.doesNotMatch(shown.text, /\/inquiries"/, 'the function is not offered');
  assert.equal((await askByPage(caseId)).status, 403);
  // The page stops before any act; the act behind it, reached in any other way, refuses on record.
  const { host, deps } = world.subsidy;
  const own = { ...settings.parse({}), commonPlatform: 'tokyo/common-platform' };
  const asked = { caseId, requestId: world.newId(), provider: 'meguro' };
  const viewer = world.sit('tokyo/child-chronic', 'viewer1', ['viewer']);
  const reached = {
    ...deps,
    settings: own,
    vault: host.vault,
    sealed: host.sealed,
    peers: host.peers,
    trust: host.trust,
  };
  assert.deepEqual(await askTax(reached, viewer, asked), err('not-authorised'));
  const events = await world.eventsOf(world.subsidy, 'child-chronic.begin-inquiry.refused');
  assert.equal(events.length, 1);
  assert.match(JSON.stringify(events[0]), /viewer1/);
  assert.equal(await count(world.tokyo, 'intermediate_server.inquiry'), before);
  assert.equal(await count(world.prefecture, 'common_platform.relayed_inquiry'), 0);
});

test('AC-19 照会結果は書き換えられず、所有者が直接変えれば検証で分かる', async () => {
  const { caseId, prefecture } = await anApplicant();
  assert.equal((await askByPage(caseId)).status, 303);
  const [kept] = await world.tokyo.t.owner<{ number: string; items: unknown }>(
    `select inquiry_number as number, inquiry_result.items from intermediate_server.inquiry_result join intermediate_server.inquiry using (inquiry_number)
      where org_person_number = $1`,
    [prefecture],
  );
  assert.deepEqual(kept!.items, taro);
  const asSystem = new pg.Client({ connectionString: world.tokyo.t.url });
  await asSystem.connect();
  const change = `update intermediate_server.inquiry_result set items = '{"市町村民税所得割額": 0}' where inquiry_number = '${kept!.number}'`;
  await assert.rejects(asSystem.query(change), /permission denied/);
  await asSystem.end();
  const verify = async () => {
    const logKey = await world.sealLog(world.tokyo);
    return (await verifyInstance(world.tokyo.t.db, { instance: world.tokyo.host.id, logKey })).defects;
  };
  assert.deepEqual(await verify(), []);
  await world.tokyo.t.owner(change);
  assert.match(JSON.stringify(await verify()), /inquiry_result/);
  const undo = JSON.stringify(kept!.items);
  await world.tokyo.t.owner('update intermediate_server.inquiry_result set items = $1 where inquiry_number = $2', [
    undo,
    kept!.number,
  ]);
  assert.deepEqual(await verify(), []);
});

test('AC-20, 002 IMS-F8, 001 IMS-S4 提供は求められた項目だけを照会者の鍵で行い、経路・項目・期限の異なる許可では行わない', async () => {
  const { ward, prefecture } = await anApplicant();
  const network = world.clientOf(world.network.identity);
  const [codeOfAsker, codeOfProvider] = await Promise.all([
    codeAt(world.tokyo, prefecture),
    codeAt(world.meguro, ward),
  ]);
  const asked = aStatement(world, codeOfAsker, { items: ['課税区分', '市町村民税所得割額'] });
  const send = (permitted: ReturnType<typeof aPermit>) =>
    network.call(provide, 'meguro/intermediate-server', {}, permitted);
  const given = unwrap(await send(aPermit(world, asked, codeOfProvider)));
  const open = (privateKey: typeof asked.privateKey) =>
    openJwe(given.answer, { privateKey, typ: sealedTypes.answer, members: ['inq', 'prm'] });
  const said = JSON.parse(unwrap(open(asked.privateKey)).plaintext.toString('utf8'));
  assert.deepEqual(said.items, { 課税区分: '課税', 市町村民税所得割額: 69_000 });
  assert.ok(!open(world.network.identity.encryption.key).ok, 'the core has no key that opens it');
  const [record] = await world.meguro.t.owner(
    `select asker, procedure, items, result, recorded_at is not null as timed from intermediate_server.exchange_record
      where inquiry_number = $1`,
    [asked.said.inquiryNumber],
  );
  assert.deepEqual(record, {
    asker: 'tokyo',
    procedure: 'MS2-009',
    items: ['課税区分', '市町村民税所得割額'],
    result: '00',
    timed: true,
  });

  const bent = async (more: Partial<Permit>, refusal: string) =>
    assert.deepEqual(await send(aPermit(world, aStatement(world, codeOfAsker), codeOfProvider, more)), err(refusal));
  await bent({ provider: 'setagaya' }, 'permit-not-for-you');
  // A permit for one set of items beside a statement that asks for another.
  const narrow = aStatement(world, codeOfAsker);
  const wide = aStatement(world, codeOfAsker, { inquiryNumber: narrow.said.inquiryNumber, items: ['合計所得金額'] });
  const swapped = { ...aPermit(world, narrow, codeOfProvider), statement: wide.statement };
  assert.deepEqual(await send(swapped), err('permit-names-other-statement'));
  const notOnList = aStatement(world, codeOfAsker, { items: ['給与収入金額'] });
  assert.deepEqual(await send(aPermit(world, notOnList, codeOfProvider)), err('own-list-refuses'));
  const past = world.machineClock.now().subtract({ minutes: 6 });
  await bent({ issuedAt: past.toString(), acceptUntil: past.add({ minutes: 5 }).toString() }, 'permit-expired');
});

test('AC-21 支援措置の方の照会は保留され、職員が可とすれば提供、否とすれば不開示。自動では何も出ない', async () => {
  for (const decision of ['release', 'refuse'] as const) {
    const { caseId, prefecture } = await anApplicant('目黒 花子', 'メグロ ハナコ', { blocked: true });
    assert.equal((await askByPage(caseId)).status, 303);
    const [held] = await world.tokyo.t.owner<{ number: string }>(
      'select inquiry_number as number from intermediate_server.inquiry_held join intermediate_server.inquiry using (inquiry_number) where org_person_number = $1',
      [prefecture],
    );
    const answered = () =>
      count(world.tokyo, 'intermediate_server.inquiry_result where inquiry_number = $1', [held!.number]);
    const sealed = () =>
      count(world.meguro, 'intermediate_server.sealed_answer where inquiry_number = $1', [held!.number]);
    world.wait({ minutes: 10 });
    assert.deepEqual([await answered(), await sealed()], [0, 0], 'nothing goes by itself');
    // Who has no right to decide is not let near it.
    world.sit('meguro/intermediate-server', 'reader1', ['audit-reader']);
    const form = { decision, reason: '本人の同意を確認した' };
    assert.equal((await world.post(world.meguro, `/held/${held!.number}`, form)).status, 403);
    world.sit('meguro/intermediate-server', 'operator1', ['ims-operator']);
    assert.match((await world.read(world.meguro, '/held')).text, new RegExp(held!.number));
    assert.equal((await world.post(world.meguro, `/held/${held!.number}`, form)).status, 303);
    assert.equal(await sealed(), decision === 'release' ? 1 : 0);
    world.sit('tokyo/child-chronic', 'officer1', ['case-officer']);
    const [asked] = await world.subsidy.t.owner<{ request: string }>(
      'select request_id as request from child_chronic.inquiry where case_id = $1',
      [caseId],
    );
    const again = { requestKey: asked!.request, provider: 'meguro' };
    assert.equal((await world.post(world.subsidy, `/cases/${caseId}/inquiries`, again)).status, 303);
    const [result] = await world.subsidy.t.owner(
      'select result, items from child_chronic.inquiry_result where request_id = $1 order by received_at desc limit 1',
      [asked!.request],
    );
    assert.deepEqual(result, decision === 'release' ? { result: '00', items: taro } : { result: '20', items: {} });
  }
});

test('001-8.10 符号は連携サーバーを通して取得され、中間サーバーだけが持つ; 宛名のない方は取得できない (LNK-F1, IMS-F1)', async () => {
  const resident = world.resident('目黒 次郎', 'メグロ ジロウ');
  const caseId = await aCase(resident);
  const prefecture = await numberOf(caseId);
  await world.untilHeld(world.prefecture, prefecture);
  const code = await codeAt(world.tokyo, prefecture);
  for (const at of [world.subsidy, world.prefecture]) {
    const tables = await at.t.owner<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema', 'musubi')`,
    );
    for (const { name } of tables)
      assert.equal(await count(at, `${name} x where position($1 in to_jsonb(x)::text) > 0`, [code]), 0, name);
  }
  assert.doesNotMatch((await world.read(world.subsidy, `/cases/${caseId}`)).text, new RegExp(code));
  // What the business system learns is that there is one, and since when the platform knows.
  const [state] = await world.prefecture.t.owner(
    `select state, acquired_on::text as on from common_platform.linkage join common_platform.person using (person_id) where org_person_number = $1`,
    [prefecture],
  );
  assert.deepEqual(state, { state: 'held', on: '2026-06-10' });

  const childChronic = world.clientOf(world.subsidy.identity);
  const begin = { requestId: world.newId(), orgPersonNumber: prefecture };
  assert.deepEqual(
    await childChronic.call(beginLinkage, 'tokyo/intermediate-server', {}, begin),
    err('not-authorised'),
  );
  const unknown = world.question('999999999999999');
  assert.deepEqual(
    await childChronic.call(askAnotherBody, 'tokyo/common-platform', {}, unknown),
    err('unknown-person'),
  );
  // Whom the register does not know gets none, and the clerk is told so.
  const stranger = world.resident('目黒 三郎', 'メグロ サブロウ');
  world.register.delete(stranger.individualNumber);
  const other = await aCase(stranger);
  assert.equal((await askByPage(other)).status, 303);
  assert.match((await world.read(world.subsidy, `/cases/${other}`)).text, /符号がまだ取得されていません/);
});

test('001-8.13 照会は許可を得て行われ、回答は東京都の中間サーバーでだけ読め、ネットワークには平文が残らない (INS-F2, INS-F3, IMS-S1, IMS-F4)', async () => {
  const { caseId, prefecture } = await anApplicant('目黒 四郎', 'メグロ シロウ', {
    items: { 合計所得金額: 9_753_186 },
  });
  assert.equal((await askByPage(caseId)).status, 303);
  const [result] = await world.subsidy.t.owner<{ items: Record<string, unknown>; number: string }>(
    'select r.items, r.inquiry_number as number from child_chronic.inquiry_result r join child_chronic.inquiry using (request_id) where case_id = $1',
    [caseId],
  );
  assert.equal(result!.items.合計所得金額, 9_753_186);
  assert.match((await world.read(world.subsidy, `/cases/${caseId}`)).text, /9,753,186/);
  for (const at of [world.network, world.root]) {
    const tables = await at.t.owner<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    for (const { name } of tables)
      for (const secret of ['9753186', prefecture])
        assert.equal(await count(at, `${name} x where position($1 in to_jsonb(x)::text) > 0`, [secret]), 0, name);
  }
  const permits = () => count(world.network, 'information_providing_network.inquiry');
  const before = await permits();
  const childChronic = world.clientOf(world.subsidy.identity);
  const tooMuch = world.question(prefecture, { items: ['給与収入金額'] });
  assert.deepEqual(
    await childChronic.call(askAnotherBody, 'tokyo/common-platform', {}, tooMuch),
    err('item-not-on-list'),
  );
  assert.equal(await permits(), before, 'no permit for an item that is not on the list');
});

test('001-8.14 照会先に副本がなければ、その旨が理由とともに事案に残る', async () => {
  const { caseId } = await anApplicant('目黒 五郎', 'メグロ ゴロウ', null);
  assert.equal((await askByPage(caseId)).status, 303);
  const [kept] = await world.subsidy.t.owner(
    'select r.result, r.items, r.evidence <> $2 as proved from child_chronic.inquiry_result r join child_chronic.inquiry using (request_id) where case_id = $1',
    [caseId, ''],
  );
  assert.deepEqual(kept, { result: '50', items: {}, proved: true });
  assert.match((await world.read(world.subsidy, `/cases/${caseId}`)).text, /照会先に副本が登録されていません/);
});

/** Asked, compared, put to the board, proposed and certified by three people at the pages. */
async function decided(caseId: string): Promise<void> {
  world.sit('tokyo/child-chronic', 'officer1', ['case-officer']);
  assert.equal((await askByPage(caseId)).status, 303);
  assert.equal((await world.post(world.subsidy, `/cases/${caseId}/tier`, {})).status, 303);
  world.sit('tokyo/child-chronic', 'approver1', ['approver']);
  const inbox = (await world.read(world.subsidy, '/approvals')).text;
  const approvalId = /\/approvals\/([0-9a-f-]{36})/.exec(inbox)![1]!;
  const approve = { decision: 'approve', version: approvalId, reason: '' };
  assert.equal((await world.post(world.subsidy, `/approvals/${approvalId}`, approve)).status, 303);
  world.sit('tokyo/child-chronic', 'officer2', ['case-officer']);
  const heldOn = world.civilClock.today().toString();
  const at = (path: string, fields: Record<string, string>) => world.post(world.subsidy, path, fields);
  assert.equal((await at(`/cases/${caseId}/entry-check`, {})).status, 303);
  assert.equal((await at(`/cases/${caseId}/board`, { heldOn })).status, 303);
  const [, meetingId] = /\/board\/([0-9a-f-]{36})\//.exec((await world.read(world.subsidy, '/board')).text)!;
  assert.equal((await at(`/board/${meetingId}/${caseId}`, { opinion: 'approved', reason: '' })).status, 303);
  const terms = { diseaseCode: '08-01', diseaseName: 'ファロー四徴症', from: '2026-06-05', diagnosedOn: '2026-06-01' };
  assert.equal((await at(`/cases/${caseId}/certification`, terms)).status, 303);
  world.sit('tokyo/child-chronic', 'approver1', ['approver']);
  const waiting = (await world.read(world.subsidy, '/approvals')).text;
  const [, certificationId = ''] = /\/certification-approvals\/([0-9a-f-]{36})/.exec(waiting)!;
  const certify = { decision: 'approve', version: certificationId, reason: '' };
  assert.equal((await at(`/certification-approvals/${certificationId}`, certify)).status, 303);
  world.sit('tokyo/child-chronic', 'officer1', ['case-officer']);
}

test('001-8.22 副本は連携サーバーを通してだけ登録され、不受理は確認リストに示され、直れば受理される (LNK-F4, LNK-X8, IMS-F3, IMS-S5)', async () => {
  const [one, two] = [await anApplicant(), await anApplicant('目黒 花子', 'メグロ ハナコ')];
  await decided(one.caseId);
  world.civilClock.set('2026-06-11');
  await decided(two.caseId);
  // The server's day is still the one before: a decision of tomorrow cannot count today.
  world.civilClock.set('2026-06-10');
  assert.equal((await world.post(world.subsidy, '/copies', {})).status, 303);
  const standing = async () =>
    (
      await world.tokyo.t.owner<{ n: number }>(
        "select count(*)::int as n from intermediate_server.lodged_copy where information_code = 'TKX-0014' and org_person_number = any ($1)",
        [[one.prefecture, two.prefecture]],
      )
    )[0]!.n;
  assert.equal(await standing(), 1);
  assert.match((await world.read(world.subsidy, '/copies')).text, /valid-from-in-future|エラー|不受理/);
  world.civilClock.set('2026-06-11');
  assert.equal((await world.post(world.subsidy, '/copies', {})).status, 303);
  assert.equal(await standing(), 2);
  world.civilClock.set('2026-06-10');

  const childChronic = world.clientOf(world.subsidy.identity);
  const batch = { batchId: world.newId(), system: 'child-chronic', kind: 'difference' as const, copies: [] };
  const copy = {
    row: 1,
    orgPersonNumber: one.prefecture,
    informationCode: 'TKX-0014',
    condition: { asOf: '2026-06-10' },
    validFrom: '2026-06-10',
    items: { 支給認定: true },
    autoReplyBlocked: false,
    withheldFromPerson: false,
  };
  const straight = await childChronic.call(lodgeCopies, 'tokyo/intermediate-server', {}, { ...batch, copies: [copy] });
  assert.deepEqual(straight, err('not-authorised'), 'the business system does not reach the server by itself');
  const [ceiling] = await world.subsidy.t
    .owner<{ yen: number }>(
      'select ceiling_yen as yen from child_chronic.tier_decision join child_chronic.tier_proposal using (approval_id) limit 1',
    )
    .catch(() => [undefined]);
  for (const { name } of await world.prefecture.t.owner<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'common_platform'",
  ))
    for (const word of ['一般所得', ...(ceiling ? [`: ${ceiling.yen},`] : [])])
      assert.equal(
        await count(world.prefecture, `${name} x where position($1 in to_jsonb(x)::text) > 0`, [word]),
        0,
        name,
      );
});

test('001-8.23 許可のある区には自動で答え、自動応答不可は職員を待ち、リストにない照会は拒み、すべて日付とともに残る (IMS-S2, IMS-S3, INS-F2)', async () => {
  const person = async (blocked: boolean) => {
    const { ward, prefecture } = await world.person();
    const copy = {
      row: 1,
      orgPersonNumber: prefecture,
      informationCode: 'TKX-0014',
      condition: { asOf: '2026-06-01' },
      validFrom: '2026-06-01',
      items: { 支給認定: true, 自己負担上限月額: 5_000 },
      autoReplyBlocked: blocked,
      withheldFromPerson: false,
    };
    unwrap(
      await world.clients.tokyoPlatform.call(
        lodgeCopies,
        'tokyo/intermediate-server',
        {},
        { batchId: world.newId(), system: 'child-chronic', kind: 'difference', copies: [copy] },
      ),
    );
    return { ward, prefecture };
  };
  const ask = (orgPersonNumber: string, more = {}) =>
    world.clients.meguroPlatform.call(
      askAnotherBody,
      'meguro/intermediate-server',
      {},
      {
        requestId: world.newId(),
        asker: { system: 'welfare', staffId: 'S-9', caseReference: 'F-1' },
        orgPersonNumber,
        procedure: 'MS2-020',
        informationCode: 'TKX-0014',
        items: ['支給認定'],
        condition: { asOf: '2026-06-10' },
        provider: 'tokyo',
        ...more,
      },
    );
  const [free, blocked] = [await person(false), await person(true)];
  const answer = unwrap(await ask(free.ward));
  assert.deepEqual([answer.result, answer.items], ['00', { 支給認定: true }]);
  assert.equal(unwrap(await ask(blocked.ward)).result, '60');
  // The list lets a ward ask a prefecture for this, not another ward.
  assert.deepEqual(await ask(free.ward, { provider: 'setagaya' }), err('not-on-list'));
  const records = await world.tokyo.t.owner<{ result: string; on: string }>(
    `select result, recorded_on::text as on from intermediate_server.exchange_record
      where role = 'provider' and procedure = 'MS2-020' order by recorded_at`,
  );
  assert.deepEqual(records, [
    { result: '00', on: '2026-06-10' },
    { result: '60', on: '2026-06-10' },
  ]);
  const refusals = await world.meguro.t.owner(
    "select refusal, recorded_on::text as on from intermediate_server.exchange_record where procedure = 'MS2-020' and refusal is not null",
  );
  assert.deepEqual(refusals, [{ refusal: 'not-on-list', on: '2026-06-10' }]);
});

const rightsOf = { 'resident-tax': taxRights, collections: collectionRights, accounts: accountRights };
const noMessage = { statement: 'a.b.c', permit: 'a.b.c', linkageCode: 'A'.repeat(22), nonce: 'A'.repeat(43) };

test('AC-33, IMS-F7 情報提供ネットワーク側から区の業務システムには届かない。連携基盤は自らの証明書で中間サーバーに接続でき、知らない証明書は拒まれる', async () => {
  // Listeners of the ward's systems as its process opens them; whatever came through would answer.
  const reached: string[] = [];
  const listeners: Record<string, ServerFault[]> = { 'common-platform': world.ward.faults };
  for (const system of Object.keys(rightsOf)) {
    const answers = route(beginLinkage, async () => {
      reached.push(system);
      return err('not-authorised');
    });
    const faults: ServerFault[] = [];
    listeners[system] = faults;
    const identity = await world.identityOf('meguro', system);
    world.directory.set(`meguro/${system}`, await world.serveAs(identity, [answers], faults, bodySegments));
  }
  const begin = (client: PeerClient, system: string) =>
    client.call(
      beginLinkage,
      `meguro/${system}`,
      {},
      { requestId: world.newId(), orgPersonNumber: `1${'9'.repeat(14)}` },
    );
  const fromNetwork = [world.clientOf(world.network.identity), world.clientOf(world.root.identity)];
  const systems = Object.keys(listeners);
  for (const system of systems) {
    for (const client of fromNetwork) assert.deepEqual(await begin(client, system), err('peer-unreachable'), system);
    assert.deepEqual(new Set(listeners[system]!.map(({ word }) => word)), new Set(['other-segment']), system);
  }
  assert.deepEqual(reached, []);
  assert.equal(await count(world.ward, 'audit.intake_event where body like $1', ['%"organisation":"ins"%']), 0);
  // Behind the segment the rights say the same: nothing of any of them is the network's.
  for (const [system, table] of Object.entries({ ...rightsOf, 'common-platform': platformRights }))
    for (const fn of new Set(Object.values(table.staff).flatMap((may) => may.map(([name]) => name))))
      for (const peer of ['information-providing-network', 'linkage-root'])
        assert.ok(!peerMay(table, 'meguro', { organisation: 'ins', system: peer }, [system, fn, 'read']), fn);

  // The platform's certificate opens the intermediate server; the network's opens what is the network's there, and no more.
  assert.ok((await begin(world.clients.meguroPlatform, 'intermediate-server')).ok);
  assert.deepEqual(await begin(fromNetwork[0]!, 'intermediate-server'), err('not-authorised'));
  assert.deepEqual(
    await fromNetwork[0]!.call(provide, 'meguro/intermediate-server', {}, noMessage),
    err('not-canonical'),
  );
  // Names alone are worth nothing: the same names under another root, and a certificate that is on no list.
  const now = world.machineClock.now();
  const elsewhere = await holdCeremony(now.subtract({ hours: 2 }));
  const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 1 }) };
  const platform = { organisation: 'meguro', system: 'common-platform' };
  const forged = world.clientOf(await issueIdentity(elsewhere.issuing, platform, validity));
  for (const system of [...systems, 'intermediate-server'])
    assert.deepEqual(await begin(forged, system), err('peer-unreachable'), system);
  assert.deepEqual(reached, []);
  const unlisted = world.clientOf(await world.identityOf('meguro', 'ward-sections'));
  assert.deepEqual(await begin(unlisted, 'intermediate-server'), err('not-authorised'));
});
