import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareAll } from './reconciliation.ts';

interface R {
  readonly residentRecordCode: string;
  readonly name: string;
}
const shown = (record: R, underWay = false) => ({ record, underWay });
const a = { residentRecordCode: 'a', name: 'x' };
const b = { residentRecordCode: 'b', name: 'y' };

test('FPS-F6 都にない方、都にだけある方、項目の異なる方を分けて見つけ、通知の途中の方は相違としない', () => {
  const compared = compareAll(
    [shown(a), shown(b), shown({ residentRecordCode: 'd', name: 'q' }, true)],
    [
      { ...b, name: 'z' },
      { residentRecordCode: 'c', name: 'w' },
    ],
    ['name'],
  );
  assert.deepEqual(compared, {
    differences: [
      { kind: 'missing', residentRecordCode: 'a', items: [] },
      { kind: 'differing', residentRecordCode: 'b', items: ['name'] },
      { kind: 'surplus', residentRecordCode: 'c', items: [] },
    ],
    underWay: 1,
  });
});

test('FPS-F6 同じ集合に相違はなく、順序によらない', () => {
  const records = fc.uniqueArray(fc.record({ residentRecordCode: fc.string({ minLength: 1 }), name: fc.string() }), {
    selector: (r) => r.residentRecordCode,
  });
  fc.assert(
    fc.property(records, (all) => {
      const found = compareAll(
        all.map((r) => shown(r)),
        all.toReversed(),
        ['name'],
      );
      assert.deepEqual(found, { differences: [], underWay: 0 });
    }),
  );
});
