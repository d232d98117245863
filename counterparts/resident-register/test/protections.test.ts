import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createRights, roleMay } from '@musubi/kernel/access/rights.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { clerk } from '@musubi/national-juki/test/chain-world.ts';
import type { Deps } from '../deps.ts';
import { rights } from '../rights.ts';
import { issueCertificate, openCertificate, readCertificates } from '../service/certificates.ts';
import { fileChange } from '../service/file-change.ts';
import { followingFuhyo } from '../service/fuhyo.ts';
import { changeHousehold, readHeadless, readHousehold } from '../service/households.ts';
import { drawLiftList, liftRow, readLiftList } from '../service/lift-lists.ts';
import { applyForProtection, decideProtection, readProtections } from '../service/protections.ts';
import { readProtectedResident, readResident, searchRegister, withheldAddress } from '../service/read-residents.ts';
import { resolveReturned } from '../service/returned.ts';
import { addFuhyoPages } from '../web/fuhyo.ts';
import { addPages } from '../web/pages.ts';
import { startWard, supervisor, tanaka, type Ward } from './ward-world.ts';

const ward = await startWard();
after(() => ward[Symbol.asyncDispose]());
const officer = clerk('meguro', 'S-301');
/** Everybody with the one role that the counter gives them, where the chain's clerk has all. */
const asRoles = (deps: Deps): Deps => ({
  ...deps,
  rights: createRights(rights, 'meguro', {
    rolesOf: async (_tx, { staffId }) => [
      staffId === 'S-301' ? 'protection-officer' : staffId === 'S-201' ? 'resident-supervisor' : 'resident-clerk',
    ],
  }),
});
const deps = asRoles(ward.deps);

const apply = async (w: Ward, code: string, actor: Actor = tanaka, appliedOn = '2026-06-01') => {
  const row = await w.now(code);
  const application = {
    persons: [{ personId: row.person_id, version: row.sequence }],
    receivedFrom: 'applicant',
    ground: 'domestic-violence',
    opposingParty: '元配偶者',
    consultedBody: '目黒警察署',
    appliedOn,
  } as const;
  return applyForProtection(asRoles(w.deps), actor, application);
};
const protectionOf = async (code: string): Promise<string> => {
  const rows = await ward.meguro.t.owner<{ id: string }>(
    `select p.protection_id as id from resident_register.protection p join resident_register.resident r using (person_id)
      where r.resident_record_code = $1 order by p.filed_at desc`,
    [code],
  );
  return rows[0]!.id;
};
const request = (personId: string, more: object = {}) =>
  ({
    personId,
    scope: 'person',
    requester: 'self',
    requesterName: '鈴木　一郎',
    purpose: '提出',
    proof: '個人番号カード',
    items: [],
    ...more,
  }) as const;

test('INC-47 申出は到達した時から住所を出さず、要件なしとなるまで続く。連携先にも届く', async () => {
  const [p] = await ward.load({});
  const code = p!.residentRecordCode;
  unwrap(await apply(ward, code));
  const row = await ward.now(code);
  assert.deepEqual([row.address_protected, row.reason], [true, 'protection-start']);
  assert.deepEqual(await apply(ward, code), { ok: false, error: 'already-provisional' });
  const sent = await ward.meguro.t.owner<{ receiver: string }>(
    `select receiver from streams.outgoing where event_id = (select event_id from resident_register.resident where resident_record_code = $1)`,
    [code],
  );
  assert.deepEqual(sent, [{ receiver: 'meguro/common-platform' }]);
  const { rows } = unwrap(await readProtections(deps, officer, { state: 'provisional', offset: 0, limit: 50 }));
  // INC-46 届いたと返事のない連携先は、そう見える。
  assert.deepEqual(
    rows.map((r) => [r.state, r.unconfirmed]),
    [['provisional', ['meguro/common-platform']]],
  );
  const id = await protectionOf(code);
  const byClerk = await decideProtection(deps, tanaka, { protectionId: id, decision: 'refused', note: '要件なし' });
  assert.deepEqual(byClerk, { ok: false, error: 'not-authorised' });
  const noReason = await decideProtection(deps, officer, { protectionId: id, decision: 'refused', note: '' });
  assert.deepEqual(noReason, { ok: false, error: 'reason-missing' });
  unwrap(await decideProtection(deps, officer, { protectionId: id, decision: 'refused', note: '取下げ' }));
  assert.equal((await ward.now(code)).address_protected, false);
});

