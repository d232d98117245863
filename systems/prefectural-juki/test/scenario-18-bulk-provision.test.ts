import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { confirmReceipt, eraseMedium, handOverMedium, returnMedium } from '@musubi/kernel/media/ledger.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { eraseBulk, registerBulkDocument, rowsAPart, writeBulkMedium } from '../service/bulk-orders.ts';
import { bulkBatch } from '../service/bulk-run.ts';
import { bulkWorld, serial, staff, taskCode, waterworks } from './bulk-world.ts';

test('003 scenario 18 U14 U15 JPS-X12 一括提供: 依頼・承認・貸出媒体がそろえば、一行ごとの結果が暗号化されて媒体に載り、消去・返却まで記録される', async () => {
  await using w = await bulkWorld();
  const [a, b, c] = w.residents;
  const removed = w.residents.at(-1)!;
  const orderId = await w.ordered([
    `D,A-1,,${a!.number},,,,,`,
    `D,A-2,,,${b!.name},,${b!.birthDate},1,${b!.address}`,
    `D,A-3,,${c!.number},別人 太郎,,,,`,
    'D,A-4,,123456789012,,,,,',
    `D,A-5,${a!.code},,,,,,`,
    `D,A-6,,${removed.number},,,,,`,
    'D,A-7,,,,メグロ タロウ,,1,',
  ]);
  unwrap(await w.approve(orderId));
  assert.equal(unwrap(await w.run(orderId)).state, 'done');

  const { slip, files } = unwrap(await writeBulkMedium(w.deps, staff('op-1'), { orderId }));
  assert.equal(Buffer.from(files[0]!.bytes).includes(a!.name), false);
  const lines = (await w.decrypted(files[0]!.bytes)).trimEnd().split('\r\n');
  assert.deepEqual(lines, [
    `H,1,${orderId},依頼-1,${taskCode},7`,
    `D,${orderId},A-1,0,,${a!.name},${a!.birthDate},1,${a!.address},${a!.number},,`,
    `D,${orderId},A-2,0,,${b!.name},${b!.birthDate},1,${b!.address},${b!.number},,`,
    `D,${orderId},A-3,1,,,,,,,,`,
    `D,${orderId},A-4,2,,,,,,,,`,
    `D,${orderId},A-5,3,,,,,,,,`,
    `D,${orderId},A-6,1,,,,,,,,`,
    `D,${orderId},A-7,4,,,,,,,,`,
    'T,7,2',
  ]);
  assert.deepEqual([slip.recordCount, slip.files[0]!.totals], [7, { given: 2 }]);
  const outputs = await w.t.owner('select department, sha256, records, terminal, written_by from media.output');
  assert.deepEqual(outputs, [
    {
      department: waterworks,
      sha256: slip.files[0]!.sha256,
      records: 7,
      terminal: 'T-REP-1',
      written_by: 'op-1',
    },
  ]);

  const records = await w.t.owner<Record<string, unknown>>(
    `select person_id, result, refusal, method, recipient, document, key_kind, cardinality(items) as items, event_id
       from prefectural_juki.provision_record where order_id = $1 order by ctid`,
    [orderId],
  );
  assert.deepEqual(
    records.map((r) => [r.person_id, r.result, r.refusal, r.key_kind]),
    [
      [a!.personId, 'given', null, 'number'],
      [b!.personId, 'given', null, 'four-items'],
      [null, 'refused', 'disagrees', 'number'],
      [null, 'refused', 'wrong-key', 'number'],
      [null, 'refused', 'key-not-allowed', 'code'],
      [null, 'refused', 'removed', 'number'],
      [null, 'refused', 'too-few-items', 'four-items'],
    ],
  );
  const { method, recipient, document, items } = records[0]!;
  assert.deepEqual([method, recipient, document, items], ['medium', waterworks, '依頼-1', 5]);
  assert.equal(new Set(records.map((r) => r.event_id)).size, 1, 'one event for the order');
  // The root that the program stated is the one that the database makes of the rows.
  const tied = await w.t.owner(
    `select b.count::int as count, b.root::bytea = audit.merkle_root(array(
              select audit.fact_leaf(b.fact_table, l.fact_key, l.digest) from audit.batch_leaves(b.fact_table, b.event_id) as l)) as same
       from audit.fact_batch b where b.fact_table = 'prefectural_juki.provision_record' and b.event_id = $1`,
    [records[0]!.event_id],
  );
  assert.deepEqual(tied, [{ count: 7, same: true }]);

  assert.deepEqual(await eraseBulk(w.deps, staff('op-1'), { orderId }), err('not-received-yet'));
  unwrap(await w.inAct((tx) => handOverMedium(tx, w.deps, { serial, by: 'op-1', handedTo: 'W-7' })));
  const receipt = { serial, by: 'op-1', receivedBy: 'W-7', confirmation: '受領-1' };
  const counted = [{ fileName: slip.files[0]!.fileName, records: 7, totals: { given: 2 } }];
  assert.deepEqual(unwrap(await w.inAct((tx) => confirmReceipt(tx, w.deps, { ...receipt, counted }))).differences, []);
  unwrap(await eraseBulk(w.deps, staff('op-1'), { orderId }));
  const erased = { serial, by: 'op-1', erasedBy: 'W-7', method: '全領域上書き', certificate: '消去-1' };
  unwrap(await w.inAct((tx) => eraseMedium(tx, w.deps, erased)));
  const back = { serial, by: 'op-1', how: 'returned', returnedBy: 'W-7', place: '保管庫A' } as const;
  assert.equal(unwrap(await w.inAct((tx) => returnMedium(tx, w.deps, back))).state, 'in-store');
  const [result] = await w.t.owner<{ ref: string }>('select sealed_ref as ref from prefectural_juki.bulk_result');
  assert.deepEqual(await w.inAct((tx) => w.deps.sealed.open(tx, result!.ref as never, 'test')), err('erased'));
});

