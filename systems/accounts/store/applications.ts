import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface Application {
  readonly receiptNumber: string;
  readonly personNumber: string | null;
  readonly applicant: string;
  readonly acceptedAt: string;
  readonly purpose: 'debit' | 'refund' | null;
  readonly bank: string | null;
  readonly branch: string | null;
  readonly accountKind: string | null;
  readonly accountNumber: string | null;
  readonly holderKana: string | null;
  /** Why the form could not be read; null where it was. */
  readonly fault: string | null;
  readonly outcome: 'registered' | 'declined' | null;
}
export async function lockApplication(tx: Tx, receiptNumber: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`accounts application ${receiptNumber}`}, 0))`;
}
/** Applications that wait, the oldest first; or the one of a number, whatever became of it. */
export async function applications(
  tx: Tx,
  query: { receiptNumber?: string; limit?: number } = {},
): Promise<readonly Application[]> {
  const { receiptNumber = null, limit = 200 } = query;
  return tx<Application>`
    select a.receipt_number as "receiptNumber", a.person_number as "personNumber", a.applicant, to_char(a.accepted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "acceptedAt",
           a.purpose, a.bank, a.branch, a.account_kind as "accountKind", a.account_number as "accountNumber",
           a.holder_kana as "holderKana", a.fault, d.outcome
      from accounts.application a left join accounts.application_decision d using (receipt_number)
     where (${receiptNumber}::uuid is null and d.receipt_number is null) or a.receipt_number = ${receiptNumber}::uuid
     order by a.accepted_at, a.receipt_number limit ${limit}`;
}
export async function insertApplication(tx: Tx, a: Omit<Application, 'outcome'>): Promise<boolean> {
  const rows = await tx`
    insert into accounts.application (receipt_number, person_number, applicant, accepted_at, purpose, bank, branch, account_kind,
      account_number, holder_kana, fault, event_id)
    values (${a.receiptNumber}, ${a.personNumber}, ${a.applicant}, ${a.acceptedAt}::timestamptz, ${a.purpose}, ${a.bank}, ${a.branch},
      ${a.accountKind}, ${a.accountNumber}, ${a.holderKana}, ${a.fault}, ${tx.eventId})
    on conflict (receipt_number) do nothing returning receipt_number`;
  return rows.length === 1;
}
export async function insertDecision(
  tx: Tx,
  d: { receiptNumber: string; mandateId: string | null; reason: string | null; by: string; on: string },
): Promise<boolean> {
  const rows = await tx`
    insert into accounts.application_decision (receipt_number, outcome, mandate_id, reason, decided_by, decided_on, event_id)
    values (${d.receiptNumber}, ${d.mandateId === null ? 'declined' : 'registered'}, ${d.mandateId}, ${d.reason}, ${d.by}, ${d.on}::date,
      ${tx.eventId})
    on conflict (receipt_number) do nothing returning receipt_number`;
  return rows.length === 1;
}
