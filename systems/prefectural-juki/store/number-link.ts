import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface NumberInquiry {
  readonly inquiryId: string;
  readonly personId: string;
  readonly requestDigest: Uint8Array;
  readonly asker: string;
  readonly requester: string;
  readonly task: string;
  readonly ground: string;
  readonly document: string;
}

/** Waits for its turn on the inquiry, then reads it. */
export async function lockNumberInquiry(tx: Tx, inquiryId: string): Promise<NumberInquiry | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended('juki-number-inquiry:' || ${inquiryId}::text, 0))`;
  const [row] = await tx<NumberInquiry & object>`
    select inquiry_id as "inquiryId", person_id as "personId", request_digest as "requestDigest", asker, requester, task, ground, document
      from prefectural_juki.number_inquiry where inquiry_id = ${inquiryId}`;
  return row;
}

export async function insertNumberInquiry(tx: Tx, i: NumberInquiry, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into prefectural_juki.number_inquiry
      (inquiry_id, person_id, request_digest, asker, requester, task, ground, document, opened_at, event_id)
    values (${i.inquiryId}, ${i.personId}, ${i.requestDigest}, ${i.asker}, ${i.requester}, ${i.task}, ${i.ground}, ${i.document},
      ${at}, ${tx.eventId})`;
}

/** False where a step that is taken once was taken before. */
export async function insertNumberStep(
  tx: Tx,
  s: {
    readonly stepId: string;
    readonly inquiryId: string;
    readonly step: 'answered' | 'queued' | 'linked' | 'not-linked';
    readonly word?: string;
  },
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into prefectural_juki.number_inquiry_step (step_id, inquiry_id, step, word, stepped_at, event_id)
    values (${s.stepId}, ${s.inquiryId}, ${s.step}, ${s.word ?? null}, ${at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

/** Inquiries whose number is to be pushed and of which that server has not yet said anything; oldest first. */
export async function queuedLinks(tx: Tx, limit: number): Promise<string[]> {
  const rows = await tx<{ inquiryId: string }>`
    select q.inquiry_id as "inquiryId" from prefectural_juki.number_inquiry_step q
     where q.step = 'queued' and not exists (select from prefectural_juki.number_inquiry_step d
       where d.inquiry_id = q.inquiry_id and d.step in ('linked', 'not-linked'))
     order by q.stepped_at limit ${limit}`;
  return rows.map((r) => r.inquiryId);
}

/** Code and reference of the number, for a link that was decided. */
export async function numberOf(
  tx: Tx,
  personId: string,
): Promise<{ readonly code: number; readonly numberRef: string } | undefined> {
  const [row] = await tx<{ code: number; numberRef: string }>`
    select resident_record_code as code, number_ref as "numberRef" from prefectural_juki.identification where person_id = ${personId}`;
  return row;
}
