import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { readListFile, writeListFile } from './list-file.ts';
import { permissionList } from './messages.ts';

const published = permissionList.parse(
  JSON.parse(await readFile(new URL('./permission-list/2026-04-01.json', import.meta.url), 'utf8')),
);
const text = Buffer.from(writeListFile(published.rows)).toString('utf8');
const read = (changed: string) => readListFile(Buffer.from(changed));

test('INS-F4 公表された照合リストは、ファイルに書いて読めば同じになる', async () => {
  assert.deepEqual(await read(text), { rows: published.rows, faults: [] });
});

const faults = [
  ['同じ行が二つ', (t: string) => `${t}${t.split('\r\n')[0]}\r\n`, /二つ/],
  ['定義にない項目', (t: string) => t.replace('課税区分・', '病名・'), /定義にない項目/],
  ['ない特定個人情報', (t: string) => t.replace(',TKX-0001,', ',TKX-9999,'), /定義のない/],
  ['回答期限の形', (t: string) => t.replace('1分', '1日'), /開庁日/],
  ['期間が逆', (t: string) => t.replace(/([0-9]{8}),\r\n/, '$1,20200101\r\n'), /前です/],
  ['列の数', (t: string) => `a,b\r\n${t}`, /項目の数/],
  ['空', () => '', /空です/],
] as const;
for (const [what, change, message] of faults)
  test(`INS-F4 版にできないファイル: ${what}`, async () => {
    const changed = change(text);
    assert.notEqual(changed, text);
    assert.match((await read(changed)).faults[0]?.message ?? '', message);
  });
