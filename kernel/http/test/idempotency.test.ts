import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256 } from '../../crypto/digest.ts';
import { act } from '../../db/act.ts';
import { testDatabase } from '../../db/testing.ts';
import { uuidV7Maker } from '../../ids/uuid.ts';
import { seededRandom } from '../../random/random.ts';
import { err, ok, type Result } from '../../result/result.ts';
import { checkRequestKey, httpSchema, type IdempotentRequest, once, sweepRequestKeys } from '../idempotency.ts';

const at = Temporal.Instant.from('2026-06-15T00:00:00Z');
const keyAt = (moment: Temporal.Instant) => uuidV7Maker({ now: () => moment }, seededRandom(moment.toString()))();
const request = (key: string, content = 'a'): IdempotentRequest => ({
  peer: 'meguro/x',
  endpoint: 'test.count',
  key,
  fingerprint: sha256(content),
});
const actor = { kind: 'job', name: 'test' } as const;

let runs = 0;
const count = act('test.count', {
  right: ['test', 'count', 'update'],
  run: (
    tx,
    _deps,
    command: { request: IdempotentRequest; refuse?: boolean; crash?: boolean },
  ): Promise<Result<{ run: number }, 'no' | 'request-key-reused'>> =>
    once(tx, command.request, {
      async run() {
        if (command.refuse) return err('no');
        runs += 1;
        const run = runs;
        await tx`select pg_sleep(0.05)`;
        if (command.crash) throw new Error('power cut');
        tx.record({ event: 'counted' });
        return ok({ run });
      },
      keep: (value) => value,
      recall: (kept: { run: number }) => kept,
    }),
});

test('design §4.0 a key is a UUIDv7 of the last 14 days', () => {
  assert.ok(checkRequestKey(keyAt(at), at).ok);
  assert.ok(checkRequestKey(keyAt(at.subtract({ hours: 14 * 24 })), at).ok);
  assert.deepEqual(checkRequestKey(keyAt(at.subtract({ hours: 14 * 24, seconds: 1 })), at), err('request-key-too-old'));
  assert.deepEqual(checkRequestKey(keyAt(at.add({ minutes: 6 })), at), err('request-key-malformed'));
  assert.deepEqual(checkRequestKey('0b3e63b2-7f3a-4b6e-9f0e-1f2b3c4d5e6f', at), err('request-key-malformed'));
});

test('design §4.0 a request that comes twice is applied once: repeat, two at once, refusal, crash, other content', async () => {
  await using t = await testDatabase([httpSchema]);
  const first = await count(t.deps, actor, { request: request(keyAt(at)) });
  assert.deepEqual(first, ok({ run: 1 }));
  assert.deepEqual(await count(t.deps, actor, { request: request(keyAt(at)) }), first);
  assert.deepEqual(
    t.events.map(({ event }) => event),
    ['counted', 'request.repeated'],
  );
  assert.deepEqual(await count(t.deps, actor, { request: request(keyAt(at), 'b') }), err('request-key-reused'));
  assert.deepEqual(await count(t.deps, actor, { request: { ...request(keyAt(at)), peer: 'other/x' } }), ok({ run: 2 }));

  const key = keyAt(at.add({ seconds: 1 }));
  const results = await Promise.all([1, 2, 3].map(() => count(t.deps, actor, { request: request(key) })));
  assert.deepEqual(results, [ok({ run: 3 }), ok({ run: 3 }), ok({ run: 3 })]);

  const refused = keyAt(at.add({ seconds: 2 }));
  assert.deepEqual(await count(t.deps, actor, { request: request(refused), refuse: true }), err('no'));
  assert.deepEqual(await count(t.deps, actor, { request: request(refused) }), ok({ run: 4 }));

  const crashed = keyAt(at.add({ seconds: 3 }));
  await assert.rejects(count(t.deps, actor, { request: request(crashed), crash: true }), /power cut/);
  assert.deepEqual(await count(t.deps, actor, { request: request(crashed) }), ok({ run: 6 }));
});

test('keys past their time are deleted', async () => {
  await using t = await testDatabase([httpSchema]);
  await count(t.deps, actor, { request: request(keyAt(at)) });
  let swept = -1;
  const sweep = act('test.sweep', {
    right: ['test', 'count', 'update'],
    async run(tx, _deps, moment: Temporal.Instant): Promise<Result<number, never>> {
      tx.record({ event: 'swept' });
      return ok(await sweepRequestKeys(tx, moment));
    },
  });
  for (const [days, expected] of [
    [14, 0],
    [16, 1],
  ] as const) {
    const result = await sweep(t.deps, actor, Temporal.Now.instant().add({ hours: days * 24 }));
    swept = result.ok ? result.value : -1;
    assert.equal(swept, expected);
  }
});
