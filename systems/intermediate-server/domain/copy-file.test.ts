import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPart } from './copy-file.ts';

const header = [
  '団体内統合宛名番号',
  '有効開始',
  '更新区分',
  '自動応答不可',
  '不開示',
  '課税区分',
  '市町村民税所得割額',
  '控除対象配偶者',
];
const readings = ['text', 'number', 'yes-no'] as const;
const part = (...lines: string[]) => readPart([header.join(','), ...lines, ''].join('\r\n'), header, readings);

test('002 IMS-F6 副本ファイルの一行は、番号・有効開始・区分・項目として読まれる', () => {
  assert.deepEqual(part('100000000000001,2026-06-01,1,0,1,課税,123400,1', '100000000000002,2026-06-01,9,0,0,,,'), [
    {
      orgPersonNumber: '100000000000001',
      validFrom: '2026-06-01',
      autoReplyBlocked: false,
      withheldFromPerson: true,
      items: { 課税区分: '課税', 市町村民税所得割額: 123_400, 控除対象配偶者: true },
    },
    {
      orgPersonNumber: '100000000000002',
      validFrom: '2026-06-01',
      autoReplyBlocked: false,
      withheldFromPerson: false,
      items: null,
    },
  ]);
  assert.deepEqual(
    part('1,2026-06-01,1,0,0,,,')?.map((row) => typeof row === 'object' && row.items),
    [{ 課税区分: null, 市町村民税所得割額: null, 控除対象配偶者: null }],
  );
});

const faults = [
  ['1,2026-06-01,1,0,0,課税,1', 'columns'],
  ['1,2026-02-29,1,0,0,課税,1,1', 'valid-from'],
  ['1,2026-6-1,1,0,0,課税,1,1', 'valid-from'],
  ['1,2026-06-01,2,0,0,課税,1,1', 'update-kind'],
  ['1,2026-06-01,9,0,0,課税,,', 'update-kind'],
  ['1,2026-06-01,1,x,0,課税,1,1', 'flag'],
  ['1,2026-06-01,1,0,0,課税,01,1', 'item-value'],
  ['1,2026-06-01,1,0,0,課税,1.5,1', 'item-value'],
  ['1,2026-06-01,1,0,0,課税,1,はい', 'item-value'],
] as const;
for (const [line, fault] of faults)
  test(`002 IMS-F6 形式の誤りは行ごとに示される: ${fault}`, () => assert.deepEqual(part(line), [fault]));

test('RFC 4180 quoted cells are read; what is no such file is read as nothing at all', () => {
  assert.deepEqual(
    part('1,2026-06-01,1,0,0,"課""税,\r\n",1,0')?.map((row) => typeof row === 'object' && row.items?.課税区分),
    ['課"税,\r\n'],
  );
  assert.equal(part('1,2026-06-01,1,0,0,"課税,1,0'), undefined);
  assert.equal(readPart(header.join(','), header, readings), undefined);
  assert.equal(readPart(`${header.join(',')}\n1,2026-06-01,1,0,0,,,\r\n`, header, readings), undefined);
  assert.equal(readPart(`${[...header].reverse().join(',')}\r\n`, header, readings), undefined);
});