test('支援措置の期間は1年。延長は終了の1か月前から、末日の翌日から1年 (事務処理要領 第5-10)', async () => {
  const [p] = await ward.load({});
  const code = p!.residentRecordCode;
  unwrap(await apply(ward, code));
  const protectionId = await protectionOf(code);
  const granted = unwrap(await decideProtection(deps, officer, { protectionId, decision: 'granted', note: '' }));
  assert.equal(granted.untilOn, '2027-05-31');
  const early = await decideProtection(deps, officer, { protectionId, decision: 'extended', note: '' });
  assert.deepEqual(early, { ok: false, error: 'too-early-to-extend' });
  ward.chain.civilClock.set('2027-05-01');
  const extended = unwrap(await decideProtection(deps, officer, { protectionId, decision: 'extended', note: '' }));
  assert.equal(extended.untilOn, '2028-05-31');
  ward.chain.civilClock.set('2026-06-01');
});

test('INC-44 解除対象一覧は実行のたびに判定し直す。抽出後に新しい申出があった方は解除されない。作った人は解除できず、期限を過ぎた一覧は使えない', async () => {
  const [again, over] = await ward.load({}, {});
  for (const p of [again!, over!]) {
    unwrap(await apply(ward, p.residentRecordCode));
    const protectionId = await protectionOf(p.residentRecordCode);
    unwrap(await decideProtection(deps, officer, { protectionId, decision: 'granted', note: '' }));
  }
  const first = await protectionOf(again!.residentRecordCode);
  const second = await protectionOf(over!.residentRecordCode);
  ward.chain.civilClock.set('2027-06-01');
  // 期間が過ぎても、誰かが終えるまで住所は出ない。
  assert.equal((await ward.now(over!.residentRecordCode)).address_protected, true);
  const { listId } = unwrap(await drawLiftList(deps, officer, {}));
  ward.chain.civilClock.set('2027-06-03');
  unwrap(await apply(ward, again!.residentRecordCode, tanaka, '2027-06-03'));
  ward.chain.civilClock.set('2027-06-05');
  const refused = unwrap(await liftRow(deps, supervisor, { listId, protectionId: first }));
  assert.deepEqual(refused, { outcome: 'refused', why: 'applied-again' });
  assert.deepEqual(await liftRow(deps, officer, { listId, protectionId: second }), {
    ok: false,
    error: 'not-authorised',
  });
  const ownLift = await liftRow(ward.deps, officer, { listId, protectionId: second });
  assert.deepEqual(ownLift, { ok: false, error: 'drawer-is-lifter' });
  assert.equal(unwrap(await liftRow(deps, supervisor, { listId, protectionId: second })).outcome, 'lifted');
  assert.equal(unwrap(await liftRow(deps, supervisor, { listId, protectionId: second })).outcome, 'lifted');
  assert.deepEqual(
    [
      (await ward.now(again!.residentRecordCode)).address_protected,
      (await ward.now(over!.residentRecordCode)).address_protected,
    ],
    [true, false],
  );
  const list = unwrap(await readLiftList(deps, officer, { listId }));
  assert.deepEqual(
    list.rows
      .filter((r) => r.outcome !== null)
      .map((r) => r.outcome)
      .sort(),
    ['lifted', 'refused'],
  );
  ward.chain.civilClock.set('2027-06-09');
  assert.deepEqual(await liftRow(deps, supervisor, { listId, protectionId: first }), {
    ok: false,
    error: 'list-expired',
  });
  ward.chain.civilClock.set('2026-06-01');
});

