import { TiedRows } from '../audit/tied-rows.ts';
import type { ActDeps, AuditSink } from '../db/act.ts';
import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import type { Received, StreamHandler } from '../streams/inbox.ts';
import { insertEntries, type JournalEntry } from './entries.ts';

const table = 'notice_journal.entry';

/** What one delivery leaves besides its outcome; the act fills it in before it refuses or ends. */
export interface Delivery<Found = never> {
  accepted: number;
  rejected: number;
  /** Names of the items at fault, for the journal and for whoever must put them right. */
  items: readonly string[];
  /** What else the rule found, for `onRefused`. */
  found?: Found;
}
export type WithDelivery<D extends ActDeps, Found = never> = D & { readonly delivery: Delivery<Found> };

/** Runs in the transaction in which a refusal is recorded, after its facts were undone; gives the fact tables it wrote. */
export type OnRefused<D extends ActDeps, Found = never> = (
  tx: Tx,
  deps: D,
  received: Received<unknown>,
  rule: string,
  delivery: Delivery<Found>,
) => Promise<readonly string[]>;

/**
 * Journal entry per message, refused ones too: it commits with the outcome and the event, because it is written by the same
 * hand (the act's audit sink) in the same transaction.
 */
export function journalled<D extends ActDeps, Found = never>(
  handler: StreamHandler<WithDelivery<D, Found>>,
  onRefused?: OnRefused<D, Found>,
): StreamHandler<D> {
  const { performMany: _, ...one } = handler;
  return {
    ...one,
    async perform(deps, actor, received) {
      const delivery: Delivery<Found> = { accepted: 1, rejected: 0, items: [] };
      const audit: AuditSink = {
        async write(tx, entry) {
          const { refusal } = entry;
          if (refusal !== undefined && handler.notNow.has(refusal)) return deps.audit.write(tx, entry);
          const isRule = refusal !== undefined && refusal !== 'not-authorised';
          const more = (isRule && (await onRefused?.(tx, deps, received, refusal, delivery))) || [];
          const facts = [...(entry.facts ?? []), ...more];
          if (!enforced('transport.message-journal')) return deps.audit.write(tx, { ...entry, facts });
          const counts =
            refusal === undefined
              ? { accepted: delivery.accepted, rejected: delivery.rejected }
              : { accepted: 0, rejected: 1 };
          const rule = refusal ?? null;
          await insertEntries(
            tx,
            [{ ...entryOf(deps, received), ...outcome(rule, delivery.items), ...counts }],
            entry.at,
          );
          await deps.audit.write(tx, { ...entry, facts: [...facts, table] });
        },
      };
      return handler.perform({ ...deps, audit, delivery }, actor, received);
    },
  };
}

/** What the rules found, by the number of the message. */
export type Findings = Map<number, { readonly rule: string; readonly items: readonly string[] }>;
export type WithFindings<D extends ActDeps> = D & { readonly findings: Findings };

/** The same for handlers of many messages: one entry a message, all in the statement of one. */
export function journalledMany<D extends ActDeps>(handler: StreamHandler<WithFindings<D>>): StreamHandler<D> {
  const { performMany } = handler;
  if (!performMany) throw new TypeError(`${handler.family} is handled one at a time`);
  return {
    ...handler,
    perform: (deps, actor, received) => handler.perform({ ...deps, findings: new Map() }, actor, received),
    async performMany(deps, actor, received) {
      const findings: Findings = new Map();
      const audit: AuditSink = {
        async write(tx, entry) {
          const isNotNow = entry.refusal !== undefined && handler.notNow.has(entry.refusal);
          if (isNotNow || !enforced('transport.message-journal')) return deps.audit.write(tx, entry);
          const entries = received.messages.map((message): JournalEntry => {
            const finding = findings.get(message.number);
            const rule = entry.refusal ?? finding?.rule ?? null;
            const counts = rule === null ? { accepted: 1, rejected: 0 } : { accepted: 0, rejected: 1 };
            return { ...entryOf(deps, message), ...outcome(rule, finding?.items ?? []), ...counts };
          });
          const tied = entries.length > 1 ? new TiedRows(table) : undefined;
          await insertEntries(tx, entries, entry.at, tied);
          const batches = tied ? { batches: { ...entry.batches, [table]: tied.tie() } } : {};
          await deps.audit.write(tx, { ...entry, facts: [...(entry.facts ?? []), table], ...batches });
        },
      };
      return performMany({ ...deps, audit, findings }, actor, received);
    },
  };
}

const entryOf = (deps: ActDeps, { sender, family, number, digest, bytes, message }: Received<unknown>) => ({
  journalId: deps.newId(),
  peer: sender,
  family,
  number,
  digest,
  bytes,
  changeId: (message as { readonly changeId?: string }).changeId ?? null,
});

const outcome = (rule: string | null, items: readonly string[]) =>
  ({ result: rule === null ? 'applied' : 'refused', rule, items }) as const;
