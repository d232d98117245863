import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { type TestDatabase, testDatabase } from '@musubi/kernel/db/testing.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import { type Faults, startFaultRelay } from '@musubi/kernel/http/fault-relay.ts';
import { createPeerServer, type PeerServer } from '@musubi/kernel/http/server.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import { type Random, seededRandom } from '@musubi/kernel/random/random.ts';
import { deliverRoute, httpTransport } from '@musubi/kernel/streams/http.ts';
import { createInbox } from '@musubi/kernel/streams/inbox.ts';
import { createOutbox } from '@musubi/kernel/streams/outbox.ts';
import type { EnvelopeCodec, Peer, Transport } from '@musubi/kernel/streams/ports.ts';
import { type RelayDeps, relayOnce } from '@musubi/kernel/streams/relay.ts';
import { streamsSchema } from '@musubi/kernel/streams/schema.ts';
import { sealedPayloads } from '@musubi/kernel/streams/sealed-payloads.ts';
import { signedCodec } from '@musubi/kernel/streams/signed-codec.ts';
import {
  applyNote,
  enqueueNotes,
  handlersOfNotes,
  ManualClock,
  type Note,
  notes,
  probeSchema,
  receiver,
  sender,
  staff,
} from '@musubi/kernel/streams/test/world.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';
import { sealedSchema, vaultSchema } from '@musubi/kernel/vault/schema-set.ts';
import { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { findViolations } from './streams/violations.ts';

export interface StreamsChaos {
  readonly name: 'streams';
  readonly seeds: number;
  readonly violations: number;
  readonly faults: Record<string, number>;
}

const rounds = 30;
const subjects = 4;
/** TLS notices what is doubled, reordered or altered on the wire; envelopes are doubled and reordered above it besides. */
const wireFaults: Faults = {
  refusePerMille: 80,
  cutPerMille: 50,
  dropPerMille: 15,
  doublePerMille: 40,
  reorderPerMille: 30,
  alterPerMille: 30,
  delayPerMille: 200,
  maxDelayMs: 20,
};
const stream = { receiver, family: notes.name };
const never = new AbortController().signal;

/**
 * Design §4.0 and §9: one stream between two databases over mutual TLS, through a wire that refuses, cuts, drops, delays,
 * doubles, reorders and alters; envelopes come twice and late; relays die at every step, the receiving service is started
 * anew, and each side's database connections are ended in the middle of work. When all is calm again every message must have
 * been applied once, in order for its subject: `findViolations` searches for one that was not.
 */
export async function run(seeds: number): Promise<StreamsChaos> {
  const faults = new Map<string, number>();
  let violations = 0;
  for (let seed = 1; seed <= seeds; seed++) violations += await oneSeed(`${seed}`, faults);
  return { name: 'streams', seeds, violations, faults: Object.fromEntries([...faults].sort()) };
}

async function oneSeed(seed: string, faults: Map<string, number>): Promise<number> {
  const random = seededRandom(`chaos streams ${seed}`);
  const hit = (kind: string, times = 1): void => void faults.set(kind, (faults.get(kind) ?? 0) + times);
  await using w = await aWorld(seed, random, hit);
  const acknowledged: string[] = [];
  const sent = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const subject = `p${random.below(subjects)}`;
    const list: Note[] = Array.from({ length: 1 + random.below(3) }, () => {
      const step = sent.get(subject) ?? 0;
      sent.set(subject, step + 1);
      return { subject, step };
    });
    if (random.below(8) === 0) await w.restartReceiver();
    // An act whose connection was ended may have committed or not; what it acknowledged must arrive.
    const ids = await w.send(list).catch(() => []);
    acknowledged.push(...ids);
    const work: Promise<unknown>[] = Array.from({ length: random.below(3) === 0 ? 2 : 1 }, () => w.relay());
    if (random.below(5) === 0)
      work.push(delay(random.below(40)).then(() => w.endConnections(random.below(2) === 0 ? 'sender' : 'receiver')));
    await Promise.allSettled<unknown>(work);
    w.clock.advance(random.below(3) === 0 ? 91_000 : 40_000);
  }
  await w.calm();
  return (await findViolations(w.a, w.b, acknowledged)).length;
}

