import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withTransaction } from '../../db/database.ts';
import { handle } from '../inbox.ts';
import { undeliveredUseCases } from '../undelivered.ts';
import { makeWorld, manyNotes, notes, otherNotes, payloads, receiver, staff, type World } from './world.ts';

const upTo = (n: number, subject = 'p1') => Array.from({ length: n }, (_, i) => ({ subject, step: i + 1 }));
const steps = async (w: World) => (await w.facts()).map((f) => f.step);

test('design 4.0: a message enters without a number, gets the next one from the relay and is applied once', async () => {
  await using w = await makeWorld();
  await w.send(upTo(3));
  assert.deepEqual(
    (await w.outgoing()).map((o) => [o.number, o.state]),
    [
      [null, 'waiting'],
      [null, 'waiting'],
      [null, 'waiting'],
    ],
  );
  assert.deepEqual(await w.relay(), { kind: 'settled', settled: 3, more: false });
  assert.deepEqual(
    (await w.outgoing()).map((o) => [o.number, o.state]),
    [
      [1, 'applied'],
      [2, 'applied'],
      [3, 'applied'],
    ],
  );
  assert.deepEqual(await steps(w), [1, 2, 3]);
  assert.deepEqual(await w.relay(), { kind: 'idle' });
  const [tied] = await w.b.owner(
    `select count(*)::int as n from streams.incoming i join probe.fact f using (event_id)`,
  );
  assert.equal(tied?.n, 3);
  const applied = w.b.events.filter((e) => e.event === 'note.applied');
  assert.deepEqual(applied[0]?.facts, ['probe.fact', 'streams.incoming']);
});

test('design 3: the digest of a message cannot be tried out: the same content has another one each time', async () => {
  await using w = await makeWorld();
  await w.send([
    { subject: 'p1', step: 1 },
    { subject: 'p1', step: 1 },
  ]);
  await w.drain();
  const digests = await w.a.owner<{ hex: string }>(`select encode(digest, 'hex') as hex from streams.outgoing`);
  assert.notEqual(digests[0]!.hex, digests[1]!.hex);
  const same = await w.b.owner<{ hex: string }>(
    `select encode(digest, 'hex') as hex from streams.incoming order by number`,
  );
  assert.deepEqual(same.map((d) => d.hex).sort(), digests.map((d) => d.hex).sort());
});

test('design 4.0: a rolled-back act leaves no message', async () => {
  await using w = await makeWorld();
  const gate = Promise.withResolvers<void>();
  const sent = assert.rejects(w.send(upTo(2), notes, gate.promise), /killed/);
  gate.promise.catch(() => {});
  gate.reject(new Error('killed'));
  await sent;
  assert.deepEqual(await w.outgoing(), []);
});

test('design 4.0: 250 messages go in three envelopes of at most 100', async () => {
  await using w = await makeWorld();
  await w.send(upTo(250));
  let envelopes = 0;
  const wire = w.wire;
  w.wire = (...args) => {
    envelopes += 1;
    return wire(...args);
  };
  await w.drain();
  assert.equal(envelopes, 3);
  assert.deepEqual(
    await steps(w),
    upTo(250).map((n) => n.step),
  );
});

test('design 4.0: transactions that commit in reverse order are not missed', async () => {
  await using w = await makeWorld();
  const gate = Promise.withResolvers<void>();
  await w.send([{ subject: 'p0', step: 0 }]);
  const early = w.send([{ subject: 'p1', step: 1 }], notes, gate.promise);
  while (
    (
      await w.a.owner(
        `select 1 from pg_stat_activity where state = 'idle in transaction' and datname = current_database()`,
      )
    ).length < 1
  );
  await w.send([{ subject: 'p2', step: 2 }]);
  assert.deepEqual(await w.relay(), { kind: 'settled', settled: 2, more: false });
  gate.resolve();
  await early;
  await w.drain();
  assert.deepEqual(await steps(w), [0, 2, 1]);
  assert.deepEqual((await w.outgoing()).map((o) => o.number).sort(), [1, 2, 3]);
});

