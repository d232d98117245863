import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import {
  approveCorrection,
  correctSupplement,
  type ProposeCorrection,
  proposeCorrection,
  readCorrections,
  reviewCorrection,
} from '../service/correct-supplement.ts';
import { aPerson, fuhyoNotice, type Person, sendFuhyo, startWorld } from './fuhyo-world.ts';

const world = await startWorld();
after(() => world[Symbol.asyncDispose]());
const { deps, t } = world.fuhyo;
const staff = (staffId: string) =>
  ({ kind: 'staff', organisation: 'tokyo', staffId, sessionId: `s-${staffId}`, terminalId: 'T-1' }) as const;
const [keeper, manager] = [staff('K-1'), staff('M-1')];

async function aSupplement(): Promise<Person & { readonly supplementId: string }> {
  const person = aPerson();
  await sendFuhyo(world, fuhyoNotice(world, person, 'entry', 1));
  const [row] = await t.owner<{ id: string }>(
    'select supplement_id as id from fuhyo_link.supplement where resident_record_code = $1',
    [person.residentRecordCode],
  );
  return { ...person, supplementId: row!.id };
}
/** Where everybody of this world lives. */
const address = '東京都目黒区上目黒二丁目1番1号';
const by = { procedureNo: '附補-1', reason: '通知できないため', document: '起案8-1' };
const propose = (command: Omit<ProposeCorrection, keyof typeof by>) =>
  proposeCorrection(deps, keeper, { ...by, ...command });
const decide = (correctionId: string, who = manager) =>
  approveCorrection(deps, who, { correctionId, decision: 'approved' });
const inCountry = async (code: string) =>
  (
    await world.national.t.owner<{ state: string; address: string }>(
      `select record_state as state, items->>'address' as address from national_fuhyo.record where resident_record_code = $1`,
      [code],
    )
  )[0];

test('003-III.2-R3-B09 U17 FPS-X9 手作業の訂正と削除: 手順・理由・前後の値・別の職員の承認を経て変わり、前の記録は残り、全国サーバに届き、後から確認される', async () => {
  const person = await aSupplement();
  const { supplementId } = person;
  const set = { address_kanji: '東京都目黒区駒場一丁目1番1号' };
  assert.deepEqual(await propose({ kind: 'correct', supplementId, set: {} }), err('nothing-changes'));
  assert.deepEqual(await propose({ kind: 'correct', supplementId, set: { sex: 'x' } }), err('wrong-value'));
  const unknown = { ...by, kind: 'correct', supplementId, set, procedureNo: '附補-9' } as const;
  assert.deepEqual(await proposeCorrection(deps, keeper, unknown), err('procedure-unknown'));
  assert.deepEqual(await proposeCorrection(deps, keeper, { ...unknown, ...by, reason: ' ' }), err('reason-missing'));
  const { correctionId } = unwrap(await propose({ kind: 'correct', supplementId, set }));
  assert.deepEqual(await decide(correctionId, keeper), err('approver-is-requester'));
  unwrap(await decide(correctionId));
  const twice = await Promise.all([1, 2].map(() => correctSupplement(deps, keeper, { correctionId })));
  assert.deepEqual(twice.map((r) => (r.ok ? 'done' : r.error)).toSorted(), ['already-used', 'done']);
  await world.pump();
  const versions = await t.owner<{ address: string }>(
    `select address_kanji as address from fuhyo_link.supplement where supplement_id = $1
     union all select address_kanji from fuhyo_link.supplement_history where supplement_id = $1`,
    [supplementId],
  );
  assert.deepEqual(
    versions.map((v) => v.address),
    [set.address_kanji, address],
  );
  assert.equal((await inCountry(person.residentRecordCode))?.address, set.address_kanji);
  const review = { correctionId, byProcedure: true, note: '' };
  assert.deepEqual(await reviewCorrection(deps, keeper, review), err('own-work'));
  unwrap(await reviewCorrection(deps, manager, review));
  assert.deepEqual(await reviewCorrection(deps, manager, review), err('already-reviewed'));

  const removal = unwrap(await propose({ kind: 'remove', supplementId }));
  unwrap(await decide(removal.correctionId));
  unwrap(await correctSupplement(deps, keeper, { correctionId: removal.correctionId }));
  await world.pump();
  assert.equal((await inCountry(person.residentRecordCode))?.state, 'removed');
  assert.deepEqual(await propose({ kind: 'correct', supplementId, set }), err('already-removed'));
  assert.deepEqual(world.errors, []);
});

const otherDigit = (code: string): string => `${code.slice(0, -1)}${(Number(code.at(-1)) + 1) % 10}`;

test('FPS-X9 入力: 附票のない方が現れ、同じコードの二度目と誤った値は断られる', async () => {
  const person = aPerson();
  const entered = {
    resident_record_code: person.residentRecordCode,
    managing_municipality_code: '131105',
    address_municipality_code: '131105',
    name_kanji: person.name,
    name_furigana: person.nameKana,
    birth_date: person.birthDate,
    sex: person.sex,
    address_kanji: address,
  } as const;
  for (const wrong of [
    { ...entered, resident_record_code: otherDigit(person.residentRecordCode) },
    { ...entered, managing_municipality_code: '999999' },
    { ...entered, birth_date: '昭和55年' },
    { ...entered, name_kanji: ' ' },
  ])
    assert.deepEqual(await propose({ kind: 'enter', entered: wrong }), err('wrong-value'));
  const { correctionId } = unwrap(await propose({ kind: 'enter', entered }));
  unwrap(await decide(correctionId));
  unwrap(await correctSupplement(deps, keeper, { correctionId }));
  await world.pump();
  assert.equal((await inCountry(person.residentRecordCode))?.state, 'domestic');
  assert.deepEqual(await propose({ kind: 'enter', entered }), err('already-present'));
  const open = unwrap(await readCorrections(deps, manager, { which: 'review', offset: 0, limit: 10 }));
  assert.ok(open.rows.some((r) => r.correctionId === correctionId));
});

test('FPS-X9 起案の後に通知が来れば、補正は行われず、通知が残る', async () => {
  const person = await aSupplement();
  const set = { address_kanji: '東京都目黒区駒場一丁目1番1号' };
  const { correctionId } = unwrap(await propose({ kind: 'correct', supplementId: person.supplementId, set }));
  unwrap(await decide(correctionId));
  const moved = '東京都目黒区八雲三丁目1番1号';
  await sendFuhyo(world, fuhyoNotice(world, person, 'correction', 2, { address: moved }));
  assert.deepEqual(await correctSupplement(deps, keeper, { correctionId }), err('changed-meanwhile'));
  const [now] = await t.owner<{ address: string }>(
    'select address_kanji as address from fuhyo_link.supplement where supplement_id = $1',
    [person.supplementId],
  );
  assert.equal(now?.address, moved);
});

mechanismTest('juki.manual-correction', '003-III.2-R3-B09 承認のない手作業の補正は行われない', async () => {
  const { supplementId } = await aSupplement();
  const { correctionId } = unwrap(await propose({ kind: 'remove', supplementId }));
  assert.deepEqual(await correctSupplement(deps, keeper, { correctionId }), err('not-approved'));
});
