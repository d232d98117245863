import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface Intake {
  readonly intakeId: string;
  readonly sha256: string;
  readonly serial: string;
  readonly system: string;
  readonly department: string;
  readonly matterId: string | null;
  readonly kind: 'inquiry-order' | 'copy-file' | null;
  readonly persons: number;
  readonly terminal: string;
  readonly by: string;
}

export async function insertIntake(tx: Tx, i: Intake, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into common_platform.medium_intake
      (intake_id, sha256, serial, system, department, matter_id, kind, persons, terminal, taken_by, taken_at, event_id)
    values (${i.intakeId}, ${i.sha256}, ${i.serial}, ${i.system}, ${i.department}, ${i.matterId}, ${i.kind}, ${i.persons}, ${i.terminal},
      ${i.by}, ${at}, ${tx.eventId})`;
}

/** False where it ended before. */
export async function endIntake(
  tx: Tx,
  e: { intakeId: string; outcome: 'passed' | 'refused'; word: string | null; faulty: number; by: string },
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into common_platform.medium_intake_end (intake_id, outcome, word, faulty, ended_by, ended_at, event_id)
    values (${e.intakeId}, ${e.outcome}, ${e.word}, ${e.faulty}, ${e.by}, ${at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

export interface IntakeStanding extends Intake {
  readonly takenAt: string;
  /** Null: it could not be passed on yet. */
  readonly outcome: 'passed' | 'refused' | null;
  readonly word: string | null;
  readonly faulty: number;
}

/** Newest first; of one container where its digest is given. */
export async function intakes(
  tx: Tx,
  q: { readonly sha256?: string; readonly limit: number; readonly offset: number },
): Promise<(IntakeStanding & { readonly total: number })[]> {
  return tx<IntakeStanding & { total: number }>`
    select i.intake_id as "intakeId", i.sha256, i.serial, i.system, i.department, i.matter_id as "matterId", i.kind, i.persons,
           i.terminal, i.taken_by as by, i.taken_at as "takenAt", e.outcome, e.word, coalesce(e.faulty, 0) as faulty,
           count(*) over () as total
      from common_platform.medium_intake i left join common_platform.medium_intake_end e using (intake_id)
     where ${q.sha256 ?? null}::text is null or i.sha256 = ${q.sha256 ?? null}
     order by i.taken_at desc, i.intake_id desc limit ${q.limit} offset ${q.offset}`;
}

/** The order that came by medium and was passed on; undefined where there is none. */
export async function passedOrder(
  tx: Tx,
  orderId: string,
): Promise<Pick<Intake, 'system' | 'department' | 'persons'> | undefined> {
  const [row] = await tx<Pick<Intake, 'system' | 'department' | 'persons'>>`
    select i.system, i.department, i.persons from common_platform.medium_intake i join common_platform.medium_intake_end e using (intake_id)
     where i.matter_id = ${orderId} and i.kind = 'inquiry-order' and e.outcome = 'passed' limit 1`;
  return row;
}

export interface ResultsAsked {
  readonly carryId: string;
  readonly orderId: string;
  readonly approvalId: string;
  readonly system: string;
  /** The department whose registered key they are encrypted to. */
  readonly receiver: string;
  readonly recipientKey: string;
  readonly persons: number;
  readonly settleByOn: string;
  readonly by: string;
}

export async function insertResultsAsked(tx: Tx, r: ResultsAsked, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into common_platform.results_by_medium
      (carry_id, order_id, approval_id, system, receiver, recipient_key, persons, settle_by_on, asked_by, asked_at, event_id)
    values (${r.carryId}, ${r.orderId}, ${r.approvalId}, ${r.system}, ${r.receiver}, ${r.recipientKey}, ${r.persons},
      ${r.settleByOn}::date, ${r.by}, ${at}, ${tx.eventId})`;
}

export async function insertResultsWritten(
  tx: Tx,
  w: { carryId: string; handOverId: string; serial: string; by: string },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into common_platform.results_written (carry_id, hand_over_id, serial, written_by, written_at, event_id)
    values (${w.carryId}, ${w.handOverId}, ${w.serial}, ${w.by}, ${at}, ${tx.eventId})`;
}

export interface ResultsStanding extends ResultsAsked {
  readonly decision: 'approved' | 'rejected' | null;
  readonly serial: string | null;
  readonly handOverId: string | null;
}

/** Newest first; one where its id is given. */
export async function resultsByMedium(
  tx: Tx,
  q: { readonly carryId?: string; readonly limit: number },
): Promise<ResultsStanding[]> {
  return tx<ResultsStanding>`
    select r.carry_id as "carryId", r.order_id as "orderId", r.approval_id as "approvalId", r.system, r.receiver,
           r.recipient_key as "recipientKey", r.persons, r.settle_by_on::text as "settleByOn", r.asked_by as by, d.decision,
           w.serial, w.hand_over_id as "handOverId"
      from common_platform.results_by_medium r
      left join approvals.decision d using (approval_id)
      left join common_platform.results_written w using (carry_id)
     where ${q.carryId ?? null}::uuid is null or r.carry_id = ${q.carryId ?? null}::uuid
     order by r.asked_at desc, r.carry_id desc limit ${q.limit}`;
}
