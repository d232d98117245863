import assert from 'node:assert/strict';
import { test } from 'node:test';
import { err, ok } from '@musubi/kernel/result/result.ts';
import fc from 'fast-check';
import { decideProvision, permittedItems, providedItemWords, type Task } from './tasks.ts';

const today = '2026-06-01';
const aTask = (change: Partial<Task> = {}): Task => ({
  taskId: 't',
  code: 'SUIDO-01',
  name: '水道料金の減免',
  recipient: {
    recipientId: 'r',
    kind: 'agency',
    name: '水道局',
    peer: null,
    validFrom: '2015-06-01',
    validUntil: null,
  },
  groundKind: 'schedule-6',
  groundText: '4の項',
  items: ['name', 'birthDate', 'sex', 'address', 'individualNumber'],
  numberGround: 'number-act-9-1',
  codeGround: null,
  includesRemoved: false,
  includesOtherPrefectures: true,
  isEmigrantWork: false,
  validFrom: '2016-01-01',
  validUntil: null,
  isPermitted: true,
  ...change,
});
const four = { key: 'four-items', items: null } as const;

test('JPS-F2 登録された事務には、登録された項目を過不足なく提供する', () => {
  assert.deepEqual(
    decideProvision(aTask(), four, today),
    ok({ given: ['name', 'birthDate', 'sex', 'address', 'individualNumber'], withheld: [] }),
  );
});

for (const [why, task] of [
  ['登録がない', undefined],
  ['許可がない', aTask({ isPermitted: false })],
  ['まだ始まっていない', aTask({ validFrom: '2026-06-02' })],
  ['終わっている', aTask({ validUntil: '2026-05-31' })],
  ['提供先が終わっている', aTask({ recipient: { ...aTask().recipient, validUntil: '2026-05-31' } })],
  ['条文の名指す相手ではない', aTask({ groundKind: 'schedule-5' })],
  ['廃止された経路', aTask({ recipient: { ...aTask().recipient, kind: 'municipal-agency' } })],
] as const)
  test(`住基法30条の15 有効な事務がなければ断る: ${why}`, () => {
    assert.deepEqual(decideProvision(task, four, today), err('no-active-task'));
  });

test('住基法30条の15 事務は初日から最終日までのもので、両日を含む', () => {
  const task = aTask({ validFrom: today, validUntil: today });
  assert.equal(decideProvision(task, four, today).ok, true);
});

test('003 scenario 13 番号利用法の根拠のない事務には、個人番号も住民票コードも提供せず、求めた項目は不提供として残す', () => {
  const task = aTask({ items: ['name', 'address'], numberGround: null });
  assert.deepEqual(
    decideProvision(task, { key: 'four-items', items: [...providedItemWords] }, today),
    ok({
      given: ['name', 'address'],
      withheld: ['residentRecordCode', 'birthDate', 'sex', 'individualNumber', 'changeReason', 'changedOn'],
    }),
  );
  assert.deepEqual(
    decideProvision(task, { key: 'four-items', items: ['individualNumber'] }, today),
    err('items-not-allowed'),
  );
});

test('番号利用法9条・28年改正法附則22条7項 キーとしての番号・コードにも、それぞれの根拠が要る', () => {
  assert.deepEqual(
    decideProvision(aTask({ numberGround: null }), { key: 'number', items: null }, today),
    err('key-not-allowed'),
  );
  assert.deepEqual(decideProvision(aTask(), { key: 'code', items: null }, today), err('key-not-allowed'));
  assert.equal(decideProvision(aTask(), { key: 'number', items: null }, today).ok, true);
});

test('whatever is asked: given and withheld part what was asked, nothing unregistered is given, number and code never without ground', () => {
  const items = fc.uniqueArray(fc.constantFrom(...providedItemWords), { minLength: 1 });
  fc.assert(
    fc.property(items, items, fc.boolean(), fc.boolean(), (registered, asked, number, code) => {
      const task = aTask({
        items: registered,
        numberGround: number ? 'number-act-9-1' : null,
        codeGround: code ? 'act-28-2013-supplementary-22-7' : null,
      });
      const decided = decideProvision(task, { key: 'four-items', items: asked }, today);
      if (!decided.ok) return permittedItems(task).every((item) => !asked.includes(item));
      const { given, withheld } = decided.value;
      assert.deepEqual(new Set([...given, ...withheld]), new Set(asked));
      assert.ok(given.every((item) => registered.includes(item) && !withheld.includes(item)));
      assert.ok(number || !given.includes('individualNumber'));
      assert.ok(code || !given.includes('residentRecordCode'));
      return true;
    }),
  );
});
