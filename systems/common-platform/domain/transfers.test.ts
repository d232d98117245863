import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { selectTransfer } from './select-transfer.ts';
import { decideTransfer, type TransferRule, tryRules } from './transfer-rules.ts';

const row = (more: Partial<TransferRule> = {}): TransferRule => ({
  ruleId: 'r1',
  asker: 'child-chronic',
  task: 'ORD-012',
  source: 'welfare',
  information: 'WEL-001',
  items: ['受給有無', '開始日'],
  ground: '条例別表12の項',
  lawRevision: '令和6年',
  approval: 'rule',
  validFrom: '2024-05-27',
  validUntil: '2026-03-31',
  ...more,
});
const asked = { asker: 'child-chronic', task: 'ORD-012', source: 'welfare', information: 'WEL-001', items: ['開始日'] };
const on = (text: string) => Temporal.PlainDate.from(text);

test('001 III.2 行は施行日から終わりの日まで効き、新しい行が前の行に代わる', () => {
  const rules = [row(), row({ ruleId: 'r2', validFrom: '2025-04-01', validUntil: null, items: ['受給有無'] })];
  const days = ['2024-05-26', '2024-05-27', '2025-03-31', '2025-04-01'] as const;
  assert.deepEqual(
    days.map((d) => {
      const decided = decideTransfer(rules, asked, on(d));
      return decided.ok ? decided.value.ruleId : decided.error;
    }),
    ['no-rule-row', 'r1', 'r1', 'item-not-on-row'],
  );
});

test('002 III.5 試行は新しく通るものと止まるものを数える', () => {
  const after = [row({ items: ['受給有無'] }), row({ ruleId: 'r3', task: 'ORD-013', validUntil: null })];
  const counted = tryRules([row()], after, [asked, { ...asked, task: 'ORD-013' }, asked], on('2025-01-01'));
  assert.deepEqual(counted, { tried: 3, newlyLet: 1, newlyRefused: 2 });
});

test('002 II.5 property: whatever a source answers, exactly the rows asked for come back, each once, with no item beyond those asked', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd');
  const item = fc.constantFrom<string>('x', 'y', 'z');
  const answer = fc.record({
    rowId: id,
    result: fc.constantFrom('00' as const, '10' as const),
    items: fc.dictionary(item, fc.integer()),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(id, { minLength: 1 }),
      fc.uniqueArray(item, { minLength: 1 }),
      fc.array(answer),
      (rowIds, items, answered) => {
        const { rows } = selectTransfer({ rowIds, items }, answered);
        assert.deepEqual(
          rows.map((r) => r.rowId),
          rowIds,
        );
        for (const r of rows) assert.ok(Object.keys(r.items).every((i) => items.includes(i)));
      },
    ),
    { numRuns: 300 },
  );
});
