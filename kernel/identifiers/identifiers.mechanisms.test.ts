import assert from 'node:assert/strict';
import { mechanismTest } from '../enforcement/testing.ts';
import { err } from '../result/result.ts';
import { IndividualNumber } from './individual-number.ts';

mechanismTest(
  'matching.number-check-digit',
  '検査用数字の合わない個人番号は受け付けない (番号利用法施行令第8条)',
  () => {
    assert.ok(IndividualNumber.parse('123456789018').ok);
    for (const last of '012345679')
      assert.deepEqual(IndividualNumber.parse(`12345678901${last}`), err('wrong-check-digit'));
  },
);
