import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';

export interface Transfer {
  readonly transferId: string;
  readonly kind: string;
  readonly fromCode: string;
  readonly toCode: string;
  readonly fiscalYear: number;
  readonly records: number;
  readonly cover: string;
  readonly packageRef: SealedId;
  /** What the receiver signed; null while there is nothing. */
  readonly receipt: string | null;
  readonly outcome: 'received' | 'returned' | null;
}

/** Waits for its turn on the transfer: two that send the same one at once see each other. */
export async function lockTransfer(tx: Tx, transferId: string): Promise<Transfer | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`body transfer ${transferId}`}, 0))`;
  const [row] = await tx<Transfer>`
    select t.transfer_id as "transferId", t.kind, t.from_code as "fromCode", t.to_code as "toCode", t.fiscal_year as "fiscalYear",
           t.records, t.cover, t.package_ref as "packageRef", r.receipt, r.outcome
      from eltax.body_transfer t left join eltax.body_transfer_receipt r using (transfer_id)
     where t.transfer_id = ${transferId}`;
  return row;
}

export async function insertTransfer(
  tx: Tx,
  t: Omit<Transfer, 'receipt' | 'outcome'>,
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into eltax.body_transfer (transfer_id, kind, from_code, to_code, fiscal_year, records, cover, package_ref, accepted_at, event_id)
    values (${t.transferId}, ${t.kind}, ${t.fromCode}, ${t.toCode}, ${t.fiscalYear}, ${t.records}, ${t.cover}, ${t.packageRef}, ${at},
      ${tx.eventId})`;
}

/** What waits for a body: without an outcome, the oldest first. */
export async function waitingFor(
  tx: Tx,
  toCode: string,
  limit: number,
): Promise<{ readonly transferId: string; readonly cover: string }[]> {
  return tx<{ transferId: string; cover: string }>`
    select t.transfer_id as "transferId", t.cover from eltax.body_transfer t
     where t.to_code = ${toCode} and not exists (select from eltax.body_transfer_receipt r where r.transfer_id = t.transfer_id)
     order by t.accepted_at, t.transfer_id limit ${limit}`;
}

export async function insertReceipt(
  tx: Tx,
  r: {
    readonly transferId: string;
    readonly outcome: string;
    readonly reason: string | null;
    readonly receipt: string;
  },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into eltax.body_transfer_receipt (transfer_id, outcome, reason, receipt, stated_at, event_id)
    values (${r.transferId}, ${r.outcome}, ${r.reason}, ${r.receipt}, ${at}, ${tx.eventId})`;
}
