import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Tier } from '../domain/ceilings.ts';

/** to-register: decided and not handed over, or ended earlier than the copy says. sent: handed over, no answer yet. error: refused row by row; goes again. */
export type CopyState = 'to-register' | 'sent' | 'accepted' | 'error';

export interface CopyLine {
  readonly caseId: string;
  readonly caseNumber: string;
  readonly decidedOn: string;
  /**
   * The last day on which the certification holds; never before its decision, for a copy says what was decided. Of what was sent and has no
   * answer yet as it was then: a repeat is the same.
   */
  readonly lastOn: string;
  readonly tier: Tier;
  readonly ceilingYen: number;
  readonly orgPersonNumber: string | null;
  readonly state: CopyState;
  readonly batchId: string | null;
  readonly code: string | null;
  readonly at: string | null;
}

/** Every certification with the standing of its copy; what is not accepted first, the oldest before the newer. */
export async function copyLines(
  tx: Tx,
  q: { readonly state?: CopyState; readonly offset: number; readonly limit: number },
): Promise<CopyLine[]> {
  const { state = null } = q;
  return tx<CopyLine>`
    select * from (
      select f.case_id as "caseId", f.case_number as "caseNumber", d.decided_on::text as "decidedOn",
             greatest(least(p.valid_until, case when n.batch_id is null or n.state is not null or z.ended_at <= n.sent_at then z.last_day end), d.decided_on)::text as "lastOn", p.tier,
             p.ceiling_yen as "ceilingYen", g.org_person_number as "orgPersonNumber",
             case when n.batch_id is null or (n.state = 'accepted' and z.ended_at > n.sent_at) then 'to-register' else coalesce(n.state, 'sent') end as state,
             case when n.state = 'accepted' and z.ended_at > n.sent_at then null else n.batch_id end as "batchId", n.code, to_json(coalesce(n.at, n.sent_at))#>>'{}' as at
        from child_chronic.certification d join child_chronic.case_file f using (case_id)
        join child_chronic.certification_proposal p on p.approval_id = d.approval_id and p.outcome = 'certified'
        left join child_chronic.certification_end z on z.case_id = d.case_id
        left join lateral (select r.org_person_number from child_chronic.registration r
                            where r.case_id = f.case_id and r.org_person_number is not null and not exists (
                              select from child_chronic.registration_end e where e.registration_id = r.registration_id)
                            order by r.answered_at desc limit 1) g on true
        left join lateral (select r.batch_id, b.sent_at, o.state, o.code, o.at from child_chronic.copy_row r
                             join child_chronic.copy_batch b using (batch_id)
                             left join child_chronic.copy_outcome o on o.batch_id = r.batch_id and o.row_no = r.row_no
                            where r.case_id = f.case_id order by b.sent_at desc limit 1) n on true) as x
     where ${state}::text is null or x.state = ${state}::text
     order by x.state = 'accepted', x."decidedOn", x."caseNumber" limit ${q.limit} offset ${q.offset}`;
}

export interface CopyCounts {
  readonly decisions: number;
  readonly accepted: number;
}
export async function countCopies(tx: Tx): Promise<CopyCounts> {
  const [row] = await tx<CopyCounts>`
    select count(*)::int as decisions,
           count(*) filter (where exists (
             select from child_chronic.copy_row r join child_chronic.copy_outcome o using (batch_id, row_no)
               join child_chronic.copy_batch b using (batch_id)
              where r.case_id = d.case_id and o.state = 'accepted' and not exists (
                select from child_chronic.certification_end z where z.case_id = d.case_id and z.ended_at > b.sent_at)))::int as accepted
      from child_chronic.certification d join child_chronic.certification_proposal p on p.approval_id = d.approval_id and p.outcome = 'certified'`;
  return row!;
}

export async function lockCopies(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('child_chronic copies', 0))`;
}

export async function insertCopyBatch(
  tx: Tx,
  b: {
    readonly batchId: string;
    readonly cases: readonly string[];
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.copy_batch (batch_id, copies, sent_by, sent_at, event_id)
    values (${b.batchId}, ${b.cases.length}, ${b.by}, ${b.at}, ${tx.eventId})`;
  await tx`
    insert into child_chronic.copy_row (batch_id, row_no, case_id)
    select ${b.batchId}::uuid, n, c from unnest(${b.cases}::uuid[]) with ordinality as x(c, n)`;
}

export async function casesOfBatch(
  tx: Tx,
  batchId: string,
): Promise<{ readonly rowNo: number; readonly caseId: string }[]> {
  return tx<{ rowNo: number; caseId: string }>`
    select row_no as "rowNo", case_id as "caseId" from child_chronic.copy_row where batch_id = ${batchId} order by row_no`;
}

export async function insertOutcomes(
  tx: Tx,
  batchId: string,
  rows: readonly { readonly rowNo: number; readonly code: string | null }[],
  at: Temporal.Instant,
): Promise<number> {
  const made = await tx`
    insert into child_chronic.copy_outcome (batch_id, row_no, state, code, at, event_id)
    select ${batchId}::uuid, n, case when c is null then 'accepted' else 'error' end, c, ${at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${rows.map((r) => r.rowNo)}::integer[], ${rows.map((r) => r.code)}::text[]) as x(n, c)
    on conflict do nothing returning 1`;
  return made.length;
}

export interface CopyCheck {
  readonly signedOn: string;
  readonly signedBy: string;
  readonly decisions: number;
  readonly accepted: number;
  readonly open: number;
  readonly explanation: string;
}
export async function insertCopyCheck(
  tx: Tx,
  c: Omit<CopyCheck, 'signedOn'> & { readonly checkId: string; readonly on: Temporal.PlainDate },
): Promise<void> {
  await tx`
    insert into child_chronic.copy_check (check_id, decisions, accepted, open, explanation, signed_by, signed_on, event_id)
    values (${c.checkId}, ${c.decisions}, ${c.accepted}, ${c.open}, ${c.explanation}, ${c.signedBy}, ${c.on}, ${tx.eventId})`;
}
export async function copyChecks(tx: Tx): Promise<CopyCheck[]> {
  return tx<CopyCheck>`
    select signed_on::text as "signedOn", signed_by as "signedBy", decisions, accepted, open, explanation
      from child_chronic.copy_check order by signed_on desc, check_id desc limit 24`;
}
