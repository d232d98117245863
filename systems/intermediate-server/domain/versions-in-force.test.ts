import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versionsInForce } from './versions-in-force.ts';

const v = (validFrom: string, copyNo: number) => ({ validFrom, copyNo });
const rows = [
  ['a span inside one version', '2026-05-01', '2026-05-31', [1]],
  ['a span over a change', '2026-05-01', '2026-06-01', [3, 1]],
  ['the day before the first', '2026-03-01', '2026-03-31', []],
  ['of two of one day the later lodged', '2026-06-02', '2026-06-30', [3]],
  ['the last goes on', '2030-01-01', '2030-12-31', [4]],
] as const;
for (const [what, from, until, expected] of rows)
  test(`002 IMS-F11 期間内に有効だった版: ${what}`, () => {
    const versions = [v('2026-04-01', 1), v('2026-06-01', 2), v('2026-06-01', 3), v('2026-07-01', 4)];
    assert.deepEqual(
      versionsInForce(versions, { from, until }).map(({ copyNo }) => copyNo),
      expected,
    );
  });
