import assert from 'node:assert/strict';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { anIntake, coverOf, fileOf, people, receive, recordOf, sampleColumns } from './an-intake.ts';

mechanismTest('jobs.counts-balance', '002-RTX-F2.1 受付の件数と合わないファイルは全体を拒否する', async () => {
  await using i = await anIntake();
  const sample = await sampleColumns();
  const file = fileOf(people(3).map((who) => recordOf(sample, who)));
  const received = unwrap(await receive(i.deps, coverOf(i.deps, file, 4), file));
  assert.equal(received.refusal, 'record-count-differs');
});
