import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface Submission {
  readonly submissionId: string;
  readonly approvalId: string;
  readonly fiscalYear: number;
  readonly itemCount: number;
  readonly totalYen: number;
  readonly submittedBy: string;
  readonly submittedAt: string;
  readonly outcome: 'decided' | 'returned' | 'withdrawn' | null;
  readonly reason: string | null;
  readonly endedBy: string | null;
  readonly endedAt: string | null;
}

/** What is approved of one assessment: enough that no other amount could hide behind the approval. */
export interface SubmittedItem {
  readonly assessmentId: string;
  readonly draftedBy: string;
  readonly annualYen: number;
  /** Hex. */
  readonly inputDigest: string;
}

/** Drafts are submitted and decided for a year by one person at a time. */
export async function lockYear(tx: Tx, fiscalYear: number): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`resident-tax decision ${fiscalYear}`}, 0))`;
}

/** Drafts that can be submitted: the newest of their person, in no open submission, not decided. All of the year, or those named. */
export async function openDrafts(
  tx: Tx,
  fiscalYear: number,
  assessmentIds: readonly string[] | null,
): Promise<SubmittedItem[]> {
  return tx<SubmittedItem>`
    select a.assessment_id as "assessmentId", a.drafted_by as "draftedBy", a.annual_yen as "annualYen",
           encode(a.input_digest, 'hex') as "inputDigest"
      from resident_tax.assessment a
     where a.fiscal_year = ${fiscalYear} and (${assessmentIds}::uuid[] is null or a.assessment_id = any (${assessmentIds}::uuid[]))
       and not exists (select 1 from resident_tax.assessment n where n.previous_id = a.assessment_id)
       and not exists (select 1 from resident_tax.assessment_decision d where d.assessment_id = a.assessment_id)
       and not exists (select 1 from resident_tax.submission_item i
                        where i.assessment_id = a.assessment_id
                          and not exists (select 1 from resident_tax.submission_end e where e.submission_id = i.submission_id))
     order by a.assessment_id`;
}

export async function insertSubmission(
  tx: Tx,
  submission: {
    readonly submissionId: string;
    readonly approvalId: string;
    readonly fiscalYear: number;
    readonly totalYen: number;
    readonly contentDigest: Uint8Array;
    readonly submittedBy: string;
    readonly submittedAt: Temporal.Instant;
    readonly assessmentIds: readonly string[];
  },
): Promise<void> {
  await tx`
    insert into resident_tax.submission (submission_id, approval_id, fiscal_year, item_count, total_yen, content_digest,
      submitted_by, submitted_at, event_id)
    values (${submission.submissionId}, ${submission.approvalId}, ${submission.fiscalYear}, ${submission.assessmentIds.length},
      ${submission.totalYen}, ${submission.contentDigest}, ${submission.submittedBy}, ${submission.submittedAt}, ${tx.eventId})`;
  await tx`
    insert into resident_tax.submission_item (submission_id, assessment_id, event_id)
    select ${submission.submissionId}::uuid, id, ${tx.eventId}::uuid from unnest(${submission.assessmentIds}::uuid[]) as id`;
}

export async function listSubmissions(
  tx: Tx,
  where: { readonly submissionId?: string; readonly open?: boolean; readonly limit?: number },
): Promise<Submission[]> {
  return tx<Submission>`
    select s.submission_id as "submissionId", s.approval_id as "approvalId", s.fiscal_year as "fiscalYear",
           s.item_count as "itemCount", s.total_yen as "totalYen", s.submitted_by as "submittedBy",
           s.submitted_at::text as "submittedAt", e.outcome, e.reason, e.ended_by as "endedBy", e.ended_at::text as "endedAt"
      from resident_tax.submission s left join resident_tax.submission_end e using (submission_id)
     where (${where.submissionId ?? null}::uuid is null or s.submission_id = ${where.submissionId ?? null})
       and (${where.open ?? false} = false or e.submission_id is null)
     order by s.submitted_at desc, s.submission_id desc limit ${where.limit ?? 50}`;
}

/** The items as they stand now, with whom they are about and whether a newer assessment has taken their place. */
export async function itemsOf(
  tx: Tx,
  submissionId: string,
): Promise<(SubmittedItem & { readonly personId: string; readonly superseded: boolean })[]> {
  return tx<SubmittedItem & { personId: string; superseded: boolean }>`
    select a.assessment_id as "assessmentId", a.drafted_by as "draftedBy", a.annual_yen as "annualYen",
           encode(a.input_digest, 'hex') as "inputDigest", a.person_id as "personId",
           exists (select 1 from resident_tax.assessment n where n.previous_id = a.assessment_id) as superseded
      from resident_tax.submission_item i join resident_tax.assessment a using (assessment_id)
     where i.submission_id = ${submissionId} order by a.assessment_id`;
}

export interface SubmissionFigures {
  readonly status: string;
  readonly collection: string;
  readonly count: number;
  readonly totalYen: number;
}
/** Counts and sums by outcome: what an approver looks at before deciding hundreds at once. */
export async function figuresOf(tx: Tx, submissionId: string): Promise<SubmissionFigures[]> {
  return tx<SubmissionFigures>`
    select a.status, a.collection, count(*)::int as count, sum(a.annual_yen)::bigint as "totalYen"
      from resident_tax.submission_item i join resident_tax.assessment a using (assessment_id)
     where i.submission_id = ${submissionId} group by 1, 2 order by 1, 2`;
}

/** The highest levies and those whose levy changed most against the decision before: the sample that an approver reads. */
export async function sampleOf(tx: Tx, submissionId: string, limit: number): Promise<string[]> {
  const rows = await tx<{ id: string }>`
    select a.assessment_id as id
      from resident_tax.submission_item i join resident_tax.assessment a using (assessment_id)
      left join resident_tax.assessment before on before.assessment_id = a.previous_id
     where i.submission_id = ${submissionId}
     order by abs(a.annual_yen - coalesce(before.annual_yen, 0)) desc, a.assessment_id limit ${limit}`;
  return rows.map((row) => row.id);
}

export async function insertDecisions(
  tx: Tx,
  decision: {
    readonly submissionId: string;
    readonly decidedBy: string;
    readonly decidedOn: Temporal.PlainDate;
    readonly decidedAt: Temporal.Instant;
    readonly items: readonly SubmittedItem[];
  },
): Promise<void> {
  await tx`
    insert into resident_tax.assessment_decision (assessment_id, submission_id, drafted_by, decided_by, decided_on, decided_at, event_id)
    select i.id, ${decision.submissionId}::uuid, i.drafter, ${decision.decidedBy}, ${decision.decidedOn}::date,
           ${decision.decidedAt}::timestamptz, ${tx.eventId}::uuid
      from unnest(${decision.items.map((item) => item.assessmentId)}::uuid[], ${decision.items.map((item) => item.draftedBy)}::text[])
        as i(id, drafter)`;
}

export async function insertEnd(
  tx: Tx,
  end: {
    readonly submissionId: string;
    readonly outcome: 'decided' | 'returned' | 'withdrawn';
    readonly reason: string | null;
    readonly endedBy: string;
    readonly endedAt: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.submission_end (submission_id, outcome, reason, ended_by, ended_at, event_id)
    values (${end.submissionId}, ${end.outcome}, ${end.reason}, ${end.endedBy}, ${end.endedAt}, ${tx.eventId})`;
}
