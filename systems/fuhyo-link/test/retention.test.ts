import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { supplementRetention } from '../service/retention.ts';
import { abroad, aPerson, fuhyoNotice, sendFuhyo, startWorld } from './fuhyo-world.ts';

const world = await startWorld();
after(() => world[Symbol.asyncDispose]());

test('003 scenario 29・A11 附票: 150年を過ぎた履歴と消除者だけが表から去り、現存の記録は残り、期限前の削除は拒まれる', async () => {
  const [present, removed] = [aPerson(), aPerson()];
  for (const person of [present, removed]) await sendFuhyo(world, fuhyoNotice(world, person, 'entry', 1));
  await sendFuhyo(world, fuhyoNotice(world, present, 'correction', 2, abroad));
  await sendFuhyo(world, fuhyoNotice(world, removed, 'removal', 2));
  const { t, deps, host } = world.fuhyo;
  for (const table of ['supplement', 'supplement_history'])
    await assert.rejects(t.owner(`delete from fuhyo_link.${table}`), { code: 'MR001' });
  const seal = async (on: string) => {
    world.civilClock.set(Temporal.PlainDate.from(on));
    const job = { kind: 'job', name: 'retention' } as const;
    const signal = new AbortController().signal;
    const run = { ...(deps as Deps), sealed: host.sealed };
    unwrap(await runBatch(run, job, supplementRetention.sealRun, { on }, { signal }));
  };
  const left = async () =>
    t.owner<{ code: string }>(
      'select resident_record_code as code from fuhyo_link.supplement union all select resident_record_code from fuhyo_link.supplement_history',
    );
  await seal('2176-01-01');
  assert.equal((await left()).length, 4);
  // Within the days before the end the rows wait sealed, out of the tables, for a second person.
  await seal('2176-06-01');
  assert.deepEqual(
    (await left()).map((r) => r.code),
    [present.residentRecordCode],
  );
  const sealed = await t.owner<{ rows: number }>('select sum(rows)::int as rows from retention.sealing');
  assert.deepEqual(sealed, [{ rows: 3 }]);
});
