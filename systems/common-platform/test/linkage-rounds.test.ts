import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { beginLinkage, linkageStatus, requestLinkageCode } from '@musubi/contracts/exchange/endpoints.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { obtainLinkages } from '../service/obtain-linkage.ts';
import { takeResidentLoad } from '../service/take-resident-load.ts';
import { aChange, aPlatform, job, received, systemActor } from './world.ts';

/** A ward with `count` persons from a load; every third request finds the register's network unavailable, once. */
async function loaded(count: number) {
  const w = await aPlatform();
  const held = new Set<string>();
  let requests = 0;
  const seen = { now: 0, most: 0, status: 0 };
  await w.serve('meguro/intermediate-server', [
    route(beginLinkage, async ({ body }) =>
      ok({ processingNumber: `number-${body.orgPersonNumber}`, state: 'requested' as const }),
    ),
    route(linkageStatus, async ({ body }) => {
      seen.status += 1;
      return ok({
        states: body.orgPersonNumbers.map((orgPersonNumber) => ({
          orgPersonNumber,
          state: held.has(orgPersonNumber) ? ('held' as const) : ('requested' as const),
          acquiredOn: held.has(orgPersonNumber) ? '2026-06-02' : null,
        })),
      });
    }),
  ]);
  await w.serve('meguro/municipal-juki', [
    route(requestLinkageCode, async ({ body }) => {
      seen.now += 1;
      seen.most = Math.max(seen.most, seen.now);
      await delay(20);
      seen.now -= 1;
      requests += 1;
      if (requests % 3 === 0 && requests <= count) return err('unavailable');
      const [, payload = ''] = body.request.split('.');
      const { processingNumber } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
      held.add(String(processingNumber).slice('number-'.length));
      return ok({ accepted: true as const });
    }),
  ]);
  const persons = Array.from({ length: count }, (_, no) => aChange(w, { addresseeNumber: `${1_000_000 + no}` }));
  const message = { loadId: w.deps.newId(), persons };
  unwrap(await takeResidentLoad(w.deps, systemActor('meguro/resident-register'), received(message)));
  const states = async () =>
    Object.fromEntries(
      (
        await w.t.owner<{ state: string; n: number }>(
          'select state, count(*)::int as n from common_platform.linkage group by state',
        )
      ).map((r) => [r.state, r.n]),
    );
  const start = w.deps.machineClock.now();
  const after = (seconds: number) => ({ ...w.deps, machineClock: { now: () => start.add({ seconds }) } });
  return { w, seen, states, after };
}

test('001 LNK-F1 a round asks for eight persons at a time, and notes together what the server has', async () => {
  const { w, seen, states, after } = await loaded(30);
  await using _ = w;
  assert.equal(unwrap(await obtainLinkages(after(1), job, { limit: 100 })), 30);
  assert.deepEqual(await states(), { held: 20, wanted: 10 });
  assert.ok(seen.most > 1 && seen.most <= 8, `${seen.most} at once`);
  const events = await w.t.owner<{ event: string; persons: number }>(
    `select body::jsonb ->> 'event' as event, (body::jsonb -> 'subjects' ->> 'count')::int as persons
       from audit.intake_event where body like '%note-linkage-steps%' order by intake_no`,
  );
  assert.deepEqual(
    events.sort((a, b) => a.event.localeCompare(b.event)),
    [
      { event: 'linkage.accepted', persons: 20 },
      { event: 'linkage.held', persons: 20 },
      { event: 'linkage.postponed', persons: 10 },
    ],
  );
  // Not before their time, then all of them, and nobody a second time.
  assert.equal(unwrap(await obtainLinkages(after(3), job, { limit: 100 })), 0);
  assert.equal(unwrap(await obtainLinkages(after(60), job, { limit: 100 })), 10);
  assert.deepEqual(await states(), { held: 30 });
  assert.equal(unwrap(await obtainLinkages(after(600), job, { limit: 100 })), 0);
  assert.deepEqual(w.faults, []);
});

test('two rounds at once ask for each person once', async () => {
  const { w, states, after } = await loaded(12);
  await using _ = w;
  const both = await Promise.all([
    obtainLinkages(after(1), job, { limit: 100 }),
    obtainLinkages(after(1), job, { limit: 100 }),
  ]);
  for (const round of both) unwrap(round);
  const [asked] = await w.t.owner<{ n: number; persons: number }>(
    `select count(*)::int as n, count(distinct person_id)::int as persons from common_platform.linkage_step where step = 'requested'`,
  );
  assert.deepEqual(asked, { n: 12, persons: 12 });
  assert.deepEqual(await states(), { held: 8, wanted: 4 });
});