test('INC-45 INC-49 支援措置の方の住所は、検索・記録・世帯・写しのどこからも窓口に出ない。写しは支援措置担当が本人にだけ交付する', async () => {
  const home = { household: 'protected', address: '東京都目黒区秘密一丁目1番1号' };
  const [p, spouse] = await ward.load(
    { ...home, name: '守山　花', nameKana: 'モリヤマ　ハナ' },
    { ...home, relationship: '子', name: '守山　葉', nameKana: 'モリヤマ　ヨウ' },
  );
  unwrap(await apply(ward, p!.residentRecordCode));
  const row = await ward.now(p!.residentRecordCode);
  const other = await ward.now(spouse!.residentRecordCode);
  const found = unwrap(await searchRegister(deps, tanaka, { name: '守山' }));
  const record = unwrap(await readResident(deps, tanaka, { personId: row.person_id }));
  const household = unwrap(await readHousehold(deps, tanaka, { householdNumber: row.household_number }));
  assert.equal(found.hits.find((h) => h.personId === row.person_id)?.address, withheldAddress);
  assert.equal(household.members.find((m) => m.personId === row.person_id)?.address, withheldAddress);
  assert.ok(!JSON.stringify(record.versions).includes('秘密'));
  assert.deepEqual(await readProtectedResident(deps, tanaka, { personId: row.person_id }), {
    ok: false,
    error: 'not-authorised',
  });
  const unveiled = unwrap(await readProtectedResident(deps, officer, { personId: row.person_id }));
  assert.equal(unveiled.versions[0]!.row.address, home.address);

  // 何度求めても、世帯の全部でも、代理でも、窓口では交付されない。組版もしない。
  const silent: Deps = { ...deps, typesetter: () => Promise.reject(new Error('nothing is rendered')) };
  for (const more of [{}, { requester: 'household' }, { requester: 'proxy' }, { scope: 'household' }] as const)
    for (const personId of more && 'scope' in more ? [row.person_id, other.person_id] : [row.person_id]) {
      const asked = unwrap(await issueCertificate(silent, tanaka, request(personId, more)));
      assert.deepEqual([asked.result, asked.why], ['refused', 'protected-person']);
    }
  const byOther = unwrap(await issueCertificate(silent, officer, request(row.person_id, { requester: 'household' })));
  assert.equal(byOther.why, 'protected-person');
  const issued = unwrap(await issueCertificate(deps, officer, request(row.person_id)));
  assert.equal(issued.result, 'issued');
  const kept = unwrap(
    await readCertificates(deps, officer, { certificateId: null, result: 'refused', offset: 0, limit: 50 }),
  );
  assert.equal(kept.rows.length, 6);
});

test('住基法12条 住民票の写し: 番号は本人と世帯の方にだけ、第三者には記載しない。開けるのは交付した職員が当日に', async () => {
  const [p] = await ward.load({ name: '髙橋　邊', nameKana: 'タカハシ　ヘン' });
  const { person_id: personId } = await ward.now(p!.residentRecordCode);
  const ask = async (more: object) => unwrap(await issueCertificate(deps, tanaka, request(personId, more)));
  assert.equal((await ask({ requester: 'third-party', items: ['relationship'] })).why, 'items-not-for-requester');
  assert.equal((await ask({ requester: 'proxy', items: ['number'] })).why, 'number-not-for-requester');
  assert.equal((await ask({ requester: 'third-party', purpose: '' })).why, 'purpose-missing');
  assert.equal((await ask({ proof: '' })).why, 'proof-missing');
  const requestKey = deps.newId();
  const first = await ask({ items: ['number', 'code', 'relationship'], requestKey });
  const second = await ask({ items: ['number', 'code', 'relationship'], requestKey });
  assert.deepEqual(second, first);
  const opened = unwrap(await openCertificate(deps, tanaka, { certificateId: first.certificateId }));
  const { getDocument } = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const pdf = await getDocument({ data: Uint8Array.from(opened.pdf), verbosity: 0 }).promise;
  const { items } = await (await pdf.getPage(1)).getTextContent();
  const text = items.map((i) => ('str' in i ? i.str : '')).join('');
  for (const word of ['髙橋', p!.individualNumber, p!.residentRecordCode, p!.address, '世帯主'])
    assert.ok(text.includes(word), `the paper lacks ${word === p!.individualNumber ? 'the number' : word}`);
  const byOther = await openCertificate(deps, supervisor, { certificateId: first.certificateId });
  assert.deepEqual(byOther, { ok: false, error: 'not-your-certificate' });
  ward.chain.civilClock.set('2026-06-02');
  const nextDay = await openCertificate(deps, tanaka, { certificateId: first.certificateId });
  assert.deepEqual(nextDay, { ok: false, error: 'not-your-certificate' });
  ward.chain.civilClock.set('2026-06-01');
});

