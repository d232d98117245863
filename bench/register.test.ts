import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './register.ts';

test('design §9 bench register: 200,000 residents loaded, searched, asked, given, changed and compared; every answer is right', async () => {
  const { checks, figures } = await run({ residents: 200_000, brief: true });
  assert.deepEqual(
    Object.entries(checks).filter(([, held]) => !held),
    [],
  );
  assert.deepEqual([figures.reconcile_found, figures.reconcile_false], [50, 0]);
});
