import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { decideOutput, outputThreshold, requestOutput, takeOutput } from '../service/mass-output.ts';
import { assignOperator } from '../service/tasks.ts';
import { type BulkWorld, bulkWorld, staff } from './bulk-world.ts';
import { heldTask } from './held-task.ts';

const purpose = { task: 'KAZEI-01', document: '受付-5' };
const everyone = { items: { nameKana: 'メグロ タロウ', sex: 'male' }, purpose };
const clerk = staff('clerk-1', 'business');
/** Residents above the threshold or not, and both clerks hold the task. */
const aWorld = async (residents: number): Promise<BulkWorld> => {
  const w = await bulkWorld({ residents });
  const { taskId } = await heldTask(w.deps, 'clerk-1');
  const all = { ...w.deps, rights: { allows: async () => true } };
  const held = { taskId, staffId: 'clerk-2', validFrom: '2016-01-01', validUntil: '2099-12-31' };
  unwrap(await assignOperator(all, staff('mgr-1'), held));
  return w;
};
const asked = async (w: BulkWorld): Promise<string> => {
  const result = unwrap(await requestOutput(w.deps, clerk, everyone));
  assert.equal(result.kind, 'awaiting-approval');
  return result.kind === 'awaiting-approval' ? result.outputId : '';
};
const take = (w: BulkWorld, outputId: string, by = clerk) => takeOutput(w.deps, by, { outputId });
const decide = (w: BulkWorld, outputId: string, decision: 'approved' | 'rejected', by = 'mgr-1') =>
  decideOutput(w.deps, staff(by), { outputId, decision });

mechanismTest(
  'access.bulk-extraction',
  '003 scenario 20 U16 JPS-X12 100件を超える出力は承認まで何も出さず、承認されれば一度だけ出す',
  async () => {
    await using w = await aWorld(outputThreshold + 2);
    const outputId = await asked(w);
    assert.deepEqual(await take(w, outputId), err('not-approved'));
    unwrap(await decide(w, outputId, 'approved'));
    assert.equal(unwrap(await take(w, outputId)).rows.length, outputThreshold + 1);
    assert.deepEqual(await take(w, outputId), err('already-used'));
  },
);

test('003 scenario 20 却下された出力は終わり、依頼した本人は承認できず、他人は受け取れない', async () => {
  await using w = await aWorld(outputThreshold + 2);
  const rejected = await asked(w);
  unwrap(await decide(w, rejected, 'rejected'));
  assert.deepEqual(await take(w, rejected), err('rejected'));

  const both = staff('clerk-2', 'business');
  const own = unwrap(await requestOutput(w.deps, both, everyone));
  const ownId = own.kind === 'awaiting-approval' ? own.outputId : '';
  assert.deepEqual(await decide(w, ownId, 'approved', 'clerk-2'), err('approver-is-requester'));
  unwrap(await decide(w, ownId, 'approved'));
  assert.deepEqual(await take(w, ownId), err('not-yours'));
  const twice = await Promise.all([take(w, ownId, both), take(w, ownId, both)]);
  assert.deepEqual(twice.map((r) => (r.ok ? r.value.rows.length : r.error)).sort(), [101, 'already-used']);
  assert.deepEqual(await w.refusals(), [
    'prefectural-juki.take-output rejected',
    'prefectural-juki.decide-output approver-is-requester',
    'prefectural-juki.take-output not-yours',
    'prefectural-juki.take-output already-used',
  ]);
});

test('003 scenario 20 100件までの出力は承認を待たず、記録に残る', async () => {
  await using w = await aWorld(outputThreshold + 1);
  const result = unwrap(await requestOutput(w.deps, clerk, everyone));
  assert.equal(result.kind === 'rows' && result.rows.length, outputThreshold);
  assert.deepEqual(
    await requestOutput(w.deps, clerk, { ...everyone, purpose: { task: '', document: '' } }),
    err('purpose-missing'),
  );
  const keys = await w.t.owner('select 1 from prefectural_juki.mass_output');
  assert.deepEqual(keys, []);
});
