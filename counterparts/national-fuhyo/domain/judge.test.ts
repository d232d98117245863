import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from './judge.ts';

const tokyo = 'tokyo/fuhyo-link';
const rows = [
  ['記録のない方の記載', undefined, 'entry', true],
  ['現存する方の記載', { isPresent: true, reportedBy: tokyo }, 'entry', 'FN-01'],
  ['消除された方の記載', { isPresent: false, reportedBy: 'osaka/fuhyo-link' }, 'entry', true],
  ['現存する方の修正', { isPresent: true, reportedBy: tokyo }, 'correction', true],
  ['記録のない方の消除', undefined, 'removal', 'FN-02'],
  ['消除された方の修正', { isPresent: false, reportedBy: tokyo }, 'correction', 'FN-02'],
  ['ほかの都道府県の方の消除', { isPresent: true, reportedBy: 'osaka/fuhyo-link' }, 'removal', 'FN-03'],
] as const;
for (const [name, known, kind, expected] of rows)
  test(`FNS-F1 ${name}: ${expected === true ? '適用' : expected}`, () => {
    const judged = judge(known, kind, tokyo);
    assert.equal(judged.ok || judged.error, expected);
  });