test('design 4.0: a refusal is final, consumes its number and undoes what the act wrote', async () => {
  await using w = await makeWorld();
  w.behave = ({ message }) => (message.step === 2 ? 'refuse' : 'apply');
  await w.send(upTo(3));
  await w.drain();
  assert.deepEqual(await steps(w), [1, 3]);
  assert.deepEqual(
    (await w.outgoing()).map((o) => [o.number, o.state, o.word]),
    [
      [1, 'applied', null],
      [2, 'refused', 'impossible-change'],
      [3, 'applied', null],
    ],
  );
  assert.equal(w.b.events.filter((e) => e.refusal === 'impossible-change').length, 1);
  assert.equal(w.alarms.filter((a) => a.code === 'stream-message-refused').length, 1);
});

test('design 4.0: not now holds only this stream, with a pause that grows', async () => {
  await using w = await makeWorld();
  w.behave = ({ family, number }) => (family === notes.name && number >= 2 ? 'busy' : 'apply');
  await w.send(upTo(3));
  await w.send(upTo(2, 'q'), otherNotes);
  const held = await w.relay();
  assert.ok(held.kind === 'held' && held.because === 'period-closed' && held.settled === 1);
  assert.deepEqual(await w.relay(), { ...held, because: 'back-off', settled: 0 });
  assert.deepEqual(await w.relay(undefined, otherNotes.name), { kind: 'settled', settled: 2, more: false });
  for (let i = 0; i < 6; i++) {
    w.clock.advance(61_000);
    const again = await w.relay();
    assert.ok(again.kind === 'held');
    const pause = again.until.since(w.clock.now()).total('milliseconds');
    assert.ok(pause >= 1_000 && pause <= 61_000);
  }
  assert.ok(w.alarms.some((a) => a.code === 'stream-held'));
  assert.deepEqual(
    (await w.outgoing()).filter((o) => o.state === 'refused'),
    [],
  );
  w.behave = () => 'apply';
  await w.drain();
  assert.deepEqual(
    (await w.facts()).filter((f) => f.family === notes.name).map((f) => f.step),
    [1, 2, 3],
  );
});

test('design 4.0: an unreadable message is parked after five tries, with an alarm, and the stream goes on', async () => {
  await using w = await makeWorld();
  await w.send([{ subject: 'p', step: 1 }]);
  await withTransaction(w.a.db, w.sending.newId(), async (tx) => {
    await w.sending.outbox.enqueueText(tx, {
      receiver,
      family: notes.name,
      class: 'single',
      subject: 'p',
      body: '{"step":"two"}',
    });
  });
  await w.send([{ subject: 'p', step: 3 }]);
  for (let tries = 1; tries <= 5; tries++) {
    const outcome = await w.relay();
    assert.ok(outcome.kind === 'held' && outcome.because === 'unreadable', `try ${tries}`);
    assert.deepEqual(await steps(w), [1]);
    w.clock.advance(61_000);
  }
  await w.drain();
  assert.deepEqual(await steps(w), [1, 3]);
  assert.deepEqual(
    (await w.outgoing()).map((o) => o.state),
    ['applied', 'parked', 'applied'],
  );
  assert.equal(w.alarms.filter((a) => a.code === 'stream-message-unreadable').length, 1);
});

test('design 4.0: while keys do not fit, no message is given up; afterwards all arrive', async () => {
  await using w = await makeWorld();
  await w.send(upTo(4));
  const wire = w.wire;
  w.wire = (to, envelope, signal) => wire(to, envelope.replace(receiver, 'tokyo/another'), signal);
  for (let i = 0; i < 15; i++) {
    await w.relay().catch(() => {});
    w.clock.advance(61_000);
  }
  assert.deepEqual(await steps(w), []);
  w.wire = wire;
  await w.drain();
  assert.deepEqual(
    (await w.outgoing()).map((o) => o.state),
    ['applied', 'applied', 'applied', 'applied'],
  );
});

test('design 4.0: two relays at once: one has the lease, and takes over when the other has died', async () => {
  await using w = await makeWorld();
  await w.send(upTo(3));
  const wire = w.wire;
  const gate = Promise.withResolvers<void>();
  const sent = Promise.withResolvers<void>();
  w.wire = async (...args) => {
    sent.resolve();
    await gate.promise;
    return wire(...args);
  };
  const first = w.relay('00000000-0000-7000-8000-00000000000a');
  await sent.promise;
  assert.deepEqual(await w.relay('00000000-0000-7000-8000-00000000000b'), { kind: 'leased' });
  w.clock.advance(91_000);
  w.wire = wire;
  assert.deepEqual(await w.relay('00000000-0000-7000-8000-00000000000b'), { kind: 'settled', settled: 3, more: false });
  gate.resolve();
  assert.deepEqual(await first, { kind: 'settled', settled: 0, more: false });
  assert.deepEqual(await steps(w), [1, 2, 3]);
});

