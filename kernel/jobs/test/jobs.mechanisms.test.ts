import assert from 'node:assert/strict';
import type { ActDeps, Actor } from '../../db/act.ts';
import { testDatabase } from '../../db/testing.ts';
import { mechanismTest } from '../../enforcement/testing.ts';
import { ok } from '../../result/result.ts';
import type { BatchDefinition } from '../definition.ts';
import { runBatch } from '../run-batch.ts';
import { jobsSchema } from '../schema.ts';

const staff: Actor = { kind: 'staff', organisation: 'meguro', staffId: 's1', sessionId: 'x' };

mechanismTest(
  'jobs.counts-balance',
  'design §5 入力件数と、処理件数・除外件数の和が合わない束は確定せず、次の段階は始まらない',
  async () => {
    await using t = await testDatabase([jobsSchema]);
    const begun: string[] = [];
    const step = (name: string, out: number) => ({
      name,
      total: async () => {
        begun.push(name);
        return ok(10);
      },
      chunk: async (tx: Parameters<BatchDefinition<ActDeps, Record<string, never>>['steps'][number]['chunk']>[0]) => {
        tx.record({ event: 'rows.done' });
        return ok({ next: null, in: 10, out, rejects: [] });
      },
    });
    const batch: BatchDefinition<ActDeps, Record<string, never>> = {
      name: 'test.balance',
      right: ['test', 'batch', 'update'],
      steps: [step('check', 9), step('apply', 10)],
    };
    const end = await runBatch(t.deps, staff, batch, {});
    assert.deepEqual(end.ok && [end.value.state, end.value.why], ['failed', 'chunk-out-of-balance']);
    assert.deepEqual(begun, ['check']);
    assert.deepEqual(await t.owner('select 1 from jobs.chunk'), []);
  },
);
