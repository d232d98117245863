import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { nationalFuhyoNotices } from '@musubi/contracts/fuhyo/notices.ts';
import { abroad, aPerson, fuhyoNotice, sendFuhyo, startWorld } from './fuhyo-world.ts';

const world = await startWorld();
after(() => world[Symbol.asyncDispose]());
const journalOf = async (changeId: string) =>
  world.fuhyo.t.owner<{ result: string; rule: string | null; items: string[] }>(
    'select result, rule, items from notice_journal.entry where change_id = $1',
    [changeId],
  );
const stored = async (code: string) =>
  world.fuhyo.t.owner<{ record_state: string; name_kanji: string; update_sequence_no: string }>(
    'select record_state, name_kanji, update_sequence_no from fuhyo_link.supplement where resident_record_code = $1',
    [code],
  );
const atNation = async (code: string) =>
  world.national.t.owner<{ record_state: string; items: Record<string, unknown> }>(
    'select record_state, items from national_fuhyo.record where resident_record_code = $1',
    [code],
  );

test('003 scenario 26 附票の記載は区市町村CSから都のサーバに保存され、番号の項目なしに全国サーバへ通知される', async () => {
  const person = aPerson();
  const notice = fuhyoNotice(world, person, 'entry', 1);
  await sendFuhyo(world, notice);
  assert.equal((await stored(person.residentRecordCode))[0]?.record_state, 'domestic');
  const [national] = await atNation(person.residentRecordCode);
  assert.equal(Object.keys(national!.items).length, 18);
  assert.ok(!JSON.stringify(national!.items).includes(person.individualNumber));
  assert.ok(!Object.keys(national!.items).some((item) => /number$/i.test(item)));
  assert.equal(
    nationalFuhyoNotices.schema.safeParse({
      ...notice,
      items: { ...notice.items, individualNumber: person.individualNumber },
    }).success,
    false,
  );
});

test('003 scenario 26 FL-01 既に消除された方の消除の通知は拒まれ、記録は変わらず、全国サーバには何も行かない', async () => {
  const person = aPerson();
  await sendFuhyo(world, fuhyoNotice(world, person, 'entry', 1));
  await sendFuhyo(world, fuhyoNotice(world, person, 'removal', 2));
  assert.equal((await atNation(person.residentRecordCode))[0]?.record_state, 'removed');
  const before = await world.fuhyo.t.owner('select count(*) from streams.outgoing');
  const again = fuhyoNotice(world, person, 'removal', 3);
  await sendFuhyo(world, again);
  assert.deepEqual(await journalOf(again.changeId), [{ result: 'refused', rule: 'FL-01', items: ['recordState'] }]);
  assert.equal((await stored(person.residentRecordCode))[0]?.update_sequence_no, '2');
  // Only the way back: the ward learns the rule.
  const [returned] = await world.ward.t.owner<{ rule: string; refused_by: string }>(
    'select rule, refused_by from municipal_juki.returned where change_id = $1',
    [again.changeId],
  );
  assert.deepEqual(returned, { rule: 'FL-01', refused_by: 'tokyo/fuhyo-link' });
  const after = await world.fuhyo.t.owner(
    `select count(*) from streams.outgoing where family <> 'fuhyo.return-notice'`,
  );
  assert.ok(Number(after[0]?.count) <= Number(before[0]?.count));
});

test('003 §4.2 国外転出は修正として届き、最終住所とともに現在の記録となり、前の記録は変わらず履歴に残る', async () => {
  const person = aPerson();
  await sendFuhyo(world, fuhyoNotice(world, person, 'entry', 1));
  await sendFuhyo(world, fuhyoNotice(world, person, 'correction', 2, abroad));
  assert.equal((await stored(person.residentRecordCode))[0]?.record_state, 'abroad');
  const history = await world.fuhyo.t.owner<{ record_state: string; closed_on: unknown }>(
    'select record_state, closed_on::text from fuhyo_link.supplement_history where resident_record_code = $1',
    [person.residentRecordCode],
  );
  assert.deepEqual(history, [{ record_state: 'domestic', closed_on: '2026-06-01' }]);
});

test('003 §4.2 ア13 住民票コードの変更は、旧コードの記録を引き継ぎ、旧コードでは見つからなくなる', async () => {
  const person = aPerson();
  const { residentRecordCode } = aPerson();
  await sendFuhyo(world, fuhyoNotice(world, person, 'entry', 1));
  const change = { residentRecordCode, formerResidentRecordCode: person.residentRecordCode };
  await sendFuhyo(world, fuhyoNotice(world, person, 'correction', 2, change));
  assert.deepEqual(await stored(person.residentRecordCode), []);
  assert.equal((await stored(residentRecordCode))[0]?.name_kanji, person.name);
  assert.equal((await atNation(residentRecordCode)).length, 1);
  assert.deepEqual(await atNation(person.residentRecordCode), []);
});

test('003 scenario 5 ほかの市区町村サーバからの通知は、附票を変えない (FL-04)', async () => {
  const person = aPerson();
  const notice = fuhyoNotice(world, person, 'entry', 1);
  await sendFuhyo(world, notice, world.member('setagaya/municipal-juki'));
  assert.deepEqual(await stored(person.residentRecordCode), []);
  assert.equal((await journalOf(notice.changeId))[0]?.rule, 'FL-04');
});

test('何も隠れて失敗していない', () => assert.deepEqual(world.errors, []));
