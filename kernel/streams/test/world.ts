import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type ActDeps, type Actor, act } from '../../db/act.ts';
import { type TestDatabase, testDatabase } from '../../db/testing.ts';
import { uuidV7Maker } from '../../ids/uuid.ts';
import { type Random, seededRandom } from '../../random/random.ts';
import { err, ok } from '../../result/result.ts';
import { defineFamily } from '../family.ts';
import { createInbox, handle, type Inbox, type Received, type StreamHandler } from '../inbox.ts';
import { createOutbox, type Outbox } from '../outbox.ts';
import type { Alarms, EnvelopeCodec, PayloadStore, Peer, Transport } from '../ports.ts';
import { type RelayDeps, type RelayOutcome, relayOnce } from '../relay.ts';
import { streamsSchema } from '../schema.ts';

export const probeSchema = { name: 'probe', directory: new URL('./schema/', import.meta.url) };

const note = z.strictObject({ subject: z.string(), step: z.int() });
export type Note = z.infer<typeof note>;
export const notes = defineFamily({ name: 'test.note', class: 'single', schema: note });
export const otherNotes = defineFamily({ name: 'test.other', class: 'single', schema: note });
export const manyNotes = defineFamily({ name: 'test.many', class: 'bulk', schema: note });

export const sender: Peer = 'meguro/municipal-juki';
export const receiver: Peer = 'tokyo/prefectural-juki';
export const staff: Actor = { kind: 'staff', organisation: 'meguro', staffId: 's1', sessionId: 'x' };

/** A clock that only the test moves, so that leases and back-off last exactly as long as the test says. */
export class ManualClock {
  #at = Temporal.Instant.from('2026-06-01T00:00:00Z');
  now(): Temporal.Instant {
    return this.#at;
  }
  advance(ms: number): void {
    this.#at = this.#at.add({ milliseconds: ms });
  }
}

export const payloads: PayloadStore = {
  async put(tx, bytes) {
    const ref = randomUUID();
    await tx`insert into probe.payload (ref, bytes) values (${ref}, ${bytes})`;
    return ref;
  },
  async open(tx, ref) {
    const [row] = await tx<{ bytes: Buffer }>`select bytes from probe.payload where ref = ${ref}`;
    return row!.bytes;
  },
};

/** Binds sender and receiver as the real one does, without the cost of its keys; `codec.test.ts` runs the real one. */
export const plainCodec = (self: Peer): EnvelopeCodec => ({
  async seal(bytes, to) {
    return JSON.stringify({ from: self, to, body: Buffer.from(bytes).toString('base64') });
  },
  async open(compact, from) {
    const read = JSON.parse(compact) as { from: string; to: string; body: string };
    if (read.from !== from || read.to !== self) throw new Error('not ours');
    return Buffer.from(read.body, 'base64');
  },
});

export interface Deps extends ActDeps {
  readonly outbox: Outbox;
  readonly behave: (received: Received<Note>) => 'apply' | 'refuse' | 'busy' | 'crash';
}

export const enqueueNotes = act('test.enqueue', {
  right: ['test', 'note', 'update'],
  async run(tx, deps: Deps, command: { notes: readonly Note[]; family: typeof notes; wait?: Promise<void> }) {
    const ids: string[] = [];
    for (const message of command.notes) {
      ids.push(await deps.outbox.enqueue(tx, { receiver, family: command.family, subject: message.subject, message }));
    }
    await command.wait;
    tx.record({ event: 'note.sent' });
    return ok(ids);
  },
});

export const applyNote = act('test.apply-note', {
  right: ['test', 'note', 'update'],
  async run(tx, deps: Deps, received: Received<Note>) {
    const { message, number, family } = received;
    await tx`insert into probe.fact (sender, family, number, subject, step, event_id)
      values (${received.sender}, ${family}, ${number}, ${message.subject}, ${message.step}, ${tx.eventId})`;
    const behaviour = deps.behave(received);
    if (behaviour === 'crash') throw new Error('killed in the middle of the act');
    if (behaviour === 'busy') return err('period-closed');
    if (behaviour === 'refuse') return err('impossible-change');
    tx.record({ event: 'note.applied', subject: message.subject, facts: ['probe.fact'] });
    return ok(undefined);
  },
});

