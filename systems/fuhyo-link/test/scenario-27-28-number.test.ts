import assert from 'node:assert/strict';
import { copyFile, cp, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { confirmReceipt, redeliverNumber } from '@musubi/contracts/fuhyo/inquiry.ts';
import { linkNumber, obtainNumber } from '@musubi/contracts/fuhyo/number-link.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { eraseOverdue } from '../jobs/keeping.ts';
import { TemporaryNumbers } from '../store/temporary-numbers.ts';
import {
  abroad,
  anEmigrant,
  aPerson,
  ask,
  asker,
  enterInRegister,
  fuhyoNotice,
  inquiryOf,
  openAnswer,
  sendFuhyo,
  signedBy,
  startWorld,
} from './fuhyo-world.ts';

const world = await startWorld();
after(() => world[Symbol.asyncDispose]());
const steps = async (inquiryId: string): Promise<string[]> =>
  (
    await world.fuhyo.t.owner<{ step: string }>(
      'select step from fuhyo_link.number_step where inquiry_id = $1 order by stepped_at, step_id',
      [inquiryId],
    )
  ).map((r) => r.step);
const provisions = (inquiryId: string) =>
  world.fuhyo.t.owner<{ result: string; word: string | null; items: string[]; withheld: string[] }>(
    'select result, word, items, withheld from fuhyo_link.provision_record where inquiry_id = $1 order by provided_at, provision_id',
    [inquiryId],
  );
/** All that the supplement's database says, as text: every table of every schema. */
async function wholeDatabase(): Promise<string> {
  const tables = await world.fuhyo.t.owner<{ t: string }>(`select format('%I.%I', table_schema, table_name) as t
    from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`);
  const texts: string[] = [];
  for (const { t } of tables) {
    const [row] = await world.fuhyo.t.owner<{ x: string | null }>(`select string_agg(r::text, ' ') as x from ${t} r`);
    texts.push(row?.x ?? '');
  }
  return texts.join('\n');
}
const areaDirectory = () => path.join(world.directory, 'tokyo', 'fuhyo-temporary-numbers');

test('003 scenario 27 国外転出者の番号: 都サーバからコードで取得し、一時保存領域にだけ置き、記録とともに渡し、受領確認で消す', async () => {
  const person = await anEmigrant(world);
  const request = inquiryOf(world, person);
  const answer = await ask(world, request);
  assert.ok(answer.ok);
  assert.equal(answer.value.result, 'identified');
  assert.equal(answer.value.record?.recordState, 'abroad');
  assert.equal(answer.value.record?.residentRecordCode, null);
  assert.equal(answer.value.number, 'given');
  assert.equal(answer.value.individualNumber, person.individualNumber);
  // Never in the supplement's database, and in the area only sealed.
  const digits = Buffer.from(person.individualNumber).toString('hex');
  const database = await wholeDatabase();
  assert.ok(!database.includes(person.individualNumber) && !database.includes(digits));
  for (const file of await readdir(areaDirectory(), { recursive: true, withFileTypes: true }))
    if (file.isFile())
      assert.ok(!(await readFile(path.join(file.parentPath, file.name))).includes(person.individualNumber), file.name);
  // Both sides have their records.
  assert.deepEqual(
    (await provisions(request.inquiryId)).map((p) => [p.result, p.items.at(-1)]),
    [
      ['given', 'recordState'],
      ['given', 'individualNumber'],
    ],
  );
  const register = await world.register.t.owner<{ result: string; items: string[]; ground: string; asker: string }>(
    'select result, items, ground, asker from prefectural_juki.provision_record where inquiry_id = $1',
    [request.inquiryId],
  );
  assert.deepEqual(
    register.map((r) => [r.result, r.items, r.asker]),
    [['given', ['individualNumber'], asker]],
  );
  assert.match(register[0]!.ground, /番号利用法第9条/);
  // The receipt ends it.
  const { client } = await world.client(asker);
  const params = { inquiryId: request.inquiryId };
  assert.deepEqual(await client.call(confirmReceipt, 'tokyo/fuhyo-link', params, {}), {
    ok: true,
    value: { erased: true },
  });
  assert.deepEqual(await client.call(confirmReceipt, 'tokyo/fuhyo-link', params, {}), {
    ok: true,
    value: { erased: true },
  });
  const gone = await client.call(redeliverNumber, 'tokyo/fuhyo-link', params, {});
  assert.deepEqual(gone, { ok: false, error: 'number-not-kept' });
  assert.deepEqual(await steps(request.inquiryId), ['awaited', 'kept', 'given', 'erased']);
  // The same inquiry again gives the record, no number any more.
  const repeated = await ask(world, request);
  assert.ok(repeated.ok && repeated.value.number === 'withheld' && repeated.value.individualNumber === null);
});

test('003 scenario 28 FPS-X3 受け取れなかった照会元は、保存期限まで同じ番号を再び受け取れる。期限の後は、復元した控えからも読めない', async () => {
  const person = await anEmigrant(world);
  const request = inquiryOf(world, person, { key: { residentRecordCode: person.residentRecordCode } });
  const first = await ask(world, request);
  assert.ok(first.ok && first.value.number === 'given');
  const { identity, client } = await world.client(asker);
  const redeliver = () => client.call(redeliverNumber, 'tokyo/fuhyo-link', { inquiryId: request.inquiryId }, {});
  const once = await redeliver();
  assert.ok(once.ok);
  assert.equal(openAnswer(identity, once.value.sealed).individualNumber, person.individualNumber);
  // Nobody else gets it, nor learns that it is there.
  const other = await world.client('tokyo/prefectural-tax');
  const foreign = await other.client.call(redeliverNumber, 'tokyo/fuhyo-link', { inquiryId: request.inquiryId }, {});
  assert.deepEqual(foreign, { ok: false, error: 'no-such-inquiry' });
  // A copy of the area's database, as a backup makes it.
  const backup = path.join(world.directory, 'restored');
  await cp(path.join(areaDirectory(), 'wrapping'), path.join(backup, 'wrapping'), { recursive: true });
  await copyFile(path.join(areaDirectory(), 'numbers.sqlite'), path.join(backup, 'numbers.sqlite'));
  world.pass(71);
  assert.equal(await eraseOverdue(world.fuhyo.deps), 0);
  assert.ok((await redeliver()).ok);
  world.pass(1);
  // Unreadable from that moment on, before anything was erased.
  assert.deepEqual(await redeliver(), { ok: false, error: 'number-not-kept' });
  assert.equal(await eraseOverdue(world.fuhyo.deps), 1);
  assert.equal(await eraseOverdue(world.fuhyo.deps), 0);
  assert.deepEqual(await redeliver(), { ok: false, error: 'number-not-kept' });
  assert.equal((await steps(request.inquiryId)).at(-1), 'erased');
  // The copy restored beside the keys as they are now, with a clock that stands before the end.
  await cp(path.join(areaDirectory(), 'keys'), path.join(backup, 'keys'), { recursive: true });
  using restored = await TemporaryNumbers.open({ directory: backup, apartFrom: [] });
  const read = await restored.readTemporary(request.inquiryId, asker, systemMachineClock.now());
  assert.deepEqual(read, { ok: false, error: 'not-kept' });
  world.pass(-72);
});

test('003 scenario 28 都サーバで国外転出者でない方は、都サーバが断り、両方に記録が残る', async () => {
  const person = aPerson();
  await enterInRegister(world, person, { abroad: false });
  await sendFuhyo(world, fuhyoNotice(world, person, 'entry', 1, abroad));
  const request = inquiryOf(world, person);
  const answer = await ask(world, request);
  assert.ok(answer.ok);
  assert.equal(answer.value.number, 'withheld');
  assert.deepEqual(answer.value.withheld, ['individualNumber']);
  assert.deepEqual(
    (await provisions(request.inquiryId)).map((p) => [p.result, p.word]),
    [
      ['given', null],
      ['refused', 'not-abroad'],
    ],
  );
  const register = await world.register.t.owner(
    `select refusal from prefectural_juki.provision_record where document = $1 and result = 'refused'`,
    [request.document],
  );
  assert.deepEqual(register, [{ refusal: 'not-abroad' }]);
});

test('003 scenario 28 国内の方の番号は、都サーバに求めることもしない', async () => {
  const person = aPerson();
  await enterInRegister(world, person, { abroad: false });
  await sendFuhyo(world, fuhyoNotice(world, person, 'entry', 1));
  const request = inquiryOf(world, person, { document: '国内' });
  const answer = await ask(world, request);
  assert.ok(answer.ok && answer.value.number === 'withheld');
  assert.deepEqual(await steps(request.inquiryId), []);
  assert.deepEqual(
    await world.register.t.owner(`select 1 from prefectural_juki.provision_record where document = '国内'`),
    [],
  );
});

test('003 scenario 28 開いている照会にないコード、番号利用法の根拠のない事務、別の照会への使い回しは、都サーバが断る', async () => {
  const person = await anEmigrant(world);
  const neighbour = await anEmigrant(world);
  const asking = await world.client(asker);
  const { client } = await world.client('tokyo/fuhyo-link');
  const obtain = (request: ReturnType<typeof inquiryOf>, residentRecordCode: string, identity = asking.identity) =>
    client.call(
      obtainNumber,
      'tokyo/prefectural-juki',
      {},
      {
        inquiryId: request.inquiryId,
        inquiry: signedBy(identity, request),
        residentRecordCode,
      },
    );
  const request = inquiryOf(world, person, { document: '直接' });
  assert.deepEqual(await obtain(request, neighbour.residentRecordCode), { ok: false, error: 'not-in-open-inquiry' });
  const byCode = inquiryOf(world, person, { key: { residentRecordCode: person.residentRecordCode }, document: '直接' });
  assert.deepEqual(await obtain(byCode, neighbour.residentRecordCode), { ok: false, error: 'not-in-open-inquiry' });
  const unknown = aPerson();
  assert.deepEqual(await obtain(byCode, unknown.residentRecordCode), { ok: false, error: 'not-in-open-inquiry' });
  assert.ok((await obtain(byCode, person.residentRecordCode)).ok);
  // The inquiry is that person's from now on, whatever is signed under its number.
  const turned = { ...byCode, key: { residentRecordCode: neighbour.residentRecordCode } };
  assert.deepEqual(await obtain(turned, neighbour.residentRecordCode), { ok: false, error: 'not-in-open-inquiry' });
  const passport = inquiryOf(world, person, { task: 'passport', asker: 'tokyo/fuhyo-link', document: '直接' });
  const own = await world.client('tokyo/fuhyo-link');
  assert.deepEqual(await obtain(passport, person.residentRecordCode, own.identity), {
    ok: false,
    error: 'no-number-basis',
  });
  const unasked = inquiryOf(world, person, { wantsNumber: false, document: '直接' });
  assert.deepEqual(await obtain(unasked, person.residentRecordCode), { ok: false, error: 'no-number-basis' });
  // Signed by somebody else than it names.
  assert.deepEqual(await obtain(inquiryOf(world, person), person.residentRecordCode, own.identity), {
    ok: false,
    error: 'bad-signature',
  });
  const refused = await world.register.t.owner<{ refusal: string }>(
    `select refusal from prefectural_juki.provision_record where document = '直接' and result = 'refused'`,
  );
  assert.equal(refused.length, 6);
});

test('003 A20 紐付け: 待っている照会にだけ届き、二度目は同じ答え、受領後・別の方・別のコードは断られる', async () => {
  await using pushing = await startWorld({ linksNumbers: true });
  const person = await anEmigrant(pushing);
  const request = inquiryOf(pushing, person);
  const answer = await ask(pushing, request);
  assert.ok(answer.ok && answer.value.number === 'later' && answer.value.individualNumber === null);
  const { pushLinks } = await import('@musubi/prefectural-juki/http/number-link.ts');
  const push = () => pushLinks(pushing.register.host, pushing.register.deps);
  assert.equal(await push(), 1);
  assert.equal(await push(), 0);
  const again = await ask(pushing, request);
  assert.ok(again.ok && again.value.number === 'given');
  assert.equal(again.value.individualNumber, person.individualNumber);
  // An inquiry that nobody opened, and one that is over.
  const { client } = await pushing.client('tokyo/prefectural-juki');
  const unusable = await client.call(linkNumber, 'tokyo/fuhyo-link', {}, { inquiryId: request.inquiryId, sealed: 'x' });
  assert.deepEqual(unusable, { ok: false, error: 'unusable-answer' });
  assert.deepEqual(pushing.errors, []);
});

test('何も隠れて失敗していない', () => assert.deepEqual(world.errors, []));
