import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { after, test } from 'node:test';
import { inquireFuhyo, inquiryRequestType, redeliverNumber } from '@musubi/contracts/fuhyo/inquiry.ts';
import { emigrantNumberType, linkNumber, obtainNumber } from '@musubi/contracts/fuhyo/number-link.ts';
import { residentChanges } from '@musubi/contracts/juki/notices.ts';
import { peerMay } from '@musubi/kernel/access/rights.ts';
import { logOrigin, Sequencer } from '@musubi/kernel/audit/sequencer.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { signJws } from '@musubi/kernel/crypto/jws.ts';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { everyoneAllowed } from '@musubi/kernel/db/testing.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { analysisActor } from '@musubi/kernel/log-analysis/analysis.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { definition as registerDefinition } from '@musubi/prefectural-juki/main.ts';
import pg from 'pg';
import type { Deps } from '../deps.ts';
import { logAnalysis } from '../log-analysis-module.ts';
import { definition } from '../main.ts';
import { applyNotice } from '../service/apply-notice.ts';
import { readSupplement, readSupplementWhole, searchSupplements } from '../service/search.ts';
import {
  abroad,
  anEmigrant,
  aPerson,
  ask,
  asker,
  enterInRegister,
  fuhyoNotice,
  inquiryOf,
  operator,
  type Person,
  partyOf,
  send,
  sendFuhyo,
  signedBy,
  startWorld,
} from './fuhyo-world.ts';

// One world for all, its numbers pushed: each body brings persons of its own, so that it may run twice.
const world = await startWorld({ linksNumbers: true });
after(() => world[Symbol.asyncDispose]());

const supplementOf = async (code: string) =>
  (
    await world.fuhyo.t.owner<{ state: string; sequence: number; name: string }>(
      'select record_state as state, update_sequence_no::int as sequence, name_kanji as name from fuhyo_link.supplement where resident_record_code = $1',
      [code],
    )
  )[0];
const journalled = (changeId: string) =>
  world.fuhyo.t.owner<{ peer: string; result: string; rule: string; items: string[]; long: boolean }>(
    'select peer, result, rule, items, bytes > 300 as long from notice_journal.entry where change_id = $1',
    [changeId],
  );

/** A number sealed to the supplement's server, as the register seals it. */
async function sealedNumber(inquiryId: string, person: Pick<Person, 'residentRecordCode' | 'individualNumber'>) {
  const [leaf] = await world.fuhyo.host.certificateOf(partyOf('tokyo/fuhyo-link'), 'encryption');
  const { residentRecordCode, individualNumber } = person;
  return sealJwe({
    recipient: new X509Certificate(leaf!).publicKey,
    typ: emigrantNumberType,
    plaintext: Buffer.from(canonicalJson({ v: 1, inquiryId, residentRecordCode, individualNumber })),
    members: { inq: inquiryId },
  });
}
async function link(inquiryId: string, person: Pick<Person, 'residentRecordCode' | 'individualNumber'>) {
  const { client } = await world.client('tokyo/prefectural-juki');
  return client.call(linkNumber, 'tokyo/fuhyo-link', {}, { inquiryId, sealed: await sealedNumber(inquiryId, person) });
}
async function obtain(inquiry: string, inquiryId: string, residentRecordCode: string) {
  const { client } = await world.client('tokyo/fuhyo-link');
  return client.call(obtainNumber, 'tokyo/prefectural-juki', {}, { inquiryId, inquiry, residentRecordCode });
}

mechanismTest(
  'juki.fuhyo-two-operations',
  '003 scenario 28 開いていない照会への紐付け、国外転出者でない方・照会にない方の取得は断られる',
  async () => {
    const { identity } = await world.client(asker);
    const person = await anEmigrant(world);
    const neighbour = await anEmigrant(world);
    const resident = aPerson();
    await enterInRegister(world, resident, { abroad: false });
    const about = inquiryOf(world, person);
    const refused = await obtain(signedBy(identity, about), about.inquiryId, neighbour.residentRecordCode);
    assert.deepEqual(refused, { ok: false, error: 'not-in-open-inquiry' });
    const home = inquiryOf(world, resident);
    const atHome = await obtain(signedBy(identity, home), home.inquiryId, resident.residentRecordCode);
    assert.deepEqual(atHome, { ok: false, error: 'not-abroad' });
    // An inquiry without a number: nothing waits.
    const plain = inquiryOf(world, person, { wantsNumber: false });
    assert.ok((await ask(world, plain)).ok);
    assert.deepEqual(await link(plain.inquiryId, person), { ok: false, error: 'no-open-inquiry' });
    assert.deepEqual(await link(world.fuhyo.newId(), person), { ok: false, error: 'no-open-inquiry' });
  },
);