test('住基法25条 世帯主変更・分離・合併は世帯員全員の記載を同時に変え、世帯主が一人でない世帯を作らない', async () => {
  const home = { household: 'quartet', address: '東京都目黒区大橋一丁目1番1号' };
  const [head, wife, child] = await ward.load(
    home,
    { ...home, relationship: '妻', sex: 'female' },
    { ...home, relationship: '子', sex: 'female', birthDate: '2000-02-29' },
  );
  const [a, b, c] = await Promise.all([head, wife, child].map((p) => ward.now(p!.residentRecordCode)));
  const filed = {
    householdNumber: a!.household_number,
    changedOn: '2026-05-31',
    filedOn: '2026-06-01',
    document: '住民異動届',
    identityCheck: 'card',
  } as const;
  const place = (row: typeof a, relationship: string, to: 'stay' | 'new' | { household: string } = 'stay') => ({
    personId: row!.person_id,
    version: row!.sequence,
    relationship,
    to,
  });
  const wrong = async (...placings: ReturnType<typeof place>[]) => {
    const done = await changeHousehold(deps, tanaka, { ...filed, placings });
    return done.ok ? 'ok' : done.error;
  };
  assert.equal(await wrong(place(b, '世帯主')), 'two-heads');
  assert.equal(await wrong(place(a, '夫', 'new')), 'no-head');
  assert.equal(await wrong(place(a, '世帯主')), 'nothing-changes');
  assert.equal(await wrong(place(c, '子', { household: '9999999999' })), 'no-such-household');
  unwrap(
    await changeHousehold(deps, tanaka, { ...filed, placings: [place(a, '夫'), place(b, '世帯主'), place(c, '子')] }),
  );
  assert.equal((await ward.now(wife!.residentRecordCode)).relationship, '世帯主');
  // 続柄が変わらない世帯員の記録は、そのまま。
  assert.equal((await ward.now(child!.residentRecordCode)).sequence, 1);
  unwrap(await changeHousehold(deps, tanaka, { ...filed, placings: [place(c, '世帯主', 'new')] }));
  const apart = await ward.now(child!.residentRecordCode);
  assert.notEqual(apart.household_number, a!.household_number);
  const joins = {
    ...filed,
    householdNumber: apart.household_number,
    placings: [place(apart, '子', { household: a!.household_number })],
  };
  const [one, two] = await Promise.all([
    changeHousehold(deps, tanaka, joins),
    changeHousehold(deps, supervisor, joins),
  ]);
  assert.deepEqual([one, two].filter((r) => r.ok).length, 1);
  const view = unwrap(await readHousehold(deps, tanaka, { householdNumber: a!.household_number }));
  assert.deepEqual(
    view.members.map((m) => m.relationship),
    ['世帯主', '夫', '子'],
  );
  // 世帯主が亡くなると、世帯主のいない世帯の一覧に載る。
  unwrap(await ward.file(wife!.residentRecordCode, 'death'));
  const headless = unwrap(await readHeadless(deps, tanaka, { offset: 0, limit: 10 }));
  assert.deepEqual(
    headless.rows.map((h) => [h.householdNumber, h.members]),
    [[a!.household_number, 2]],
  );
});

mechanismTest('access.support-measure-block', 'INC-49 支援措置の方の住所は窓口の検索に出ない', async () => {
  await using w = await startWard();
  const [p] = await w.load({ name: '守田　一', nameKana: 'モリタ　ハジメ' });
  unwrap(await apply(w, p!.residentRecordCode));
  const found = unwrap(await searchRegister(asRoles(w.deps), tanaka, { name: '守田' }));
  assert.equal(found.hits[0]?.address, withheldAddress);
});

