import type { Tx } from '@musubi/kernel/db/sql.ts';

/** Everything about one application waits its turn. */
export async function lockReduction(tx: Tx, applicationId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`resident-tax reduction ${applicationId}`}, 0))`;
}

export interface ReductionApplication {
  readonly applicationId: string;
  readonly personId: string;
  readonly fiscalYear: number;
  readonly ground: string;
  readonly statement: string;
  readonly appliedOn: string;
  readonly receivedBy: string;
  readonly receivedAt: string;
}

export async function insertApplication(
  tx: Tx,
  row: Omit<ReductionApplication, 'receivedAt' | 'appliedOn'> & {
    readonly appliedOn: Temporal.PlainDate;
    readonly receivedAt: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.reduction_application (application_id, person_id, fiscal_year, ground, statement, applied_on,
      received_by, received_at, event_id)
    values (${row.applicationId}, ${row.personId}, ${row.fiscalYear}, ${row.ground}, ${row.statement}, ${row.appliedOn},
      ${row.receivedBy}, ${row.receivedAt}, ${tx.eventId})`;
}

export async function findApplication(tx: Tx, applicationId: string): Promise<ReductionApplication | undefined> {
  const [row] = await tx<ReductionApplication>`
    select application_id as "applicationId", person_id as "personId", fiscal_year as "fiscalYear", ground, statement,
           applied_on::text as "appliedOn", received_by as "receivedBy", to_json(received_at)#>>'{}' as "receivedAt"
      from resident_tax.reduction_application where application_id = ${applicationId}`;
  return row;
}

export interface ListedReduction extends ReductionApplication {
  readonly name: string;
  readonly state: 'received' | 'awaiting-approval' | 'remitted' | 'refused';
  readonly remittedYen: number;
  readonly total: number;
}

/** Applications of a year, the newest first; `total` is on every row. */
export async function listApplications(
  tx: Tx,
  query: {
    readonly fiscalYear: number;
    readonly state: string | null;
    readonly limit: number;
    readonly offset: number;
  },
): Promise<ListedReduction[]> {
  return tx<ListedReduction>`
    select a.application_id as "applicationId", a.person_id as "personId", a.fiscal_year as "fiscalYear", a.ground, a.statement,
           a.applied_on::text as "appliedOn", a.received_by as "receivedBy", to_json(a.received_at)#>>'{}' as "receivedAt",
           s.name, x.state, x.remitted as "remittedYen", count(*) over ()::int as total
      from resident_tax.reduction_application a
      join resident_tax.person p using (person_id)
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
      left join lateral (select d.draft_id, c.outcome from resident_tax.reduction_draft d
                           left join resident_tax.reduction_decision c using (draft_id)
                          where d.application_id = a.application_id order by d.drafted_at desc, d.draft_id desc limit 1) l on true
      cross join lateral (
        select case when l.draft_id is null or l.outcome = 'returned' then 'received'
                    when l.outcome is null then 'awaiting-approval' else l.outcome end as state,
               (select coalesce(sum(r.ward_yen + r.metropolis_yen + r.forest_yen), 0)::bigint from resident_tax.reduction_part r
                 where r.draft_id = l.draft_id and l.outcome = 'remitted') as remitted) x
     where a.fiscal_year = ${query.fiscalYear} and (${query.state}::text is null or x.state = ${query.state})
     order by a.received_at desc, a.application_id limit ${query.limit} offset ${query.offset}`;
}

export interface ReductionInquiry {
  readonly requestId: string;
  readonly applicationId: string;
  readonly procedure: string;
  readonly informationCode: string;
  readonly items: readonly string[];
  readonly asOf: string;
  readonly provider: string;
  readonly askedBy: string;
  readonly askedAt: string;
  /** The newest answer as it came, and the newest refusal where no answer came after it. */
  readonly inquiryNumber: string | null;
  readonly result: string | null;
  readonly answerText: string | null;
  readonly answerSha256: Buffer | null;
  readonly ground: string | null;
  readonly receivedAt: string | null;
  readonly refusal: string | null;
}

