import type { AuditSink } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { Received, ReceivedMany, StreamHandler } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import { insertJournal, insertJournals, type JournalRow } from '../store/journal.ts';

/** What one delivery leaves besides its outcome; the act fills it in before it refuses or ends. */
export interface Delivery {
  accepted: number;
  rejected: number;
  /** What the rule found, for the journal and for whoever must put it right. */
  items: readonly string[];
  presentAt: string | null;
}
export type DeliveryDeps = Deps & { readonly delivery: Delivery };

/** Runs in the transaction in which a refusal is recorded, after its facts were undone. */
export type OnRefused = (
  tx: Tx,
  deps: Deps,
  received: Received<unknown>,
  rule: string,
  delivery: Delivery,
) => Promise<void>;

/**
 * Journal row per notice, refused ones too: it commits with the outcome and the event, because it is written by the same
 * hand (the act's audit sink) in the same transaction.
 */
export function journalled(handler: StreamHandler<DeliveryDeps>, onRefused?: OnRefused): StreamHandler<Deps> {
  return {
    ...handler,
    async perform(deps, actor, received) {
      const delivery: Delivery = { accepted: 1, rejected: 0, items: [], presentAt: null };
      const audit: AuditSink = {
        async write(tx, entry) {
          const { refusal } = entry;
          if (refusal !== undefined && handler.notNow.has(refusal)) return deps.audit.write(tx, entry);
          if (refusal !== undefined && refusal !== 'not-authorised')
            await onRefused?.(tx, deps, received, refusal, delivery);
          if (!enforced('transport.message-journal')) return deps.audit.write(tx, entry);
          const { changeId = null } = received.message as { readonly changeId?: string };
          await insertJournal(
            tx,
            {
              journalId: deps.newId(),
              peer: received.sender,
              family: received.family,
              number: received.number,
              digest: received.digest,
              bytes: received.bytes,
              changeId,
              result: refusal === undefined ? 'applied' : 'refused',
              rule: refusal ?? null,
              items: delivery.items,
              accepted: refusal === undefined ? delivery.accepted : 0,
              rejected: refusal === undefined ? delivery.rejected : 1,
            },
            entry.at,
          );
          await deps.audit.write(tx, { ...entry, facts: [...(entry.facts ?? []), 'prefectural_juki.notice_journal'] });
        },
      };
      return handler.perform({ ...deps, audit, delivery }, actor, received);
    },
  };
}

export type DeliveryManyDeps = Deps & {
  /** What rules found, by the number of the message. */
  readonly findings: Map<number, { readonly rule: string; readonly items: readonly string[] }>;
};

/** The same for handlers of many messages: one journal row a notice, all in the statement of one. */
export function journalledMany(handler: StreamHandler<DeliveryManyDeps>): StreamHandler<Deps> {
  const { performMany } = handler;
  if (!performMany) throw new TypeError(`${handler.family} is handled one at a time`);
  return {
    ...handler,
    perform: (deps, actor, received) => handler.perform({ ...deps, findings: new Map() }, actor, received),
    async performMany(deps, actor, received) {
      const findings: DeliveryManyDeps['findings'] = new Map();
      const audit: AuditSink = {
        async write(tx, entry) {
          const isNotNow = entry.refusal !== undefined && handler.notNow.has(entry.refusal);
          if (isNotNow || !enforced('transport.message-journal')) return deps.audit.write(tx, entry);
          await insertJournals(tx, journalRows(deps, received, findings, entry.refusal), entry.at);
          const table = 'prefectural_juki.notice_journal';
          const isMany = received.messages.length > 1;
          const batches = isMany ? { batches: { ...entry.batches, [table]: null } } : {};
          await deps.audit.write(tx, { ...entry, facts: [...(entry.facts ?? []), table], ...batches });
        },
      };
      return performMany({ ...deps, audit, findings }, actor, received);
    },
  };
}

const journalRows = (
  deps: Deps,
  { messages }: ReceivedMany<unknown>,
  findings: DeliveryManyDeps['findings'],
  refusal: string | undefined,
): JournalRow[] =>
  messages.map((m) => {
    const finding = findings.get(m.number);
    const rule = refusal ?? finding?.rule ?? null;
    return {
      journalId: deps.newId(),
      peer: m.sender,
      family: m.family,
      number: m.number,
      digest: m.digest,
      bytes: m.bytes,
      changeId: (m.message as { readonly changeId?: string }).changeId ?? null,
      result: rule === null ? 'applied' : 'refused',
      rule,
      items: finding?.items ?? [],
      accepted: rule === null ? 1 : 0,
      rejected: rule === null ? 0 : 1,
    };
  });