test('INC-45 性質: 窓口の職員が開けるすべての画面のどれにも、支援措置の方の住所は現れない', async () => {
  const secret = '東京都目黒区隠田九丁目9番9号';
  const [p] = await ward.load({ name: '隠田　澪', nameKana: 'オンデン　ミオ', address: secret });
  unwrap(await ward.file(p!.residentRecordCode, 'moved-within', { address: `${secret}別棟`, postal_code: null }));
  unwrap(await ward.file(p!.residentRecordCode, 'corrected-ex-officio', { address: `${secret}新棟` }));
  // 附票も、記録の変更に続いて作られる。
  const keeping: Deps = { ...deps, afterChange: followingFuhyo(deps, '目黒区') };
  const { person_id: personId, sequence: version } = await ward.now(p!.residentRecordCode);
  const domicile = { registered_domicile: '東京都目黒区上目黒二丁目19番', family_register_head: '隠田　澪' };
  const family = { personId, version, reason: 'family-register-change', set: domicile, identityCheck: null } as const;
  const filed = { changedOn: '2026-05-21', filedOn: '2026-06-01', document: '戸籍届書' };
  unwrap(await fileChange(keeping, tanaka, { ...family, ...filed }));
  unwrap(await apply(ward, p!.residentRecordCode));
  const row = await ward.now(p!.residentRecordCode);
  assert.equal(
    (await ward.meguro.t.owner('select 1 from resident_register.fuhyo where person_id = $1', [personId])).length,
    1,
  );
  const [pending] = await ward.meguro.t.owner<{ id: string }>(
    'select pending_id as id from resident_register.pending_change where person_id = $1',
    [row.person_id],
  );
  const returnId = ward.deps.newId();
  await ward.meguro.t.owner(
    `insert into resident_register.returned_notice (return_id, kind, person_id, change_id, refused_by, rule, items, returned_at, event_id)
     values ($1, 'refused', $2, $3, 'tokyo/prefectural-juki', 'L-02', '{address}', now(), $4)`,
    [returnId, row.person_id, row.change_id, ward.deps.newId()],
  );
  unwrap(await issueCertificate(deps, tanaka, request(row.person_id)));
  const [certificate] = await ward.meguro.t.owner<{ id: string }>(
    'select certificate_id as id from resident_register.certificate where person_id = $1',
    [row.person_id],
  );
  const app = await addPages(pagesFor(tanaka) as never, deps, async () => ({ ok: false, error: 'unavailable' }));
  addFuhyoPages(app, deps);
  const idFor = (path: string): string =>
    path.startsWith('/pending')
      ? pending!.id
      : path.startsWith('/returned')
        ? returnId
        : path.startsWith('/certificates')
          ? certificate!.id
          : row.person_id;
  const opened: string[] = [];
  for (const { method, path } of app.pages) {
    if (method !== 'GET') continue;
    const url = path.replace(':number', row.household_number).replace(':id', idFor(path));
    const answer = await app.fetch(new Request(`http://counter.localhost${url}`));
    const text = await answer.text();
    assert.ok(!text.includes('隠田九丁目'), `${path} shows a protected address`);
    if (answer.status === 200) opened.push(path);
  }
  // What opened is what the counter uses; the lists of 支援措置担当 did not.
  for (const path of [
    '/residents/:id',
    '/households/:number',
    '/pending/:id',
    '/returned/:id',
    '/residents/:id/fuhyo',
    '/residents/:id/corrected-ex-officio',
    '/certificates/:id',
  ])
    assert.ok(opened.includes(path), `${path} did not open`);
  assert.ok(!opened.some((path) => path.startsWith('/protections') || path.startsWith('/lift-lists')));
});

test('MCS-F5 返戻された転入の取下げ（誤記載の消除）は、窓口の担当だけではできず、係長が行う', async () => {
  const [p] = await ward.load({});
  const row = await ward.now(p!.residentRecordCode);
  const returnId = ward.deps.newId();
  await ward.meguro.t.owner(
    `insert into resident_register.returned_notice (return_id, kind, person_id, change_id, refused_by, rule, items, returned_at, event_id)
     values ($1, 'refused', $2, $3, 'tokyo/prefectural-juki', 'L-01', '{}', now(), $4)`,
    [returnId, row.person_id, row.change_id, ward.deps.newId()],
  );
  const command = { returnId, resolution: 'withdrawn', note: '本人確認の誤り' } as const;
  assert.deepEqual(await resolveReturned(deps, tanaka, command), { ok: false, error: 'supervisor-only' });
  // 初期移行の記載は転入・出生ではないので、係長にも取り下げられない。
  assert.deepEqual(await resolveReturned(deps, supervisor, command), { ok: false, error: 'not-an-entry' });
  assert.equal((await ward.now(p!.residentRecordCode)).status, 'resident');
});

let year = 2030;
mechanismTest('access.second-person', 'INC-44 解除対象一覧を作った人は、自らは解除できない', async () => {
  const [p] = await ward.load({});
  const code = p!.residentRecordCode;
  ward.chain.civilClock.set(`${year}-06-01`);
  unwrap(await apply(ward, code, tanaka, `${year}-06-01`));
  const protectionId = await protectionOf(code);
  unwrap(await decideProtection(deps, officer, { protectionId, decision: 'granted', note: '' }));
  year += 1;
  ward.chain.civilClock.set(`${year}-06-05`);
  const { listId } = unwrap(await drawLiftList(deps, officer, {}));
  // The schema would refuse it too, without a word to the officer and without a record of the attempt.
  const lifted = await liftRow(ward.deps, officer, { listId, protectionId }).catch(() => undefined);
  assert.deepEqual(lifted, { ok: false, error: 'drawer-is-lifter' });
  assert.equal((await ward.now(code)).address_protected, true);
});

const pagesFor = (actor: Actor) => ({
  pages: async (options = {}) =>
    createPageApp({
      system: { id: 'resident-register', name: '住民記録システム', gloss: 'Resident register' },
      organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
      environment: trainingTown,
      session: { read: async () => ({ actor: actor as never, displayName: '窓口', csrfSecret: new Uint8Array(32) }) },
      mayOpen: async (_actor, right) => typeof right !== 'string' && roleMay(rights, 'resident-clerk', right),
      stylesheet: { css: '', href: '/-/style.css' } as never,
      random: systemRandom,
      ...options,
    }),
});