test('design 4.0: the same envelope twice, at once and later, is applied once and answered the same', async () => {
  await using w = await makeWorld();
  w.behave = ({ number }) => (number === 2 ? 'refuse' : 'apply');
  await w.send(upTo(3));
  const wire = w.wire;
  const seen: string[] = [];
  w.wire = async (to, envelope, signal) => {
    seen.push(envelope);
    const [one, two] = await Promise.all([wire(to, envelope, signal), wire(to, envelope, signal)]);
    assert.equal(one, two);
    return two;
  };
  await w.drain();
  assert.deepEqual(await steps(w), [1, 3]);
  await w.deliver(seen[0]!);
  assert.deepEqual(await steps(w), [1, 3]);
});

test('design 4.0: two processes of the receiver get the same envelope: the database lets one apply it', async () => {
  await using w = await makeWorld();
  await using other = await makeWorld('other');
  await w.send(upTo(5));
  const wire = w.wire;
  const { createInbox } = await import('../inbox.ts');
  const { plainCodec } = await import('./world.ts');
  const { act } = await import('../../db/act.ts');
  const { ok } = await import('../../result/result.ts');
  const slow = act('test.apply-note', {
    right: ['test', 'note', 'update'],
    async run(tx, _deps: World['sending'], received: import('../inbox.ts').Received<import('./world.ts').Note>) {
      await tx`insert into probe.fact (sender, family, number, subject, step, event_id)
        values (${received.sender}, ${received.family}, ${received.number}, 'p1', ${received.message.step}, ${tx.eventId})`;
      tx.record({ event: 'note.applied' });
      return ok(undefined);
    },
  });
  const second = createInbox({
    deps: { ...w.sending, ...w.b.deps, newId: other.sending.newId },
    self: receiver,
    codec: plainCodec(receiver),
    handlers: [handle(notes, slow)],
    alarms: { raise() {} },
    onError: () => {},
  });
  const peer = { organisation: 'meguro', system: 'municipal-juki', certificate: 'c1' };
  w.wire = async (to, envelope, signal) => {
    const [one] = await Promise.all([wire(to, envelope, signal), second.receive(peer, envelope)]);
    return one;
  };
  await w.drain();
  assert.deepEqual(await steps(w), [1, 2, 3, 4, 5]);
});

test('design 4.0: a gap is answered with the number that is awaited, and a receiver set back gets everything again', async () => {
  await using w = await makeWorld();
  await w.send(upTo(4));
  await w.drain();
  await w.b.owner(`delete from streams.incoming where number >= 3`);
  await w.b.owner(`delete from probe.fact where number >= 3`);
  await w.b.owner(`update streams.inbound set next_number = 3`);
  await w.send([{ subject: 'p1', step: 5 }]);
  await w.drain();
  assert.deepEqual(await steps(w), [1, 2, 3, 4, 5]);
  assert.deepEqual(
    (await w.outgoing()).map((o) => o.state),
    Array(5).fill('applied'),
  );
  assert.ok(w.alarms.some((a) => a.code === 'stream-receiver-behind'));
});

test('design 4.0: a number that comes back with other content is never applied; the stream waits for people', async () => {
  await using w = await makeWorld();
  await w.send(upTo(2));
  await w.drain();
  await w.a.owner(`delete from streams.outgoing where number = 2`);
  await w.a.owner(`update streams.outbound set next_number = 2`);
  await w.send([{ subject: 'p1', step: 99 }]);
  const outcome = await w.relay();
  assert.ok(outcome.kind === 'held' && outcome.because === 'conflict');
  assert.deepEqual(await steps(w), [1, 2]);
  assert.ok(w.alarms.some((a) => a.code === 'stream-conflict'));
});

