import type { Tx } from '@musubi/kernel/db/sql.ts';

export async function lockTransfers(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('accounts transfers', 0))`;
}
/** Which of these orders stand in a file already. */
export async function orderedBefore(tx: Tx, codes: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx<{ code: string }>`
    select customer_code as code from accounts.transfer_order where customer_code = any (${codes}::text[])`;
  return new Set(rows.map((row) => row.code));
}
export async function insertTransferOrders(
  tx: Tx,
  batch: { readonly batchId: string; readonly payOn: string },
  orders: readonly { customerCode: string; mandateId: string; personNumber: string; amountYen: number }[],
): Promise<void> {
  await tx`
    insert into accounts.transfer_order (customer_code, batch_id, mandate_id, person_number, bank, branch, amount_yen, event_id)
    select code, ${batch.batchId}, mandate, person, at_bank, at_branch, yen, ${tx.eventId}
      from unnest(${orders.map((o) => o.customerCode)}::text[], ${orders.map((o) => o.mandateId)}::uuid[],
             ${orders.map((o) => o.personNumber)}::text[], ${orders.map((o) => o.amountYen)}::bigint[]) as u (code, mandate, person, yen)
           join accounts.mandate m on m.mandate_id = mandate
           cross join lateral accounts.place_on(m.bank, m.branch, m.from_on, ${batch.payOn}::date)`;
}
export async function insertTransferBatch(
  tx: Tx,
  b: {
    batchId: string;
    payOn: string;
    sha256: Uint8Array;
    records: number;
    totalYen: number;
    by: string;
    at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into accounts.transfer_batch (batch_id, pay_on, sha256, records, total_yen, made_by, made_at, event_id)
    values (${b.batchId}, ${b.payOn}::date, ${b.sha256}, ${b.records}, ${b.totalYen}, ${b.by}, ${b.at}, ${tx.eventId})`;
}
export interface TransferBatch {
  readonly batchId: string;
  readonly payOn: string;
  readonly sha256: string;
  readonly records: number;
  readonly totalYen: number;
  readonly noted: number;
  readonly returned: number;
  /** The bank has it: sent over the line and taken. */
  readonly sent: boolean;
}
export async function transferBatches(tx: Tx, query: { batchId?: string } = {}): Promise<readonly TransferBatch[]> {
  const { batchId = null } = query;
  return tx<TransferBatch>`
    select b.batch_id as "batchId", b.pay_on::text as "payOn", encode(b.sha256, 'hex') as sha256, b.records, b.total_yen as "totalYen",
           (select count(*) from accounts.transfer_order o join accounts.transfer_outcome u using (customer_code)
             where o.batch_id = b.batch_id) as noted,
           (select count(*) from accounts.transfer_order o join accounts.transfer_outcome u using (customer_code)
             where o.batch_id = b.batch_id and u.outcome = 'returned') as returned,
           exists (select from accounts.line_delivery d where d.batch_id = b.batch_id and d.answer <> 'refused') as sent
      from accounts.transfer_batch b where ${batchId}::uuid is null or b.batch_id = ${batchId}::uuid
     order by b.made_at desc limit 100`;
}
export interface TransferLine {
  readonly customerCode: string;
  readonly personNumber: string;
  readonly bank: string;
  readonly branch: string;
  readonly accountKind: string;
  readonly accountNumber: string;
  readonly holder: string;
  readonly amountYen: number;
  readonly outcome: string | null;
}
export async function transfersOf(tx: Tx, batchId: string): Promise<readonly TransferLine[]> {
  return tx<TransferLine>`
    select o.customer_code as "customerCode", o.person_number as "personNumber", coalesce(o.bank, m.bank) as bank,
           coalesce(o.branch, m.branch) as branch, m.account_kind as "accountKind",
           m.account_number as "accountNumber", m.holder, o.amount_yen as "amountYen", u.outcome
      from accounts.transfer_order o join accounts.mandate m using (mandate_id) left join accounts.transfer_outcome u using (customer_code)
     where o.batch_id = ${batchId} order by o.customer_code`;
}
export async function insertTransferOutcome(
  tx: Tx,
  o: { customerCode: string; outcome: 'paid' | 'returned'; reason: string | null; on: string; by: string },
): Promise<boolean> {
  const rows = await tx`
    insert into accounts.transfer_outcome (customer_code, outcome, reason, on_day, noted_by, event_id)
    values (${o.customerCode}, ${o.outcome}, ${o.reason}, ${o.on}::date, ${o.by}, ${tx.eventId})
    on conflict (customer_code) do nothing returning customer_code`;
  return rows.length === 1;
}

/** Accounts to which a transfer did not go through: nothing is sent there again. */
export async function returnedMandates(tx: Tx, mandateIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx<{ id: string }>`
    select distinct o.mandate_id as id from accounts.transfer_order o join accounts.transfer_outcome u using (customer_code)
     where u.outcome = 'returned' and o.mandate_id = any (${mandateIds}::uuid[])`;
  return new Set(rows.map((row) => row.id));
}
