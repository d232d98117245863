import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pairRecords, type ToldRecord } from './pairs.ts';

const told = (more: Partial<ToldRecord> = {}): ToldRecord => ({
  inquiryNumber: 'q1',
  toldBy: 'tokyo',
  role: 'asker',
  asker: 'tokyo',
  provider: 'meguro',
  procedure: 'MS2-009',
  informationCode: 'TKX-0001',
  items: ['課税区分', '合計所得金額'],
  ground: '番号利用法第19条第8号',
  result: '00',
  at: '2026-06-01T00:00:00Z',
  ...more,
});
const other = (more: Partial<ToldRecord> = {}) =>
  told({ toldBy: 'meguro', role: 'provider', at: '2026-06-01T00:00:01Z', ...more });
const both = new Set(['tokyo', 'meguro']);
const only = (records: ToldRecord[], answered = both) => pairRecords(records, answered)[0]!.agreement;

test('design §4.3: records of both bodies under one number agree; the order of items does not count', () => {
  assert.deepEqual(only([told(), other({ items: ['合計所得金額', '課税区分'] })]), { kind: 'agree' });
});

test('each member that differs is named', () => {
  assert.deepEqual(only([told(), other({ result: '20', items: ['課税区分'] })]), {
    kind: 'differ',
    members: ['items', 'result'],
  });
  assert.deepEqual(only([told(), other({ procedure: 'MS2-010', ground: '別' })]), {
    kind: 'differ',
    members: ['procedure', 'ground'],
  });
});

test('§9: no record on one side only — a body that answered without the record is a discrepancy, a silent one is not', () => {
  assert.deepEqual(only([told()]), { kind: 'one-sided', missing: 'meguro' });
  assert.deepEqual(only([other()]), { kind: 'one-sided', missing: 'tokyo' });
  assert.deepEqual(only([told()], new Set(['tokyo'])), { kind: 'other-silent', missing: 'meguro' });
  assert.deepEqual(only([told({ result: 'not-on-list' })]), { kind: 'ended-before' });
});

test('a held answer and its later decision are one exchange; the newest record of a side counts; newest inquiry first', () => {
  const exchanges = pairRecords(
    [
      told({ at: '2026-06-03T00:00:00Z' }),
      other({ at: '2026-06-02T00:00:00Z' }),
      other({ result: '60' }),
      told({ inquiryNumber: 'q2', at: '2026-06-05T00:00:00Z', result: 'permit-expired' }),
    ],
    both,
  );
  assert.deepEqual(
    exchanges.map((e) => e.inquiryNumber),
    ['q2', 'q1'],
  );
  assert.equal(exchanges[1]!.records.length, 3);
  assert.deepEqual(exchanges[1]!.agreement, { kind: 'agree' });
});
