import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface Batch {
  readonly batchId: string;
  readonly dueOn: string;
  readonly debitOn: string;
}
export async function lockBatch(tx: Tx, batchId: string): Promise<Batch | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`accounts batch ${batchId}`}, 0))`;
  const [row] = await tx<Batch>`
    select batch_id as "batchId", due_on::text as "dueOn", debit_on::text as "debitOn" from accounts.debit_batch
     where batch_id = ${batchId}`;
  return row;
}
export interface NewRequest {
  readonly caseKey: string;
  readonly mandateId: string;
  readonly personNumber: string;
  readonly amountYen: number;
}
/** Writes batch and requests. The first debit of a mandate is marked, as the banks ask. */
export async function insertBatch(
  tx: Tx,
  batch: Batch & { by: string; at: Temporal.Instant },
  requests: readonly NewRequest[],
): Promise<void> {
  await tx`
    insert into accounts.debit_batch (batch_id, due_on, debit_on, made_by, made_at, event_id)
    values (${batch.batchId}, ${batch.dueOn}::date, ${batch.debitOn}::date, ${batch.by}, ${batch.at}, ${tx.eventId})`;
  await tx`
    insert into accounts.debit_request (case_key, batch_id, mandate_id, person_number, bank, branch, first, amount_yen, event_id)
    select r.key, ${batch.batchId}, r.mandate, r.person, at_bank, at_branch,
           not exists (select from accounts.debit_request b where b.mandate_id = r.mandate), r.yen, ${tx.eventId}
      from unnest(${requests.map((r) => r.caseKey)}::text[], ${requests.map((r) => r.mandateId)}::uuid[],
             ${requests.map((r) => r.personNumber)}::text[], ${requests.map((r) => r.amountYen)}::bigint[]) as r (key, mandate, person, yen)
           join accounts.mandate m on m.mandate_id = r.mandate
           cross join lateral accounts.place_on(m.bank, m.branch, m.from_on, ${batch.debitOn}::date)`;
}

export interface Request {
  readonly caseKey: string;
  readonly bank: string;
  readonly branch: string;
  readonly accountKind: string;
  readonly accountNumber: string;
  readonly holder: string;
  readonly first: boolean;
  readonly amountYen: number;
  readonly outcome: string | null;
}
/** What a bank is asked, in the order of its file. */
export async function requestsOf(tx: Tx, batchId: string, bank: string): Promise<readonly Request[]> {
  return tx<Request>`
    select r.case_key as "caseKey", r.bank, coalesce(r.branch, m.branch) as branch, m.account_kind as "accountKind", m.account_number as "accountNumber", m.holder,
           r.first, r.amount_yen as "amountYen", o.outcome
      from accounts.debit_request r join accounts.mandate m using (mandate_id) left join accounts.debit_outcome o using (case_key)
     where r.batch_id = ${batchId} and r.bank = ${bank} order by r.case_key`;
}
export async function banksOf(tx: Tx, batchId: string): Promise<readonly string[]> {
  const rows = await tx<{ bank: string }>`
    select distinct bank from accounts.debit_request where batch_id = ${batchId} order by bank`;
  return rows.map((row) => row.bank);
}
export async function insertBankFile(
  tx: Tx,
  f: { batchId: string; bank: string; sha256: Uint8Array; records: number; totalYen: number },
): Promise<void> {
  await tx`
    insert into accounts.bank_file (batch_id, bank, sha256, records, total_yen, event_id)
    values (${f.batchId}, ${f.bank}, ${f.sha256}, ${f.records}, ${f.totalYen}, ${tx.eventId})`;
}
export interface BankFile extends Batch {
  readonly bank: string;
  readonly sha256: string;
  readonly records: number;
  readonly totalYen: number;
  readonly resultSha256: string | null;
  /** The bank has it: sent over the line and taken. */
  readonly sent: boolean;
  readonly paid: number | null;
  readonly failed: number | null;
}
export async function bankFiles(
  tx: Tx,
  query: { batchId?: string; bank?: string; debitOn?: string; limit?: number } = {},
): Promise<readonly BankFile[]> {
  const { batchId = null, bank = null, debitOn = null, limit = 200 } = query;
  return tx<BankFile>`
    select b.batch_id as "batchId", b.due_on::text as "dueOn", b.debit_on::text as "debitOn", f.bank, encode(f.sha256, 'hex') as sha256,
           f.records, f.total_yen as "totalYen", encode(r.sha256, 'hex') as "resultSha256", r.paid, r.failed,
           exists (select from accounts.line_delivery d where d.batch_id = b.batch_id and d.bank = f.bank and d.answer <> 'refused') as sent
      from accounts.debit_batch b join accounts.bank_file f using (batch_id) left join accounts.bank_result r using (batch_id, bank)
     where (${batchId}::uuid is null or b.batch_id = ${batchId}::uuid) and (${bank}::text is null or f.bank = ${bank}::text)
       and (${debitOn}::date is null or b.debit_on = ${debitOn}::date)
     order by b.debit_on desc, b.made_at desc, f.bank limit ${limit}`;
}
export async function insertResult(
  tx: Tx,
  r: {
    batchId: string;
    bank: string;
    sha256: Uint8Array;
    bytes: number;
    outcomes: readonly { caseKey: string; outcome: string }[];
    paidYen: number;
    by: string;
    at: Temporal.Instant;
  },
): Promise<void> {
  const paid = r.outcomes.filter((o) => o.outcome === 'paid').length;
  await tx`
    insert into accounts.bank_result (batch_id, bank, sha256, bytes, paid, failed, paid_yen, taken_by, taken_at, event_id)
    values (${r.batchId}, ${r.bank}, ${r.sha256}, ${r.bytes}, ${paid}, ${r.outcomes.length - paid}, ${r.paidYen}, ${r.by}, ${r.at},
      ${tx.eventId})`;
  await tx`
    insert into accounts.debit_outcome (case_key, outcome, event_id)
    select key, outcome, ${tx.eventId} from unnest(${r.outcomes.map((o) => o.caseKey)}::text[],
      ${r.outcomes.map((o) => o.outcome)}::text[]) as u (key, outcome)`;
}
export async function insertResultRefusal(
  tx: Tx,
  r: { refusalId: string; sha256: Uint8Array; bytes: number; faults: readonly object[]; at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into accounts.result_refusal (refusal_id, sha256, bytes, faults, refused_at, event_id)
    values (${r.refusalId}, ${r.sha256}, ${r.bytes}, ${json(r.faults)}, ${r.at}, ${tx.eventId})`;
}
export interface Failed {
  readonly personNumber: string;
  readonly caseKey: string;
  readonly amountYen: number;
  readonly outcome: string;
  readonly debitOn: string;
}
/** Debits that did not go through: each payer gets a notice, and a slip from collections. */
export async function failedDebits(tx: Tx, batchId: string): Promise<readonly Failed[]> {
  return tx<Failed>`
    select r.person_number as "personNumber", r.case_key as "caseKey", r.amount_yen as "amountYen", o.outcome, b.debit_on::text as "debitOn"
      from accounts.debit_request r join accounts.debit_outcome o using (case_key) join accounts.debit_batch b using (batch_id)
     where r.batch_id = ${batchId} and o.outcome <> 'paid' order by r.case_key`;
}
