import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createTypesetter } from '@musubi/kernel/documents/typesetter.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { worker } from '../service/assessment/functions.ts';
import { orderNoticeRun, orderSpecialNoticeRun } from '../service/assessment/order-run.ts';
import { closeNotices, readNoticeGaps } from '../service/notices/close-notices.ts';
import { noticeRun } from '../service/notices/notice-run.ts';
import { runSpecialNotices } from '../service/special-notices/special-notice-run.ts';
import { anIntake, arrive, changeOf, people, register } from './an-intake.ts';
import { aPerson, assessAll, chargeAll, clerk, decideAll, taxTest } from './assessment-setup.ts';
import { office } from './notice-office.ts';

const typesetter = await createTypesetter({ templatesFolder: new URL('../documents', import.meta.url).pathname });
after(() => typesetter.close());

mechanismTest('jobs.notice-for-each', '002-III.2-R3-09 通知のない賦課があるうちは、通知を締められない', async () => {
  await using x = await taxTest();
  unwrap(await aPerson(x.deps, clerk, { reports: [{ paidYen: 4_000_000, columns: { ordinaryCollection: true } }] }));
  await assessAll(x.deps);
  await decideAll(x.deps);
  assert.deepEqual(await closeNotices(x.deps, clerk, { fiscalYear: 2026 }), { ok: false, error: 'notices-missing' });
});

test('002-III.2-R3-09 通知がすべてできると締められ、後から決定したものは再び欠けとして挙がる', async () => {
  await using x = await taxTest();
  const deps = { ...x.deps, typesetter, subjectCheckKey: new Uint8Array(32).fill(3), office };
  unwrap(await aPerson(deps, clerk, { reports: [{ paidYen: 4_000_000, columns: { ordinaryCollection: true } }] }));
  unwrap(await aPerson(deps, clerk, { reports: [{ paidYen: 5_000_000 }] }));
  unwrap(await aPerson(deps, clerk, { reports: [{ paidYen: 500_000 }] })); // exempt: there is nothing to tell
  await assessAll(deps);
  await decideAll(deps);
  await chargeAll(deps);
  const total = async () => unwrap(await readNoticeGaps(deps, clerk, { fiscalYear: 2026 })).total;
  assert.equal(await total(), 2);
  const year = { fiscalYear: 2026 };
  const ordinary = unwrap(await orderNoticeRun(deps, clerk, year));
  unwrap(await runBatch(deps, worker, noticeRun, { ...ordinary, ...year }));
  assert.equal(await total(), 1);
  const special = unwrap(await orderSpecialNoticeRun(deps, clerk, year));
  unwrap(await runSpecialNotices(deps, worker, { ...special, ...year }));
  assert.equal(await total(), 0);
  assert.deepEqual(unwrap(await closeNotices(deps, clerk, year)), { levies: 3 });

  unwrap(await aPerson(deps, clerk, { reports: [{ paidYen: 6_000_000 }] }));
  await assessAll(deps);
  await decideAll(deps);
  assert.equal(await total(), 1);
});

mechanismTest(
  'matching.addressee-update',
  '002-II.3-MT-01 別の宛名番号を名乗る異動は、その人の記録を変えない',
  async () => {
    await using i = await anIntake();
    const [someone] = people(1, 'addressee');
    await register(i.deps, [someone!]);
    const other = {
      ...changeOf(i.deps, someone!, { address: '東京都目黒区八雲1-1-1' }, '2025-10-01'),
      addresseeNumber: '999',
    };
    const arrived = await arrive(i.deps, other);
    assert.equal(!arrived.ok && arrived.error, 'addressee-number-differs');
    assert.equal((await i.t.owner('select 1 from resident_tax.person_state')).length, 1);
  },
);
