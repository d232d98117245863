import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import {
  announceCopyFile,
  type CopyFile,
  copyFilePart,
  copyFileStatus,
  headerOf,
  putCopyFilePart,
  rowsPerPart,
} from '@musubi/contracts/exchange/copy-files.ts';
import { lodgeCopies } from '@musubi/contracts/exchange/endpoints.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { checkFiles } from '../service/check-file.ts';
import { fetchList } from '../service/fetch-list.ts';
import { operations } from '../service/operations.ts';
import { exchangeWorld } from './exchange-world.ts';
import { depsOf } from './ims-deps.ts';

const world = await exchangeWorld();
after(() => world[Symbol.asyncDispose]());
const job = { kind: 'job', name: 'test' } as const;
for (const each of [world.meguro, world.tokyo]) unwrap(await fetchList(depsOf(world, each), job));
const deps = depsOf(world, world.meguro);
const platform = world.clients.meguroPlatform;
const server = 'meguro/intermediate-server';
const header = headerOf('TKX-0001');

type Row = Readonly<Record<string, string | number>>;
/** The business's own copies, as it lodges them to be compared. */
async function compare(rows: readonly Row[], taxYear: number, more: Partial<CopyFile> = {}): Promise<string> {
  const usual = { 有効開始: '2026-06-01', 更新区分: '1', 自動応答不可: '0', 不開示: '0', 課税区分: '課税' };
  const lines = rows.map((row) => header.map((name) => `${{ ...usual, ...row }[name] ?? ''}`).join(','));
  const parts: string[] = [];
  for (let at = 0; at < lines.length; at += rowsPerPart)
    parts.push(copyFilePart('TKX-0001', lines.slice(at, at + rowsPerPart)));
  const file: CopyFile = {
    fileId: randomUUID(),
    system: 'resident-tax',
    kind: 'comparison',
    informationCode: 'TKX-0001',
    condition: { taxYear },
    validFrom: '2026-06-10',
    rows: rows.length,
    digest: sha256Hex(Buffer.from(parts.map((part) => sha256Hex(Buffer.from(part))).join(''))),
    ...more,
  };
  unwrap(await platform.call(announceCopyFile, server, {}, file));
  for (const [i, content] of parts.entries())
    unwrap(await platform.call(putCopyFilePart, server, {}, { fileId: file.fileId, part: i + 1, content }));
  await checkFiles(deps, job);
  return file.fileId;
}
const found = async (fileId: string) => unwrap(await platform.call(copyFileStatus, server, {}, { fileId })).comparison;
const lodge = async (taxYear: number, copies: readonly (readonly [string, number])[]): Promise<void> => {
  const lodged = await platform.call(
    lodgeCopies,
    server,
    {},
    {
      batchId: world.newId(),
      system: 'resident-tax',
      kind: 'difference',
      copies: copies.map(([orgPersonNumber, levy], i) => ({
        row: i + 1,
        orgPersonNumber,
        informationCode: 'TKX-0001',
        condition: { taxYear },
        validFrom: '2026-06-01',
        items: { 課税区分: '課税', 市町村民税所得割額: levy },
        autoReplyBlocked: false,
        withheldFromPerson: false,
      })),
    },
  );
  assert.deepEqual(unwrap(lodged), { accepted: copies.length, rejected: [] });
};
const person = (i: number, kind = '18'): string => `${kind}${String(i).padStart(13, '0')}`;
const levyRow = (who: string, levy: number, more: Row = {}): Row => ({
  団体内統合宛名番号: who,
  市町村民税所得割額: levy,
  ...more,
});
const answered = async (prefecture: string): Promise<unknown> => {
  const answer = unwrap(await world.ask(world.question(prefecture)));
  return answer.result === '00' ? answer.items.市町村民税所得割額 : answer.result;
};

