import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fetchList } from '@musubi/intermediate-server/service/fetch-list.ts';
import { exchangeWorld } from '@musubi/intermediate-server/test/exchange-world.ts';
import { depsOf } from '@musubi/intermediate-server/test/ims-deps.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { type ExchangeViolation, findExchangeViolations, type Look } from './violations.ts';

const world = await exchangeWorld();
after(() => world[Symbol.asyncDispose]());
for (const each of [world.meguro, world.tokyo])
  unwrap(await fetchList(depsOf(world, each), { kind: 'job', name: 'test' }));
const places = { asker: 'tokyo', provider: 'meguro', network: 'network' } as const;
const lookAt: Look = async (place, statement) => {
  const at = place === 'tokyo' ? world.tokyo : place === 'meguro' ? world.meguro : world.network;
  return (await at.t.owner(statement)) as never;
};
const search = async (): Promise<ExchangeViolation[]> => {
  for (const each of [world.tokyo, world.meguro, world.network]) await world.sealLog(each);
  return findExchangeViolations(lookAt, places);
};
const ask = async (): Promise<string> => {
  const { prefecture } = await world.person({ 課税区分: '課税', 市町村民税所得割額: 3 });
  return unwrap(await world.ask(world.question(prefecture))).inquiryNumber;
};

test('C the search of the exchange finds nothing where all is well, and each planted defect', async () => {
  const numbers = [await ask(), await ask(), await ask(), await ask(), await ask()];
  assert.deepEqual(await search(), []);
  const record = 'intermediate_server.exchange_record';
  await world.meguro.t.owner(`delete from ${record} where inquiry_number = $1`, [numbers[0]]);
  await world.network.t.owner('delete from information_providing_network.outcome where inquiry_number = $1', [
    numbers[1],
  ]);
  await world.tokyo.t.owner('delete from intermediate_server.inquiry_result where inquiry_number = $1', [numbers[2]]);
  await world.tokyo.t.owner(`insert into intermediate_server.inquiry_key values ($1, current_date, '\\x00')`, [
    numbers[3],
  ]);
  await world.meguro.t.owner(
    `insert into ${record} select gen_random_uuid(), inquiry_number, role, org_person_number, asker, provider, procedure,
       information_code, items, ground, result, refusal, withheld_from_person, recorded_at, recorded_on, event_id
       from ${record} where inquiry_number = $1`,
    [numbers[4]],
  );
  const found = await search();
  const has = (kind: ExchangeViolation['kind'], subject: string): boolean =>
    found.some((each) => each.kind === kind && each.subject === subject);
  assert.ok(has('answer-without-three-records', numbers[0]!));
  assert.ok(has('records-disagree', numbers[1]!));
  assert.ok(has('no-stated-end', numbers[2]!));
  assert.ok(has('key-left', numbers[3]!));
  assert.ok(has('double-answer', numbers[4]!));
  assert.ok(has('record-without-act', record));
});
