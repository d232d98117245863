import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { auditSchema } from '../../audit/schema-set.ts';
import { auditSink } from '../../audit/sink.ts';
import { systemMachineClock } from '../../clocks/clock.ts';
import { testDatabase } from '../../db/testing.ts';
import { createPeerClient } from '../../http/client.ts';
import { createPeerServer } from '../../http/server.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '../../pki/authority.ts';
import { systemRandom } from '../../random/random.ts';
import { fileKeyProvider } from '../../vault/key-provider.ts';
import { SqliteKeyStore } from '../../vault/key-store/sqlite-key-store.ts';
import { sealedSchema, vaultSchema } from '../../vault/schema-set.ts';
import { SealedStore } from '../../vault/sealed/sealed-store.ts';
import { deliverRoute, httpTransport } from '../http.ts';
import { createInbox } from '../inbox.ts';
import { createOutbox } from '../outbox.ts';
import { relayOnce } from '../relay.ts';
import { streamsSchema } from '../schema.ts';
import { sealedPayloads } from '../sealed-payloads.ts';
import { signedCodec } from '../signed-codec.ts';
import { applyNote, enqueueNotes, handlersOfNotes, notes, probeSchema, receiver, sender, staff } from './world.ts';

const now = Temporal.Now.instant();
const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 24 }) };
const ceremony = await holdCeremony(now);
const trust = await trustWithCrl(ceremony, now);
const partyOf = (peer: string) => {
  const [organisation, system] = peer.split('/') as [string, string];
  return { organisation, system };
};
const identities = new Map(
  await Promise.all(
    [sender, receiver, 'ota/municipal-juki'].map(
      async (peer) => [peer, await issueIdentity(ceremony.issuing, partyOf(peer), validity)] as const,
    ),
  ),
);
const codecOf = (peer: string) =>
  signedCodec({
    identity: identities.get(peer)!,
    trust,
    machineClock: systemMachineClock,
    encryptionChainOf: async (other) => identities.get(other)?.encryption.chain,
  });

test('design 4.0: over mutual TLS, signed and encrypted, payloads sealed, events in the log: applied once', async () => {
  const schemas = [auditSchema, vaultSchema, sealedSchema, streamsSchema, probeSchema];
  const directory = await mkdtemp(path.join(tmpdir(), 'musubi-streams-'));
  await using a = await testDatabase(schemas);
  await using b = await testDatabase(schemas);
  const keys = await fileKeyProvider(path.join(directory, 'keys'));
  using keyStore = await SqliteKeyStore.open({ directory: path.join(directory, 'store'), keys, keepBackupDays: 7 });
  const sealed = new SealedStore({ keyStore, machineClock: a.deps.machineClock, newId: a.deps.newId });
  const payloads = sealedPayloads(sealed, a.deps.machineClock);
  const outbox = createOutbox({
    payloads,
    newId: a.deps.newId,
    machineClock: a.deps.machineClock,
    random: systemRandom,
  });
  const behave = () => 'apply' as const;
  const sending = {
    ...a.deps,
    outbox,
    behave,
    audit: sealed.audited(auditSink({ instance: sender, random: systemRandom })),
  };
  const receiving = { ...b.deps, outbox, behave, audit: auditSink({ instance: receiver, random: systemRandom }) };
  const errors: unknown[] = [];
  const inbox = createInbox({
    deps: receiving,
    self: receiver,
    codec: codecOf(receiver),
    handlers: handlersOfNotes(applyNote),
    alarms: { raise: (code) => errors.push(code) },
    onError: (e) => errors.push(e),
  });
  await using server = createPeerServer({
    identity: identities.get(receiver)!,
    trust,
    routes: [deliverRoute(inbox)],
    machineClock: systemMachineClock,
    onFault: (f) => errors.push(f),
  });
  const port = await server.listen(0);
  await using client = createPeerClient({
    identity: identities.get(sender)!,
    trust,
    directory: () => `https://127.0.0.1:${port}`,
    machineClock: systemMachineClock,
  });
  const marks = Array.from({ length: 5 }, (_, i) => ({ subject: 'subject-mark', step: i + 1 }));
  assert.ok((await enqueueNotes(sending, staff, { notes: marks, family: notes })).ok);
  const outcome = await relayOnce(
    {
      ...sending,
      self: sender,
      payloads,
      codec: codecOf(sender),
      transport: httpTransport(client),
      alarms: { raise() {} },
    },
    { receiver, family: notes.name },
    a.deps.newId(),
    new AbortController().signal,
  );
  assert.deepEqual(errors, []);
  assert.deepEqual(outcome, { kind: 'settled', settled: 5, more: false });
  const facts = await b.owner<{ step: number }>('select step from probe.fact order by id');
  assert.deepEqual(
    facts.map((f) => f.step),
    [1, 2, 3, 4, 5],
  );
  const [logged] = await b.owner<{ n: number }>(
    "select count(*)::int as n from streams.incoming i join audit.intake_event e using (event_id) join audit.fact f on f.event_id = e.event_id and f.fact_table = 'streams.incoming'",
  );
  assert.equal(logged!.n, 5);
  await rm(directory, { recursive: true, force: true });
});

test('design 4.0: an envelope for another, of another signer, altered in one character or cut is not opened', async () => {
  const [mine, theirs, third] = [codecOf(sender), codecOf(receiver), codecOf('ota/municipal-juki')];
  const bytes = Buffer.from('{"v":1}');
  const envelope = await mine.seal(bytes, receiver);
  assert.deepEqual(Buffer.from(await theirs.open(envelope, sender)), bytes);
  await assert.rejects(third.open(envelope, sender));
  await assert.rejects(theirs.open(envelope, 'ota/municipal-juki'), /signed by another/);
  await assert.rejects(theirs.open(await third.seal(bytes, receiver), sender), /signed by another/);
  await assert.rejects(theirs.open(envelope.slice(0, -2), sender));
  const middle = envelope.length - 60;
  const flipped = envelope.slice(0, middle) + (envelope[middle] === 'A' ? 'B' : 'A') + envelope.slice(middle + 1);
  await assert.rejects(theirs.open(flipped, sender));
  await assert.rejects(mine.seal(bytes, 'tokyo/unknown'), /no encryption certificate/);
});
