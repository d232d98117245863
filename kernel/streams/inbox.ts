import { bytesInJson, momentInJson, TiedRows } from '../audit/tied-rows.ts';
import { type Act, type ActDeps, type Actor, type AuditEntry, type AuditSink, act } from '../db/act.ts';
import { withTransaction } from '../db/database.ts';
import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import {
  type Answer,
  type Batch,
  type BatchMessage,
  digestOf,
  encode,
  type FinalOutcome,
  readBatch,
  type Stop,
  unsalted,
} from './envelope.ts';
import type { Family } from './family.ts';
import type { Alarms, EnvelopeCodec, Peer } from './ports.ts';

/** What a handler's act gets as its command. */
export interface Received<M> {
  readonly message: M;
  readonly messageId: string;
  readonly sender: Peer;
  readonly family: string;
  /** Number in the stream, from 1 without gaps: the idempotency key. */
  readonly number: number;
  /** SHA-256 of salt and JSON text, as at the sender; length of the JSON text in bytes. */
  readonly digest: Uint8Array;
  readonly bytes: number;
}

/** Who is connected, from its certificate. */
export interface SendingPeer {
  readonly organisation: string;
  readonly system: string;
  readonly certificate: string;
}

export interface StreamHandler<D extends ActDeps> {
  readonly family: string;
  readonly class: 'single' | 'bulk';
  readonly notNow: ReadonlySet<string>;
  read(body: unknown): Result<unknown, 'unreadable'>;
  perform(deps: D, actor: Actor, received: Received<unknown>): Promise<Result<unknown, string>>;
  /** Where there is one, messages that follow one another are settled by one act, each with its own outcome. */
  performMany?(deps: D, actor: Actor, received: ReceivedMany<unknown>): Promise<Result<unknown, string>>;
}

/** Messages of one stream, in the order of their numbers, for one act. */
export interface ReceivedMany<M> {
  readonly messages: readonly Received<M>[];
  /** Ends this one message by a word; final, as the refusal of an act is. Those that are not refused are applied. */
  refuse(number: number, word: string): void;
}

/**
 * Ties a family to the act that applies its messages. The act is the handler: one message, one act, one transaction.
 * A refusal of the act is final (the number is consumed, the sender's work list shows it), except for the words in
 * `notNow`, which ask the sender to come again later and hold its stream until then.
 */
export function handle<D extends ActDeps, M, V, E extends string>(
  family: Family<M>,
  perform: Act<D, Received<M>, V, E>,
  options: { readonly notNow?: readonly NoInfer<E>[] } = {},
): StreamHandler<D> {
  return {
    family: family.name,
    class: family.class,
    notNow: new Set(options.notNow ?? []),
    read(body) {
      const read = family.schema.safeParse(body);
      return read.success ? ok(read.data) : err('unreadable');
    },
    perform: (deps, actor, received) => perform(deps, actor, received as Received<M>),
  };
}

/**
 * As `handle`, for many messages at once: one act, one transaction and one event for what came in one envelope, one outcome
 * for each message. A message that breaks the act breaks nothing for the others: they are then taken one by one.
 */
export function handleMany<D extends ActDeps, M, V, E extends string>(
  family: Family<M>,
  perform: Act<D, ReceivedMany<M>, V, E>,
  options: { readonly notNow?: readonly NoInfer<E>[] } = {},
): StreamHandler<D> {
  const performMany = (deps: D, actor: Actor, received: ReceivedMany<unknown>) =>
    perform(deps, actor, received as ReceivedMany<M>);
  return {
    ...handle(family, perform as unknown as Act<D, Received<M>, V, E>, options),
    perform: async () => {
      throw new Error(`${family.name} is handled many at a time`);
    },
    performMany,
  };
}

/** The handler's act gets its own system's deps with what the inbox puts over them (its audit sink). */
export function withOwnDeps<D extends ActDeps>(handler: StreamHandler<D>, own: D): StreamHandler<ActDeps> {
  const { perform, performMany, ...rest } = handler;
  return {
    ...rest,
    perform: (given, actor, received) => perform({ ...own, audit: given.audit }, actor, received),
    ...(performMany && {
      performMany: (given, actor, received) => performMany({ ...own, audit: given.audit }, actor, received),
    }),
  };
}

