import type { AuditSink } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { Received, StreamHandler } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import { insertJournal } from '../store/journal.ts';

/** What one delivery leaves besides its outcome; the act fills it in before it refuses or ends. */
export interface Delivery {
  accepted: number;
  rejected: number;
}
export type DeliveryDeps = Deps & { readonly delivery: Delivery };

/** Runs in the transaction in which a refusal is recorded, after its facts were undone. */
export type OnRefused = (tx: Tx, deps: Deps, received: Received<unknown>, rule: string) => Promise<void>;

/**
 * Journal row per notice, refused ones too: it commits with the outcome and the event, because it is written by the same
 * hand (the act's audit sink) in the same transaction.
 */
export function journalled(handler: StreamHandler<DeliveryDeps>, onRefused?: OnRefused): StreamHandler<Deps> {
  return {
    ...handler,
    async perform(deps, actor, received) {
      const delivery: Delivery = { accepted: 1, rejected: 0 };
      const audit: AuditSink = {
        async write(tx, entry) {
          const { refusal } = entry;
          if (refusal !== undefined && handler.notNow.has(refusal)) return deps.audit.write(tx, entry);
          if (refusal !== undefined && refusal !== 'not-authorised') await onRefused?.(tx, deps, received, refusal);
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
          await deps.audit.write(tx, { ...entry, facts: [...(entry.facts ?? []), 'national_fuhyo.notice_journal'] });
        },
      };
      return handler.perform({ ...deps, audit, delivery }, actor, received);
    },
  };
}