test('design 4.0: an envelope that was made for another, or by another, is not read', async () => {
  await using w = await makeWorld();
  await w.send(upTo(1));
  let kept = '';
  w.wire = async (_to, envelope) => {
    kept = envelope;
    throw new Error('cut');
  };
  await w.relay();
  const other = { organisation: 'ota', system: 'municipal-juki', certificate: 'c2' };
  const answer = await w.inbox.receive(other, kept.replace('"from":"meguro/', '"from":"ota/'));
  const read = JSON.parse(Buffer.from((JSON.parse(answer) as { body: string }).body, 'base64').toString());
  assert.equal(read.stop.why, 'unreadable-envelope');
  assert.deepEqual(await steps(w), []);
});

test('design 4.0: bulk and single never share a stream', async () => {
  await using w = await makeWorld();
  const inTx = (run: Parameters<typeof withTransaction<unknown>>[2]) => withTransaction(w.a.db, w.sending.newId(), run);
  const { outbox } = w.sending;
  await assert.rejects(
    inTx((tx) => outbox.enqueue(tx, { receiver, family: manyNotes, subject: 'p', message: { subject: 'p', step: 1 } })),
    /bulk family/,
  );
  await assert.rejects(
    inTx((tx) => outbox.enqueueBulk(tx, receiver, notes, [{ subject: 'p', message: { subject: 'p', step: 1 } }])),
    /single family/,
  );
  await w.send(upTo(1));
  // Behind the library's back, too.
  await assert.rejects(
    w.a.owner(`insert into streams.outgoing (message_id, receiver, family, class, subject, payload_ref, digest, event_id, entered_at)
      select gen_random_uuid(), receiver, family, 'bulk', 'p', 'x', digest, event_id, entered_at from streams.outgoing`),
    /foreign key/,
  );
  await inTx((tx) =>
    outbox.enqueueBulk(
      tx,
      receiver,
      manyNotes,
      upTo(3).map((message) => ({ subject: message.subject, message })),
    ),
  );
  await w.drain(manyNotes.name);
  assert.deepEqual(
    (await w.facts()).map((f) => f.family),
    Array(3).fill(manyNotes.name),
  );
});

test('design 4.0: a message that does not fit its family is a defect, told without its values', async () => {
  await using w = await makeWorld();
  const wrong = { subject: 'p', step: '123456789018' } as unknown as { subject: string; step: number };
  await assert.rejects(w.send([wrong]), (e: Error) => /at: step/.test(e.message) && !/123456789018/.test(e.message));
});

test("design 4.0: refused and parked messages stand in the sender's work list until someone deals with each, once", async () => {
  await using w = await makeWorld();
  w.behave = ({ message }) => (message.step >= 2 ? 'refuse' : 'apply');
  await w.send(upTo(3));
  await w.drain();
  const { list, resolve, resend } = undeliveredUseCases(['municipal-juki', 'undelivered', 'update']);
  const deps = { ...w.sending, payloads };
  const listed = await list(deps, staff, { limit: 10 });
  assert.ok(listed.ok);
  assert.deepEqual(
    listed.value.map((u) => [u.number, u.state, u.word]),
    [
      [2, 'refused', 'impossible-change'],
      [3, 'refused', 'impossible-change'],
    ],
  );
  const [second, third] = listed.value;
  w.behave = () => 'apply';
  const twice = await Promise.all([
    resend(deps, staff, { messageId: second!.messageId }),
    resend(deps, staff, { messageId: second!.messageId }),
  ]);
  assert.deepEqual(twice.map((r) => (r.ok ? 'ok' : r.error)).sort(), ['already-resolved', 'ok']);
  assert.ok((await resolve(deps, staff, { messageId: third!.messageId, resolution: 'not-needed' })).ok);
  const first = (await w.outgoing())[0]!;
  assert.deepEqual(await resolve(deps, staff, { messageId: first.message_id, resolution: 'not-needed' }), {
    ok: false,
    error: 'no-such-message',
  });
  const empty = await list(deps, staff, { limit: 10 });
  assert.deepEqual(empty, { ok: true, value: [] });
  await w.drain();
  assert.deepEqual(await steps(w), [1, 2]);
  const nobody = { ...deps, rights: { allows: async () => false } };
  assert.deepEqual(await list(nobody, staff, { limit: 1 }), { ok: false, error: 'not-authorised' });
});