export interface InboxOptions<D extends ActDeps> {
  readonly deps: D;
  /** This instance, `organisation/system`. */
  readonly self: Peer;
  readonly codec: EnvelopeCodec;
  readonly handlers: readonly StreamHandler<D>[];
  readonly alarms: Alarms;
  /** Defects of handlers; the sender comes again. */
  readonly onError: (error: unknown) => void;
}

export interface Inbox {
  /** Verifies and applies what `peer` sent and gives the signed, encrypted answer. Safe to repeat, and for two at once. */
  receive(peer: SendingPeer, envelope: string): Promise<string>;
}

/** Someone else settled this number while we were at it: everything of ours is undone and their outcome counts. */
class Superseded extends Error {}

export function createInbox<D extends ActDeps>(options: InboxOptions<D>): Inbox {
  const handlers = new Map(options.handlers.map((h) => [h.family, h]));
  const turns = new Map<string, Promise<unknown>>();

  return {
    async receive(peer, envelope) {
      const sender = `${peer.organisation}/${peer.system}`;
      const read = await open(options, sender, envelope);
      const answer = read.ok
        ? await inTurn(turns, `${sender} ${read.value.family}`, () => applyBatch(options, handlers, peer, read.value))
        : { outcomes: [], stop: { why: 'unreadable-envelope', word: read.error } as const };
      const hash = digestOf(envelope).toString('base64url');
      return options.codec.seal(encode({ v: 1, envelope: hash, ...answer }), sender);
    },
  };
}

async function open<D extends ActDeps>(
  { codec, self, alarms }: InboxOptions<D>,
  sender: Peer,
  envelope: string,
): Promise<Result<Batch, string>> {
  const refuse = (word: string) => {
    alarms.raise('stream-envelope-unreadable', { sender, word });
    return err(word);
  };
  let bytes: Uint8Array;
  try {
    bytes = await codec.open(envelope, sender);
  } catch {
    return refuse('not-opened');
  }
  const batch = readBatch(bytes);
  if (!batch.ok) return refuse(batch.error);
  // Signed by the peer and encrypted to us, but perhaps made for another or by another and passed on.
  if (batch.value.from !== sender || batch.value.to !== self) return refuse('addressed-otherwise');
  return batch;
}

/** Deliveries of one stream wait for each other in this process; across processes the database decides. */
async function inTurn<T>(turns: Map<string, Promise<unknown>>, key: string, run: () => Promise<T>): Promise<T> {
  const mine = (turns.get(key) ?? Promise.resolve()).then(run, run);
  turns.set(key, mine);
  try {
    return await mine;
  } finally {
    if (turns.get(key) === mine) turns.delete(key);
  }
}

type Applied = Pick<Answer, 'outcomes' | 'stop'>;

async function applyBatch<D extends ActDeps>(
  options: InboxOptions<D>,
  handlers: ReadonlyMap<string, StreamHandler<D>>,
  peer: SendingPeer,
  batch: Batch,
): Promise<Applied> {
  const handler = handlers.get(batch.family);
  // A sender that was upgraded before us: nothing is lost if its stream waits.
  if (!handler) return { outcomes: [], stop: { why: 'not-now', word: 'unknown-family' } };
  if (handler.class !== batch.class) return { outcomes: [], stop: { why: 'not-now', word: 'wrong-class' } };
  const outcomes: FinalOutcome[] = [];
  let known = await knownOutcomes(options.deps, batch);
  let oneByOne = handler.performMany === undefined;
  for (let i = 0; i < batch.messages.length; ) {
    const message = batch.messages[i]!;
    const together = oneByOne || message.number !== known.expected ? [] : readable(handler, batch.messages.slice(i));
    const step =
      together.length > 1
        ? await perform(options, handler, peer, batch, together)
        : await applyNext(options, handler, peer, batch, message, known);
    if (step.kind === 'superseded') {
      known = await knownOutcomes(options.deps, batch);
      continue;
    }
    if (step.kind === 'stop') {
      if (together.length <= 1 || step.stop.word !== 'failed') return { outcomes, stop: step.stop };
      oneByOne = true;
      continue;
    }
    outcomes.push(...step.outcomes);
    if (step.fresh) known = { ...known, expected: step.outcomes.at(-1)!.number + 1 };
    i += step.outcomes.length;
  }
  return { outcomes };
}

interface Known {
  readonly expected: number;
  readonly stored: ReadonlyMap<number, FinalOutcome & { readonly digest: Buffer }>;
}

