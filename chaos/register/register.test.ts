import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { aRegisterWorld } from '../register.ts';

const world = await aRegisterWorld();
after(() => world[Symbol.asyncDispose]());
const kinds = async (): Promise<string[]> => [...new Set((await world.search()).map((v) => v.kind))].toSorted();

test('003 §9 chaos register: after doubled, late and lost envelopes and killed processes all registers agree', async () => {
  const { violations } = await world.seed('planted');
  const happened = [...world.faults.keys()];
  assert.ok(happened.some((kind) => kind === 'envelope-doubled' || kind === 'envelope-late'));
  assert.ok(happened.some((kind) => kind.startsWith('killed-')));
  assert.deepEqual(violations, []);
});

test('register-violations: what a defect would leave behind is found', async () => {
  const tokyo = world.servers.of('tokyo/prefectural-juki').t;
  const [row] = await tokyo.owner<{ id: string; address: string }>(
    `select person_id as id, address from prefectural_juki.identification where status = 'resident' limit 1`,
  );
  await tokyo.owner('update prefectural_juki.identification set address = $2 where person_id = $1', [
    row!.id,
    '別の住所',
  ]);
  assert.deepEqual(await kinds(), ['prefecture-and-country', 'ward-and-prefecture']);
  await tokyo.owner('update prefectural_juki.identification set address = $2 where person_id = $1', [
    row!.id,
    row!.address,
  ]);
  assert.deepEqual(await kinds(), []);
  const meguro = world.servers.of('meguro/resident-register').t;
  await meguro.owner(`update streams.outgoing set state = 'numbered', settled_at = null where message_id =
    (select message_id from streams.outgoing where family like 'juki.%' and state = 'applied' limit 1)`);
  assert.deepEqual(await kinds(), ['not-settled']);
  // Last, because a row of the history cannot be taken out again.
  await tokyo.owner(`insert into prefectural_juki.identification_history
    select i.*, i.event_id, now() from prefectural_juki.identification i where person_id = '${row!.id}'`);
  assert.deepEqual(await kinds(), ['applied-twice', 'not-settled']);
});
