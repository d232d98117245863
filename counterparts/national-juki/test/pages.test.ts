import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { LoadedPerson } from '@musubi/contracts/juki/load.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { heldTask } from '@musubi/prefectural-juki/test/held-task.ts';
import { loadTown } from '@musubi/resident-register/service/load-town.ts';
import { type Chain, type Member, startChain } from './chain-world.ts';

const chain: Chain = await startChain();
after(() => chain[Symbol.asyncDispose]());
const meguro = chain.member('meguro/resident-register');
const setagaya = chain.member('setagaya/resident-register');
const tokyo = chain.member('tokyo/prefectural-juki');
const random = seededRandom('juki-pages');
const person: LoadedPerson = {
  individualNumber: makeIndividualNumber(random).digits(),
  residentRecordCode: makeResidentRecordCode(random),
  name: '髙橋　花子',
  nameKana: 'タカハシ　ハナコ',
  birthDate: '1980-04-01',
  sex: 'female',
  address: '東京都目黒区上目黒二丁目1番1号',
  postalCode: '1530051',
  household: 'h',
  relationship: '世帯主',
  becameResidentOn: '2015-04-01',
};
const conductor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' } as const;
unwrap(await loadTown(meguro.deps, conductor, { loadId: meguro.newId(), chunk: 0, persons: [person] }));
await chain.pump();

const origin = 'http://pages.localhost';
const get = async (m: Member, path: string) => {
  const answer = await m.instance.pages!.fetch(new Request(origin + path));
  return { status: answer.status, text: await answer.text() };
};
/** As a browser does: opens the page, takes its token (and what else is hidden), posts the form. */
async function post(m: Member, path: string, fields: Record<string, string>) {
  const [action = ''] = path.split('?');
  const { text } = await get(m, path);
  const body = new URLSearchParams();
  for (const [, name, value] of text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g))
    body.set(name!, value!);
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const headers = { origin, 'sec-fetch-site': 'same-origin' };
  const send = () => m.instance.pages!.fetch(new Request(origin + action, { method: 'POST', headers, body }));
  let answer = await send();
  // A guided form shows what will stand before it is done; a number is typed a second time.
  const [, mark] = /name="numberMark" value="([^"]+)"/.exec(await answer.clone().text()) ?? [];
  if (/name="confirmed"/.test(await answer.clone().text())) {
    body.set('confirmed', 'yes');
    if (mark !== undefined) body.set('numberMark', mark);
    answer = await send();
  }
  return { status: answer.status, location: answer.headers.get('location') ?? '', text: await answer.text() };
}

test('U6 窓口: 検索から記録を開き、転居届・出生届を登録すると、都の記録に反映される', async () => {
  const found = await post(meguro, '/', { nameKana: 'たかはし' });
  const [, id] = /href="\/residents\/([0-9a-f-]{36})"/.exec(found.text) ?? [];
  assert.ok(id, 'the hit leads to the record');
  const record = await get(meguro, `/residents/${id}`);
  assert.match(record.text, /髙橋　花子/);
  assert.ok(!record.text.includes(person.individualNumber));
  const address = '東京都目黒区八雲一丁目1番1号';
  const filing = { document: '住民異動届 第1号', identityCheck: 'card' };
  const moved = { ...filing, changedOn: '2026-05-25', filedOn: '2026-06-01', address, postalCode: '1520023' };
  const within = await post(meguro, `/residents/${id}/moved-within?version=1`, moved);
  assert.deepEqual([within.status, within.location], [303, `/residents/${id}`]);
  const stale = await post(meguro, `/residents/${id}/moved-within?version=1`, moved);
  assert.equal(stale.status, 409);
  assert.match(stale.text, /ほかの担当者がこの方の記録を変更しました/);
  const born = await post(meguro, `/residents/${id}/birth?version=2`, {
    name: '髙橋　蓮',
    nameKana: 'タカハシ　レン',
    birthDate: '2026-05-30',
    sex: 'male',
    relationship: '子',
    filedOn: '2026-06-01',
  });
  assert.equal(born.status, 303);
  assert.match(born.location, /^\/residents\//);
  const child = await get(meguro, born.location);
  assert.match(child.text, /出生/);
  assert.match(child.text, new RegExp(address));
  await chain.pump();
  const rows = await tokyo.t.owner('select 1 from prefectural_juki.identification where address = $1', [address]);
  assert.equal(rows.length, 2);
  assert.deepEqual(chain.errors, []);
});

test('INC-54 世田谷区の窓口で現存する方の転入を登録すると、返戻一覧に理由が出て、取り下げられる', async () => {
  const entered = await post(setagaya, '/moved-in', {
    changedOn: '2026-05-28',
    filedOn: '2026-06-01',
    residentRecordCode: person.residentRecordCode,
    individualNumber: person.individualNumber,
    name: person.name,
    nameKana: person.nameKana,
    birthDate: person.birthDate,
    sex: 'female',
    address: '東京都世田谷区世田谷四丁目21番27号',
    relationship: '世帯主',
    document: '転出証明書',
    identityCheck: 'photo-document',
  });
  assert.equal(entered.status, 303);
  await chain.pump();
  const list = await get(setagaya, '/returned');
  assert.match(list.text, /L-01/);
  assert.match(list.text, /131105/);
  assert.match((await get(chain.member('setagaya/municipal-juki'), '/')).text, /L-01/);
  const [, returnId] = /href="\/returned\/([0-9a-f-]{36})"/.exec(list.text)!;
  const done = await post(setagaya, `/returned/${returnId}`, { resolution: 'withdrawn', note: '本人確認の誤り' });
  assert.deepEqual([done.status, done.location], [303, '/returned']);
  assert.match((await get(setagaya, '/returned')).text, /返戻はありません/);
  assert.match((await get(tokyo, '/notices?result=refused')).text, /L-01/);
  assert.match((await get(chain.member('setagaya/municipal-juki'), '/notices')).text, /適用/);
  assert.deepEqual(chain.errors, []);
});

test('003 シナリオ10 都の検索: 二項目未満は断り、清音化した振り仮名で見つけ、履歴と提供の記録を見せる', async () => {
  assert.match((await get(tokyo, '/')).text, /担当する有効な事務がありません/);
  const { code } = await heldTask(tokyo.deps, 'S-101');
  const purpose = { task: code, document: '受付1' };
  const few = await post(tokyo, '/', { ...purpose, nameKana: 'タカハシ' });
  assert.equal(few.status, 422);
  assert.match(few.text, /二つ以上の項目/);
  const found = await post(tokyo, '/', { ...purpose, nameKana: 'たがばし', birthDate: '1980-04-01' });
  const [, link, id] = /href="(\/persons\/([0-9a-f-]{36})[^"]*)"/.exec(found.text) ?? [];
  assert.ok(link && id);
  const own = await get(tokyo, link.replaceAll('&amp;', '&'));
  assert.match(own.text, /髙橋/);
  // The task's items and nothing besides: no history, no code, and not to whom else the person was told.
  for (const word of ['転居', 'jlis/national-juki', person.residentRecordCode])
    assert.doesNotMatch(own.text, new RegExp(word));
  assert.equal((await get(tokyo, `/persons/${id}`)).status, 404);
  const record = await get(tokyo, `/removed/persons/${id}?task=incident&document=R-1`);
  for (const word of ['転居', '初期移行', 'jlis/national-juki', '住民基本台帳法第30条の7'])
    assert.match(record.text, new RegExp(word));
  assert.ok(!record.text.includes(person.individualNumber));
  assert.equal((await get(tokyo, '/persons/none')).status, 404);
});
