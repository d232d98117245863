import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import { diedReason } from './heirs.ts';

export interface StoredFace {
  readonly postalCode: string;
  readonly address: string;
  readonly name: string;
}

export async function insertFace(tx: Tx, documentId: string, face: StoredFace): Promise<void> {
  await tx`
    insert into resident_tax.document_face (document_id, postal_code, address, name, event_id)
    values (${documentId}, ${face.postalCode}, ${face.address}, ${face.name}, ${tx.eventId})`;
}

export async function facesOf(tx: Tx, documentIds: readonly string[]): Promise<ReadonlyMap<string, StoredFace>> {
  const rows = await tx<StoredFace & { readonly documentId: string }>`
    select document_id as "documentId", postal_code as "postalCode", address, name
      from resident_tax.document_face where document_id = any (${documentIds}::text[])`;
  return new Map(rows.map(({ documentId, ...face }) => [documentId, face]));
}

/** A document of a run with where it was addressed and where its person lives now, or who receives for the heirs. */
export interface PostedDocument {
  readonly documentId: string;
  readonly personId: string;
  readonly orgPersonNumber: string;
  readonly position: number;
  readonly hasFace: boolean;
  readonly addressChanged: boolean;
  readonly addressProtected: boolean;
}
export async function postedDocuments(tx: Tx, orderId: string): Promise<PostedDocument[]> {
  return tx<PostedDocument>`
    select d.document_id as "documentId", d.person_id as "personId", p.org_person_number as "orgPersonNumber", d.position,
           f.document_id is not null as "hasFace", f.document_id is not null and f.address is distinct from
             case when s.removed_on is not null and s.reason ~ ${diedReason} then (select h.address from resident_tax.heir_representative h
               where h.person_id = d.person_id order by h.version desc limit 1) else s.address end as "addressChanged",
           s.address_protected as "addressProtected"
      from resident_tax.document d
      join resident_tax.person p using (person_id)
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
      left join resident_tax.document_face f using (document_id)
     where d.order_id = ${orderId} order by d.position`;
}

export type HeldReason = 'address-protected' | 'address-changed' | 'no-face';
export interface NewPrintJob {
  readonly jobId: string;
  readonly purpose: 'proof' | 'bulk';
  readonly orderId: string | null;
  readonly printer: string;
  readonly formId: string;
  readonly formVersion: number;
  readonly documents: number;
  readonly pages: number;
  readonly totalYen: number;
  readonly manifest: string;
  readonly approvalId: string | null;
  readonly madeBy: string;
  readonly madeOn: Temporal.PlainDate;
  readonly parts: readonly PrintJobPart[];
  readonly heldBack: readonly { readonly documentId: string; readonly reason: HeldReason }[];
}
export interface PrintJobPart {
  readonly no: number;
  /** Hex. */
  readonly sha256: string;
  readonly documents: number;
  readonly sealedRef: string;
}

/** Gives the fact tables written. */
export async function insertPrintJob(tx: Tx, job: NewPrintJob): Promise<readonly string[]> {
  await tx`
    insert into resident_tax.print_job (job_id, purpose, order_id, printer, form_id, form_version, documents, pages, total_yen, manifest,
      approval_id, made_by, made_on, event_id)
    values (${job.jobId}, ${job.purpose}, ${job.orderId}, ${job.printer}, ${job.formId}, ${job.formVersion}, ${job.documents},
      ${job.pages}, ${job.totalYen}, ${job.manifest}, ${job.approvalId}, ${job.madeBy}, ${job.madeOn}, ${tx.eventId})`;
  await tx`
    insert into resident_tax.print_job_part (job_id, part_no, sha256, documents, sealed_ref, event_id)
    select ${job.jobId}::uuid, r.no, decode(r.sha256, 'hex'), r.documents, r."sealedRef", ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(job.parts)}::jsonb) as r(no int, sha256 text, documents int, "sealedRef" uuid)`;
  if (job.heldBack.length === 0) return ['resident_tax.print_job', 'resident_tax.print_job_part'];
  await tx`
    insert into resident_tax.print_job_held_back (job_id, document_id, reason, event_id)
    select ${job.jobId}::uuid, r."documentId", r.reason, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(job.heldBack)}::jsonb) as r("documentId" text, reason text)`;
  return ['resident_tax.print_job', 'resident_tax.print_job_part', 'resident_tax.print_job_held_back'];
}

export interface PrintJob extends Omit<NewPrintJob, 'madeOn' | 'parts' | 'heldBack'> {
  readonly approval: 'approved' | 'rejected' | null;
  readonly madeOn: string;
  readonly sentOn: string | null;
  readonly heldBack: number;
  readonly reportNo: number | null;
  readonly reportState: string | null;
  readonly printed: number | null;
  readonly spoiled: number | null;
  readonly dispatched: number | null;
  readonly faults: readonly string[] | null;
  readonly endedBy: string | null;
  readonly endedOn: string | null;
  readonly erased: boolean;
  readonly total: number;
}

