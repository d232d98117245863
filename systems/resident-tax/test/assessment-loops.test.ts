import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Notifications } from '@musubi/kernel/db/listen.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { type AssessmentDeps, assessmentLoops } from '../assessment-module.ts';
import { orderAssessmentRun } from '../service/assessment/order-run.ts';
import { aPerson, clerk, decideAll, noPortal, taxTest } from './assessment-setup.ts';
import { office } from './notice-office.ts';

test('design §2.3 仕事の繰返し: 指示と決定の通知で動き出し、賦課と副本登録を終え、止めると終わる', async () => {
  await using x = await taxTest();
  const notifications = new Notifications(x.t.db);
  const faults: unknown[] = [];
  let lodged = 0;
  const deps: AssessmentDeps = {
    ...x.deps,
    notifications,
    noticeLine: noPortal,
    restSeconds: 60,
    typesetter: { render: () => Promise.reject(new Error('no notice is set here')) } as never,
    subjectCheckKey: new Uint8Array(32),
    office,
    commonPlatform: 'meguro/common-platform' as AssessmentDeps['commonPlatform'],
    peers: {
      call: async (_endpoint, _peer, _params, body) => {
        const { copies } = body as unknown as { copies: readonly unknown[] };
        lodged += copies.length;
        return ok({ accepted: copies.length, rejected: [] }) as never;
      },
    },
    onError: (error) => faults.push(error),
  };
  const stop = new AbortController();
  const running = assessmentLoops(deps).map((loop) => loop(stop.signal));
  try {
    await delay(200); // the loops look once and go to sleep
    for (const paidYen of [3_000_000, 4_000_000]) unwrap(await aPerson(deps, clerk, { reports: [{ paidYen }] }));
    unwrap(await orderAssessmentRun(deps, clerk, { fiscalYear: 2026 }));
    await until(async () => (await x.t.owner("select 1 from jobs.run where state = 'done'")).length === 1);
    await decideAll(deps);
    await until(async () => lodged === 2);
    assert.deepEqual(faults, []);
  } finally {
    stop.abort();
    await Promise.all(running);
    await notifications.close();
  }
});

/** Well below the loops' own fallback of 5 s: it is the NOTIFY that woke them. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 80; i++) {
    if (await holds()) return;
    await delay(50);
  }
  assert.fail('nothing happened within 4 s');
}
