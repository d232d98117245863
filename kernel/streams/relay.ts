import { type ActDeps, act } from '../db/act.ts';
import { withTransaction } from '../db/database.ts';
import type { Tx } from '../db/sql.ts';
import { ok, unwrap } from '../result/result.ts';
import { backoffMs } from './backoff.ts';
import {
  type Answer,
  type BatchMessage,
  digestOf,
  encode,
  maxBytes,
  maxMessages,
  readAnswer,
  type Stop,
} from './envelope.ts';
import type { Alarms, EnvelopeCodec, PayloadStore, Peer, Transport } from './ports.ts';
import {
  clearHold,
  countOpen,
  countTry,
  holdStream,
  lockOutbound,
  type NumberedRow,
  numberWaiting,
  openMessages,
  releaseLease,
  reopen,
  type StreamKey,
  setParking,
  settle,
  takeLease,
} from './relay-store.ts';

export interface RelayDeps extends ActDeps {
  /** This instance, `organisation/system`. */
  readonly self: Peer;
  readonly payloads: PayloadStore;
  readonly codec: EnvelopeCodec;
  readonly transport: Transport;
  readonly alarms: Alarms;
}

/** How long a relay that died keeps its stream from others; longer than a transport's time-out. */
const leaseMs = 90_000;
/** An unreadable message is parked after so many tries (design §4.0). */
const unreadableTries = 5;
const alarmAfterTries = 5;

export type RelayOutcome =
  /** Nothing is waiting. */
  | { readonly kind: 'idle' }
  /** Another relay has the lease. */
  | { readonly kind: 'leased' }
  /** So many messages came to their end; `more` when others wait. */
  | { readonly kind: 'settled'; readonly settled: number; readonly more: boolean }
  /** The stream backs off until `until`; `settled` came to their end before. */
  | { readonly kind: 'held'; readonly because: string; readonly until: Temporal.Instant; readonly settled: number };

interface Claimed {
  readonly class: 'single' | 'bulk';
  readonly tries: number;
  readonly isolate: number;
  readonly rows: readonly NumberedRow[];
}

/**
 * One round for one stream: lease and number, open and seal, send, note the outcomes. Every step may be the last one of
 * a dying process: what was numbered is sent again under the same number, and the receiver answers what it did.
 *
 * @param holder id of this relay, made once per loop
 */
export async function relayOnce(
  deps: RelayDeps,
  stream: StreamKey,
  holder: string,
  signal: AbortSignal,
): Promise<RelayOutcome> {
  const claimed = await claim(deps, stream, holder);
  if ('kind' in claimed) return claimed;
  const { envelope, sent } = await unwrapSealed(deps, stream, claimed);
  let answer: Answer;
  try {
    const compact = await deps.transport.send(stream.receiver, envelope, signal);
    const read = readAnswer(await deps.codec.open(compact, stream.receiver), envelope);
    if (!read.ok) throw new Error(`the answer is ${read.error}`);
    answer = read.value;
  } catch {
    // No answer says nothing: the messages may have been applied, and go again under their numbers.
    return withTransaction(deps.db, deps.newId(), async (tx) => {
      const hold = await holdFor(deps, stream, claimed.tries + 1, 'no-answer');
      await holdStream(tx, stream, hold);
      await releaseLease(tx, stream, holder);
      return { kind: 'held', because: 'no-answer', until: hold.notBefore, settled: 0 };
    });
  }
  return note(deps, stream, holder, claimed, sent, answer);
}

async function claim(deps: RelayDeps, stream: StreamKey, holder: string): Promise<Claimed | RelayOutcome> {
  return withTransaction(deps.db, deps.newId(), async (tx) => {
    const outbound = await lockOutbound(tx, stream);
    if (!outbound) return { kind: 'idle' };
    const now = deps.machineClock.now();
    if (outbound.leaseHolder !== null && outbound.leaseHolder !== holder && isAfter(outbound.leaseUntil, now)) {
      return { kind: 'leased' };
    }
    if (isAfter(outbound.notBefore, now)) {
      return { kind: 'held', because: 'back-off', until: instantOf(outbound.notBefore!), settled: 0 };
    }
    const room = maxMessages - (await countOpen(tx, stream));
    if (room > 0) await numberWaiting(tx, stream, outbound.nextNumber, room);
    const rows = await openMessages(tx, stream, outbound.isolate > 0 ? 1 : maxMessages);
    if (rows.length === 0) {
      await releaseLease(tx, stream, holder);
      return { kind: 'idle' };
    }
    await takeLease(tx, stream, holder, now.add({ milliseconds: leaseMs }));
    return { class: outbound.class, tries: outbound.tries, isolate: outbound.isolate, rows };
  });
}