async function knownOutcomes(deps: ActDeps, { from, family, messages }: Batch): Promise<Known> {
  return withTransaction(deps.db, deps.newId(), async (tx) => {
    const read = () => tx<{ expected: number }>`select next_number as expected from streams.inbound
      where sender = ${from} and family = ${family}`;
    let [row] = await read();
    if (!row) {
      await tx`insert into streams.inbound (sender, family) values (${from}, ${family}) on conflict do nothing`;
      [row] = await read();
    }
    const stored = await tx<{ number: number; outcome: FinalOutcome['outcome']; word: string | null; digest: Buffer }>`
      select number, outcome, word, digest from streams.incoming
       where sender = ${from} and family = ${family}
         and number between ${messages[0]!.number} and ${messages.at(-1)!.number}`;
    return {
      expected: row!.expected,
      stored: new Map(
        stored.map(({ number, outcome, word, digest }) => [
          number,
          { number, outcome, digest, ...(word === null ? {} : { word }) },
        ]),
      ),
    };
  });
}

type Step =
  | { readonly kind: 'outcomes'; readonly outcomes: readonly FinalOutcome[]; readonly fresh: boolean }
  | { readonly kind: 'stop'; readonly stop: Stop }
  | { readonly kind: 'superseded' };

async function applyNext<D extends ActDeps>(
  options: InboxOptions<D>,
  handler: StreamHandler<D>,
  peer: SendingPeer,
  batch: Batch,
  message: BatchMessage,
  known: Known,
): Promise<Step> {
  const { number } = message;
  if (enforced('streams.gap-free') && number > known.expected)
    return { kind: 'stop', stop: { why: 'gap', expected: known.expected } };
  if (enforced('streams.once') && number < known.expected) {
    const stored = known.stored.get(number);
    if (stored?.digest.toString('base64url') !== message.digest) {
      options.alarms.raise('stream-conflict', { sender: batch.from, family: batch.family, number });
      return { kind: 'stop', stop: { why: 'conflict', expected: known.expected } };
    }
    const { digest: _, ...outcome } = stored;
    return { kind: 'outcomes', outcomes: [outcome], fresh: false };
  }
  return perform(options, handler, peer, batch, [message]);
}

/** How far from the first on there are messages with a content that can be read. */
function readable<D extends ActDeps>(handler: StreamHandler<D>, messages: readonly BatchMessage[]): BatchMessage[] {
  const end = messages.findIndex((m) => m.body === undefined || !readBody(handler, m.digest, m.body).ok);
  return end === -1 ? [...messages] : messages.slice(0, end);
}

/** One message, or several that the handler takes together, in one act. */
async function perform<D extends ActDeps>(
  { deps, onError }: InboxOptions<D>,
  handler: StreamHandler<D>,
  peer: SendingPeer,
  batch: Batch,
  messages: readonly BatchMessage[],
): Promise<Step> {
  const actor: Actor = { kind: 'system', ...peer };
  const { number, body } = messages[0]!;
  const slot: Slot = { sender: batch.from, family: batch.family, messages, words: new Map(), settled: undefined };
  try {
    if (body === undefined) {
      await acceptParked({ ...deps, audit: settling(deps, slot, new Set(), 'parked') }, actor, { ...slot, number });
    } else {
      const received: Received<unknown>[] = [];
      for (const message of messages) {
        const read = readBody(handler, message.digest, message.body!);
        if (!read.ok) return { kind: 'stop', stop: { why: 'unreadable', expected: number } };
        received.push(receivedOf(batch, message, read.value));
      }
      const settlingDeps = { ...deps, audit: settling(deps, slot, handler.notNow) };
      const done = handler.performMany
        ? await handler.performMany(settlingDeps, actor, {
            messages: received,
            refuse: (refused, word) => void slot.words.set(refused, word),
          })
        : await handler.perform(settlingDeps, actor, received[0]!);
      if (!done.ok && handler.notNow.has(done.error)) {
        return { kind: 'stop', stop: { why: 'not-now', word: done.error, expected: number } };
      }
    }
  } catch (error) {
    if (error instanceof Superseded) return { kind: 'superseded' };
    onError(error);
    return { kind: 'stop', stop: { why: 'not-now', word: 'failed', expected: number } };
  }
  if (slot.settled === undefined) {
    onError(new Error(`the handler of ${batch.family} ended without an act on the deps it was given`));
    return { kind: 'stop', stop: { why: 'not-now', word: 'failed', expected: number } };
  }
  return { kind: 'outcomes', outcomes: slot.settled, fresh: true };
}