test('003 JPS-X2 止めた一括提供は続きから再開し、二度は提供しない', async () => {
  await using w = await bulkWorld();
  const { number } = w.residents[0]!;
  const lines = Array.from({ length: rowsAPart + 3 }, (_, i) => `D,R${i},,${number},,,,,`);
  const orderId = await w.ordered(lines);
  unwrap(await w.approve(orderId));
  const stop = new AbortController();
  const { vault } = w.deps;
  const stopping = Object.create(vault, {
    holdersOfMany: {
      value(...given: Parameters<typeof vault.holdersOfMany>) {
        stop.abort();
        return vault.holdersOfMany(...given);
      },
    },
    revealMany: { value: vault.revealMany.bind(vault) },
  }) as typeof vault;
  const { signal } = stop;
  const first = await runBatch(
    { ...w.deps, vault: stopping },
    staff('op-1'),
    bulkBatch,
    { order: orderId },
    { signal },
  );
  assert.equal(unwrap(first).state, 'stopped');
  assert.deepEqual(await w.t.owner('select part_no, rows from prefectural_juki.bulk_answer_part'), [
    { part_no: 1, rows: rowsAPart },
  ]);
  assert.deepEqual(await w.t.owner('select 1 from prefectural_juki.provision_record'), []);
  assert.equal(unwrap(await w.run(orderId)).state, 'done');
  assert.equal(unwrap(await w.run(orderId)).state, 'done');
  const [count] = await w.t.owner<{ n: number }>('select count(*)::int as n from prefectural_juki.provision_record');
  assert.equal(count!.n, rowsAPart + 3);
});

mechanismTest('media.approval', '003-III.5-R3-A03 承認のない一括提供は照会されない', async () => {
  await using w = await bulkWorld();
  const orderId = await w.ordered([`D,A-1,,${w.residents[0]!.number},,,,,`]);
  const ran = await w.run(orderId);
  assert.deepEqual(ran.ok && [ran.value.state, ran.value.why], ['blocked', 'not-approved']);
  assert.deepEqual(await w.t.owner('select 1 from prefectural_juki.bulk_answer_part'), []);
  assert.deepEqual(await writeBulkMedium(w.deps, staff('op-1'), { orderId }), err('not-finished'));
});

mechanismTest('media.export-terminal', '003-III.3-R4-A01 一括提供は代表端末でしか行えない', async () => {
  await using w = await bulkWorld();
  await w.lend();
  const document = { documentNo: '依頼-1', taskCode, receivedOn: '2026-05-29', purpose: '減免', statedRows: 1 };
  assert.deepEqual(await registerBulkDocument(w.deps, staff('op-1', 'business'), document), err('not-authorised'));
  assert.ok((await registerBulkDocument(w.deps, staff('op-1'), document)).ok);
});