mechanismTest(
  'exchange.answer-binding',
  '003-III.2-R1-B03 待っている照会に届いた、別の方の番号は捨てられる',
  async () => {
    const person = await anEmigrant(world);
    const neighbour = await anEmigrant(world);
    const request = inquiryOf(world, person);
    const asked = await ask(world, request);
    assert.ok(asked.ok && asked.value.number === 'later');
    assert.deepEqual(await link(request.inquiryId, neighbour), { ok: false, error: 'unusable-answer' });
    assert.ok((await link(request.inquiryId, person)).ok);
    assert.ok((await link(request.inquiryId, person)).ok, 'a repeat is answered alike');
  },
);

test('003-III.2-R3-B08 検査数字の合わない番号は、一時保存領域に入らない', async () => {
  const person = await anEmigrant(world);
  const request = inquiryOf(world, person);
  assert.ok((await ask(world, request)).ok);
  const last = (Number(person.individualNumber[11]) + 1) % 10;
  const wrong = { ...person, individualNumber: `${person.individualNumber.slice(0, 11)}${last}` };
  assert.deepEqual(await link(request.inquiryId, wrong), { ok: false, error: 'unusable-answer' });
  assert.equal((world.fuhyo.deps as Deps).numbers.keptUntil(request.inquiryId), undefined);
});

mechanismTest('exchange.answer-to-asker-only', '003-III.5-R3-B02 番号は照会した事務にだけ渡される', async () => {
  const person = await anEmigrant(world);
  const request = inquiryOf(world, person);
  assert.ok((await ask(world, request)).ok);
  assert.ok((await link(request.inquiryId, person)).ok);
  const other = await world.client('tokyo/prefectural-tax');
  const params = { inquiryId: request.inquiryId };
  const foreign = await other.client.call(redeliverNumber, 'tokyo/fuhyo-link', params, {});
  assert.deepEqual(foreign, { ok: false, error: 'no-such-inquiry' });
  const own = await world.client(asker);
  assert.ok((await own.client.call(redeliverNumber, 'tokyo/fuhyo-link', params, {})).ok);
});

mechanismTest(
  'juki.legal-basis',
  '003 A8 登録のない事務・根拠のない番号の求めは、両方のサーバで断られ、提供記録に残る',
  async () => {
    const { identity } = await world.client(asker);
    const person = await anEmigrant(world);
    const unbased = inquiryOf(world, person, { task: 'passport' });
    const refused = await obtain(signedBy(identity, unbased), unbased.inquiryId, person.residentRecordCode);
    assert.deepEqual(refused, { ok: false, error: 'no-number-basis' });
    assert.deepEqual(await ask(world, unbased), { ok: false, error: 'not-registered-task' });
    const recorded = await world.fuhyo.t.owner(
      'select result, word, withheld from fuhyo_link.provision_record where inquiry_id = $1',
      [unbased.inquiryId],
    );
    assert.deepEqual(recorded, [{ result: 'refused', word: 'not-registered-task', withheld: ['individualNumber'] }]);
  },
);

mechanismTest('transport.signed-message', '003 A20 照会元の署名でない照会は、両方のサーバで断られる', async () => {
  const { identity, client } = await world.client(asker);
  const other = await world.client('tokyo/prefectural-tax');
  const person = await anEmigrant(world);
  const request = inquiryOf(world, person);
  const forged = signJws({
    key: other.identity.signing.key,
    typ: inquiryRequestType,
    signer: { x5c: identity.signing.chain },
    payload: request,
  });
  const { inquiryId } = request;
  const asked = await client.call(inquireFuhyo, 'tokyo/fuhyo-link', {}, { inquiryId, request: forged });
  assert.deepEqual(asked, { ok: false, error: 'bad-signature' });
  const obtained = await obtain(forged, inquiryId, person.residentRecordCode);
  assert.deepEqual(obtained, { ok: false, error: 'bad-signature' });
});