const receivedOf = (batch: Batch, message: BatchMessage, content: unknown): Received<unknown> => ({
  message: content,
  messageId: message.messageId,
  sender: batch.from,
  family: batch.family,
  number: message.number,
  digest: Buffer.from(message.digest, 'base64url'),
  bytes: Buffer.byteLength(unsalted(message.body!)),
});

function readBody<D extends ActDeps>(
  handler: StreamHandler<D>,
  digest: string,
  body: string,
): Result<unknown, 'unreadable'> {
  if (digestOf(body).toString('base64url') !== digest) return err('unreadable');
  try {
    return handler.read(JSON.parse(unsalted(body)));
  } catch {
    return err('unreadable');
  }
}

interface Slot {
  readonly sender: Peer;
  readonly family: string;
  readonly messages: readonly BatchMessage[];
  /** Words of the messages that a handler of many refused one by one. */
  readonly words: Map<number, string>;
  settled: readonly FinalOutcome[] | undefined;
}

/**
 * The audit sink of the handler's act, with the inbox rows beside it: whatever commits with the event (facts on success,
 * nothing but the event on a refusal) commits with the numbers' outcomes, and nothing can commit without them.
 */
function settling(deps: ActDeps, slot: Slot, notNow: ReadonlySet<string>, as?: 'parked'): AuditSink {
  return {
    async write(tx: Tx, entry: AuditEntry) {
      if (slot.settled !== undefined) throw new Error(`the handler of ${slot.family} ran a second act for one message`);
      if (entry.refusal !== undefined && notNow.has(entry.refusal)) return deps.audit.write(tx, entry);
      const { messages } = slot;
      const outcomes = messages.map(({ number }): FinalOutcome => {
        const word = as === undefined ? (entry.refusal ?? slot.words.get(number)) : undefined;
        return word === undefined ? { number, outcome: as ?? 'applied' } : { number, outcome: 'refused', word };
      });
      const receivedAt = momentInJson(entry.at);
      const tied = messages.length > 1 ? new TiedRows('streams.incoming') : undefined;
      for (const [i, message] of messages.entries()) {
        const { number, messageId } = message;
        const { outcome, word = null } = outcomes[i]!;
        const digest = bytesInJson(Buffer.from(message.digest, 'base64url'));
        const row = { number, message_id: messageId.toLowerCase(), digest, outcome, word };
        const same = { sender: slot.sender, family: slot.family, event_id: entry.eventId, received_at: receivedAt };
        tied?.add(`${slot.sender}/${slot.family}/${number}`, { ...row, ...same });
      }
      const rows = await tx`
        with moved as (
          update streams.inbound set next_number = next_number + ${messages.length}
           where sender = ${slot.sender} and family = ${slot.family} and next_number = ${messages[0]!.number}
          returning 1)
        insert into streams.incoming (sender, family, number, message_id, digest, outcome, word, event_id, received_at)
        select ${slot.sender}, ${slot.family}, m.number, m.message_id, m.digest, m.outcome, m.word, ${entry.eventId}::uuid, ${receivedAt}::timestamptz
          from moved, unnest(${messages.map((m) => m.number)}::bigint[], ${messages.map((m) => m.messageId)}::uuid[],
            ${messages.map((m) => Buffer.from(m.digest, 'base64url'))}::bytea[], ${outcomes.map((o) => o.outcome)}::text[],
            ${outcomes.map((o) => o.word ?? null)}::text[]) as m (number, message_id, digest, outcome, word)
        returning 1`;
      // Not the number that is awaited: a repeat or a jump, whatever this process believed before.
      if (enforced('streams.once') && enforced('streams.gap-free') && rows.length === 0) throw new Superseded();
      const batches = tied === undefined ? {} : { batches: { ...entry.batches, 'streams.incoming': tied.tie() } };
      await deps.audit.write(tx, { ...entry, facts: [...(entry.facts ?? []), 'streams.incoming'], ...batches });
      slot.settled = outcomes;
    },
  };
}

/** The sender gave a message up as unreadable: its number is consumed here, so that the stream goes on. */
const acceptParked = act('streams.accept-parked', {
  right: ['streams', 'inbox', 'update'],
  async run(tx, _deps: ActDeps, { sender, family, number }: { sender: Peer; family: string; number: number }) {
    tx.record({ event: 'stream.parked-number-accepted', recipient: sender, detail: { family, number } });
    return ok(undefined);
  },
});
