import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Notifications } from '../../db/listen.ts';
import { runRelays } from '../relays.ts';
import { makeWorld, otherNotes } from './world.ts';

test('design 2.3: relays sleep on NOTIFY: what commits is delivered well before the fallback, also on a new stream, and they stop cleanly', async () => {
  await using w = await makeWorld('loops');
  const notifications = new Notifications(w.a.db);
  const stop = new AbortController();
  const errors: unknown[] = [];
  const done = runRelays(w.relayDeps, { notifications, signal: stop.signal, onError: (e) => errors.push(e) });
  await delay(300);
  const before = performance.now();
  await w.send([{ subject: 'p', step: 1 }]);
  await w.send([{ subject: 'p', step: 2 }], otherNotes);
  while ((await w.facts()).length < 2 && performance.now() - before < 4_000) await delay(20);
  const took = performance.now() - before;
  stop.abort();
  await done;
  await notifications.close();
  assert.deepEqual(errors, []);
  assert.equal((await w.facts()).length, 2);
  assert.ok(took < 4_000, `${took} ms`);
});
