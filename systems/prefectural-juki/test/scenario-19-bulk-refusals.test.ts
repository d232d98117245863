import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { returnMedium } from '@musubi/kernel/media/ledger.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { loadBulkList, writeBulkMedium } from '../service/bulk-orders.ts';
import { type BulkWorld, bulkWorld, serial, staff } from './bulk-world.ts';

const nothingWritten = async (w: BulkWorld): Promise<void> => {
  assert.deepEqual(await w.t.owner('select 1 from media.output'), []);
};

mechanismTest(
  'media.registered-only',
  '003 scenario 19a 登録のない媒体、別の部署に貸し出した媒体では始められない',
  async () => {
    await using w = await bulkWorld();
    await w.documented();
    await w.lend(serial, '主税局');
    assert.deepEqual(await w.order(), err('not-lent-to-this-department'));
    assert.deepEqual(await w.order('依頼-1', 'USB-0001'), err('no-such-medium'));
    assert.deepEqual(await w.refusals(), [
      'prefectural-juki.order-bulk not-lent-to-this-department',
      'prefectural-juki.order-bulk no-such-medium',
    ]);
    await nothingWritten(w);
  },
);

test('003 scenario 19a 途中で返却された媒体には書き込めない', async () => {
  await using w = await bulkWorld();
  const orderId = await w.ordered([`D,A-1,,${w.residents[0]!.number},,,,,`]);
  unwrap(await w.approve(orderId));
  assert.equal(unwrap(await w.run(orderId)).state, 'done');
  const back = { serial, by: 'op-1', how: 'returned', returnedBy: 'W-7', place: '保管庫A' } as const;
  unwrap(await w.inAct((tx) => returnMedium(tx, w.deps, back)));
  const write = await writeBulkMedium(w.deps, staff('op-1'), { orderId });
  assert.deepEqual(write, err('not-lent-to-this-department'));
  assert.deepEqual(await w.refusals(), ['prefectural-juki.write-bulk-medium not-lent-to-this-department']);
  await nothingWritten(w);
});

mechanismTest('access.second-person', '003 scenario 19b リストを読み込んだ者は承認できない', async () => {
  await using w = await bulkWorld();
  const orderId = await w.ordered([`D,A-1,,${w.residents[0]!.number},,,,,`], 'op-1', 'both-1');
  assert.deepEqual(await w.approve(orderId, 'both-1'), err('approver-is-requester'));
});

test('003 scenario 19b 依頼した本人は承認できない', async () => {
  await using w = await bulkWorld();
  const orderId = await w.ordered([`D,A-1,,${w.residents[0]!.number},,,,,`], 'both-1');
  assert.deepEqual(await w.approve(orderId, 'both-1'), err('approver-is-requester'));
  assert.deepEqual(await w.refusals(), ['prefectural-juki.decide-bulk approver-is-requester']);
  await nothingWritten(w);
});

test('003 scenario 19c 依頼文書の登録がなければ始められず、一つの文書は一度しか使えない', async () => {
  await using w = await bulkWorld();
  await w.lend();
  assert.deepEqual(await w.order(), err('no-request-document'));
  await w.documented();
  unwrap(await w.order());
  assert.deepEqual(await w.order(), err('document-used'));
  assert.deepEqual(await w.refusals(), [
    'prefectural-juki.order-bulk no-request-document',
    'prefectural-juki.order-bulk document-used',
  ]);
});