test('003 scenario 15 ほかの照会元の名では照会できず、同じ照会番号で別の内容は断られる', async () => {
  const person = await anEmigrant(world);
  const request = inquiryOf(world, person);
  const other = await world.client('tokyo/prefectural-tax');
  const own = await world.client(asker);
  const body = { inquiryId: request.inquiryId, request: signedBy(own.identity, request) };
  const passedOn = await other.client.call(inquireFuhyo, 'tokyo/fuhyo-link', {}, body);
  assert.deepEqual(passedOn, { ok: false, error: 'bad-signature' });
  assert.ok((await ask(world, request)).ok);
  assert.deepEqual(await ask(world, { ...request, document: '受付第13号' }), { ok: false, error: 'request-reused' });
});

test('003 scenario 15 FPS-X4 別人の生年月日、または二人に合う四情報には、個人を答えず、拒否の提供記録を残す', async () => {
  const twins = [aPerson(), aPerson()].map((p) => ({ ...p, name: '双葉　花子', birthDate: '1990-02-03' }));
  for (const twin of twins) await sendFuhyo(world, fuhyoNotice(world, twin, 'entry', 1, abroad));
  const both = inquiryOf(world, twins[0]!);
  const other = inquiryOf(world, twins[0]!, { key: { name: '双葉　花子', birthDate: '1990-02-04' } });
  for (const request of [both, other]) {
    const answer = await ask(world, request);
    assert.ok(answer.ok && answer.value.result === 'not-identified' && answer.value.record === null);
    const [row] = await world.fuhyo.t.owner(
      'select result, word, supplement_id from fuhyo_link.provision_record where inquiry_id = $1',
      [request.inquiryId],
    );
    assert.deepEqual(row, { result: 'refused', word: 'not-identified', supplement_id: null });
  }
  const byCode = await ask(
    world,
    inquiryOf(world, twins[0]!, { key: { residentRecordCode: twins[1]!.residentRecordCode } }),
  );
  assert.ok(byCode.ok && byCode.value.result === 'identified');
  assert.deepEqual(await ask(world, inquiryOf(world, twins[0]!, { key: { sex: 'female', address: '国外' } })), {
    ok: false,
    error: 'too-few-items',
  });
});

test('003 A7 住民票コードは、経過措置の登録された事務で求めたときだけ答える', async () => {
  const person = await anEmigrant(world);
  const given = await ask(world, inquiryOf(world, person, { wantsCode: true, wantsNumber: false }));
  assert.ok(given.ok && given.value.record?.residentRecordCode === person.residentRecordCode);
  assert.equal(given.value.number, 'not-asked');
  const tax = { asker: 'tokyo/prefectural-tax', task: 'prefectural-tax', wantsCode: true, wantsNumber: false };
  const withheld = await ask(world, inquiryOf(world, person, tax));
  assert.ok(withheld.ok && withheld.value.record?.residentRecordCode === null);
  assert.deepEqual(withheld.value.withheld, ['residentRecordCode']);
});

mechanismTest(
  'transport.message-journal',
  '003 4.4 通知は、拒んだものも、相手・規則・項目・長さが記録される',
  async () => {
    const person = aPerson();
    await sendFuhyo(world, fuhyoNotice(world, person, 'entry', 1));
    const notice = fuhyoNotice(world, person, 'entry', 2);
    await sendFuhyo(world, notice);
    const expected = {
      peer: 'meguro/municipal-juki',
      result: 'refused',
      rule: 'FL-02',
      items: ['residentRecordCode'],
      long: true,
    };
    assert.deepEqual(await journalled(notice.changeId), [expected]);
    const national = await world.national.t.owner<{ n: number }>(
      'select count(*)::int as n from notice_journal.entry j join national_fuhyo.record r using (change_id) where r.resident_record_code = $1',
      [person.residentRecordCode],
    );
    assert.equal(national[0]?.n, 1);
  },
);

mechanismTest('input.change-logic', '003-III.2-R3-B06 規則に合わない通知は、附票を変えない', async () => {
  const person = aPerson();
  await sendFuhyo(world, fuhyoNotice(world, person, 'entry', 1));
  await sendFuhyo(world, fuhyoNotice(world, { ...person, name: '別名　花子' }, 'entry', 2));
  assert.equal((await supplementOf(person.residentRecordCode))?.name, person.name);
});

