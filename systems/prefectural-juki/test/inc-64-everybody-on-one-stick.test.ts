import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mediaUseCases } from '@musubi/kernel/media/acts.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { writeBulkMedium } from '../service/bulk-orders.ts';
import { bulkSite } from './bulk-site.ts';
import { bulkWorld, serial, staff } from './bulk-world.ts';

const media = mediaUseCases('prefectural-juki');

test('INC-64 目的の対象を超えるリストは、承認者に件数が示され、承認がなければ一行も書かれない', async () => {
  await using w = await bulkWorld({ residents: 8 });
  await using site = await bulkSite(w);
  const orderId = await w.ordered(w.residents.slice(0, 5).map((r, i) => `D,A-${i},,${r.number},,,,,`));
  site.as = staff('mgr-1', 'business');
  const local = site.url.replace('jps.tokyo.localhost', '127.0.0.1');
  const page = await (await fetch(`${local}/bulk/orders/${orderId}`)).text();
  assert.ok(page.includes('目的の対象 2 に対し 5 件'));
  const ran = await w.run(orderId);
  assert.deepEqual(ran.ok && [ran.value.state, ran.value.why], ['blocked', 'not-approved']);
  assert.deepEqual(await writeBulkMedium(w.deps, staff('op-1'), { orderId }), err('not-finished'));
  assert.deepEqual(await w.t.owner('select 1 from media.output'), []);
});

test('INC-64 名簿にない者、登録のない媒体では持ち出せない', async () => {
  await using w = await bulkWorld();
  await w.documented();
  assert.deepEqual(await w.order('依頼-1', 'USB-0001'), err('no-such-medium'));
  assert.deepEqual(await w.order('依頼-1', serial, 'nobody'), err('not-authorised'));
  assert.deepEqual(await w.refusals(), [
    'prefectural-juki.order-bulk no-such-medium',
    'prefectural-juki.order-bulk not-authorised',
  ]);
});

test('INC-64 返らない媒体は日ごとに知らされ、その部署には次を貸さない。なくした媒体は鍵がなければ読めない', async () => {
  await using w = await bulkWorld();
  const [a] = w.residents;
  const orderId = await w.ordered([`D,A-1,,${a!.number},,,,,`]);
  unwrap(await w.approve(orderId));
  assert.equal(unwrap(await w.run(orderId)).state, 'done');
  const { files } = unwrap(await writeBulkMedium(w.deps, staff('op-1'), { orderId }));
  const onMedium = Buffer.from(files[0]!.bytes);
  for (const plain of [a!.name, a!.number, a!.address]) assert.equal(onMedium.includes(plain), false);
  w.t.deps.civilClock.set('2026-07-01');
  const job = { kind: 'job', name: 'media-reminder' } as const;
  const told = unwrap(await media.remind(w.deps, job, undefined));
  assert.deepEqual(
    told.reminded.map((m) => [m.serial, m.state]),
    [[serial, 'written']],
  );
  await w.medium('DVD-0002');
  const next = {
    serial: 'DVD-0002',
    department: '水道局',
    purpose: '一括提供',
    document: '貸出-2',
    dueOn: Temporal.PlainDate.from('2026-07-31'),
  };
  assert.deepEqual(await media.requestLending(w.deps, staff('op-1'), next), err('department-has-overdue'));
});
