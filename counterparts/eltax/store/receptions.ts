import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { FiledSummary, Procedure } from '../domain/filing.ts';

export interface Reception {
  readonly receptionId: string;
  readonly receptionNumber: string;
  readonly submissionId: string;
  readonly payerNumber: string;
  readonly payerName: string;
  readonly procedure: Procedure;
  readonly incomeYear: number;
  readonly statedRecords: number;
  readonly summaries: readonly FiledSummary[];
  readonly manifestRef: SealedId;
  readonly fileRef: SealedId;
  readonly fileLength: number;
  readonly receipt: string;
  /** ISO instant. */
  readonly receivedAt: string;
}

/** One payer's filings take turns, so that a repeat at the same moment sees the first. Held to the end of the transaction. */
export async function lockPayer(tx: Tx, payerNumber: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`eltax/${payerNumber}`}, 0))`;
}

/** 受付番号: day and running number, 16 digits. Numbers of refused receptions are left out, never used again. */
export async function nextReceptionNumber(tx: Tx, on: Temporal.PlainDate): Promise<string> {
  const [row] = await tx<{ no: number }>`select nextval('eltax.reception_seq') as no`;
  return on.toString().replaceAll('-', '') + String(row!.no).padStart(8, '0');
}

export async function insertReception(tx: Tx, r: Reception, receivedOn: Temporal.PlainDate): Promise<void> {
  await tx`
    insert into eltax.reception (reception_id, reception_number, submission_id, payer_number, payer_name, procedure, income_year,
      stated_records, summaries, manifest_ref, file_ref, file_length, receipt, received_at, received_on, event_id)
    values (${r.receptionId}, ${r.receptionNumber}, ${r.submissionId}, ${r.payerNumber}, ${r.payerName}, ${r.procedure},
      ${r.incomeYear}, ${r.statedRecords}, ${json(r.summaries)}, ${r.manifestRef}, ${r.fileRef}, ${r.fileLength}, ${r.receipt},
      ${r.receivedAt}, ${receivedOn}, ${tx.eventId})`;
}

interface Row extends Omit<Reception, 'receivedAt'> {
  readonly receivedAt: string;
}
const instantOf = (row: Row): Reception => ({ ...row, receivedAt: Temporal.Instant.from(row.receivedAt).toString() });

export async function findSubmission(
  tx: Tx,
  payerNumber: string,
  submissionId: string,
): Promise<Reception | undefined> {
  const [row] = await tx<Row>`
    select reception_id as "receptionId", reception_number as "receptionNumber", submission_id as "submissionId",
           payer_number as "payerNumber", payer_name as "payerName", procedure, income_year as "incomeYear",
           stated_records as "statedRecords", summaries, manifest_ref as "manifestRef", file_ref as "fileRef",
           file_length as "fileLength", receipt, to_char(received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "receivedAt"
      from eltax.reception where payer_number = ${payerNumber} and submission_id = ${submissionId}`;
  return row && instantOf(row);
}

/** Waits for its turn on the reception. Undefined where there is none. */
export async function lockReception(tx: Tx, receptionId: string): Promise<Reception | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`eltax/reception/${receptionId}`}, 0))`;
  const [row] = await tx<Row>`
    select reception_id as "receptionId", reception_number as "receptionNumber", submission_id as "submissionId",
           payer_number as "payerNumber", payer_name as "payerName", procedure, income_year as "incomeYear",
           stated_records as "statedRecords", summaries, manifest_ref as "manifestRef", file_ref as "fileRef",
           file_length as "fileLength", receipt, to_char(received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "receivedAt"
      from eltax.reception where reception_id = ${receptionId}`;
  return row && instantOf(row);
}

/** Filings of the payer with as many bytes that were not returned: what a file may be the double of. */
export async function filesOfLength(
  tx: Tx,
  payerNumber: string,
  incomeYear: number,
  length: number,
): Promise<readonly SealedId[]> {
  const rows = await tx<{ ref: SealedId }>`
    select r.file_ref as ref from eltax.reception r left join eltax.examination e using (reception_id)
     where r.payer_number = ${payerNumber} and r.income_year = ${incomeYear} and r.file_length = ${length}
       and e.result is distinct from 'returned'
     order by r.received_at`;
  return rows.map((row) => row.ref);
}

/** Receptions that nobody has examined, oldest first. */
export async function unexamined(tx: Tx, limit: number): Promise<readonly string[]> {
  const rows = await tx<{ id: string }>`
    select r.reception_id as id from eltax.reception r
     where not exists (select from eltax.examination e where e.reception_id = r.reception_id)
     order by r.received_at limit ${limit}`;
  return rows.map((row) => row.id);
}

export interface Examination {
  readonly result: 'accepted' | 'returned';
  readonly records: number;
  readonly reasons: readonly { readonly code: string; readonly rows: readonly number[] }[];
}

export async function findExamination(tx: Tx, receptionId: string): Promise<Examination | undefined> {
  const [row] = await tx<Examination>`
    select result, records, reasons from eltax.examination where reception_id = ${receptionId}`;
  return row;
}

export async function insertExamination(
  tx: Tx,
  receptionId: string,
  examination: Examination,
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into eltax.examination (reception_id, result, records, reasons, examined_at, event_id)
    values (${receptionId}, ${examination.result}, ${examination.records}, ${json(examination.reasons)}, ${at}, ${tx.eventId})`;
}
