import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { LoadedPerson } from '@musubi/contracts/juki/load.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import { clerk, startChain } from '@musubi/national-juki/test/chain-world.ts';
import { recordDeath } from '@musubi/resident-register/service/change-resident.ts';
import { loadTown } from '@musubi/resident-register/service/load-town.ts';
import type { Deps } from '../deps.ts';
import type { FourItems } from '../domain/search.ts';
import { rights } from '../rights.ts';
import { requestOutput } from '../service/mass-output.ts';
import { readPerson, readPersonWhole, searchPersons, searchWithRemoved } from '../service/search.ts';
import { heldTask } from './held-task.ts';

const chain = await startChain();
after(() => chain[Symbol.asyncDispose]());
const [meguro, tokyo] = [chain.member('meguro/resident-register'), chain.member('tokyo/prefectural-juki')];
const random = seededRandom('scenario-10');
const someone = (name: string, nameKana: string, birthDate: string, block = 1): LoadedPerson => ({
  individualNumber: makeIndividualNumber(random).digits(),
  residentRecordCode: makeResidentRecordCode(random),
  name,
  nameKana,
  birthDate,
  sex: 'female',
  address: `東京都目黒区上目黒二丁目${block}番１号`,
  postalCode: '1530051',
  household: `h-${block}`,
  relationship: '世帯主',
  becameResidentOn: '2015-04-01',
});
const persons = [
  someone('山﨑　淳子', 'ヤマザキ　ジュンコ', '1980-04-02'),
  someone('山崎　順子', 'ヤマサキ　シュンコ', '1980-04-02', 2),
  someone('髙橋　咲', 'タカハシ　サキ', '1991-12-31', 3),
  someone('亡田　花', 'ナキタ　ハナ', '1950-01-01', 4),
  ...Array.from({ length: 51 }, (_, i) => someone('鈴木　多子', 'スズキ　オオコ', '1975-05-05', 100 + i)),
  ...Array.from({ length: 50 }, (_, i) => someone('鈴木　五子', 'スズキ　イツコ', '1976-06-06', 200 + i)),
];
const conductor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' } as const;
unwrap(await loadTown(meguro.deps, conductor, { loadId: meguro.newId(), chunk: 0, persons }));
await chain.pump();
const [dead] = await meguro.t.owner<{ id: string }>(
  `select person_id as id from resident_register.resident where name = '亡田　花'`,
);
unwrap(
  await recordDeath(meguro.deps, clerk('meguro'), {
    personId: dead!.id,
    version: 1,
    document: '死亡届 1',
    identityCheck: 'card',
    changedOn: Temporal.PlainDate.from('2026-05-30'),
    filedOn: Temporal.PlainDate.from('2026-06-01'),
  } as never),
);
await chain.pump();

const { code } = await heldTask(tokyo.deps, 'S-101');
const purpose = { task: code, document: '受付10' };
const management = { task: 'disclosure', document: '受付10' };
const namesOf = async (items: FourItems): Promise<readonly string[]> =>
  unwrap(await searchPersons(tokyo.deps, clerk('tokyo'), { items, purpose }))
    .hits.map((h) => h.name ?? '')
    .toSorted();

test('003 scenario 10 振り仮名と生年月日: 清音・濁音・小書きのどれで書いても同じ方が見つかり、いなければ零件', async () => {
  for (const nameKana of ['ヤマザキ', 'やまさき', 'ﾔﾏｻﾞｷ', 'ヤマサキシュン', 'やまざきじゅんこ'])
    assert.deepEqual(await namesOf({ nameKana, birthDate: '1980-04-02' }), ['山崎　順子', '山﨑　淳子'], nameKana);
  assert.deepEqual(await namesOf({ nameKana: 'ヤマザキ', birthDate: '1980-04-03' }), []);
});

