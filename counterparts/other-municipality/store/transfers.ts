import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';

export interface Received {
  readonly transferId: string;
  readonly kind: string;
  readonly fromCode: string;
  readonly fiscalYear: number;
  readonly records: number;
  readonly outcome: 'received' | 'returned';
  readonly reason: string | null;
  readonly sealedRef: SealedId | null;
  readonly receivedOn: string;
}

export async function findReceived(tx: Tx, transferId: string): Promise<Received | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`received ${transferId}`}, 0))`;
  const [row] = await tx<Received>`
    select transfer_id as "transferId", kind, from_code as "fromCode", fiscal_year as "fiscalYear", records, outcome, reason,
           sealed_ref as "sealedRef", received_on::text as "receivedOn"
      from other_municipality.received where transfer_id = ${transferId}`;
  return row;
}

export async function insertReceived(tx: Tx, r: Received): Promise<void> {
  await tx`
    insert into other_municipality.received (transfer_id, kind, from_code, fiscal_year, records, outcome, reason, sealed_ref, received_on, event_id)
    values (${r.transferId}, ${r.kind}, ${r.fromCode}, ${r.fiscalYear}, ${r.records}, ${r.outcome}, ${r.reason}, ${r.sealedRef},
      ${r.receivedOn}, ${tx.eventId})`;
}

export async function insertSent(
  tx: Tx,
  s: {
    readonly transferId: string;
    readonly kind: string;
    readonly toCode: string;
    readonly fiscalYear: number;
    readonly records: number;
    readonly sealedRef: SealedId;
    readonly sentOn: Temporal.PlainDate;
  },
): Promise<void> {
  await tx`
    insert into other_municipality.sent (transfer_id, kind, to_code, fiscal_year, records, sealed_ref, sent_on, event_id)
    values (${s.transferId}, ${s.kind}, ${s.toCode}, ${s.fiscalYear}, ${s.records}, ${s.sealedRef}, ${s.sentOn}, ${tx.eventId})`;
}
