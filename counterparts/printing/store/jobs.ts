import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface Job {
  readonly jobId: string;
  readonly customer: string;
  readonly purpose: 'proof' | 'bulk';
  readonly formId: string;
  readonly formVersion: number;
  readonly documents: number;
  readonly parts: readonly { readonly no: number; readonly sha256: string; readonly documents: number }[];
  readonly manifestSha256: Buffer;
  readonly receipt: string;
}

/** One at a time works on a job. */
export async function lockJob(tx: Tx, jobId: string, customer: string): Promise<Job | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`printing ${jobId}`}, 0))`;
  const [job] = await tx<Job>`
    select job_id as "jobId", customer, purpose, form_id as "formId", form_version as "formVersion", documents, parts,
           manifest_sha256 as "manifestSha256", receipt
      from printing.job where job_id = ${jobId} and customer = ${customer}`;
  return job;
}

export async function insertJob(tx: Tx, job: Omit<Job, 'manifestSha256'> & { readonly manifestSha256: Uint8Array }) {
  await tx`
    insert into printing.job (job_id, customer, purpose, form_id, form_version, documents, parts, manifest_sha256, receipt, event_id)
    values (${job.jobId}, ${job.customer}, ${job.purpose}, ${job.formId}, ${job.formVersion}, ${job.documents}, ${json(job.parts)},
      ${job.manifestSha256}, ${job.receipt}, ${tx.eventId})`;
}

/** False where the part is there already. */
export async function insertPart(
  tx: Tx,
  part: { readonly jobId: string; readonly no: number; readonly documents: number; readonly content: string },
): Promise<boolean> {
  const rows = await tx`
    insert into printing.part_received (job_id, part_no, documents, event_id)
    values (${part.jobId}, ${part.no}, ${part.documents}, ${tx.eventId}) on conflict do nothing returning 1`;
  if (rows.length === 0) return false;
  await tx`insert into printing.part_content (job_id, part_no, content) values (${part.jobId}, ${part.no}, ${part.content})`;
  return true;
}

export async function countParts(tx: Tx, jobId: string): Promise<number> {
  const [row] = await tx<{ n: number }>`select count(*)::int as n from printing.part_received where job_id = ${jobId}`;
  return row?.n ?? 0;
}

export async function contentsOf(tx: Tx, jobId: string): Promise<readonly string[]> {
  const rows = await tx<{ content: string }>`
    select content from printing.part_content where job_id = ${jobId} order by part_no`;
  return rows.map((row) => row.content);
}

export async function findErasure(tx: Tx, jobId: string): Promise<string | undefined> {
  const [row] = await tx<{ signed: string }>`select signed from printing.erasure where job_id = ${jobId}`;
  return row?.signed;
}

/** Takes the data out and keeps what was signed about it. */
export async function erase(tx: Tx, jobId: string, signed: string): Promise<void> {
  await tx`delete from printing.part_content where job_id = ${jobId}`;
  await tx`insert into printing.erasure (job_id, signed, event_id) values (${jobId}, ${signed}, ${tx.eventId})`;
}
