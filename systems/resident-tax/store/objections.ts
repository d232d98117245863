import type { Tx } from '@musubi/kernel/db/sql.ts';

/** Objections against a levy one after another. */
export async function lockObjections(tx: Tx, assessmentId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`resident-tax objection ${assessmentId}`}, 0))`;
}

export interface Objection {
  readonly objectionId: string;
  readonly personId: string;
  readonly assessmentId: string;
  readonly knownOn: string;
  readonly filedOn: string;
  readonly inTime: boolean;
  readonly lateReason: string | null;
  readonly claim: string;
  readonly receivedBy: string;
  readonly outcome: string | null;
  readonly ruledOn: string | null;
  readonly rulingReason: string | null;
}

export async function insertObjection(
  tx: Tx,
  row: Pick<
    Objection,
    'objectionId' | 'personId' | 'assessmentId' | 'inTime' | 'lateReason' | 'claim' | 'receivedBy'
  > & {
    readonly knownOn: Temporal.PlainDate;
    readonly filedOn: Temporal.PlainDate;
    readonly receivedAt: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.objection (objection_id, person_id, assessment_id, known_on, filed_on, in_time, late_reason, claim,
      received_by, received_at, event_id)
    values (${row.objectionId}, ${row.personId}, ${row.assessmentId}, ${row.knownOn}, ${row.filedOn}, ${row.inTime},
      ${row.lateReason}, ${row.claim}, ${row.receivedBy}, ${row.receivedAt}, ${tx.eventId})`;
}

export async function insertRuling(
  tx: Tx,
  row: {
    readonly objectionId: string;
    readonly receivedBy: string;
    readonly outcome: string;
    readonly ruledOn: Temporal.PlainDate;
    readonly reason: string;
    readonly ruledBy: string;
    readonly ruledAt: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.objection_ruling (objection_id, received_by, outcome, ruled_on, reason, ruled_by, ruled_at, event_id)
    values (${row.objectionId}, ${row.receivedBy}, ${row.outcome}, ${row.ruledOn}, ${row.reason}, ${row.ruledBy}, ${row.ruledAt},
      ${tx.eventId})`;
}

/** Objections against this levy that nobody has ruled on. */
export async function openObjections(tx: Tx, assessmentId: string): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from resident_tax.objection o
     where o.assessment_id = ${assessmentId}
       and not exists (select 1 from resident_tax.objection_ruling r where r.objection_id = o.objection_id)`;
  return row?.n ?? 0;
}

export async function findObjection(tx: Tx, objectionId: string): Promise<Objection | undefined> {
  const [row] = await tx<Objection>`
    select o.objection_id as "objectionId", o.person_id as "personId", o.assessment_id as "assessmentId", o.known_on::text as "knownOn",
           o.filed_on::text as "filedOn", o.in_time as "inTime", o.late_reason as "lateReason", o.claim, o.received_by as "receivedBy",
           r.outcome, r.ruled_on::text as "ruledOn", r.reason as "rulingReason"
      from resident_tax.objection o left join resident_tax.objection_ruling r using (objection_id)
     where o.objection_id = ${objectionId}`;
  return row;
}

export interface ListedObjection extends Objection {
  readonly name: string;
  readonly total: number;
}

/** Of a fiscal year, open ones first, then the newest; `total` is on every row. */
export async function listObjections(
  tx: Tx,
  query: { readonly fiscalYear: number; readonly limit: number; readonly offset: number },
): Promise<ListedObjection[]> {
  return tx<ListedObjection>`
    select o.objection_id as "objectionId", o.person_id as "personId", o.assessment_id as "assessmentId", o.known_on::text as "knownOn",
           o.filed_on::text as "filedOn", o.in_time as "inTime", o.late_reason as "lateReason", o.claim, o.received_by as "receivedBy",
           r.outcome, r.ruled_on::text as "ruledOn", r.reason as "rulingReason", s.name, count(*) over ()::int as total
      from resident_tax.objection o
      join resident_tax.assessment a using (assessment_id)
      join resident_tax.person p on p.person_id = o.person_id
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
      left join resident_tax.objection_ruling r using (objection_id)
     where a.fiscal_year = ${query.fiscalYear}
     order by r.outcome is not null, o.filed_on desc, o.objection_id limit ${query.limit} offset ${query.offset}`;
}

/** How many of a year came to which end; `open` is among them. */
export async function countObjections(
  tx: Tx,
  fiscalYear: number,
): Promise<{ readonly outcome: string; readonly n: number }[]> {
  return tx<{ outcome: string; n: number }>`
    select coalesce(r.outcome, 'open') as outcome, count(*)::int as n
      from resident_tax.objection o join resident_tax.assessment a using (assessment_id)
      left join resident_tax.objection_ruling r using (objection_id)
     where a.fiscal_year = ${fiscalYear} group by 1 order by 1`;
}
