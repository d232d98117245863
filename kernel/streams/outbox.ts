import assert from 'node:assert/strict';
import type { MachineClock } from '../clocks/clock.ts';
import type { Tx } from '../db/sql.ts';
import type { NewId } from '../ids/uuid.ts';
import type { Random } from '../random/random.ts';
import { digestOf, salted } from './envelope.ts';
import type { Family } from './family.ts';
import type { PayloadStore, Peer } from './ports.ts';

/** The channel on which a commit wakes the relay. */
export const outgoingChannel = 'streams_outgoing';

export interface OutgoingMessage<M> {
  readonly receiver: Peer;
  readonly family: Family<M>;
  /** Internal id of the person or case whose messages must keep their order. It does not travel. */
  readonly subject: string;
  readonly message: M;
  /** The refused or parked message that this one stands for. */
  readonly replaces?: string;
}

export interface Outbox {
  /**
   * Puts one message of a `single` family into the act's own transaction, without a number; the relay sends it after
   * the commit. Order holds per stream and subject among acts that hold the subject's lock when they enqueue.
   *
   * @returns the message's id. Throws where the message does not fit the family's schema.
   */
  enqueue<M>(tx: Tx, message: OutgoingMessage<M>): Promise<string>;
  /** Many messages of one `single` family to one receiver, in the order given, in the statements of one. */
  enqueueMany<M>(
    tx: Tx,
    receiver: Peer,
    family: Family<M>,
    messages: readonly { readonly subject: string; readonly message: M }[],
  ): Promise<string[]>;
  /** The same for many messages of one `bulk` family to one receiver, in the order given. */
  enqueueBulk<M>(
    tx: Tx,
    receiver: Peer,
    family: Family<M>,
    messages: Iterable<{ subject: string; message: M }>,
  ): Promise<string[]>;
  /** For a message that is sent again as it was; `body` is its JSON text. */
  enqueueText(tx: Tx, message: RawMessage): Promise<string>;
}

export interface RawMessage {
  readonly receiver: Peer;
  readonly family: string;
  readonly class: 'single' | 'bulk';
  readonly subject: string;
  readonly body: string;
  readonly replaces?: string;
}

export interface OutboxOptions {
  readonly payloads: PayloadStore;
  readonly newId: NewId;
  readonly machineClock: MachineClock;
  readonly random: Random;
}

export function createOutbox({ payloads, newId, machineClock, random }: OutboxOptions): Outbox {
  async function enqueueText(tx: Tx, message: RawMessage): Promise<string> {
    await openStream(tx, message.receiver, message.family, message.class);
    return insert(tx, message);
  }

  async function insert(tx: Tx, message: RawMessage): Promise<string> {
    const [messageId] = await insertMany(tx, message, [message]);
    return messageId!;
  }

  async function insertMany(
    tx: Tx,
    stream: Pick<RawMessage, 'receiver' | 'family' | 'class'>,
    messages: readonly Pick<RawMessage, 'subject' | 'body' | 'replaces'>[],
  ): Promise<string[]> {
    const salts = random.bytes(16 * messages.length);
    const contents = messages.map((m, i) => Buffer.from(salted(m.body, salts.subarray(16 * i, 16 * i + 16))));
    const refs =
      contents.length > 1 && payloads.putMany ? await payloads.putMany(tx, contents) : await putEach(tx, contents);
    const ids = messages.map(() => newId());
    const [first] = await tx<{ n: number }>`
      with entered as (
        insert into streams.outgoing
          (message_id, receiver, family, class, subject, payload_ref, digest, event_id, entered_at, replaces)
        select m.message_id, ${stream.receiver}, ${stream.family}, ${stream.class}, m.subject, m.ref, m.digest, ${tx.eventId}::uuid,
               ${machineClock.now()}::timestamptz, m.replaces
          from unnest(${ids}::uuid[], ${messages.map((m) => m.subject)}::text[], ${refs}::text[], ${contents.map(digestOf)}::bytea[],
            ${messages.map((m) => m.replaces ?? null)}::uuid[]) with ordinality as m (message_id, subject, ref, digest, replaces, place)
         order by m.place
        returning 1)
      select count(*)::int as n, pg_notify(${outgoingChannel}, '') from entered`;
    if (first?.n !== ids.length) throw new Error(`not every message of ${stream.family} was entered`);
    return ids;
  }

  async function putEach(tx: Tx, contents: readonly Uint8Array[]): Promise<string[]> {
    const refs: string[] = [];
    for (const bytes of contents) refs.push(await payloads.put(tx, bytes));
    return refs;
  }

  return {
    enqueueText,
    async enqueue(tx, { receiver, family, subject, message, replaces }) {
      assert.equal(family.class, 'single', `${family.name} is a bulk family: it has streams of its own`);
      const body = toText(family, message);
      return enqueueText(tx, {
        receiver,
        family: family.name,
        class: family.class,
        subject,
        body,
        ...(replaces === undefined ? {} : { replaces }),
      });
    },
    async enqueueMany(tx, receiver, family, messages) {
      assert.equal(family.class, 'single', `${family.name} is a bulk family: it has streams of its own`);
      if (messages.length === 0) return [];
      await openStream(tx, receiver, family.name, family.class);
      const bodies = messages.map(({ subject, message }) => ({ subject, body: toText(family, message) }));
      return insertMany(tx, { receiver, family: family.name, class: family.class }, bodies);
    },
    async enqueueBulk(tx, receiver, family, messages) {
      assert.equal(family.class, 'bulk', `${family.name} is a single family: a batch must not stand in its way`);
      await openStream(tx, receiver, family.name, family.class);
      const ids: string[] = [];
      for (const { subject, message } of messages) {
        const body = toText(family, message);
        ids.push(await insert(tx, { receiver, family: family.name, class: family.class, subject, body }));
      }
      return ids;
    },
  };
}

/** A family whose class changed hits the foreign key of `outgoing`: the class is part of the stream for ever. */
async function openStream(tx: Tx, receiver: Peer, family: string, kind: 'single' | 'bulk'): Promise<void> {
  const known = await tx`select 1 from streams.outbound where receiver = ${receiver} and family = ${family}`;
  if (known.length > 0) return;
  await tx`insert into streams.outbound (receiver, family, class) values (${receiver}, ${family}, ${kind})
    on conflict (receiver, family) do nothing`;
}

function toText<M>(family: Family<M>, message: M): string {
  const read = family.schema.safeParse(message);
  // The issues name fields, not values, but the message may be personal: only the paths are told.
  if (!read.success) {
    const paths = read.error.issues.map((issue) => issue.path.join('.')).join(', ');
    throw new TypeError(`a message of ${family.name} does not fit its schema at: ${paths}`);
  }
  return JSON.stringify(message);
}
