import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computing, mutantsOf } from './mutants.ts';

const source = `import { a } from './a.ts';
/** at most 3 < 4 */
export interface Shape {
  readonly n: 1 | 2;
}
// 5 > 4
export const cut = (yen: number, isSmall: boolean): number => (yen < 1_000 && !isSmall ? 0 : yen - 1); // 7
export const word = 'a < b';
`;

test('mutants change what computes: no comment, no text, no type', () => {
  const mutants = mutantsOf('x.ts', source);
  assert.deepEqual(
    mutants.map(({ line, from, to }) => `${line} ${from} → ${to}`),
    ['7 < → <=', '7 < → >=', '7 && → ||', '7 - → +', '7 ! → ', '7 1_000 → 1001', '7 0 → 1', '7 1 → 2'],
  );
  for (const { text } of mutants) assert.equal(text.split('\n').length, source.split('\n').length);
});

test('blanking keeps every position', () => {
  assert.equal(computing(source).length, source.length);
});
