import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { streamsSchema } from '@musubi/kernel/streams/schema.ts';
import { probeSchema } from '@musubi/kernel/streams/test/world.ts';
import { findViolations } from './violations.ts';

const schemas = [auditSchema, streamsSchema, probeSchema];
const idOf = (n: number): string => `00000000-0000-7000-8000-00000000000${n}`;

/** Three messages of one subject, sent and applied as they should be; the events of their acts stand in the log. */
async function aStream() {
  const [a, b] = await Promise.all([testDatabase(schemas), testDatabase(schemas)]);
  await a.owner(`insert into streams.outbound (receiver, family, class) values ('t/r', 'f', 'single')`);
  await a.owner(`insert into streams.outgoing (message_id, receiver, family, class, subject, payload_ref, digest, event_id,
      entered_at, number, state, settled_at)
    select ('00000000-0000-7000-8000-00000000000' || n)::uuid, 't/r', 'f', 'single', 'p1', 'x', sha256('x'), gen_random_uuid(),
      now(), n, 'applied', now() from generate_series(1, 3) as n order by n`);
  await b.owner(`insert into streams.inbound (sender, family) values ('m/s', 'f')`);
  await b.owner(`insert into streams.incoming (sender, family, number, message_id, digest, outcome, event_id, received_at)
    select 'm/s', 'f', n, ('00000000-0000-7000-8000-00000000000' || n)::uuid, sha256('x'), 'applied',
      ('00000000-0000-7000-9000-00000000000' || n)::uuid, now() from generate_series(1, 3) as n`);
  await b.owner(`insert into probe.fact (sender, family, number, subject, step, event_id)
    select sender, family, number, 'p1', number, event_id from streams.incoming order by number`);
  await b.owner(`insert into audit.intake_event (event_id, body) select event_id, '{}' from streams.incoming`);
  const found = async (): Promise<string[]> =>
    (await findViolations(a, b, [idOf(1), idOf(2), idOf(3)])).map((v) => `${v.kind} ${v.number}`);
  return { a, b, found };
}

const tampered: readonly (readonly [string, 'a' | 'b', string, readonly string[]])[] = [
  ['nothing', 'b', 'select 1', []],
  ['a fact is missing', 'b', 'delete from probe.fact where number = 2', ['lost 2']],
  [
    'a fact stands twice',
    'b',
    'insert into probe.fact (sender, family, number, subject, step, event_id) select sender, family, number, subject, step, event_id from probe.fact where number = 3',
    ['doubled 3'],
  ],
  [
    'two were applied in the wrong order',
    'b',
    'update probe.fact set number = case number when 1 then 2 else 1 end where number < 3',
    ['out-of-order 1'],
  ],
  [
    'an acknowledged message is not even among the sent',
    'a',
    'delete from streams.outgoing where number = 3',
    ['invented 3', 'lost null'],
  ],
  [
    'the sender believes that one still waits',
    'a',
    "update streams.outgoing set state = 'numbered', settled_at = null where number = 1",
    ['not-settled 1'],
  ],
  [
    'an event is missing in the log',
    'b',
    "delete from audit.intake_event where event_id::text like '%3'",
    ['without-event 3'],
  ],
  [
    'a number was left out',
    'b',
    'update streams.incoming set number = 5 where number = 3',
    ['gap 5', 'invented 3', 'lost 3'],
  ],
];

for (const [what, side, statement, expected] of tampered) {
  test(`stream-violations: ${what}`, async () => {
    const { a, b, found } = await aStream();
    await using _a = a;
    await using _b = b;
    await (side === 'a' ? a : b).owner(statement);
    assert.deepEqual(await found(), expected);
  });
}