test('003 scenario 10 異体字で書いても、名の一部でも、市区町村か生年があれば見つかる', async () => {
  assert.deepEqual(await namesOf({ name: '山崎', birthDate: '1980-04-02' }), ['山崎　順子', '山﨑　淳子']);
  assert.deepEqual(await namesOf({ name: '高橋', municipalityCode: '131105' }), ['髙橋　咲']);
  assert.deepEqual(await namesOf({ name: '橋咲', nameMatch: 'part', birthYear: '1991' }), ['髙橋　咲']);
  assert.deepEqual(await namesOf({ nameKana: 'カバシ', nameMatch: 'part', municipalityCode: '131105' }), ['髙橋　咲']);
  assert.deepEqual(await namesOf({ name: '橋咲', nameMatch: 'part', municipalityCode: '131121' }), []);
  assert.deepEqual(await namesOf({ birthDate: '1991-12-31', address: '上目黒２丁目3番' }), []);
  assert.deepEqual(await namesOf({ birthDate: '1991-12-31', address: '上目黒二丁目3番' }), ['髙橋　咲']);
  assert.deepEqual(await namesOf({ nameKana: 'タカハシ', address: '%' }), [], 'no wildcard is the operator’s to type');
});

test('003 scenario 10, A23 50件までは示し、超えれば「50件を超える」とだけ言い、件数は記録にも答えにも残らない', async () => {
  const fifty = unwrap(
    await searchPersons(tokyo.deps, clerk('tokyo'), {
      items: { nameKana: 'スズキ', birthDate: '1976-06-06' },
      purpose,
    }),
  );
  assert.deepEqual([fifty.hits.length, fifty.tooMany], [50, false]);
  for (const items of [
    { nameKana: 'スズキ', birthDate: '1975-05-05' },
    { nameKana: 'スズキ', sex: 'female' },
    { name: '鈴木', nameMatch: 'part', municipalityCode: '131105' },
  ]) {
    const more = unwrap(await searchPersons(tokyo.deps, clerk('tokyo'), { items, purpose }));
    assert.deepEqual(more, { hits: [], tooMany: true });
  }
});

test('003 scenario 10 照会が長引けば打ち切られ、条件を加えるよう伝わり、検索した事実は記録に残る', async () => {
  await tokyo.t.owner('begin; lock table prefectural_juki.identification');
  const items = { nameKana: 'スズキ', birthDate: '1976-06-06' };
  const asked = await searchPersons(tokyo.deps, clerk('tokyo'), { items, purpose });
  await tokyo.t.owner('rollback');
  assert.deepEqual(asked, { ok: false, error: 'too-long' });
  const [{ n } = { n: 0 }] = await tokyo.t.owner<{ n: number }>(
    `select count(*)::int as n from audit.intake_event where body like '%prefectural-juki.search.refused%' and body like '%too-long%'`,
  );
  assert.equal(n, 1);
  assert.equal((await namesOf(items)).length, 50);
});

test('003 scenario 10, A29 消除された方は、専用の権限と理由のある検索だけに、印を付けて現れる', async () => {
  const items = { nameKana: 'ナキタ', birthDate: '1950-01-01' };
  assert.deepEqual(await namesOf(items), []);
  const manager = clerk('tokyo', 'S-201');
  assert.deepEqual(await searchWithRemoved(tokyo.deps, manager, { items, purpose: management, reason: '' }), {
    ok: false,
    error: 'reason-missing',
  });
  const asked = { items, purpose: management, reason: '相続の照会' };
  const { hits } = unwrap(await searchWithRemoved(tokyo.deps, manager, asked));
  assert.deepEqual(
    hits.map((h) => [h.name, h.removed]),
    [['亡田　花', true]],
  );
  const personId = hits[0]!.personId;
  const nobody = { ok: false, error: 'no-such-person' };
  assert.deepEqual(await readPerson(tokyo.deps, clerk('tokyo'), { personId, purpose }), nobody);
  assert.equal(
    unwrap(await readPersonWhole(tokyo.deps, manager, { personId, purpose: management })).versions?.length,
    2,
  );

  const operators = createRights(rights, 'tokyo', { rolesOf: async () => ['juki-operator'] });
  const asOperator = { ...(tokyo.deps as Deps), rights: operators };
  const refused = { ok: false, error: 'not-authorised' };
  assert.deepEqual(await searchWithRemoved(asOperator, clerk('tokyo'), asked), refused);
  assert.deepEqual(await readPersonWhole(asOperator, clerk('tokyo'), { personId, purpose: management }), refused);
  // Who may not see removed persons does not learn either that there was one.
  assert.deepEqual(await readPerson(asOperator, clerk('tokyo'), { personId, purpose }), nobody);
  assert.deepEqual(await readPerson(asOperator, clerk('tokyo'), { personId: tokyo.newId(), purpose }), nobody);
});