const badLists: readonly (readonly [string, (w: BulkWorld, line: string) => string, string])[] = [
  ['トレーラの件数が行数と違う', (w, line) => w.list([line], { trailer: 2 }), 'list-count-differs'],
  ['別の依頼文書のリスト', (w, line) => w.list([line], { document: '依頼-9' }), 'list-of-another-order'],
  ['途中で切れたファイル', (w, line) => w.list([line]).slice(0, -8), 'list-unreadable'],
  ['トレーラがない', (w, line) => w.list([line]).replace('T,1\r\n', ''), 'list-trailer-missing'],
  ['同じ行番号が二つある', (w, line) => w.list([line, line]), 'row-id-twice'],
  ['様式にない項目がある', (w, line) => w.list([`${line},本籍`]), 'list-unreadable'],
  ['行がない', (w) => w.list([]), 'list-empty'],
];
test('003 scenario 19d トレーラの件数が違うリスト、壊れたリストは一行も受け付けない', async (t) => {
  await using w = await bulkWorld();
  await w.lend();
  await w.documented();
  const { orderId } = unwrap(await w.order());
  const line = `D,A-1,,${w.residents[0]!.number},,,,,`;
  for (const [name, make, word] of badLists)
    await t.test(name, async () => {
      const bytes = await w.encrypted(make(w, line));
      assert.deepEqual(await loadBulkList(w.deps, staff('op-1'), { orderId, bytes }), err(word));
      assert.equal((await w.refusals()).at(-1), `prefectural-juki.load-bulk-list ${word}`);
    });
  assert.deepEqual(await w.t.owner('select 1 from prefectural_juki.bulk_list'), []);
  assert.deepEqual(await w.t.owner(`select 1 from sealed.object where kind = 'bulk-list'`), []);
  await nothingWritten(w);
  const plain = await loadBulkList(w.deps, staff('op-1'), { orderId, bytes: Buffer.from(w.list([line])) });
  assert.deepEqual(plain, err('not-encrypted'));
});

mechanismTest('media.slip-counts', '003 scenario 19d 件数の違うリストは読み込まない', async () => {
  await using w = await bulkWorld();
  await w.lend();
  await w.documented();
  const { orderId } = unwrap(await w.order());
  const bytes = await w.encrypted(w.list([`D,A-1,,${w.residents[0]!.number},,,,,`], { trailer: 3 }));
  assert.deepEqual(await loadBulkList(w.deps, staff('op-1'), { orderId, bytes }), err('list-count-differs'));
});

mechanismTest(
  'matching.destination-check',
  '003-III.7-R1-C28 INC-70 003 scenario 19e 別の依頼の結果が一行でも混じれば媒体に書かない',
  async () => {
    await using w = await bulkWorld();
    const [a, b] = w.residents;
    const mine = await w.ordered([`D,A-1,,${a!.number},,,,,`]);
    await w.lend('DVD-0002');
    await w.documented('依頼-2');
    const { orderId: other } = unwrap(await w.order('依頼-2', 'DVD-0002'));
    const bytes = await w.encrypted(w.list([`D,A-1,,${b!.number},,,,,`], { document: '依頼-2' }));
    unwrap(await loadBulkList(w.deps, staff('op-1'), { orderId: other, bytes }));
    unwrap(await w.approve(mine));
    unwrap(await w.approve(other));
    assert.equal(unwrap(await w.run(mine)).state, 'done');
    // Between look-up and assembly somebody puts the other order's answers in the place of this one's.
    await w.t.owner(`create function public.swap() returns trigger language plpgsql as $$ begin
    new.sealed_ref := (select sealed_ref from prefectural_juki.bulk_answer_part where order_id <> new.order_id); return new; end $$`);
    await w.t.owner(
      'create trigger swap before insert on prefectural_juki.bulk_answer_part for each row execute function public.swap()',
    );
    const ran = await w.run(other);
    assert.deepEqual(ran.ok && [ran.value.state, ran.value.why], ['failed', 'row-of-another-order']);
    assert.deepEqual(await writeBulkMedium(w.deps, staff('op-1'), { orderId: other }), err('not-finished'));
    assert.ok((await w.refusals()).includes('prefectural-juki.bulk.assemble row-of-another-order'));
    const given = await w.t.owner('select 1 from prefectural_juki.provision_record where order_id = $1', [other]);
    assert.deepEqual(given, []);
  },
);
