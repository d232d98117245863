import type { CorrectionQuery, CorrectionState } from '@musubi/kernel/corrections/correction.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface CorrectionLine extends CorrectionState {
  readonly personId: string;
  readonly baseChangeId: string | null;
  readonly numberSealed: string | null;
  readonly approvalId: string;
}
/** As it is proposed: nobody has decided, done or reviewed anything. */
export type CorrectionRow = Omit<
  CorrectionLine,
  'decision' | 'decidedBy' | 'doneBy' | 'doneOn' | 'reviewedBy' | 'byProcedure'
>;

export async function insertCorrection(tx: Tx, c: CorrectionRow): Promise<void> {
  await tx`
    insert into prefectural_juki.manual_correction (correction_id, kind, person_id, procedure_no, reason, document, base_change_id,
      before_values, after_values, number_sealed, approval_id, proposed_by, proposed_on, event_id)
    values (${c.correctionId}, ${c.kind}, ${c.personId}, ${c.procedureNo}, ${c.reason}, ${c.document}, ${c.baseChangeId},
      ${json(c.before)}, ${json(c.after)}, ${c.numberSealed}, ${c.approvalId}, ${c.proposedBy}, ${c.proposedOn}, ${tx.eventId})`;
}

/** Oldest first. */
export async function listCorrections(tx: Tx, q: CorrectionQuery): Promise<{ rows: CorrectionLine[]; total: number }> {
  const only = q.correctionId ?? null;
  const rows = await tx<CorrectionLine & { total: number }>`
    select c.correction_id as "correctionId", c.kind, c.person_id as "personId", c.procedure_no as "procedureNo", c.reason, c.document,
           c.base_change_id as "baseChangeId", c.before_values as before, c.after_values as after, c.number_sealed as "numberSealed",
           c.approval_id as "approvalId", c.proposed_by as "proposedBy", c.proposed_on::text as "proposedOn", a.decision,
           a.decided_by as "decidedBy", d.done_by as "doneBy", d.done_on::text as "doneOn", r.reviewed_by as "reviewedBy",
           r.by_procedure as "byProcedure", count(*) over ()::int as total
      from prefectural_juki.manual_correction c
      left join approvals.decision a using (approval_id)
      left join prefectural_juki.manual_correction_done d using (correction_id)
      left join prefectural_juki.manual_correction_review r using (correction_id)
     where (${only}::uuid is null or c.correction_id = ${only}::uuid)
       and case ${q.which}::text when 'open' then d.correction_id is null and a.decision is distinct from 'rejected'
             when 'review' then d.correction_id is not null and r.correction_id is null else true end
     order by c.proposed_on, c.correction_id offset ${q.offset} limit ${q.limit}`;
  return { rows, total: rows[0]?.total ?? 0 };
}

export async function insertDone(
  tx: Tx,
  d: { readonly correctionId: string; readonly changeId: string; readonly by: string; readonly on: Temporal.PlainDate },
): Promise<void> {
  await tx`
    insert into prefectural_juki.manual_correction_done (correction_id, change_id, done_by, done_on, event_id)
    values (${d.correctionId}, ${d.changeId}, ${d.by}, ${d.on}, ${tx.eventId})`;
}

/** False where it was reviewed already. */
export async function insertReview(
  tx: Tx,
  r: {
    readonly correctionId: string;
    readonly byProcedure: boolean;
    readonly note: string;
    readonly by: string;
    readonly on: Temporal.PlainDate;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into prefectural_juki.manual_correction_review (correction_id, by_procedure, note, reviewed_by, reviewed_on, event_id)
    values (${r.correctionId}, ${r.byProcedure}, ${r.note}, ${r.by}, ${r.on}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}