mechanismTest('exchange.copy-comparison', '001-III.6-R7-04 原本と違う副本は、一人ずつ見つかる', async () => {
  const taxYear = 2020;
  await lodge(taxYear, [
    [person(1), 100],
    [person(2), 200],
    [person(3), 300],
  ]);
  const fileId = await compare([levyRow(person(1), 100), levyRow(person(2), 201), levyRow(person(4), 400)], taxYear);
  assert.deepEqual(await found(fileId), {
    missing: 1,
    surplus: 1,
    differing: 1,
    persons: [
      { orgPersonNumber: person(2), kind: 'differing', items: ['市町村民税所得割額'] },
      { orgPersonNumber: person(3), kind: 'surplus', items: [] },
      { orgPersonNumber: person(4), kind: 'missing', items: [] },
    ],
  });
});

test('002-III.6-R7-04, INC-11 不一致は運用担当に示され、二人の承認で原本どおりに直り、次の突合で一致する', async () => {
  const [changed, gone] = [
    await world.person({ 課税区分: '課税', 市町村民税所得割額: 1 }),
    await world.person({ 課税区分: '課税', 市町村民税所得割額: 2 }),
  ];
  const blocked = await world.person({ 課税区分: '課税', 市町村民税所得割額: 3 });
  const late = await world.person();
  const originals = [levyRow(changed.ward, 10), levyRow(blocked.ward, 3, { 自動応答不可: 1 }), levyRow(late.ward, 40)];
  const fileId = await compare(originals, 2026);
  const seen = (await found(fileId))!;
  assert.deepEqual([seen.missing, seen.surplus, seen.differing], [1, 1, 2]);
  const watching = await operations.read(deps, world.sit(server, 'op-1', ['ims-operator']), {});
  const open = unwrap(watching).state.matters?.filter(({ count }) => count > 0);
  assert.deepEqual(open, [{ label: '副本の不一致', count: 1 }]);

  const path = `/comparisons/${fileId}`;
  assert.match((await world.read(world.meguro, '/comparisons')).text, new RegExp(`${fileId}[\\s\\S]*不一致`));
  const shown = await world.read(world.meguro, path);
  assert.match(shown.text, new RegExp(`${blocked.ward}[\\s\\S]*自動応答不可`));
  assert.doesNotMatch(shown.text, /修正の承認/);
  assert.equal((await world.post(world.meguro, `${path}/proposal`, { reason: '' })).location, path);
  assert.equal((await world.post(world.meguro, `${path}/proposal`, { reason: '登録漏れの回復' })).status, 303);
  // Who proposed has no right to approve, and who may approve decides for another.
  assert.equal((await world.post(world.meguro, `${path}/decision`, { decision: 'approve' })).status, 403);
  world.sit(server, 'op-1', ['ims-operator', 'copy-approver']);
  await world.post(world.meguro, `${path}/decision`, { decision: 'approve' });
  assert.equal(await answered(changed.prefecture), 1, 'one person alone repairs nothing');
  world.sit(server, 'chief-1', ['copy-approver']);
  assert.match((await world.read(world.meguro, path)).text, /登録漏れの回復/);
  const both = await Promise.all(
    [1, 2].map(() => world.post(world.meguro, `${path}/decision`, { decision: 'approve' })),
  );
  assert.deepEqual(
    both.map(({ status }) => status),
    [303, 303],
  );
  const repairs = await world.meguro.t.owner('select lodged, ended from intermediate_server.copy_repair');
  assert.deepEqual(repairs, [{ lodged: 3, ended: 1 }], 'two at once repair once');
  assert.deepEqual(
    [await answered(changed.prefecture), await answered(gone.prefecture), await answered(late.prefecture)],
    [10, '10', 40],
  );
  assert.equal(await answered(blocked.prefecture), '60', 'the mark of the original holds the copy for a clerk');
  const again = (await found(await compare(originals, 2026)))!;
  assert.deepEqual([again.missing, again.surplus, again.differing], [0, 0, 0]);
  const [wrong] = await world.meguro.t.owner<{ n: number }>(
    `select count(*)::int as n from audit.fact_differences('intermediate_server.copy_difference')`,
  );
  assert.equal(wrong!.n, 0);
});