mechanismTest('input.source-bound', '003-III.2-R2-B01 管理市町村のサーバからでない通知は、附票を変えない', async () => {
  const person = aPerson();
  await sendFuhyo(world, fuhyoNotice(world, person, 'entry', 1), world.member('setagaya/municipal-juki'));
  assert.equal(await supplementOf(person.residentRecordCode), undefined);
});

mechanismTest('input.machine-only', '003-III.2-R4-B04 どの職員の権限でも、通知を受け付けることはできない', async () => {
  const person = aPerson();
  const deps = {
    ...(world.fuhyo.deps as Deps),
    rights: everyoneAllowed,
    delivery: { accepted: 1, rejected: 0, items: [] },
  };
  const received = {
    message: fuhyoNotice(world, person, 'entry', 1),
    messageId: world.fuhyo.newId(),
    sender: 'meguro/municipal-juki',
    family: 'fuhyo.change',
    number: 1,
    digest: Buffer.alloc(32),
    bytes: 1,
  };
  const done = await applyNotice(deps, operator(), received);
  assert.deepEqual(done, { ok: false, error: 'not-a-server' });
  assert.equal(await supplementOf(person.residentRecordCode), undefined);
});

mechanismTest(
  'input.single-write-path',
  '003-III.2-R1-B01 記録と履歴は、通知の適用のほかに書き換える道がない',
  async (_t, point) => {
    const person = aPerson();
    await sendFuhyo(world, fuhyoNotice(world, person, 'entry', 1));
    const app = new URL(world.fuhyo.t.url).username;
    await point.whenOff('systems/fuhyo-link/store/schema/0001_supplement.sql#grants', () =>
      world.fuhyo.t.owner(
        `grant update on fuhyo_link.supplement to "${app}"; grant update, delete on fuhyo_link.supplement_history, fuhyo_link.provision_record to "${app}"`,
      ),
    );
    const client = new pg.Client({ connectionString: world.fuhyo.t.url });
    await client.connect();
    try {
      for (const statement of [
        `update fuhyo_link.supplement set name_kanji = 'x'`,
        `update fuhyo_link.supplement_history set name_kanji = 'x'`,
        'delete from fuhyo_link.supplement_history',
        'delete from fuhyo_link.provision_record',
      ]) {
        await client.query('begin');
        await assert.rejects(client.query(statement), { code: '42501' }, statement);
        await client.query('rollback');
      }
    } finally {
      await client.end();
    }
  },
);

mechanismTest('access.purpose-stated', '003-III.3-R2-B10 目的と文書番号のない検索は行えない', async () => {
  const items = { nameKana: 'タカハシ', birthDate: '1980-04-01' };
  const search = (purpose: string, document: string) =>
    searchSupplements(world.fuhyo.deps, operator(), { items, purpose: { purpose, document } });
  assert.deepEqual(await search('', ''), { ok: false, error: 'purpose-missing' });
  assert.deepEqual(await search('curiosity', '受付1'), { ok: false, error: 'purpose-missing' });
  assert.ok((await search('disclosure', '受付1')).ok);
});

mechanismTest(
  'access.person-scope',
  '003-III.3-R2-B05 消除された方と履歴・提供の記録は、その権限と目的のある方にだけ開く。ほかの方には無いものである',
  async () => {
    const [present, gone] = [aPerson(), aPerson()];
    for (const person of [present, gone]) await sendFuhyo(world, fuhyoNotice(world, person, 'entry', 1));
    await sendFuhyo(world, fuhyoNotice(world, gone, 'removal', 2));
    const [here, removed] = await Promise.all(
      [present, gone].map(async ({ residentRecordCode }) => {
        const [row] = await world.fuhyo.t.owner<{ id: string }>(
          'select supplement_id as id from fuhyo_link.supplement where resident_record_code = $1',
          [residentRecordCode],
        );
        return row!.id;
      }),
    );
    const purpose = { purpose: 'disclosure', document: '受付2' };
    const nobody = { ok: false, error: 'no-such-person' };
    const { deps } = world.fuhyo;
    assert.deepEqual(await readSupplement(deps, operator(), { supplementId: removed!, purpose }), nobody);
    const seen = unwrap(await readSupplement(deps, operator(), { supplementId: here!, purpose }));
    assert.deepEqual(Object.keys(seen), ['now']);
    const narrow = { purpose: 'reconciliation', document: '受付2' };
    const byPurpose = unwrap(await readSupplementWhole(deps, operator(), { supplementId: removed!, purpose: narrow }));
    assert.deepEqual(Object.keys(byPurpose), ['now']);
    const whole = unwrap(await readSupplementWhole(deps, operator(), { supplementId: removed!, purpose }));
    assert.equal(whole.versions?.length, 2);
  },
);

