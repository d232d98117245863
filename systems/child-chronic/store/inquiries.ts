import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export type ItemValue = string | number | boolean | null;

export interface InquiryLine {
  readonly requestId: string;
  readonly caseId: string;
  readonly items: readonly string[];
  readonly taxYear: number;
  readonly provider: string;
  readonly askedBy: string;
  readonly askedTerminal: string | null;
  readonly askedAt: string;
  /** The newest answer, where there is one. */
  readonly resultId: string | null;
  readonly inquiryNumber: string | null;
  readonly permitNumber: string | null;
  readonly result: string | null;
  readonly validFrom: string | null;
  readonly answer: Readonly<Record<string, ItemValue>> | null;
  readonly ground: string | null;
  readonly receivedAt: string | null;
  /** The newest refusal, where no answer came after it. */
  readonly refusal: string | null;
  readonly refusedAt: string | null;
  /** The number under which it waits for its turn, and when that is likely to come. */
  readonly receptionNumber: number | null;
  readonly expectedAt: string | null;
}

/** Inquiries of a case (or one by its request), newest first, each with what became of it last. */
export async function inquiries(tx: Tx, query: { caseId?: string; requestId?: string }): Promise<InquiryLine[]> {
  const { caseId = null, requestId = null } = query;
  return tx<InquiryLine>`
    select i.request_id as "requestId", i.case_id as "caseId", i.items, i.tax_year as "taxYear", i.provider,
           i.asked_by as "askedBy", i.asked_terminal as "askedTerminal", to_json(i.asked_at)#>>'{}' as "askedAt", s.result_id as "resultId",
           s.inquiry_number as "inquiryNumber", s.permit_number as "permitNumber", s.result,
           s.valid_from::text as "validFrom", s.items as answer, s.ground, to_json(s.received_at)#>>'{}' as "receivedAt",
           f.word as refusal, to_json(f.refused_at)#>>'{}' as "refusedAt", d.reception_number as "receptionNumber",
           to_json(d.expected_at)#>>'{}' as "expectedAt"
      from child_chronic.inquiry i
           left join child_chronic.inquiry_deferral d on d.request_id = i.request_id
           left join lateral (select * from child_chronic.inquiry_result r where r.request_id = i.request_id
                               order by r.received_at desc limit 1) s on true
           left join lateral (select * from child_chronic.inquiry_refusal r where r.request_id = i.request_id
                                 and (s.received_at is null or r.refused_at > s.received_at)
                               order by r.refused_at desc limit 1) f on true
     where (${caseId}::uuid is null or i.case_id = ${caseId}::uuid)
       and (${requestId}::uuid is null or i.request_id = ${requestId}::uuid)
     order by i.asked_at desc`;
}

export async function insertInquiry(
  tx: Tx,
  row: {
    requestId: string;
    caseId: string;
    procedure: string;
    informationCode: string;
    items: readonly string[];
    taxYear: number;
    provider: string;
    by: string;
    terminal: string | null;
    at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.inquiry
      (request_id, case_id, procedure, information_code, items, tax_year, provider, asked_by, asked_terminal, asked_at, event_id)
    values (${row.requestId}, ${row.caseId}, ${row.procedure}, ${row.informationCode}, ${row.items}::text[], ${row.taxYear},
      ${row.provider}, ${row.by}, ${row.terminal}, ${row.at}, ${tx.eventId})`;
}

export async function insertResult(
  tx: Tx,
  row: {
    resultId: string;
    requestId: string;
    inquiryNumber: string;
    permitNumber: string;
    result: string;
    validFrom: string | null;
    items: Readonly<Record<string, ItemValue>>;
    ground: string;
    evidence: string;
    permit: string;
    answeredAt: string;
    receivedAt: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.inquiry_result (result_id, request_id, inquiry_number, permit_number, result, valid_from, items,
      ground, evidence, permit, answered_at, received_at, event_id)
    values (${row.resultId}, ${row.requestId}, ${row.inquiryNumber}, ${row.permitNumber}, ${row.result},
      ${row.validFrom}::date, ${json(row.items)}, ${row.ground}, ${row.evidence}, ${row.permit}, ${row.answeredAt}::timestamptz,
      ${row.receivedAt}, ${tx.eventId})`;
}

export async function insertRefusal(
  tx: Tx,
  row: { refusalId: string; requestId: string; word: string; at: Temporal.Instant },
): Promise<void> {
  await tx`insert into child_chronic.inquiry_refusal (refusal_id, request_id, word, refused_at, event_id)
    values (${row.refusalId}, ${row.requestId}, ${row.word}, ${row.at}, ${tx.eventId})`;
}

/** Once: what was told first stands. False where it stood already. */
export async function insertDeferral(
  tx: Tx,
  row: { requestId: string; receptionNumber: number; expectedAt: string; at: Temporal.Instant },
): Promise<boolean> {
  const made = await tx`
    insert into child_chronic.inquiry_deferral (request_id, reception_number, expected_at, noted_at, event_id)
    values (${row.requestId}, ${row.receptionNumber}, ${row.expectedAt}::timestamptz, ${row.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return made.length === 1;
}

/** Inquiries that wait for their turn and have no outcome, the oldest first. */
export const deferredInquiries = async (
  tx: Tx,
  limit: number,
): Promise<{ readonly requestId: string; readonly caseId: string; readonly provider: string }[]> => tx<{
  requestId: string;
  caseId: string;
  provider: string;
}>`
  select i.request_id as "requestId", i.case_id as "caseId", i.provider
    from child_chronic.inquiry_deferral d join child_chronic.inquiry i using (request_id)
   where not exists (select from child_chronic.inquiry_result r where r.request_id = i.request_id)
     and not exists (select from child_chronic.inquiry_refusal r where r.request_id = i.request_id)
   order by d.expected_at limit ${limit}`;

export interface StoredEvidence {
  readonly inquiryNumber: string;
  readonly permitNumber: string;
  readonly result: string;
  readonly provider: string;
  readonly ground: string;
  readonly evidence: string;
  readonly permit: string;
  readonly answeredAt: string;
  readonly receivedAt: string;
}

/** The signed papers of the newest answer to an inquiry of this case. */
export async function findEvidence(
  tx: Tx,
  query: { caseId: string; requestId: string },
): Promise<StoredEvidence | undefined> {
  const [row] = await tx<StoredEvidence>`
    select s.inquiry_number as "inquiryNumber", s.permit_number as "permitNumber", s.result, i.provider, s.ground, s.evidence,
           s.permit, to_json(s.answered_at)#>>'{}' as "answeredAt", to_json(s.received_at)#>>'{}' as "receivedAt"
      from child_chronic.inquiry i join child_chronic.inquiry_result s using (request_id)
     where i.case_id = ${query.caseId} and i.request_id = ${query.requestId}
     order by s.received_at desc limit 1`;
  return row;
}