mechanismTest(
  'access.person-scope',
  '003-III.3-R2-A05 検索・記録の画面・出力は、事務に許された方と項目だけを示し、ほかは無いものとして扱う',
  async () => {
    const task = `NAME-${tokyo.newId().slice(-8).toUpperCase()}`;
    await heldTask(tokyo.deps, 'S-101', { code: task, items: ['name', 'birthDate'] });
    const narrow = { task, document: '受付11' };
    const items = { nameKana: 'タカハシ', birthDate: '1991-12-31' };
    const [hit] = unwrap(await searchPersons(tokyo.deps, clerk('tokyo'), { items, purpose: narrow })).hits;
    assert.deepEqual(Object.keys(hit!).toSorted(), ['birthDate', 'name', 'nameKana', 'personId', 'removed']);
    const person = unwrap(await readPerson(tokyo.deps, clerk('tokyo'), { personId: hit!.personId, purpose: narrow }));
    assert.deepEqual(Object.keys(person).toSorted(), [
      'birthDate',
      'formerSurname',
      'name',
      'nameKana',
      'personId',
      'removed',
    ]);
    const output = unwrap(await requestOutput(tokyo.deps, clerk('tokyo'), { items, purpose: narrow }));
    assert.ok(output.kind === 'rows' && output.rows.every((r) => r.address === undefined && r.sex === undefined));
    // A removed person is not there for a task of present ones, whatever leads to the record.
    const [gone] = await tokyo.t.owner<{ id: string }>(
      `select person_id as id from prefectural_juki.identification where deleted_flag`,
    );
    assert.deepEqual(await readPerson(tokyo.deps, clerk('tokyo'), { personId: gone!.id, purpose: narrow }), {
      ok: false,
      error: 'no-such-person',
    });
  },
);

mechanismTest(
  'juki.search-keys',
  '004-III.2-R1-10 002-III.2-R1A-08 A14 一項目だけ、名の断片だけでは探せない',
  async () => {
    const search = (items: FourItems) => searchPersons(tokyo.deps, clerk('tokyo'), { items, purpose });
    assert.deepEqual(await search({ nameKana: 'タカハシ' }), { ok: false, error: 'too-few-items' });
    assert.deepEqual(await search({ birthYear: '1991', sex: 'female' }), { ok: false, error: 'too-few-items' });
    assert.deepEqual(await search({ name: '橋咲', nameMatch: 'part', sex: 'female' }), {
      ok: false,
      error: 'fragment-alone',
    });
  },
);