export const handlersOfNotes = (perform: typeof applyNote): StreamHandler<Deps>[] =>
  [notes, otherNotes, manyNotes].map((family) => handle(family, perform, { notNow: ['period-closed'] }));

export interface World extends AsyncDisposable {
  readonly a: TestDatabase;
  readonly b: TestDatabase;
  readonly clock: ManualClock;
  readonly random: Random;
  readonly alarms: { code: string; detail: Readonly<Record<string, string | number>> }[];
  readonly inbox: Inbox;
  readonly sending: Deps;
  readonly relayDeps: RelayDeps;
  /** What the receiver does with a message; the test replaces it. */
  behave: Deps['behave'];
  /** The wire; the test replaces it. */
  wire: Transport['send'];
  deliver(envelope: string): Promise<string>;
  send(list: readonly Note[], family?: typeof notes, wait?: Promise<void>): Promise<string[]>;
  relay(holder?: string, family?: string): Promise<RelayOutcome>;
  /** Rounds with time passing, until nothing is left. */
  drain(family?: string, rounds?: number): Promise<void>;
  facts(): Promise<{ number: number; subject: string; step: number; family: string }[]>;
  outgoing(): Promise<{ number: number; state: string; word: string | null; message_id: string }[]>;
}

export async function makeWorld(
  seed = 'streams',
  extra: { codecOf?: (self: Peer) => EnvelopeCodec } = {},
): Promise<World> {
  const [a, b] = await Promise.all([
    testDatabase([streamsSchema, probeSchema]),
    testDatabase([streamsSchema, probeSchema]),
  ]);
  const clock = new ManualClock();
  const random = seededRandom(seed);
  const newId = uuidV7Maker(clock, random);
  const alarms: World['alarms'] = [];
  const alarm: Alarms = { raise: (code, detail) => void alarms.push({ code, detail }) };
  const codecOf = extra.codecOf ?? plainCodec;
  const outbox = createOutbox({ payloads, newId, machineClock: clock, random });
  const behave: Deps['behave'] = (received) => world.behave(received);
  const base = { machineClock: clock, random, newId, outbox, behave };
  const sending: Deps = { ...a.deps, ...base };
  const receiving: Deps = { ...b.deps, ...base };
  const handlers = handlersOfNotes(applyNote);
  const inbox = createInbox({
    deps: receiving,
    self: receiver,
    codec: codecOf(receiver),
    handlers,
    alarms: alarm,
    onError: () => {},
  });
  const peer = { organisation: 'meguro', system: 'municipal-juki', certificate: 'c1' };
  const relayDeps: RelayDeps = {
    ...sending,
    self: sender,
    payloads,
    codec: codecOf(sender),
    transport: { send: (to, envelope, signal) => world.wire(to, envelope, signal) },
    alarms: alarm,
  };
  const holderId = newId();
  const world: World = {
    a,
    b,
    clock,
    random,
    alarms,
    inbox,
    sending,
    relayDeps,
    behave: () => 'apply',
    wire: (_to, envelope) => inbox.receive(peer, envelope),
    deliver: (envelope) => inbox.receive(peer, envelope),
    async send(list, family = notes, wait) {
      const sent = await enqueueNotes(sending, staff, { notes: list, family, ...(wait ? { wait } : {}) });
      if (!sent.ok) throw new Error(sent.error);
      return sent.value;
    },
    relay: (holder = holderId, family = notes.name) =>
      relayOnce(relayDeps, { receiver, family }, holder, new AbortController().signal),
    async drain(family = notes.name, rounds = 200) {
      for (let i = 0; i < rounds; i++) {
        let outcome: RelayOutcome;
        try {
          outcome = await world.relay(holderId, family);
        } catch {
          outcome = { kind: 'leased' };
        }
        if (outcome.kind === 'idle') return;
        if (outcome.kind !== 'settled') clock.advance(61_000);
      }
      throw new Error('the stream did not come to rest');
    },
    facts: () =>
      b.owner<{ number: number; subject: string; step: number; family: string }>(
        'select number::int, subject, step, family from probe.fact order by id',
      ),
    outgoing: () =>
      a.owner<{ number: number; state: string; word: string | null; message_id: string }>(
        'select number::int, state, word, message_id from streams.outgoing order by entered',
      ),
    async [Symbol.asyncDispose]() {
      await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
    },
  };
  return world;
}
