import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface Subject {
  readonly caseId: string;
  readonly caseNumber: string;
  readonly consentId: string | null;
  readonly consentMatched: boolean;
}

/**
 * Cases whose newest consent names this insurer and that have no question to it since: whom the condition `open-category` finds.
 * 生活保護 has no insurer to ask.
 */
export async function subjectsFor(tx: Tx, insurerCode: string): Promise<Subject[]> {
  return tx<Subject>`
    select f.case_id as "caseId", f.case_number as "caseNumber", c.consent_id as "consentId",
           exists (select from child_chronic.consent_match m where m.consent_id = c.consent_id) as "consentMatched"
      from child_chronic.case_file f
      join lateral (select * from child_chronic.consent x where x.case_id = f.case_id order by x.recorded_at desc limit 1) c on true
     where c.insurer_code = ${insurerCode} and f.insurer <> 'public-assistance'
       and not exists (select from child_chronic.insurer_inquiry i join child_chronic.insurer_batch b using (batch_id)
                        where i.case_id = f.case_id and b.insurer_code = ${insurerCode})
     order by f.case_number limit 2000`;
}

export interface Batch {
  readonly batchId: string;
  readonly batchNumber: string;
  readonly insurerCode: string;
  readonly condition: string;
  readonly extractedBy: string;
  readonly extractedOn: string;
  readonly rows: number;
  readonly pieces: number;
  readonly answers: number;
  readonly closedOn: string | null;
}