test('003 scenario 11(c) 管理の目的のない検索、持たない事務による記録の表示は断られ、記録に残る', async () => {
  const items = { nameKana: 'タカハシ', birthDate: '1991-12-31' };
  const manager = clerk('tokyo', 'S-201');
  assert.deepEqual(await searchWithRemoved(tokyo.deps, manager, { items, purpose, reason: '確認' }), {
    ok: false,
    error: 'purpose-missing',
  });
  const [hit] = unwrap(await searchPersons(tokyo.deps, clerk('tokyo'), { items, purpose })).hits;
  assert.deepEqual(await readPerson(tokyo.deps, clerk('tokyo', 'S-999'), { personId: hit!.personId, purpose }), {
    ok: false,
    error: 'no-active-task',
  });
  const refused = await tokyo.t.owner(
    `select 1 from audit.intake_event where body like '%prefectural-juki.read-person.refused%' and body like '%no-active-task%'`,
  );
  assert.equal(refused.length, 1);
});

test('003 scenario 10 検索はすべて、誰が・どの端末で・何を鍵に・何件かを記録に残す', async () => {
  await namesOf({ nameKana: 'タカハシ', birthDate: '1991-12-31' });
  const [row] = await tokyo.t.owner<{ body: string }>(
    `select body from audit.intake_event where body like '%"event":"person.searched"%' order by intake_no desc limit 1`,
  );
  const body = JSON.parse(row!.body) as Record<string, unknown>;
  assert.deepEqual(body.items, ['kanaKey', 'bornFrom', 'bornUntil']);
  assert.deepEqual(body.detail, { task: code, document: '受付10', hits: 1, tooMany: false });
  assert.equal(body.ground, '住民基本台帳法第30条の15第1項（別表第五） 1の項');
  assert.deepEqual((body.actor as { terminalId: string }).terminalId, 'T-1');
  assert.ok(!row!.body.includes('タカハシ'), 'the log names the keys, never what was typed');
});

test('JPS-F5 画面: 50件を超えると件数を言わず、部分一致だけの検索は断り、消除者の画面は別にある', async () => {
  const origin = 'http://pages.localhost';
  const fetchPage = (request: Request) => tokyo.instance.pages!.fetch(request);
  const post = async (fields: Record<string, string>, path = '/') => {
    const shown = await (await fetchPage(new Request(origin + path))).text();
    const body = new URLSearchParams({ ...purpose, ...fields });
    for (const [, name, value] of shown.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g))
      body.set(name!, value!);
    const headers = { origin, 'sec-fetch-site': 'same-origin' };
    const answer = await fetchPage(new Request(origin + path, { method: 'POST', headers, body }));
    return { status: answer.status, text: await answer.text() };
  };
  const many = await post({ nameKana: 'スズキ', sex: 'female' });
  assert.match(many.text, /該当が50件を超えます/);
  assert.ok(!/101|鈴木　/.test(many.text));
  const alone = await post({ name: '鈴木', nameMatch: 'part', sex: 'female' });
  assert.deepEqual([alone.status, /市区町村または生年/.test(alone.text)], [422, true]);
  assert.match((await post({ nameKana: 'ナキタ', birthDate: '1950-01-01' })).text, /該当する方はいません/);
  const marked = await post(
    { nameKana: 'ナキタ', birthDate: '1950-01-01', ...management, reason: '相続の照会' },
    '/removed',
  );
  assert.match(marked.text, /亡田　花.*消除/s);
});

test('JPS-F5 データベースの鍵は画面の鍵と同じ: 異体字・全角・空白・異体字セレクタ', async () => {
  const texts = [
    '東京都目黒区上目黒二丁目１９番１５号　ＡＢＣ',
    '﨑髙邊邉齋齊斎澤濱濵廣國櫻眞惠榮藏龍',
    '葛\u{e0100}飾区',
    'ｶﾞｰﾃﾞﾝ ﾊｲﾂ',
    '㈱ﾑｽﾋﾞ',
    'が\u3099',
  ];
  const rows = await tokyo.t.owner<{ key: string }>(
    'select prefectural_juki.kanji_key(t) as key from unnest($1::text[]) with ordinality as u(t, o) order by o',
    [texts],
  );
  assert.deepEqual(
    rows.map((r) => r.key),
    texts.map((t) => kanjiSearchKey(t)),
  );
});