/** Opening payloads is a use of what they hold: it stands in the log with receiver and numbers. */
const openBatch = act('streams.send', {
  right: ['streams', 'relay', 'update'],
  async run(tx, deps: RelayDeps, command: StreamKey & { readonly rows: readonly NumberedRow[] }) {
    const messages: BatchMessage[] = [];
    let size = 0;
    const carried = await openPayloads(tx, deps.payloads, command.rows);
    for (const row of command.rows) {
      const named = { number: row.number, messageId: row.messageId, digest: row.digest.toString('base64url') };
      if (row.state === 'parking') {
        messages.push(named);
        continue;
      }
      const bytes = carried?.get(row.payloadRef) ?? (await deps.payloads.open(tx, row.payloadRef));
      if (!digestOf(bytes).equals(row.digest))
        throw new Error(`the stored payload of message ${row.messageId} was altered`);
      if (messages.length > 0 && size + bytes.length > maxBytes) break;
      size += bytes.length;
      messages.push({ ...named, body: Buffer.from(bytes).toString('utf8') });
    }
    tx.record({
      event: 'stream.sent',
      recipient: command.receiver,
      detail: { family: command.family, first: messages[0]!.number, count: messages.length },
    });
    return ok(messages);
  },
});

/** What one act sent lies in one carrier, which is then opened once. */
async function openPayloads(
  tx: Tx,
  payloads: PayloadStore,
  rows: readonly NumberedRow[],
): Promise<Map<string, Uint8Array> | undefined> {
  const refs = rows.filter((r) => r.state !== 'parking').map((r) => r.payloadRef);
  if (payloads.openMany === undefined) return undefined;
  const opened = await payloads.openMany(tx, refs);
  return new Map(refs.map((ref, i) => [ref, opened[i]!]));
}

async function unwrapSealed(deps: RelayDeps, stream: StreamKey, claimed: Claimed) {
  const opened = await openBatch(deps, { kind: 'job', name: 'streams.relay' }, { ...stream, rows: claimed.rows });
  const messages = unwrap(opened);
  const bytes = encode({
    v: 1,
    from: deps.self,
    to: stream.receiver,
    family: stream.family,
    class: claimed.class,
    messages,
  });
  return { envelope: await deps.codec.seal(bytes, stream.receiver), sent: claimed.rows.slice(0, messages.length) };
}

async function note(
  deps: RelayDeps,
  stream: StreamKey,
  holder: string,
  claimed: Claimed,
  sent: readonly NumberedRow[],
  answer: Answer,
): Promise<RelayOutcome> {
  return withTransaction(deps.db, deps.newId(), async (tx) => {
    const outbound = await lockOutbound(tx, stream);
    if (!outbound) throw new Error('the stream has gone');
    const numbers = new Set(sent.map((row) => row.number));
    const outcomes = answer.outcomes.filter((o) => numbers.has(o.number));
    const settled = await settle(tx, stream, outcomes, deps.machineClock.now());
    for (const o of outcomes) {
      if (o.outcome === 'applied') continue;
      deps.alarms.raise(`stream-message-${o.outcome}`, { ...stream, number: o.number, word: o.word ?? '' });
    }
    const next = sent.find((row) => !outcomes.some((o) => o.number === row.number));
    if (answer.stop === undefined || next === undefined) {
      await clearHold(tx, stream, settled);
      // An answer that leaves out a number without saying why is not believed blindly: the number simply goes again.
      const more = next !== undefined || (await hasMore(tx, stream));
      if (!more) await releaseLease(tx, stream, holder);
      return { kind: 'settled', settled, more };
    }
    const again = await afterStop({ tx, deps, stream, claimed, settled, next, first: sent[0]!, stop: answer.stop });
    if (again === 'at-once') {
      await clearHold(tx, stream, settled);
      return { kind: 'settled', settled, more: true };
    }
    const tries = settled > 0 ? 1 : claimed.tries + 1;
    const hold = await holdFor(deps, stream, tries, again.because);
    await holdStream(tx, stream, { ...hold, ...(again.isolate === undefined ? {} : { isolate: again.isolate }) });
    await releaseLease(tx, stream, holder);
    return { kind: 'held', because: again.because, until: hold.notBefore, settled };
  });
}