async function aWorld(seed: string, random: Random, hit: (kind: string, times?: number) => void) {
  const stack = new AsyncDisposableStack();
  const schemas = [auditSchema, vaultSchema, sealedSchema, streamsSchema, probeSchema];
  const a = stack.use(await testDatabase(schemas, { seed: `a${seed}` }));
  const b = stack.use(await testDatabase(schemas, { seed: `b${seed}` }));
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-chaos-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  const keyStore = stack.use(
    await SqliteKeyStore.open({ directory: path.join(directory, 'store'), keys, keepBackupDays: 7 }),
  );
  const { codecOf, identityOf, trust } = await certificates();
  const clock = new ManualClock();
  const newId = uuidV7Maker(clock, random);
  const sealed = new SealedStore({ keyStore, machineClock: clock, newId });
  const payloads = sealedPayloads(sealed, clock);
  const base = {
    machineClock: clock,
    random,
    newId,
    outbox: createOutbox({ payloads, newId, machineClock: clock, random }),
  };
  const state = { calm: false };
  const dice = (oneIn: number, kind: string): boolean => {
    if (state.calm || random.below(oneIn) > 0) return false;
    hit(kind);
    return true;
  };
  const sending = {
    ...a.deps,
    ...base,
    behave: () => 'apply' as const,
    audit: sealed.audited(auditSink({ instance: sender, random })),
  };
  const receiving = {
    ...b.deps,
    ...base,
    behave: () => (dice(25, 'receiver-dies-in-act') ? ('crash' as const) : ('apply' as const)),
    audit: auditSink({ instance: receiver, random }),
  };

  const serve = async (port: number): Promise<{ server: PeerServer; port: number }> => {
    const inbox = createInbox({
      deps: receiving,
      self: receiver,
      codec: codecOf(receiver),
      handlers: handlersOfNotes(applyNote),
      alarms: { raise: (code) => hit(`alarm-${code}`) },
      onError: () => undefined,
    });
    const server = createPeerServer({
      identity: identityOf(receiver),
      trust,
      routes: [deliverRoute(inbox)],
      machineClock: systemMachineClock,
      limits: { closeTimeoutMs: 20 },
    });
    return { server, port: await server.listen(port) };
  };
  let service = await serve(0);
  stack.defer(() => service.server.close());
  const wire = stack.use(await startFaultRelay({ port: service.port }, seed, wireFaults));
  const client = stack.use(
    createPeerClient({
      identity: identityOf(sender),
      trust,
      directory: () => `https://127.0.0.1:${wire.port}`,
      machineClock: systemMachineClock,
      random,
      connectTimeoutMs: 1_000,
      timeoutMs: 1_500,
      breakerThreshold: 1_000,
    }),
  );

  const relayDeps: RelayDeps = {
    ...sending,
    self: sender,
    payloads: {
      put: payloads.put,
      async open(tx, ref) {
        const bytes = await payloads.open(tx, ref);
        if (dice(60, 'relay-killed-after-numbering')) throw new Error('killed');
        return bytes;
      },
    },
    codec: dying(codecOf(sender), dice),
    transport: troubled(httpTransport(client), random, dice),
    alarms: { raise: (code) => hit(`alarm-${code}`) },
  };

  return {
    a,
    b,
    clock,
    async send(list: readonly Note[]): Promise<readonly string[]> {
      const done = await enqueueNotes(sending, staff, { notes: list, family: notes });
      if (!done.ok) throw new Error(done.error);
      return done.value;
    },
    /** A relay process of its own: another holder each time, as after a restart. */
    relay: () => relayOnce(relayDeps, stream, newId(), never),
    async endConnections(side: 'sender' | 'receiver'): Promise<void> {
      hit(`connections-ended-${side}`);
      await endConnectionsOf(side === 'sender' ? a : b);
    },
    async restartReceiver(): Promise<void> {
      hit('receiver-restarted');
      await service.server.close();
      service = await serve(service.port);
    },
    /** No faults from here on, until nothing waits any more. */
    async calm(): Promise<void> {
      state.calm = true;
      wire.setFaults({});
      wire.cutAll();
      for (const [kind, times] of Object.entries(wire.counts)) hit(`wire-${kind}`, times);
      for (let tries = 0; tries < 300; tries++) {
        clock.advance(91_000);
        const outcome = await relayOnce(relayDeps, stream, newId(), never).catch(() => undefined);
        if (outcome?.kind === 'idle') return;
      }
      throw new Error(`seed ${seed}: the stream did not come to rest`);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function certificates() {
  const now = systemMachineClock.now();
  const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 24 }) };
  const ceremony = await holdCeremony(now);
  const trust = await trustWithCrl(ceremony, now);
  const issued = new Map(
    await Promise.all(
      [sender, receiver].map(async (peer) => {
        const [organisation, system] = peer.split('/') as [string, string];
        return [peer, await issueIdentity(ceremony.issuing, { organisation, system }, validity)] as const;
      }),
    ),
  );
  const identityOf = (peer: Peer) => issued.get(peer)!;
  const codecOf = (self: Peer): EnvelopeCodec =>
    signedCodec({
      identity: identityOf(self),
      trust,
      machineClock: systemMachineClock,
      encryptionChainOf: async (peer) => issued.get(peer)?.encryption.chain,
    });
  return { identityOf, codecOf, trust };
}

type Dice = (oneIn: number, kind: string) => boolean;

/** A relay that dies before it sends, or after the receiver has answered and before that is noted. */
const dying = (codec: EnvelopeCodec, dice: Dice): EnvelopeCodec => ({
  async seal(bytes, to) {
    if (dice(12, 'relay-killed-before-sending')) throw new Error('killed');
    return codec.seal(bytes, to);
  },
  async open(text, from) {
    const bytes = await codec.open(text, from);
    if (dice(12, 'relay-killed-before-noting')) throw new Error('killed');
    return bytes;
  },
});

/** Above TLS: envelopes that come twice at once or one after the other, come late behind newer ones, or lose their answer. */
function troubled(honest: Transport, random: Random, dice: Dice): Transport {
  const late: string[] = [];
  return {
    async send(to, envelope, signal) {
      // What was held back arrives now, behind what is newer, and its answer goes nowhere.
      while (late.length > 0 && dice(2, 'envelope-late'))
        await honest.send(to, late.splice(random.below(late.length), 1)[0]!, signal).catch(() => undefined);
      if (dice(9, 'envelope-held-back')) {
        late.push(envelope);
        throw new Error('held back');
      }
      if (dice(9, 'envelope-doubled')) await honest.send(to, envelope, signal).catch(() => undefined);
      if (dice(9, 'envelope-twice-at-once')) {
        const [one] = await Promise.all([
          honest.send(to, envelope, signal),
          honest.send(to, envelope, signal).catch(() => undefined),
        ]);
        return one;
      }
      const answer = await honest.send(to, envelope, signal);
      if (dice(9, 'answer-lost')) throw new Error('lost');
      if (dice(12, 'answer-cut')) return answer.slice(0, random.below(answer.length));
      return answer;
    },
  };
}

/** As a failing server does it: whatever ran on them is undone, and nobody is asked. */
async function endConnectionsOf(t: TestDatabase): Promise<void> {
  await t.owner(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`);
}