test('FPS-X8 検索と記録の閲覧は、このサーバ自身のログから分析に取り込まれる', async () => {
  const person = aPerson();
  await sendFuhyo(world, fuhyoNotice(world, person, 'entry', 1));
  const purpose = { purpose: 'disclosure', document: '分析1' };
  const items = { name: person.name, birthDate: person.birthDate };
  const { deps, t } = world.fuhyo;
  const [hit] = unwrap(await searchSupplements(deps, operator(), { items, purpose })).hits;
  const of = { supplementId: hit!.supplementId, purpose };
  unwrap(await readSupplement(deps, operator(), of));
  unwrap(await readSupplementWhole(deps, operator(), of));
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const signer = {
    name: logOrigin('tokyo/fuhyo-link'),
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
    sign: (bytes: Uint8Array) => sign(null, bytes, privateKey),
  };
  await new Sequencer({ db: t.db, machineClock: systemMachineClock, signer }).drain();
  assert.ok((await logAnalysis.scan(deps, analysisActor, null)).ok);
  const uses = await t.owner<{ kind: string }>(
    `select kind from log_analysis.use where document = '分析1' order by leaf_index`,
  );
  assert.deepEqual(
    uses.map((u) => u.kind),
    ['search', 'read', 'read'],
  );
});

test('JPS-X9 二つのサーバの間にある道は二つだけである: 相手の証明書は、ほかのどの道も開かない', async () => {
  const ways = (
    table: typeof definition.rights,
    endpoints: readonly { readonly id: string; readonly right: readonly string[] }[],
    peer: string,
  ) =>
    endpoints
      .filter(({ right: [, fn, level] }) =>
        peerMay(table, 'tokyo', partyOf(peer), [table.system, fn!, level as 'read' | 'update']),
      )
      .map(({ id }) => id);
  const endpointsOf = (
    routes: readonly { readonly endpoint: { readonly id: string; readonly right: readonly string[] } }[] = [],
  ) => routes.map(({ endpoint }) => endpoint);
  assert.deepEqual(ways(registerDefinition.rights, endpointsOf(world.register.instance.routes), 'tokyo/fuhyo-link'), [
    'juki.obtain-emigrant-number',
  ]);
  assert.deepEqual(ways(definition.rights, endpointsOf(world.fuhyo.instance.routes), 'tokyo/prefectural-juki'), [
    'juki.link-emigrant-number',
  ]);
  const granted = (table: typeof definition.rights, system: string) =>
    table.peers.filter((p) => p.system === system).flatMap((p) => p.may.map(([fn]) => fn));
  assert.deepEqual(granted(registerDefinition.rights, 'fuhyo-link'), ['emigrant-number']);
  assert.deepEqual(granted(definition.rights, 'prefectural-juki'), ['number-link']);
  // Another organisation's server of the same name is nobody.
  const { client } = await world.client('osaka/fuhyo-link');
  const person = await anEmigrant(world);
  const request = inquiryOf(world, person);
  const { identity } = await world.client(asker);
  const foreign = await client.call(
    obtainNumber,
    'tokyo/prefectural-juki',
    {},
    {
      inquiryId: request.inquiryId,
      inquiry: signedBy(identity, request),
      residentRecordCode: person.residentRecordCode,
    },
  );
  assert.deepEqual(foreign, { ok: false, error: 'not-authorised' });
  // Nor do they take each other's notices.
  const notice = fuhyoNotice(world, aPerson(), 'entry', 1);
  await sendFuhyo(world, notice, world.register);
  assert.equal(await supplementOf(notice.items.residentRecordCode), undefined);
  const before = await world.register.t.owner('select count(*) from prefectural_juki.identification');
  const resident = { ...notice.items };
  await send(world.fuhyo, 'tokyo/prefectural-juki', residentChanges, {
    changeId: notice.changeId,
    reason: 'moved-in',
    changedOn: '2026-05-20',
    status: 'resident',
    becameResidentOn: '2026-05-20',
    sequence: 1,
    operatorId: 'S',
    terminalId: 'T',
    sourceAt: '2026-05-20T00:00:00Z',
    items: {
      residentRecordCode: resident.residentRecordCode,
      name: resident.name,
      nameGaijiCount: 0,
      nameKana: resident.nameKana,
      birthDate: resident.birthDate,
      sex: resident.sex,
      address: resident.address,
      addressGaijiCount: 0,
      individualNumber: aPerson().individualNumber,
      municipalityCode: '131105',
      azaCode: '',
      formerSurname: null,
      formerSurnameGaijiCount: 0,
      formerSurnameKana: null,
    },
  });
  await world.pump();
  assert.deepEqual(await world.register.t.owner('select count(*) from prefectural_juki.identification'), before);
});