test('002-III.6-R7-04 突合より後に登録されたもの、前の日の突合、順でない原本からは直さない', async () => {
  const taxYear = 2021;
  await lodge(taxYear, [[person(1), 1]]);
  const operator = world.sit(server, 'op-1', ['ims-operator']);
  const propose = async (fileId: string) => {
    const { proposeRepair } = await import('../service/repair-copies.ts');
    return proposeRepair(deps, operator, { fileId, reason: '回復' });
  };
  const stale = await compare([levyRow(person(1), 2)], taxYear);
  world.wait({ seconds: 1 });
  await lodge(taxYear, [[person(1), 3]]);
  assert.deepEqual(await propose(stale), err('copies-changed-since'));
  const yesterday = await compare([levyRow(person(1), 2)], taxYear);
  world.civilClock.set('2026-06-11');
  assert.deepEqual(await propose(yesterday), err('not-the-latest'));
  world.civilClock.set('2026-06-10');
  assert.deepEqual(await propose(stale), err('not-the-latest'));
  for (const rows of [
    [levyRow(person(2), 1), levyRow(person(1), 1)],
    [levyRow(person(1), 1), levyRow(person(1), 1)],
    [levyRow(person(1), 1, { 有効開始: 'x' })],
  ]) {
    const fileId = await compare(rows, taxYear);
    assert.equal(unwrap(await platform.call(copyFileStatus, server, {}, { fileId })).state, 'failed');
    assert.equal(await found(fileId), undefined);
  }
});

test('002-III.6-R7-04 二つの部にまたがる原本でも、原本のない副本と最後の人の後の副本が見つかる', async () => {
  const taxYear = 2022;
  const rows = Array.from({ length: rowsPerPart + 5 }, (_, i) => person(i * 2));
  await lodge(taxYear, [
    [person(0), 7],
    [person(rowsPerPart * 2 - 1), 8],
    [person(rowsPerPart * 9), 9],
  ]);
  const fileId = await compare(
    rows.map((who) => levyRow(who, 7)),
    taxYear,
  );
  const seen = (await found(fileId))!;
  assert.deepEqual([seen.missing, seen.surplus, seen.differing], [rowsPerPart + 4, 2, 0]);
  const { proposeRepair } = await import('../service/repair-copies.ts');
  const operator = world.sit(server, 'op-1', ['ims-operator']);
  assert.deepEqual(await proposeRepair(deps, operator, { fileId, reason: '回復' }), err('too-many-differences'));
});

test('001-III.6-R7-03 一人の副本を理由を示して画面で見られ、見たことが残る', async () => {
  const { ward } = await world.person({ 課税区分: '課税', 市町村民税所得割額: 123_456 });
  world.sit(server, 'op-1', ['ims-operator']);
  const ask = (more: Record<string, string>) =>
    world.post(world.meguro, '/copy-of-person', {
      ...{ person: ward, information: 'TKX-0001', taxYear: '2026', reason: '原本との照合' },
      ...more,
    });
  assert.equal((await world.read(world.meguro, '/copy-of-person')).status, 200);
  assert.equal((await ask({ reason: '' })).status, 422);
  assert.equal((await ask({ taxYear: '' })).status, 422);
  assert.match((await ask({})).text, /123,456/);
  assert.match((await ask({ taxYear: '2019' })).text, /副本は登録されていません/);
  const [event] = await world.eventsOf(world.meguro, 'copies.person-shown');
  assert.deepEqual([event?.subjects, event?.detail?.reason], [[ward], '原本との照合']);
  world.sit(server, 'reader-1', ['audit-reader']);
  assert.equal((await ask({})).status, 403);
});
