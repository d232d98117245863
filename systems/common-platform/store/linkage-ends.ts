import type { Tx } from '@musubi/kernel/db/sql.ts';

export type EndReason = 'deleted' | 'wrong-person';

export interface Endable {
  readonly personId: string;
  readonly orgPersonNumber: string;
  readonly removedOn: string;
}

/** Removed from the register before the day, with a code that is held, sought or refused for a while, and no end ordered. */
export async function endable(
  tx: Tx,
  before: Temporal.PlainDate,
  page: { readonly offset: number; readonly limit: number },
): Promise<{ rows: Endable[]; total: number }> {
  const rows = await tx<Endable & { total: number }>`
    select p.person_id as "personId", p.org_person_number as "orgPersonNumber", v.removed_on::text as "removedOn",
           count(*) over ()::int as total
      from common_platform.person p join common_platform.particulars v using (person_id) join common_platform.linkage l using (person_id)
     where v.status = 'removed' and v.removed_on < ${before}::date and l.state in ('held', 'wanted', 'requested')
       and not exists (select 1 from common_platform.linkage_end e where e.person_id = p.person_id and e.reason = 'deleted')
       and not exists (select 1 from common_platform.held_case c where c.candidate_id = p.person_id
                          and not exists (select 1 from common_platform.held_decision d where d.case_id = c.case_id))
     order by v.removed_on, p.person_id limit ${page.limit} offset ${page.offset}`;
  return { rows: rows.map(({ total: _, ...row }) => row), total: rows[0]?.total ?? 0 };
}

export interface EndProposal {
  readonly approvalId: string;
  readonly persons: readonly string[];
  readonly beforeOn: string;
  readonly proposedBy: string;
  readonly proposedAt: string;
}

export async function openEndProposals(tx: Tx, approvalId: string | null = null): Promise<EndProposal[]> {
  return tx<EndProposal>`
    select p.approval_id as "approvalId", p.persons, p.before_on::text as "beforeOn", p.proposed_by as "proposedBy",
           to_json(p.proposed_at)#>>'{}' as "proposedAt"
      from common_platform.linkage_end_proposal p
     where (${approvalId}::uuid is null or p.approval_id = ${approvalId}::uuid)
       and not exists (select 1 from common_platform.linkage_end_decision d where d.approval_id = p.approval_id)
     order by p.proposed_at limit 50`;
}

export async function insertEndProposal(
  tx: Tx,
  p: {
    readonly approvalId: string;
    readonly persons: readonly string[];
    readonly before: Temporal.PlainDate;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into common_platform.linkage_end_proposal (approval_id, persons, before_on, proposed_by, proposed_at, event_id)
    values (${p.approvalId}, ${p.persons}::uuid[], ${p.before}, ${p.by}, ${p.at}, ${tx.eventId})`;
}

export async function insertEndDecision(
  tx: Tx,
  d: { readonly approvalId: string; readonly approved: boolean; readonly by: string; readonly at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into common_platform.linkage_end_decision (approval_id, approved, decided_by, decided_at, event_id)
    values (${d.approvalId}, ${d.approved}, ${d.by}, ${d.at}, ${tx.eventId})`;
}

/** Orders ends; whoever waits for a code waits no longer. */
export async function insertEnds(
  tx: Tx,
  ends: readonly { readonly endId: string; readonly personId: string }[],
  order: {
    readonly reason: EndReason;
    readonly orderedBy: string;
    readonly on: Temporal.PlainDate;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  const ids = ends.map((e) => e.endId);
  const persons = ends.map((e) => e.personId);
  await tx`
    insert into common_platform.linkage_end (end_id, person_id, reason, ordered_by, ordered_on, ordered_at, event_id)
    select e, p, ${order.reason}::text, ${order.orderedBy}::uuid, ${order.on}::date, ${order.at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${ids}::uuid[], ${persons}::uuid[]) as x(e, p)`;
  await tx`
    insert into common_platform.linkage_end_work (end_id, state, next_try_at)
    select e, 'due', ${order.at}::timestamptz from unnest(${ids}::uuid[]) as e`;
  await tx`select pg_notify('common_platform_withdrawal', '')`;
}

export interface DueEnd {
  readonly endId: string;
  readonly personId: string;
  readonly orgPersonNumber: string;
  readonly reason: EndReason;
  readonly tries: number;
}

export async function dueEnds(tx: Tx, at: Temporal.Instant, limit: number): Promise<DueEnd[]> {
  return tx<DueEnd>`
    select e.end_id as "endId", e.person_id as "personId", p.org_person_number as "orgPersonNumber", e.reason, k.tries
      from common_platform.linkage_end_work k join common_platform.linkage_end e using (end_id)
      join common_platform.person p using (person_id)
     where k.state = 'due' and k.next_try_at <= ${at} order by k.next_try_at, e.end_id limit ${limit}`;
}

/** False where another round settled it. */
export async function settleEnd(
  tx: Tx,
  row: {
    readonly endId: string;
    readonly done: boolean;
    readonly word: string | null;
    readonly nextTryAt: Temporal.Instant;
    readonly at: Temporal.Instant;
  },
): Promise<boolean> {
  const moved = await tx`
    update common_platform.linkage_end_work
       set state = case when ${row.done}::boolean then 'done' else 'due' end, word = ${row.word}, tries = tries + 1,
           next_try_at = ${row.nextTryAt}, settled_at = case when ${row.done}::boolean then ${row.at}::timestamptz end
     where end_id = ${row.endId} and state = 'due' returning 1`;
  return moved.length === 1;
}

/** The code is gone: the state says so and why. */
export async function clearLinkage(tx: Tx, personId: string, word: string): Promise<void> {
  await tx`
    update common_platform.linkage set state = 'refused', word = ${word}, acquired_on = null, requested_at = null
     where person_id = ${personId}`;
}

export async function endCounts(tx: Tx): Promise<{ readonly due: number; readonly done: number }> {
  const [row] = await tx<{ due: number; done: number }>`
    select count(*) filter (where state = 'due')::int as due, count(*) filter (where state = 'done')::int as done
      from common_platform.linkage_end_work`;
  return row!;
}