export async function insertBatch(
  tx: Tx,
  b: {
    readonly batchId: string;
    readonly batchNumber: string;
    readonly insurerCode: string;
    readonly condition: string;
    readonly by: string;
    readonly on: Temporal.PlainDate;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.insurer_batch (batch_id, batch_number, insurer_code, condition, extracted_by, extracted_on, extracted_at,
      event_id)
    values (${b.batchId}, ${b.batchNumber}, ${b.insurerCode}, ${b.condition}, ${b.by}, ${b.on}, ${b.at}, ${tx.eventId})`;
}

export async function batches(
  tx: Tx,
  q: { readonly batchId?: string; readonly offset: number; readonly limit: number },
): Promise<Batch[]> {
  const { batchId = null } = q;
  return tx<Batch>`
    select b.batch_id as "batchId", b.batch_number as "batchNumber", b.insurer_code as "insurerCode", b.condition,
           b.extracted_by as "extractedBy", b.extracted_on::text as "extractedOn",
           (select count(*)::int from child_chronic.insurer_inquiry i where i.batch_id = b.batch_id) as rows,
           (select count(*)::int from child_chronic.insurer_inquiry i join child_chronic.insurer_piece using (inquiry_id)
             where i.batch_id = b.batch_id) as pieces,
           (select count(*)::int from child_chronic.insurer_inquiry i join child_chronic.insurer_answer using (inquiry_id)
             where i.batch_id = b.batch_id) as answers,
           c.closed_on::text as "closedOn"
      from child_chronic.insurer_batch b left join child_chronic.insurer_batch_close c using (batch_id)
     where ${batchId}::uuid is null or b.batch_id = ${batchId}::uuid
     order by b.extracted_at desc limit ${q.limit} offset ${q.offset}`;
}

export async function countBatches(tx: Tx): Promise<number> {
  const [row] = await tx<{ n: number }>`select count(*)::int as n from child_chronic.insurer_batch`;
  return row!.n;
}

export interface InsurerInquiry {
  readonly inquiryId: string;
  readonly batchId: string;
  readonly caseId: string;
  readonly caseNumber: string;
  readonly patientName: string;
  readonly legalGround: string;
  readonly addedGround: string | null;
  readonly trackingNumber: string | null;
  readonly address: string | null;
  readonly category: string | null;
  readonly answeredBy: string | null;
  readonly checkedBy: string | null;
}

export async function inquiriesOf(
  tx: Tx,
  by: { readonly batchId?: string; readonly inquiryId?: string },
): Promise<InsurerInquiry[]> {
  const { batchId = null, inquiryId = null } = by;
  return tx<InsurerInquiry>`
    select i.inquiry_id as "inquiryId", i.batch_id as "batchId", i.case_id as "caseId", f.case_number as "caseNumber",
           f.patient_name as "patientName", i.legal_ground as "legalGround", i.added_ground as "addedGround",
           p.tracking_number as "trackingNumber", p.address, a.category, a.entered_by as "answeredBy", k.checked_by as "checkedBy"
      from child_chronic.insurer_inquiry i join child_chronic.case_file f using (case_id)
      left join child_chronic.insurer_piece p using (inquiry_id)
      left join child_chronic.insurer_answer a using (inquiry_id)
      left join child_chronic.insurer_answer_check k using (inquiry_id)
     where (${batchId}::uuid is null or i.batch_id = ${batchId}::uuid)
       and (${inquiryId}::uuid is null or i.inquiry_id = ${inquiryId}::uuid)
     order by f.case_number limit 2000`;
}

export async function insertInquiry(
  tx: Tx,
  i: {
    readonly inquiryId: string;
    readonly batchId: string;
    readonly caseId: string;
    readonly consentId: string;
    readonly legalGround: string;
    readonly addedGround: string | null;
    readonly by: string;
  },
): Promise<boolean> {
  const made = await tx`
    insert into child_chronic.insurer_inquiry (inquiry_id, batch_id, case_id, consent_id, legal_ground, added_ground, created_by, event_id)
    values (${i.inquiryId}, ${i.batchId}, ${i.caseId}, ${i.consentId}, ${i.legalGround}, ${i.addedGround}, ${i.by}, ${tx.eventId})
    on conflict (batch_id, case_id) do nothing returning 1`;
  return made.length === 1;
}

/** False where the number or the inquiry has one already. */
export async function insertPiece(
  tx: Tx,
  p: { readonly inquiryId: string; readonly trackingNumber: string; readonly address: string; readonly by: string },
): Promise<boolean> {
  const made = await tx`
    insert into child_chronic.insurer_piece (inquiry_id, tracking_number, address, entered_by, event_id)
    values (${p.inquiryId}, ${p.trackingNumber}, ${p.address}, ${p.by}, ${tx.eventId}) on conflict do nothing returning 1`;
  return made.length === 1;
}

export async function insertBatchClose(
  tx: Tx,
  c: { readonly batchId: string; readonly pieces: number; readonly by: string; readonly on: Temporal.PlainDate },
): Promise<void> {
  await tx`
    insert into child_chronic.insurer_batch_close (batch_id, pieces, closed_by, closed_on, event_id)
    values (${c.batchId}, ${c.pieces}, ${c.by}, ${c.on}, ${tx.eventId})`;
}

export interface InsurerAnswer {
  readonly receiptNumber: string;
  readonly category: string;
  readonly validFrom: string;
  readonly formVersion: string;
}

export async function insertAnswer(
  tx: Tx,
  a: InsurerAnswer & { readonly inquiryId: string; readonly by: string },
): Promise<boolean> {
  const made = await tx`
    insert into child_chronic.insurer_answer (inquiry_id, receipt_number, category, valid_from, form_version, entered_by, event_id)
    values (${a.inquiryId}, ${a.receiptNumber}, ${a.category}, ${a.validFrom}, ${a.formVersion}, ${a.by}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return made.length === 1;
}

export async function findAnswer(
  tx: Tx,
  inquiryId: string,
): Promise<(InsurerAnswer & { enteredBy: string }) | undefined> {
  const [row] = await tx<InsurerAnswer & { enteredBy: string }>`
    select receipt_number as "receiptNumber", category, valid_from::text as "validFrom", form_version as "formVersion",
           entered_by as "enteredBy" from child_chronic.insurer_answer where inquiry_id = ${inquiryId}`;
  return row;
}

export async function insertAnswerCheck(tx: Tx, inquiryId: string, by: string): Promise<boolean> {
  const made = await tx`
    insert into child_chronic.insurer_answer_check (inquiry_id, checked_by, event_id) values (${inquiryId}, ${by}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return made.length === 1;
}
