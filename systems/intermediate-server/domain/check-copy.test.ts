import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ruleOf } from '../service/register-copy.ts';
import { type CopyToCheck, faultOf } from './check-copy.ts';

const rule = ruleOf('TKX-0001')!;
const fault = (items: CopyToCheck['items']) =>
  faultOf(
    {
      orgPersonNumber: '100000000000001',
      informationCode: 'TKX-0001',
      condition: { taxYear: 2026 },
      validFrom: '2026-06-01',
      items,
    },
    rule,
    Temporal.PlainDate.from('2026-06-10'),
  );

const cases = [
  ['期別がなければ合計は見ない', { 課税区分: '課税', 市町村民税所得割額: 1 }, undefined],
  ['合計が一致する', { 年税額: 100, 第1期分: 40, 第2期分: 20, 第3期分: 20, 第4期分: 20 }, undefined],
  ['一円の違い', { 年税額: 100, 第1期分: 40, 第2期分: 20, 第3期分: 20, 第4期分: 19 }, 'sum-differs'],
  ['年税額だけ', { 年税額: 100 }, 'sum-differs'],
  ['期別だけ', { 第1期分: 40 }, 'sum-differs'],
  ['非課税の人の税額', { 課税区分: '非課税', 都道府県民税均等割額: 1_000 }, 'items-disagree'],
  ['非課税の人の零', { 課税区分: '非課税', 市町村民税所得割額: 0 }, undefined],
  ['均等割のみの人の均等割', { 課税区分: '均等割のみ課税', 市町村民税均等割額: 3_000 }, undefined],
  ['均等割のみの人の所得割', { 課税区分: '均等割のみ課税', 市町村民税所得割額: 1 }, 'items-disagree'],
] as const;
for (const [what, items, expected] of cases)
  test(`AC-23, 002 IMS-F6 論理検査: ${what}`, () => assert.equal(fault(items), expected));