test('FPS-F4 都の附票にない方は附票全国サーバに照会し、答えは渡すだけで保存しない', async () => {
  const osaka = aPerson({ name: '難波　花子' });
  const items = fuhyoNotice(world, osaka, 'entry', 1, abroad).items;
  await world.national.t.owner(
    `insert into national_fuhyo.record (record_id, resident_record_code, record_state, managing_municipality_code, reported_by, birth_date, sex,
       name_key, kana_key, address_key, last_address_key, items, update_sequence_no, change_id, recorded_at, event_id)
     values (gen_random_uuid(), $1, 'abroad', '271004', 'osaka/fuhyo-link', $2, 'female', '難波花子', 'x', 'x', null, $3, 1, gen_random_uuid(), now(), gen_random_uuid())`,
    [osaka.residentRecordCode, osaka.birthDate, JSON.stringify(items)],
  );
  const request = inquiryOf(world, osaka);
  const answer = await ask(world, request);
  assert.ok(answer.ok);
  assert.equal(answer.value.record?.name, '難波　花子');
  assert.equal(answer.value.number, 'withheld');
  assert.equal(await supplementOf(osaka.residentRecordCode), undefined);
  const [noted] = await world.fuhyo.t.owner(
    'select result from fuhyo_link.national_lookup order by asked_at desc limit 1',
  );
  assert.deepEqual(noted, { result: 'identified' });
  const [asked] = await world.national.t.owner<{ asker: string }>(
    'select asker from national_fuhyo.lookup order by asked_at desc limit 1',
  );
  assert.equal(asked?.asker, 'tokyo/fuhyo-link');
});

test('003 scenario 17 ほかのシステムの証明書の相手には、都のサーバは何も渡さない', async () => {
  const { client } = await world.client('tokyo/common-platform');
  const person = await anEmigrant(world);
  const own = await world.client('tokyo/common-platform');
  const request = inquiryOf(world, person, { asker: 'tokyo/common-platform' });
  const body = { inquiryId: request.inquiryId, request: signedBy(own.identity, request) };
  assert.deepEqual(await client.call(inquireFuhyo, 'tokyo/fuhyo-link', {}, body), {
    ok: false,
    error: 'not-authorised',
  });
  assert.equal(partyId(partyOf('tokyo/common-platform')), 'tokyo/common-platform');
});

test('data.catalogue 附票の表と全国サーバの表の列はすべて項目台帳にあり、個人番号の列はない', async () => {
  for (const [member, set] of [
    [world.fuhyo, 'fuhyo_link.'],
    [world.national, 'national_fuhyo.'],
  ] as const) {
    const schemas =
      set === 'fuhyo_link.' ? definition.schemas : (await import('@musubi/national-fuhyo/main.ts')).definition.schemas;
    const catalogue = await readCatalogue(schemas);
    const client = new pg.Client({ connectionString: member.t.url });
    await client.connect();
    const faults = await checkCatalogue(client, catalogue);
    await client.end();
    assert.deepEqual(
      faults.filter((fault) => fault.startsWith(set)),
      [],
    );
    for (const { columns } of Object.values(catalogue))
      assert.ok(Object.values(columns).every((kind) => !kind.startsWith('number')));
  }
});

test('何も隠れて失敗していない', () => assert.deepEqual(world.errors, []));
