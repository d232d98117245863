import { type ActDeps, type Actor, act, type Right } from '../db/act.ts';
import type { Tx } from '../db/sql.ts';
import { err, ok } from '../result/result.ts';
import { unsalted } from './envelope.ts';
import { createOutbox } from './outbox.ts';
import type { PayloadStore } from './ports.ts';

export interface Undelivered {
  readonly messageId: string;
  readonly receiver: string;
  readonly family: string;
  readonly subject: string;
  readonly number: number;
  readonly state: 'refused' | 'parked';
  /** The receiver's word for its refusal. */
  readonly word: string | undefined;
  readonly settledAt: Temporal.Instant;
}

export interface UndeliveredDeps extends ActDeps {
  readonly payloads: PayloadStore;
}

/**
 * The sender's work list: messages that the receiver refused or could not read, until someone deals with each.
 * `right` is the system's own, for example `['municipal-juki', 'undelivered', 'update']`.
 */
export function undeliveredUseCases(right: Right) {
  /** The oldest first; names persons by their internal ids, so the reading is recorded. */
  const list = act('streams.list-undelivered', {
    right: [right[0], right[1], 'read'],
    async run(tx, _deps: ActDeps, query: { readonly limit: number }) {
      const rows = await tx<Omit<Undelivered, 'settledAt' | 'word'> & { settledAt: string; word: string | null }>`
        select o.message_id as "messageId", o.receiver, o.family, o.subject, o.number, o.state, o.word,
               o.settled_at as "settledAt"
          from streams.outgoing o
         where o.state in ('refused', 'parked')
           and not exists (select 1 from streams.resolution r where r.message_id = o.message_id)
         order by o.settled_at, o.entered limit ${query.limit}`;
      tx.record({
        event: 'stream.undelivered-read',
        subjects: [...new Set(rows.map((row) => row.subject))],
        detail: { count: rows.length },
      });
      return ok(
        rows.map(
          (row): Undelivered => ({
            ...row,
            word: row.word ?? undefined,
            settledAt: Temporal.Instant.from(row.settledAt.replace(' ', 'T')),
          }),
        ),
      );
    },
  });

  /** Closes an entry that needs no new message, or whose correction went out by the business system's own act. */
  const resolve = act('streams.resolve-undelivered', {
    right,
    async run(
      tx,
      deps: ActDeps,
      command: { readonly messageId: string; readonly resolution: 'corrected' | 'not-needed' },
      actor,
    ) {
      const found = await findOpen(tx, command.messageId);
      if (!found.ok) return found;
      if (!(await insertResolution(tx, deps, command.messageId, command.resolution, actor)))
        return err('already-resolved');
      tx.record({
        event: 'stream.undelivered-resolved',
        subject: found.value.subject,
        facts: ['streams.resolution'],
        detail: { family: found.value.family, number: found.value.number, resolution: command.resolution },
      });
      return ok(undefined);
    },
  });

  /** Sends the same content again, as a new message at the end of its stream. */
  const resend = act('streams.resend-undelivered', {
    right,
    async run(tx, deps: UndeliveredDeps, command: { readonly messageId: string }, actor) {
      const found = await findOpen(tx, command.messageId);
      if (!found.ok) return found;
      const { payloadRef, receiver, family, subject, number, class: kind } = found.value;
      if (!(await insertResolution(tx, deps, command.messageId, 'resent', actor))) return err('already-resolved');
      const body = unsalted(Buffer.from(await deps.payloads.open(tx, payloadRef)).toString('utf8'));
      const outbox = createOutbox(deps);
      const messageId = await outbox.enqueueText(tx, {
        receiver,
        family,
        class: kind,
        subject,
        body,
        replaces: command.messageId,
      });
      tx.record({
        event: 'stream.undelivered-resent',
        subject,
        recipient: receiver,
        facts: ['streams.resolution'],
        detail: { family, number },
      });
      return ok({ messageId });
    },
  });

  return { list, resolve, resend };
}

interface OpenEntry {
  readonly receiver: string;
  readonly family: string;
  readonly class: 'single' | 'bulk';
  readonly subject: string;
  readonly number: number;
  readonly payloadRef: string;
}

async function findOpen(tx: Tx, messageId: string) {
  const rows = await tx<OpenEntry & { resolved: boolean }>`
    select o.receiver, o.family, o.class, o.subject, o.number, o.payload_ref as "payloadRef",
           exists (select 1 from streams.resolution r where r.message_id = o.message_id) as resolved
      from streams.outgoing o where o.message_id = ${messageId} and o.state in ('refused', 'parked')`;
  const row = rows[0];
  if (!row) return err('no-such-message');
  return row.resolved ? err('already-resolved') : ok(row as OpenEntry);
}

/** Two people at once: the second finds the row and is told so. */
async function insertResolution(
  tx: Tx,
  deps: ActDeps,
  messageId: string,
  resolution: string,
  actor: Actor,
): Promise<boolean> {
  const by = actor.kind === 'staff' ? actor.staffId : actor.kind === 'job' ? `job:${actor.name}` : actor.kind;
  const rows = await tx`
    insert into streams.resolution (message_id, resolution, resolved_by, resolved_at, event_id)
    values (${messageId}, ${resolution}, ${by}, ${deps.machineClock.now()}, ${tx.eventId})
    on conflict (message_id) do nothing returning 1`;
  return rows.length === 1;
}
