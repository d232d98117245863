import assert from 'node:assert/strict';
import { systemMachineClock } from '../../clocks/clock.ts';
import { mechanismTest } from '../../enforcement/testing.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '../../pki/authority.ts';
import { readAnswer } from '../envelope.ts';
import type { Peer } from '../ports.ts';
import { signedCodec } from '../signed-codec.ts';
import { makeWorld, receiver, sender, type World } from './world.ts';

/** Keeps every envelope that the relay sends; delivers none. */
async function envelopesOf(w: World, count: number): Promise<string[]> {
  const kept: string[] = [];
  const honest = w.wire;
  w.wire = (to, envelope, signal) => {
    kept.push(envelope);
    return honest(to, envelope, signal);
  };
  for (let step = 0; step < count; step++) {
    await w.send([{ subject: 'p1', step }]);
    await w.relay();
  }
  return kept;
}
const answerTo = async (w: World, envelope: string) => {
  const opened = await w.relayDeps.codec.open(await w.deliver(envelope), receiver);
  const read = readAnswer(opened, envelope);
  assert.ok(read.ok);
  return read.value;
};

mechanismTest('streams.once', 'design §4.0 同じ番号の電文が何度届いても、一度だけ適用される', async () => {
  await using w = await makeWorld('once');
  const [envelope] = (await envelopesOf(w, 1)) as [string];
  for (let i = 0; i < 3; i++)
    assert.deepEqual((await answerTo(w, envelope)).outcomes, [{ number: 1, outcome: 'applied' }]);
  assert.deepEqual(
    (await w.facts()).map((f) => f.step),
    [0],
  );
});

mechanismTest('streams.gap-free', 'design §4.0 番号が飛んだ電文は適用されず、抜けた番号が求められる', async () => {
  await using w = await makeWorld('gap');
  const [, second] = (await envelopesOf(w, 2)) as [string, string];
  // The receiver's database is a restored one that has seen nothing: number 2 arrives although 1 is awaited.
  await w.b.owner('truncate streams.incoming, streams.inbound, probe.fact');
  const { outcomes, stop } = await answerTo(w, second);
  assert.deepEqual([outcomes, stop], [[], { why: 'gap', expected: 1 }]);
  assert.deepEqual(await w.facts(), []);
});

const now = Temporal.Now.instant();
const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 24 }) };
const other: Peer = 'ota/municipal-juki';

async function codecs() {
  const ceremony = await holdCeremony(now);
  const trust = await trustWithCrl(ceremony, now);
  const identities = new Map(
    await Promise.all(
      [sender, receiver, other].map(async (peer) => {
        const [organisation, system] = peer.split('/') as [string, string];
        return [peer, await issueIdentity(ceremony.issuing, { organisation, system }, validity)] as const;
      }),
    ),
  );
  return (peer: Peer) =>
    signedCodec({
      identity: identities.get(peer)!,
      trust,
      machineClock: systemMachineClock,
      encryptionChainOf: async (to) => identities.get(to)?.encryption.chain,
    });
}
const bytes = Buffer.from('{"note":"目黒太郎","v":1}');
const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'opened',
    (error: Error) => error.message,
  );

mechanismTest('transport.signed-message', 'design §4.0 送信者と異なる機関が署名した電文は開かれない', async () => {
  const codecOf = await codecs();
  const foreign = await codecOf(other).seal(bytes, receiver);
  assert.equal(await outcomeOf(codecOf(receiver).open(foreign, sender)), 'envelope: signed by another than its sender');
});

mechanismTest('transport.message-encrypted', 'design §4.0 電文は受取側だけに開け、途中では読めない', async () => {
  const codecOf = await codecs();
  const envelope = await codecOf(sender).seal(bytes, receiver);
  const parts = envelope.split('.').map((part) => Buffer.from(part, 'base64url').toString('utf8'));
  assert.equal(
    parts.some((part) => part.includes('目黒太郎')),
    false,
  );
  assert.equal(await outcomeOf(codecOf(receiver).open(envelope, sender)), 'opened');
  assert.equal(await outcomeOf(codecOf(other).open(envelope, sender)), 'envelope: cannot-open');
});
