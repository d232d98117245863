import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ComparedCopy, compareRange, differingItems } from './compare-copy.ts';

const copy = (items: ComparedCopy['items'], blocked = false): ComparedCopy => ({
  items,
  autoReplyBlocked: blocked,
  withheldFromPerson: false,
});

test('001-III.6-R7-04 違う項目の名だけが示され、値のない項目はないものと同じ', () => {
  assert.deepEqual(differingItems(copy({ 甲: 1, 乙: null }), copy({ 甲: 1 })), []);
  assert.deepEqual(differingItems(copy({ 甲: 1, 乙: 2 }), copy({ 甲: 3 }, true)), ['乙', '甲', '自動応答不可']);
});

test('001-III.6-R7-04 planted differences are found, all of them and no other', () => {
  const person = fc.string({ minLength: 1, maxLength: 3 });
  const copies = fc.dictionary(person, fc.integer({ min: 0, max: 3 }));
  fc.assert(
    fc.property(copies, copies, (left, right) => {
      const of = (all: Record<string, number>) =>
        new Map(Object.entries(all).map(([who, n]) => [who, copy({ 額: n })]));
      const found = compareRange(of(left), of(right));
      const expected = [...new Set([...Object.keys(left), ...Object.keys(right)])].filter(
        (who) => !(Object.hasOwn(left, who) && Object.hasOwn(right, who) && left[who] === right[who]),
      );
      assert.deepEqual(found.map((each) => each.person).sort(), expected.sort());
      for (const { person: who, kind } of found)
        assert.equal(
          kind,
          !Object.hasOwn(right, who) ? 'missing' : !Object.hasOwn(left, who) ? 'surplus' : 'differing',
        );
    }),
    { numRuns: 200 },
  );
});