interface Stopped {
  readonly tx: Parameters<typeof settle>[0];
  readonly deps: RelayDeps;
  readonly stream: StreamKey;
  readonly claimed: Claimed;
  readonly settled: number;
  /** The first message without an outcome, and the first of the envelope. */
  readonly next: NumberedRow;
  readonly first: NumberedRow;
  readonly stop: Stop;
}

async function afterStop(s: Stopped): Promise<'at-once' | { readonly because: string; readonly isolate?: number }> {
  switch (s.stop.why) {
    case 'not-now':
      return { because: s.stop.word ?? 'not-now' };
    case 'unreadable':
      await countUnreadable(s);
      return { because: 'unreadable' };
    case 'unreadable-envelope':
      // Which message is at fault cannot be told, so they travel one by one for a while. A parked number is nothing but
      // a number: if even that is not read, the fault lies in keys or certificates and no message is given up for it.
      if (s.claimed.isolate === 0) return { because: 'unreadable-envelope', isolate: maxMessages };
      if (s.next.state === 'parking') await setParking(s.tx, s.next.messageId, false);
      else await countUnreadable(s);
      return { because: 'unreadable-envelope' };
    case 'gap':
      return afterGap(s);
    case 'conflict':
      // The receiver knows this number with other content: one side was restored from a backup. People must look.
      s.deps.alarms.raise('stream-conflict', { ...s.stream, number: s.next.number });
      return { because: 'conflict' };
  }
}

async function countUnreadable({ tx, deps, stream, next }: Stopped): Promise<void> {
  if (next.state === 'parking') return;
  if ((await countTry(tx, next.messageId)) < unreadableTries) return;
  await setParking(tx, next.messageId, true);
  deps.alarms.raise('stream-message-unreadable', { ...stream, number: next.number });
}

async function afterGap({ tx, deps, stream, next, stop }: Stopped): Promise<'at-once' | { because: string }> {
  const expected = stop.expected ?? next.number;
  if (expected < next.number) {
    const missing = next.number - expected;
    const reopened = await reopen(tx, stream, expected, next.number);
    deps.alarms.raise('stream-receiver-behind', { ...stream, expected, reopened });
    if (reopened === missing) return 'at-once';
  }
  deps.alarms.raise('stream-gap', { ...stream, expected, number: next.number });
  return { because: 'gap' };
}

async function holdFor(deps: RelayDeps, stream: StreamKey, tries: number, because: string) {
  if (tries % alarmAfterTries === 0) deps.alarms.raise('stream-held', { ...stream, because, tries });
  const notBefore = deps.machineClock.now().add({ milliseconds: backoffMs(tries, deps.random) });
  return { notBefore, because, tries };
}

async function hasMore(tx: Stopped['tx'], { receiver, family }: StreamKey): Promise<boolean> {
  // Two questions, as the two indexes stand: one over all three states would read the stream's whole past.
  const [found] = await tx<{ more: boolean }>`
    select exists (select 1 from streams.outgoing where receiver = ${receiver} and family = ${family} and state = 'waiting')
        or exists (select 1 from streams.outgoing where receiver = ${receiver} and family = ${family}
                    and state in ('numbered', 'parking')) as more`;
  return found?.more === true;
}

const instantOf = (text: string): Temporal.Instant => Temporal.Instant.from(text.replace(' ', 'T'));
const isAfter = (text: string | null, now: Temporal.Instant): boolean =>
  text !== null && Temporal.Instant.compare(instantOf(text), now) > 0;
