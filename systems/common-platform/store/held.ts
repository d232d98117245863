import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { HeldDecision, HeldReason } from '../domain/identify.ts';
import type { ParticularName } from '../domain/particulars.ts';

export interface HeldCase {
  readonly caseId: string;
  readonly source: string;
  readonly addresseeNumber: string | null;
  readonly why: HeldReason;
  readonly candidateId: string;
  readonly differing: readonly ParticularName[];
  readonly openedOn: string;
  readonly openedAt: string;
  readonly changes: number;
  readonly decided: HeldDecision | null;
  readonly proposedBy: string | null;
}

/** The open case in which the sender's earlier changes of this person wait: later ones must not pass them. */
export async function findOpenCase(tx: Tx, source: string, addresseeNumber: string): Promise<string | undefined> {
  const [row] = await tx<{ caseId: string }>`
    select c.case_id as "caseId" from common_platform.held_case c
     where c.source = ${source} and c.addressee_number = ${addresseeNumber}
       and not exists (select 1 from common_platform.held_decision d where d.case_id = c.case_id)`;
  return row?.caseId;
}

export async function insertCase(
  tx: Tx,
  row: {
    caseId: string;
    source: string;
    addresseeNumber: string | null;
    why: HeldReason;
    candidateId: string;
    differing: readonly string[];
    openedOn: Temporal.PlainDate;
    openedAt: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into common_platform.held_case
      (case_id, source, addressee_number, why, candidate_id, differing, opened_on, opened_at, event_id)
    values (${row.caseId}, ${row.source}, ${row.addresseeNumber}, ${row.why}, ${row.candidateId}, ${row.differing}::text[],
      ${row.openedOn}, ${row.openedAt}, ${tx.eventId})`;
}

export async function addHeldChange(
  tx: Tx,
  row: { caseId: string; changeId: string; sealedRef: string; heldAt: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into common_platform.held_change (case_id, change_no, change_id, sealed_ref, held_at, event_id)
    select ${row.caseId}::uuid, coalesce(max(change_no), 0) + 1, ${row.changeId}::uuid, ${row.sealedRef}::uuid,
           ${row.heldAt}::timestamptz, ${tx.eventId}::uuid
      from common_platform.held_change where case_id = ${row.caseId}::uuid`;
}

export async function heldChanges(tx: Tx, caseId: string): Promise<{ sealedRef: string }[]> {
  return tx<{ sealedRef: string }>`
    select sealed_ref as "sealedRef" from common_platform.held_change where case_id = ${caseId} order by change_no`;
}

/** Waits for its turn on the case. */
export async function lockCase(tx: Tx, caseId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`common_platform case ${caseId}`}, 0))`;
}

export async function findCase(tx: Tx, caseId: string): Promise<HeldCase | undefined> {
  return (await listCases(tx, { caseId, offset: 0, limit: 1 }))[0];
}

export async function listCases(
  tx: Tx,
  query: { caseId?: string; state?: 'open' | 'decided'; offset: number; limit: number },
): Promise<HeldCase[]> {
  const { caseId = null, state = null, offset, limit } = query;
  return tx<HeldCase>`
    select c.case_id as "caseId", c.source, c.addressee_number as "addresseeNumber", c.why, c.candidate_id as "candidateId",
           c.differing, c.opened_on::text as "openedOn", to_json(c.opened_at)#>>'{}' as "openedAt",
           (select count(*) from common_platform.held_change h where h.case_id = c.case_id) as changes,
           d.decision as decided,
           (select p.proposed_by from common_platform.held_proposal p
             where p.case_id = c.case_id
               and not exists (select 1 from approvals.decision a where a.approval_id = p.approval_id) limit 1) as "proposedBy"
      from common_platform.held_case c left join common_platform.held_decision d using (case_id)
     where (${caseId}::uuid is null or c.case_id = ${caseId}::uuid)
       and (${state}::text is null or (d.case_id is null) = (${state} = 'open'))
     order by c.opened_at, c.case_id offset ${offset} limit ${limit}`;
}

export async function countCases(tx: Tx, state: 'open' | 'decided' | undefined): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*) as n from common_platform.held_case c left join common_platform.held_decision d using (case_id)
     where ${state ?? null}::text is null or (d.case_id is null) = (${state ?? null} = 'open')`;
  return row?.n ?? 0;
}

export interface Proposal {
  readonly approvalId: string;
  readonly caseId: string;
  /** How many held changes the proposer had seen. */
  readonly changes: number;
  readonly decision: HeldDecision;
  readonly evidence: string;
  readonly reason: string;
  readonly proposedBy: string;
  readonly proposedAt: string;
}

export async function insertProposal(
  tx: Tx,
  row: Omit<Proposal, 'proposedAt'> & { proposedAt: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into common_platform.held_proposal
      (approval_id, case_id, changes, decision, evidence, reason, proposed_by, proposed_at, event_id)
    values (${row.approvalId}, ${row.caseId}, ${row.changes}, ${row.decision}, ${row.evidence}, ${row.reason},
      ${row.proposedBy}, ${row.proposedAt}, ${tx.eventId})`;
}

/** Proposals that wait for a second person (of one case, by approval, or all). */
export async function openProposals(tx: Tx, query: { caseId?: string; approvalId?: string }): Promise<Proposal[]> {
  return tx<Proposal>`
    select p.approval_id as "approvalId", p.case_id as "caseId", p.changes, p.decision, p.evidence, p.reason,
           p.proposed_by as "proposedBy", to_json(p.proposed_at)#>>'{}' as "proposedAt"
      from common_platform.held_proposal p
     where (${query.caseId ?? null}::uuid is null or p.case_id = ${query.caseId ?? null}::uuid)
       and (${query.approvalId ?? null}::uuid is null or p.approval_id = ${query.approvalId ?? null}::uuid)
       and not exists (select 1 from approvals.decision a where a.approval_id = p.approval_id)
       and not exists (select 1 from common_platform.held_decision d where d.case_id = p.case_id)
     order by p.proposed_at, p.approval_id limit 200`;
}

export async function insertDecision(
  tx: Tx,
  row: {
    caseId: string;
    approvalId: string;
    decision: HeldDecision;
    personId: string | null;
    decidedBy: string;
    decidedOn: Temporal.PlainDate;
    decidedAt: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into common_platform.held_decision
      (case_id, approval_id, decision, person_id, decided_by, decided_on, decided_at, event_id)
    values (${row.caseId}, ${row.approvalId}, ${row.decision}, ${row.personId}, ${row.decidedBy}, ${row.decidedOn},
      ${row.decidedAt}, ${tx.eventId})`;
}
