import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './year.ts';

test('design §9 bench year: every document is taken in or waits, everybody is assessed, a month’s changes are computed alone', async () => {
  const { checks, figures } = await run({ residents: 600 });
  assert.deepEqual(
    Object.entries(checks).filter(([, held]) => !held),
    [],
  );
  assert.equal(figures.documents, 900);
});
