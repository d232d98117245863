import type { AuditSink } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { StreamHandler } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import { insertJournal, insertJournals, type JournalRow } from '../store/journal.ts';

/** What one delivery leaves besides its outcome; the act fills it in before it refuses or ends. */
export interface Delivery {
  accepted: number;
  rejected: number;
}
export type DeliveryDeps = Deps & { readonly delivery: Delivery };

/**
 * Journal row per notice, refused ones too: it commits with the outcome and the event, because it is written by the same
 * hand (the act's audit sink) in the same transaction.
 */
export function journalled(handler: StreamHandler<DeliveryDeps>): StreamHandler<Deps> {
  return {
    ...handler,
    async perform(deps, actor, received) {
      const delivery: Delivery = { accepted: 1, rejected: 0 };
      const audit: AuditSink = {
        async write(tx, entry) {
          const { refusal } = entry;
          if (refusal !== undefined && handler.notNow.has(refusal)) return deps.audit.write(tx, entry);
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
              accepted: refusal === undefined ? delivery.accepted : 0,
              rejected: refusal === undefined ? delivery.rejected : 1,
            },
            entry.at,
          );
          await deps.audit.write(tx, { ...entry, facts: [...(entry.facts ?? []), 'national_juki.notice_journal'] });
        },
      };
      return handler.perform({ ...deps, audit, delivery }, actor, received);
    },
  };
}

export type DeliveryManyDeps = Deps & {
  /** The rule that ended a notice, by the number of its message. */
  readonly words: Map<number, string>;
};

/** The same for handlers of many messages: one journal row a notice, all in the statement of one. */
export function journalledMany(handler: StreamHandler<DeliveryManyDeps>): StreamHandler<Deps> {
  const { performMany } = handler;
  if (!performMany) throw new TypeError(`${handler.family} is handled one at a time`);
  return {
    ...handler,
    perform: (deps, actor, received) => handler.perform({ ...deps, words: new Map() }, actor, received),
    async performMany(deps, actor, received) {
      const words: DeliveryManyDeps['words'] = new Map();
      const audit: AuditSink = {
        async write(tx, entry) {
          const isNotNow = entry.refusal !== undefined && handler.notNow.has(entry.refusal);
          if (isNotNow || !enforced('transport.message-journal')) return deps.audit.write(tx, entry);
          const rows = received.messages.map((m): JournalRow => {
            const rule = entry.refusal ?? words.get(m.number) ?? null;
            const { changeId = null } = m.message as { readonly changeId?: string };
            const counts = rule === null ? { accepted: 1, rejected: 0 } : { accepted: 0, rejected: 1 };
            const { sender: peer, family, number, digest, bytes } = m;
            const result = rule === null ? 'applied' : 'refused';
            return { journalId: deps.newId(), peer, family, number, digest, bytes, changeId, result, rule, ...counts };
          });
          await insertJournals(tx, rows, entry.at);
          const table = 'national_juki.notice_journal';
          const isMany = received.messages.length > 1;
          const batches = isMany ? { batches: { ...entry.batches, [table]: null } } : {};
          await deps.audit.write(tx, { ...entry, facts: [...(entry.facts ?? []), table], ...batches });
        },
      };
      return performMany({ ...deps, audit, words }, actor, received);
    },
  };
}
