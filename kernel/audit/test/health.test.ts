import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withTransaction } from '../../db/database.ts';
import { unwrap } from '../../result/result.ts';
import { Sequencer } from '../sequencer.ts';
import { submitTo, type Witness } from '../submitter.ts';
import { clerk, storeResult, testKey, testWard } from './ward.ts';

const key = testKey('musubi/meguro/ward', 1);

test('design §10: partitions are made ahead by month, and an event outside them is counted as an alarm', async () => {
  await using t = await testWard('health');
  const health = async () =>
    (
      await t.owner<{ waiting: string; size: string; in_default_partition: string; facts_without_index: string[] }>(
        'select * from audit.health()',
      )
    )[0]!;
  const sequencer = new Sequencer({ db: t.db, machineClock: t.deps.machineClock, signer: key });
  unwrap(await storeResult(t.deps, clerk, { no: 'h-1', items: ['a'] }));
  assert.equal(Number((await health()).waiting), 1);
  await sequencer.drain();
  assert.equal(Number((await health()).in_default_partition), 1);
  assert.deepEqual((await health()).facts_without_index, ['ward.inquiry_result']);
  await t.owner('delete from audit.entry');
  await t.owner(`delete from audit.tile`);
  await t.owner('update audit.head set size = 0');
  for (let i = 0; i < 2; i++)
    await withTransaction(
      t.db,
      'x',
      (tx) => tx`select audit.ensure_partitions(${t.deps.machineClock.now()}::timestamptz)`,
    );
  unwrap(await storeResult(t.deps, clerk, { no: 'h-2', items: ['a'] }));
  await sequencer.drain();
  assert.equal(Number((await health()).in_default_partition), 0);
  assert.deepEqual(await t.owner('select count(*)::int as n from audit.entry_202606'), [{ n: 1 }]);
});

test('design §4.7: a witness that saw a longer log than ours says that ours was cut back', async () => {
  await using t = await testWard('ahead');
  unwrap(await storeResult(t.deps, clerk, { no: 'h-3', items: ['a'] }));
  const sequencer = new Sequencer({ db: t.db, machineClock: t.deps.machineClock, signer: key });
  await sequencer.drain();
  await sequencer.checkpoint();
  const { name, publicKey } = testKey('witness/w', 3);
  const witness: Witness = {
    name,
    publicKey,
    organisation: 'tokyo',
    send: async () => ({ outcome: 'other-size', size: 50 }),
  };
  const config = { db: t.db, machineClock: t.deps.machineClock, organisation: 'meguro', witnesses: [witness] };
  const signal = new AbortController().signal;
  assert.equal(await submitTo(config, witness, signal), 'witness-ahead');
  const liar: Witness = {
    ...witness,
    send: async () => ({ outcome: 'cosigned', line: `— ${name} ${Buffer.alloc(76).toString('base64')}\n` }),
  };
  assert.equal(await submitTo(config, liar, signal), 'wrong-cosignature');
  assert.deepEqual(await t.owner('select * from audit.cosignature'), []);
});
