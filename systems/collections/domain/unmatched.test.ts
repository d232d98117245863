import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timesNormal } from './unmatched.ts';

for (const [file, usual, times] of [
  [{ finals: 600, waiting: 577 }, { finals: 60_000, waiting: 300 }, 192.3],
  [{ finals: 600, waiting: 4 }, { finals: 60_000, waiting: 0 }, undefined],
  [{ finals: 600, waiting: 9 }, { finals: 60_000, waiting: 300 }, 3],
  [{ finals: 600, waiting: 8 }, { finals: 60_000, waiting: 300 }, undefined],
  [{ finals: 100, waiting: 20 }, { finals: 1_000, waiting: 100 }, undefined],
  [{ finals: 100, waiting: 40 }, { finals: 1_000, waiting: 100 }, 4],
  [{ finals: 0, waiting: 0 }, { finals: 0, waiting: 0 }, undefined],
] as const)
  test(`INC-37 ${file.waiting} of ${file.finals} wait where ${usual.waiting} of ${usual.finals} is usual: ${times ?? 'no alarm'}`, () => {
    assert.equal(timesNormal(file, usual), times);
  });
