import assert from 'node:assert/strict';
import { test } from 'node:test';
import { err } from '@musubi/kernel/result/result.ts';
import fc from 'fast-check';
import { type HouseholdMember, headOf, type Placing, placeMembers } from './households.ts';

const member = (personId: string, household: string, relationship: string, address = 'a'): HouseholdMember => ({
  personId,
  household,
  relationship,
  address,
});
const home = [member('1', 'H', headOf), member('2', 'H', '妻'), member('3', 'H', '子'), member('9', 'K', headOf)];

const rows: readonly [title: string, placings: readonly Placing[], expected: string][] = [
  [
    '世帯主変更',
    [
      { personId: '1', to: 'stay', relationship: '夫' },
      { personId: '2', to: 'stay', relationship: headOf },
    ],
    'ok',
  ],
  ['世帯分離', [{ personId: '3', to: 'new', relationship: headOf }], 'ok'],
  ['世帯合併', [{ personId: '9', to: { household: 'H' }, relationship: '母' }], 'ok'],
  ['世帯主がいなくなる', [{ personId: '1', to: 'new', relationship: headOf }], 'no-head'],
  ['世帯主が二人', [{ personId: '2', to: 'stay', relationship: headOf }], 'two-heads'],
  ['世帯にいない人', [{ personId: '7', to: 'stay', relationship: '子' }], 'no-such-member'],
  [
    '二度書かれた人',
    [
      { personId: '3', to: 'stay', relationship: '養子' },
      { personId: '3', to: 'new', relationship: headOf },
    ],
    'twice-in-the-filing',
  ],
  ['ない世帯への合併', [{ personId: '3', to: { household: 'Z' }, relationship: '子' }], 'no-such-household'],
  ['続柄が空', [{ personId: '3', to: 'stay', relationship: ' ' }], 'relationship-missing'],
  ['何も変わらない', [{ personId: '3', to: 'stay', relationship: '子' }], 'nothing-changes'],
];
for (const [title, placings, expected] of rows)
  test(`住基法25条 世帯変更: ${title}`, () => {
    const placed = placeMembers(home, placings, 'N');
    assert.equal(placed.ok ? 'ok' : placed.error, expected);
  });

test('住基法25条 住所の異なる世帯には合併できない', () => {
  const apart = [...home.slice(0, 3), member('9', 'K', headOf, 'b')];
  const placed = placeMembers(apart, [{ personId: '9', to: { household: 'H' }, relationship: '母' }], 'N');
  assert.deepEqual(placed, err('different-address'));
});

test('住基法25条 性質: どんな届出でも、受け付けた後のどの世帯にも世帯主がちょうど一人いて、誰もいなくならない', () => {
  const placing = fc.record({
    personId: fc.constantFrom('1', '2', '3', '9'),
    to: fc.constantFrom<Placing['to']>('stay', 'new', { household: 'H' }, { household: 'K' }),
    relationship: fc.constantFrom(headOf, '妻', '子', '夫'),
  });
  fc.assert(
    fc.property(fc.array(placing, { maxLength: 4 }), (placings) => {
      const placed = placeMembers(home, placings, 'N');
      if (!placed.ok) return;
      const after = new Map([...home, ...placed.value].map((m) => [m.personId, m]));
      assert.equal(after.size, home.length);
      for (const members of Map.groupBy(after.values(), (m) => m.household).values())
        assert.equal(members.filter((m) => m.relationship === headOf).length, 1);
    }),
  );
});