export async function listPrintJobs(
  tx: Tx,
  where: { readonly jobId?: string; readonly orderId?: string; readonly limit?: number; readonly offset?: number },
): Promise<PrintJob[]> {
  return tx<PrintJob>`
    select j.job_id as "jobId", j.purpose, j.order_id as "orderId", j.printer, j.form_id as "formId", j.form_version as "formVersion",
           j.documents, j.pages, j.total_yen as "totalYen", j.manifest, j.approval_id as "approvalId", a.decision as approval,
           j.made_by as "madeBy", j.made_on::text as "madeOn", s.sent_on::text as "sentOn",
           (select count(*)::int from resident_tax.print_job_held_back h where h.job_id = j.job_id) as "heldBack",
           r.report_no as "reportNo", r.state as "reportState", r.printed, r.spoiled, r.dispatched, r.faults,
           e.ended_by as "endedBy", e.ended_on::text as "endedOn", x.job_id is not null as erased,
           count(*) over ()::int as total
      from resident_tax.print_job j
      left join approvals.decision a on a.approval_id = j.approval_id
      left join resident_tax.print_job_sent s on s.job_id = j.job_id
      left join lateral (select * from resident_tax.print_job_report r where r.job_id = j.job_id
                          order by report_no desc limit 1) r on true
      left join resident_tax.print_job_end e on e.job_id = j.job_id
      left join resident_tax.print_job_erasure x on x.job_id = j.job_id
     where (${where.jobId ?? null}::uuid is null or j.job_id = ${where.jobId ?? null})
       and (${where.orderId ?? null}::uuid is null or j.order_id = ${where.orderId ?? null})
     order by j.made_on desc, j.job_id desc limit ${where.limit ?? 50} offset ${where.offset ?? 0}`;
}

export async function lockPrintJob(tx: Tx, jobId: string): Promise<PrintJob | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`resident-tax print ${jobId}`}, 0))`;
  const [job] = await listPrintJobs(tx, { jobId });
  return job;
}

export async function partsOfJob(tx: Tx, jobId: string): Promise<PrintJobPart[]> {
  return tx<PrintJobPart>`
    select part_no as no, encode(sha256, 'hex') as sha256, documents, sealed_ref as "sealedRef"
      from resident_tax.print_job_part where job_id = ${jobId} order by part_no`;
}

export interface HeldBack {
  readonly documentId: string;
  readonly personId: string;
  readonly reason: HeldReason;
}
export async function heldBackOf(tx: Tx, jobId: string): Promise<HeldBack[]> {
  return tx<HeldBack>`
    select h.document_id as "documentId", d.person_id as "personId", h.reason
      from resident_tax.print_job_held_back h join resident_tax.document d using (document_id)
     where h.job_id = ${jobId} order by h.document_id`;
}

/** Whether the contractor's work on this form was proven by a proof that a second person passed. */
export async function hasPassedProof(
  tx: Tx,
  of: { readonly printer: string; readonly formId: string; readonly formVersion: number },
): Promise<boolean> {
  const rows = await tx`
    select 1 from resident_tax.print_job j join resident_tax.print_job_end using (job_id)
     where j.purpose = 'proof' and j.printer = ${of.printer} and j.form_id = ${of.formId} and j.form_version = ${of.formVersion} limit 1`;
  return rows.length > 0;
}

export async function wasOrderSent(tx: Tx, orderId: string): Promise<boolean> {
  return (await tx`select 1 from resident_tax.print_job_sent where order_id = ${orderId}`).length > 0;
}

export async function insertSent(
  tx: Tx,
  sent: {
    readonly jobId: string;
    readonly orderId: string | null;
    readonly receipt: string;
    readonly by: string;
    readonly on: Temporal.PlainDate;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.print_job_sent (job_id, order_id, receipt, sent_by, sent_on, event_id)
    values (${sent.jobId}, ${sent.orderId}, ${sent.receipt}, ${sent.by}, ${sent.on}, ${tx.eventId})`;
}

export async function insertPrintReport(
  tx: Tx,
  report: {
    readonly jobId: string;
    readonly reportNo: number;
    readonly state: string;
    readonly printed: number;
    readonly spoiled: number;
    readonly dispatched: number;
    readonly faults: readonly string[];
    readonly signed: string;
    readonly on: Temporal.PlainDate;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.print_job_report (job_id, report_no, state, printed, spoiled, dispatched, faults, signed, received_on, event_id)
    values (${report.jobId}, ${report.reportNo}, ${report.state}, ${report.printed}, ${report.spoiled}, ${report.dispatched},
      ${report.faults}::text[], ${report.signed}, ${report.on}, ${tx.eventId})`;
}

export async function insertJobEnd(
  tx: Tx,
  end: { readonly jobId: string; readonly reportNo: number; readonly by: string; readonly on: Temporal.PlainDate },
): Promise<void> {
  await tx`
    insert into resident_tax.print_job_end (job_id, report_no, ended_by, ended_on, event_id)
    values (${end.jobId}, ${end.reportNo}, ${end.by}, ${end.on}, ${tx.eventId})`;
}

export async function insertJobErasure(tx: Tx, jobId: string, signed: string): Promise<void> {
  await tx`
    insert into resident_tax.print_job_erasure (job_id, signed, event_id) values (${jobId}, ${signed}, ${tx.eventId})`;
}