/** Inquiries of an application, the newest first. */
export async function inquiriesOf(tx: Tx, applicationId: string): Promise<ReductionInquiry[]> {
  return tx<ReductionInquiry>`
    select i.request_id as "requestId", i.application_id as "applicationId", i.procedure, i.information_code as "informationCode",
           i.items, i.as_of::text as "asOf", i.provider, i.asked_by as "askedBy", to_json(i.asked_at)#>>'{}' as "askedAt",
           s.inquiry_number as "inquiryNumber", s.result, s.answer_text as "answerText", s.answer_sha256 as "answerSha256", s.ground,
           to_json(s.received_at)#>>'{}' as "receivedAt", f.word as refusal
      from resident_tax.reduction_inquiry i
      left join lateral (select * from resident_tax.reduction_answer r where r.request_id = i.request_id
                          order by r.received_at desc, r.answer_id desc limit 1) s on true
      left join lateral (select * from resident_tax.reduction_inquiry_refusal r where r.request_id = i.request_id
                            and (s.received_at is null or r.refused_at > s.received_at)
                          order by r.refused_at desc limit 1) f on true
     where i.application_id = ${applicationId} order by i.asked_at desc, i.request_id desc`;
}

export async function insertInquiry(
  tx: Tx,
  row: Pick<
    ReductionInquiry,
    'requestId' | 'applicationId' | 'procedure' | 'informationCode' | 'items' | 'provider' | 'askedBy'
  > & { readonly asOf: Temporal.PlainDate; readonly askedAt: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into resident_tax.reduction_inquiry (request_id, application_id, procedure, information_code, items, as_of, provider,
      asked_by, asked_at, event_id)
    values (${row.requestId}, ${row.applicationId}, ${row.procedure}, ${row.informationCode}, ${row.items}::text[], ${row.asOf},
      ${row.provider}, ${row.askedBy}, ${row.askedAt}, ${tx.eventId})`;
}

export async function insertAnswer(
  tx: Tx,
  row: {
    readonly answerId: string;
    readonly requestId: string;
    readonly inquiryNumber: string;
    readonly permitNumber: string;
    readonly result: string;
    readonly answerText: string;
    readonly answerSha256: Uint8Array;
    readonly ground: string;
    readonly evidence: string;
    readonly permit: string;
    readonly receivedAt: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.reduction_answer (answer_id, request_id, inquiry_number, permit_number, result, answer_text,
      answer_sha256, ground, evidence, permit, received_at, event_id)
    values (${row.answerId}, ${row.requestId}, ${row.inquiryNumber}, ${row.permitNumber}, ${row.result}, ${row.answerText},
      ${row.answerSha256}, ${row.ground}, ${row.evidence}, ${row.permit}, ${row.receivedAt}, ${tx.eventId})`;
}

export async function insertInquiryRefusal(
  tx: Tx,
  row: { readonly refusalId: string; readonly requestId: string; readonly word: string; readonly at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into resident_tax.reduction_inquiry_refusal (refusal_id, request_id, word, refused_at, event_id)
    values (${row.refusalId}, ${row.requestId}, ${row.word}, ${row.at}, ${tx.eventId})`;
}

export interface ReductionDraft {
  readonly draftId: string;
  readonly applicationId: string;
  readonly approvalId: string;
  readonly outcome: 'remit' | 'refuse';
  readonly tenths: number;
  readonly forestExempt: boolean;
  readonly forestMonth: string | null;
  readonly reason: string;
  readonly draftedBy: string;
  readonly decided: 'remitted' | 'refused' | 'returned' | null;
  readonly decidedBy: string | null;
  readonly decidedOn: string | null;
  readonly overrideReason: string | null;
  readonly returnedBecause: string | null;
}

/** Drafts of an application, the newest first. */
export async function draftsOf(
  tx: Tx,
  of: { readonly applicationId?: string; readonly draftId?: string },
): Promise<ReductionDraft[]> {
  return tx<ReductionDraft>`
    select d.draft_id as "draftId", d.application_id as "applicationId", d.approval_id as "approvalId", d.outcome, d.tenths,
           d.forest_exempt as "forestExempt", d.forest_month::text as "forestMonth", d.reason, d.drafted_by as "draftedBy",
           c.outcome as decided, c.decided_by as "decidedBy", c.decided_on::text as "decidedOn",
           c.override_reason as "overrideReason", c.reason as "returnedBecause"
      from resident_tax.reduction_draft d left join resident_tax.reduction_decision c using (draft_id)
     where (${of.applicationId ?? null}::uuid is null or d.application_id = ${of.applicationId ?? null})
       and (${of.draftId ?? null}::uuid is null or d.draft_id = ${of.draftId ?? null})
     order by d.drafted_at desc, d.draft_id desc`;
}

export interface StoredPart {
  readonly chargeId: string;
  readonly fromRevision: number;
  readonly ward: number;
  readonly metropolis: number;
  readonly forest: number;
}

export async function insertDraft(
  tx: Tx,
  draft: Pick<
    ReductionDraft,
    'draftId' | 'applicationId' | 'approvalId' | 'outcome' | 'tenths' | 'forestExempt' | 'reason' | 'draftedBy'
  > & {
    readonly forestMonth: Temporal.PlainDate | null;
    readonly draftedAt: Temporal.Instant;
  },
  parts: readonly StoredPart[],
): Promise<void> {
  await tx`
    insert into resident_tax.reduction_draft (draft_id, application_id, approval_id, outcome, tenths, forest_exempt, forest_month,
      reason, drafted_by, drafted_at, event_id)
    values (${draft.draftId}, ${draft.applicationId}, ${draft.approvalId}, ${draft.outcome}, ${draft.tenths}, ${draft.forestExempt},
      ${draft.forestMonth}, ${draft.reason}, ${draft.draftedBy}, ${draft.draftedAt}, ${tx.eventId})`;
  await tx`
    insert into resident_tax.reduction_part (draft_id, charge_id, from_revision, ward_yen, metropolis_yen, forest_yen, event_id)
    select ${draft.draftId}::uuid, p.charge_id, p.revision, p.ward, p.metropolis, p.forest, ${tx.eventId}::uuid
      from unnest(${parts.map((p) => p.chargeId)}::uuid[], ${parts.map((p) => p.fromRevision)}::int[],
                  ${parts.map((p) => p.ward)}::bigint[], ${parts.map((p) => p.metropolis)}::bigint[],
                  ${parts.map((p) => p.forest)}::bigint[]) as p(charge_id, revision, ward, metropolis, forest)`;
}

export async function partsOf(tx: Tx, draftId: string): Promise<StoredPart[]> {
  return tx<StoredPart>`
    select charge_id as "chargeId", from_revision as "fromRevision", ward_yen as ward, metropolis_yen as metropolis,
           forest_yen as forest from resident_tax.reduction_part where draft_id = ${draftId} order by charge_id`;
}

export async function insertDecision(
  tx: Tx,
  row: {
    readonly draftId: string;
    readonly draftedBy: string;
    readonly outcome: 'remitted' | 'refused' | 'returned';
    readonly overrideReason: string | null;
    readonly reason: string | null;
    readonly decidedBy: string;
    readonly decidedOn: Temporal.PlainDate;
    readonly decidedAt: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.reduction_decision (draft_id, drafted_by, outcome, override_reason, reason, decided_by, decided_on,
      decided_at, event_id)
    values (${row.draftId}, ${row.draftedBy}, ${row.outcome}, ${row.overrideReason}, ${row.reason}, ${row.decidedBy},
      ${row.decidedOn}, ${row.decidedAt}, ${tx.eventId})`;
}

export async function insertReductionCharging(
  tx: Tx,
  row: { readonly draftId: string; readonly assessmentId: string; readonly at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into resident_tax.reduction_charging (draft_id, assessment_id, charged_at, event_id)
    values (${row.draftId}, ${row.assessmentId}, ${row.at}, ${tx.eventId})`;
}

export interface RemittedYear {
  readonly draftId: string;
  readonly ground: string;
  readonly decidedOn: string;
  readonly totalYen: number;
}

/** What was remitted of the person's year, the first decision first. */
export async function remittedOf(tx: Tx, personId: string, fiscalYear: number): Promise<RemittedYear[]> {
  return tx<RemittedYear>`
    select d.draft_id as "draftId", a.ground, c.decided_on::text as "decidedOn",
           sum(p.ward_yen + p.metropolis_yen + p.forest_yen)::bigint as "totalYen"
      from resident_tax.reduction_application a
      join resident_tax.reduction_draft d using (application_id)
      join resident_tax.reduction_decision c on c.draft_id = d.draft_id and c.outcome = 'remitted'
      join resident_tax.reduction_part p on p.draft_id = d.draft_id
     where a.person_id = ${personId} and a.fiscal_year = ${fiscalYear}
     group by 1, 2, 3, c.decided_at order by c.decided_at`;
}
