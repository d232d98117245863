import type { Tx } from '../db/sql.ts';
import type { Comparison, RuleId, RuleSettings, Verdict } from './rules.ts';

export type UseKind = 'search' | 'read' | 'output';
/**
 * How an act uses persons' data. `carried`: what it does came in from another system of the organisation, and its event names
 * the person acting and the case (`detail.staffId`, `detail.document`); an event without one is nobody's use.
 */
export type Use = UseKind | { readonly kind: UseKind; readonly carried: true };
const kindOf = (use: Use): UseKind => (typeof use === 'string' ? use : use.kind);
/** Of kernel/access; it says so where the person is a contractor's. */
const signInAct = 'access.open-session';

export async function scanned(tx: Tx): Promise<{ from: number; upTo: number }> {
  await tx`select pg_advisory_xact_lock(hashtextextended('log_analysis.scan', 0))`;
  const rows = await tx<{ from: number; upTo: number }>`
    select coalesce((select max(up_to_index) from log_analysis.scan), 0)::bigint as from,
           (select size from audit.head)::bigint as "upTo"`;
  return { from: Number(rows[0]!.from), upTo: Number(rows[0]!.upTo) };
}

/** Whether an event of staff stands in the log beyond what was looked through. */
export async function staffActedSince(tx: Tx): Promise<boolean> {
  const rows = await tx<{ acted: boolean }>`
    select exists (select 1 from audit.entry
      where leaf_index >= coalesce((select max(up_to_index) from log_analysis.scan), 0)
        and (body like '%"kind":"staff"%' or body like '%"affiliation":"contractor"%' or body like '%"staffId":"%')) as acted`;
  return rows[0]!.acted;
}

/** Draws the uses of a range of the log. `acts` and `kinds` side by side. Gives their number. */
export async function drawUses(
  tx: Tx,
  range: { readonly from: number; readonly upTo: number },
  uses: Readonly<Record<string, Use>>,
): Promise<number> {
  const given = Object.values(uses);
  const rows = await tx`
    insert into log_analysis.use (event_id, leaf_index, staff_id, kind, at, local_on, local_minute, civil_on,
      document, refused, contractor, terminal_id)
    select e.event_id, e.leaf_index, coalesce(b -> 'actor' ->> 'staffId', b -> 'detail' ->> 'staffId'), k.kind, (b ->> 'at')::timestamptz,
           ((b ->> 'at')::timestamptz at time zone 'Asia/Tokyo')::date,
           extract(hour from (b ->> 'at')::timestamptz at time zone 'Asia/Tokyo')::int * 60
             + extract(minute from (b ->> 'at')::timestamptz at time zone 'Asia/Tokyo')::int,
           (b ->> 'civilOn')::date, nullif(b -> 'detail' ->> 'document', ''), b ->> 'outcome' = 'refused',
           coalesce('contractor' in (b -> 'actor' ->> 'affiliation', b -> 'detail' ->> 'affiliation'), false), b -> 'actor' ->> 'terminalId'
      from audit.entry e cross join lateral (select e.body::jsonb) as j(b)
      join unnest(${[...Object.keys(uses), signInAct]}::text[], ${[...given.map(kindOf), 'sign-in']}::text[],
                  ${[...given.map((use) => typeof use !== 'string'), false]}::boolean[]) as k(act, kind, carried)
        on k.act = b ->> 'act'
     where e.leaf_index >= ${range.from} and e.leaf_index < ${range.upTo}
       and (b -> 'actor' ->> 'kind' = 'staff'
       or (k.carried and b -> 'actor' ->> 'kind' = 'system' and b -> 'detail' ->> 'staffId' is not null)
       or (k.kind = 'sign-in' and b -> 'detail' ->> 'affiliation' = 'contractor'))
    on conflict do nothing returning 1`;
  return rows.length;
}

export interface Suspicion {
  readonly rule: RuleId;
  readonly staffId: string;
  readonly subject: string | null;
  readonly localOn: string;
  readonly events: readonly string[];
}

/** Days (Tokyo) on which a range of the log has uses; the caller says which of them are closed days. */
export const daysOf = async (tx: Tx, range: { readonly from: number; readonly upTo: number }): Promise<string[]> =>
  (
    await tx<{ day: string }>`
      select distinct local_on::text as day from log_analysis.use
       where leaf_index >= ${range.from} and leaf_index < ${range.upTo}`
  ).map((r) => r.day);

/** Every rule over the uses of a range, each with the uses before it that its window needs. */
export const suspicions = (
  tx: Tx,
  range: { readonly from: number; readonly upTo: number },
  s: RuleSettings,
  closedDays: readonly string[],
): Promise<Suspicion[]> => tx<Suspicion>`
  with fresh as (
    select * from log_analysis.use where leaf_index >= ${range.from} and leaf_index < ${range.upTo}),
  touched as (
    select f.*, s.subject as person from fresh f join audit.subject s using (event_id)
     where s.role in ('subject', 'member') and s.subject is not null),
  -- Each search with how many its window holds, then with the next one whose window is too full: one pass over them, for a
  -- server through which a whole body asks has tens of thousands within minutes.
  counted as (
    select u.staff_id, u.event_id, u.at, u.leaf_index, count(*) over (partition by u.staff_id order by u.at
             range between make_interval(mins => ${s.searchMinutes}) preceding and current row) as n
      from log_analysis.use u
     where u.kind = 'search' and u.at >= (select min(at) from fresh) - 2 * make_interval(mins => ${s.searchMinutes})
       and u.staff_id in (select staff_id from fresh where kind = 'search')),
  windows as (
    select staff_id, event_id, at, min(at) filter (where n >= ${s.searches} and leaf_index >= ${range.from} and leaf_index < ${range.upTo})
             over (partition by staff_id order by at range between current row and unbounded following) as full_at
      from counted),
  found as (
    select 'many-searches' as rule, staff_id, null::text as subject, (full_at at time zone 'Asia/Tokyo')::date as local_on, event_id
      from windows where full_at <= at + make_interval(mins => ${s.searchMinutes})
    union all
    select 'off-hours', staff_id, null, local_on, event_id from fresh
     where kind <> 'sign-in' and not refused and (local_minute < ${s.opensAt} or local_minute >= ${s.closesAt} or local_on = any (${closedDays}::date[]))
    union all
    select 'same-person', t.staff_id, t.person, t.local_on, w.event_id
      from touched t
      join log_analysis.use w on w.staff_id = t.staff_id and w.kind = 'read' and not w.refused
       and w.at > t.at - make_interval(days => ${s.sameDays}) and w.at <= t.at
      join audit.subject ws on ws.event_id = w.event_id and ws.subject = t.person
     where t.kind = 'read' and not t.refused and (select count(distinct c.event_id) from log_analysis.use c
        join audit.subject cs on cs.event_id = c.event_id and cs.subject = t.person
       where c.staff_id = t.staff_id and c.kind = 'read' and not c.refused
         and c.at > t.at - make_interval(days => ${s.sameDays}) and c.at <= t.at) >= ${s.sameReads}
    union all
    select case when w.staff_id is null then 'watched' else 'own-or-colleague' end, t.staff_id, t.person, t.local_on, t.event_id
      from touched t join log_analysis.watched w on w.subject = t.person and w.until_on >= t.local_on
    union all
    select 'no-document', staff_id, null, local_on, event_id from fresh
     where kind = 'search' and not refused and document is null
    union all
    select 'unmatched', t.staff_id, t.person, t.local_on, t.event_id from touched t
     where t.kind = 'read' and not t.refused and not exists (
       select 1 from log_analysis.use w join audit.subject ws on ws.event_id = w.event_id and ws.subject = t.person
        where w.staff_id = t.staff_id and w.kind = 'search' and not w.refused and w.document is not null
          and w.at > t.at - make_interval(hours => ${s.matchHours}) and w.at <= t.at)
    union all
    select 'refused', f.staff_id, null, f.local_on, w.event_id
      from fresh f join log_analysis.use w on w.staff_id = f.staff_id and w.refused
       and w.at > f.at - interval '1 hour' and w.at <= f.at
     where f.refused and (select count(*) from log_analysis.use c where c.staff_id = f.staff_id and c.refused
       and c.at > f.at - interval '1 hour' and c.at <= f.at) >= ${s.refusals}
    union all
    select 'contractor', staff_id, null, local_on, event_id from fresh
     where contractor and kind <> 'sign-in')
  select rule, staff_id as "staffId", subject, local_on::text as "localOn", array_agg(distinct event_id::text) as events
    from found group by rule, staff_id, subject, local_on order by local_on, staff_id, rule`;

/** Gives whether it is new: a rule raises one case for each person acting, person concerned and day. */
export async function insertSuspicion(
  tx: Tx,
  found: Suspicion & { readonly caseId: string; readonly openedOn: string; readonly dueOn: string },
): Promise<boolean> {
  const rows = await tx`
    insert into log_analysis.suspicion (case_id, rule, staff_id, subject, local_on, events, opened_on, due_on, event_id)
    values (${found.caseId}, ${found.rule}, ${found.staffId}, ${found.subject}, ${found.localOn}, ${found.events}::uuid[],
      ${found.openedOn}, ${found.dueOn}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

export async function insertScan(
  tx: Tx,
  scan: {
    readonly scanId: string;
    readonly from: number;
    readonly upTo: number;
    readonly uses: number;
    readonly cases: number;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`insert into log_analysis.scan (scan_id, from_index, up_to_index, uses, cases, scanned_at, event_id)
    values (${scan.scanId}, ${scan.from}, ${scan.upTo}, ${scan.uses}, ${scan.cases}, ${scan.at}, ${tx.eventId})`;
}

export interface CaseRow extends Suspicion {
  readonly caseId: string;
  readonly openedOn: string;
  readonly dueOn: string;
  readonly verdict: Verdict | null;
  readonly comparison: Comparison | null;
  readonly document: string | null;
  readonly note: string | null;
  readonly incident: string | null;
  readonly decidedBy: string | null;
  readonly decidedOn: string | null;
}

/** Without verdict first, the oldest due first. */
export async function listCases(
  tx: Tx,
  query: {
    readonly caseId: string | null;
    readonly rule: string | null;
    readonly staffId: string | null;
    readonly open: boolean | null;
    readonly offset: number;
    readonly limit: number;
  },
): Promise<{ rows: CaseRow[]; total: number }> {
  const rows = await tx<CaseRow & { total: number }>`
    select s.case_id as "caseId", s.rule, s.staff_id as "staffId", s.subject, s.local_on::text as "localOn",
           s.events::text[] as events, s.opened_on::text as "openedOn", s.due_on::text as "dueOn", v.verdict, v.comparison,
           v.document, v.note, v.incident, v.decided_by as "decidedBy", v.decided_on::text as "decidedOn",
           count(*) over ()::int as total
      from log_analysis.suspicion s left join log_analysis.verdict v using (case_id)
     where (${query.caseId}::uuid is null or s.case_id = ${query.caseId}::uuid)
       and (${query.rule}::text is null or s.rule = ${query.rule})
       and (${query.staffId}::text is null or s.staff_id = ${query.staffId})
       and (${query.open}::boolean is null or (v.case_id is null) = ${query.open})
     order by v.case_id is not null, s.due_on, s.case_id offset ${query.offset} limit ${query.limit}`;
  return { rows: rows.map(({ total: _t, ...row }) => row), total: rows[0]?.total ?? 0 };
}

export async function insertVerdict(
  tx: Tx,
  v: {
    readonly caseId: string;
    readonly staffId: string;
    readonly verdict: Verdict;
    readonly document: string;
    readonly comparison: Comparison;
    readonly note: string;
    readonly incident: string | null;
    readonly by: string;
    readonly on: string;
    readonly at: Temporal.Instant;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into log_analysis.verdict (case_id, staff_id, verdict, document, comparison, note, incident, decided_by, decided_on,
      decided_at, event_id)
    values (${v.caseId}, ${v.staffId}, ${v.verdict}, ${v.document}, ${v.comparison}, ${v.note}, ${v.incident}, ${v.by},
      ${v.on}, ${v.at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

export interface UseLine {
  readonly eventId: string;
  readonly leafIndex: number;
  readonly kind: UseKind;
  readonly staffId: string;
  readonly at: string;
  readonly document: string | null;
  readonly refused: boolean;
  readonly terminalId: string | null;
  readonly persons: number;
}

export const usesOfEvents = (tx: Tx, events: readonly string[]): Promise<UseLine[]> => tx<UseLine>`
  select u.event_id as "eventId", u.leaf_index as "leafIndex", u.kind, u.staff_id as "staffId", u.at::text as at, u.document,
         u.refused, u.terminal_id as "terminalId",
         (select count(*)::int from audit.subject s where s.event_id = u.event_id and s.role <> 'actor') as persons
    from log_analysis.use u where u.event_id = any (${events}::uuid[]) order by u.at limit 500`;

export interface ReviewRow {
  readonly reviewId: string;
  readonly fromOn: string;
  readonly untilOn: string;
  readonly dueOn: string;
  readonly uses: number;
  readonly cases: number;
  readonly open: number;
  readonly improper: number;
  readonly signedBy: string | null;
  readonly signedOn: string | null;
  readonly note: string | null;
}

export const listReviews = (tx: Tx, reviewId: string | null, limit: number): Promise<ReviewRow[]> => tx<ReviewRow>`
  select r.review_id as "reviewId", r.from_on::text as "fromOn", r.until_on::text as "untilOn", r.due_on::text as "dueOn",
         (select count(*)::int from log_analysis.use u where u.local_on between r.from_on and r.until_on) as uses,
         count(s.case_id)::int as cases, (count(s.case_id) filter (where v.case_id is null or v.verdict = 'unclear'))::int as open,
         (count(*) filter (where v.verdict = 'improper'))::int as improper, g.signed_by as "signedBy",
         g.signed_on::text as "signedOn", g.note
    from log_analysis.review r
    left join log_analysis.suspicion s on s.local_on between r.from_on and r.until_on
    left join log_analysis.verdict v using (case_id)
    left join log_analysis.review_signed g using (review_id)
   where ${reviewId}::uuid is null or r.review_id = ${reviewId}::uuid
   group by r.review_id, g.review_id order by r.from_on desc limit ${limit}`;

export async function insertReview(
  tx: Tx,
  r: {
    readonly reviewId: string;
    readonly fromOn: string;
    readonly untilOn: string;
    readonly dueOn: string;
    readonly openedOn: string;
  },
): Promise<boolean> {
  const rows = await tx`insert into log_analysis.review (review_id, from_on, until_on, due_on, opened_on, event_id)
    values (${r.reviewId}, ${r.fromOn}, ${r.untilOn}, ${r.dueOn}, ${r.openedOn}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}

export async function insertSigned(
  tx: Tx,
  s: {
    readonly reviewId: string;
    readonly uses: number;
    readonly cases: number;
    readonly improper: number;
    readonly note: string;
    readonly by: string;
    readonly on: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`insert into log_analysis.review_signed (review_id, uses, cases, improper, note, signed_by, signed_on, signed_at, event_id)
    values (${s.reviewId}, ${s.uses}, ${s.cases}, ${s.improper}, ${s.note}, ${s.by}, ${s.on}, ${s.at}, ${tx.eventId})`;
}

/** Notes each review that is past its day and unsigned, once; gives their number. */
export async function insertOverdue(tx: Tx, today: string): Promise<number> {
  const rows = await tx`
    insert into log_analysis.review_overdue (review_id, raised_on, event_id)
    select r.review_id, ${today}::date, ${tx.eventId} from log_analysis.review r
      left join log_analysis.review_signed g using (review_id)
     where r.due_on < ${today}::date and g.review_id is null on conflict do nothing returning 1`;
  return rows.length;
}

export interface Watched {
  readonly watchId: string;
  readonly subject: string;
  readonly staffId: string | null;
  readonly reason: string;
  readonly untilOn: string;
  readonly addedBy: string;
}
export const listWatched = (tx: Tx, today: string, limit: number): Promise<Watched[]> => tx<Watched>`
  select watch_id as "watchId", subject, staff_id as "staffId", reason, until_on::text as "untilOn", added_by as "addedBy"
    from log_analysis.watched where until_on >= ${today}::date order by until_on, watch_id limit ${limit}`;
export async function insertWatched(
  tx: Tx,
  w: Omit<Watched, 'addedBy'> & { readonly by: string; readonly on: string },
): Promise<void> {
  await tx`insert into log_analysis.watched (watch_id, subject, staff_id, reason, until_on, added_by, added_on, event_id)
    values (${w.watchId}, ${w.subject}, ${w.staffId}, ${w.reason}, ${w.untilOn}, ${w.by}, ${w.on}, ${tx.eventId})`;
}

export interface Range {
  readonly fromAt: Temporal.Instant;
  readonly untilAt: Temporal.Instant;
  readonly staffId: string | null;
  readonly terminalId: string | null;
}

/** Events that have no number yet: a list drawn now would not be complete. */
export const waitingEvents = async (tx: Tx): Promise<number> =>
  (await tx<{ n: number }>`select count(*)::int as n from audit.intake_event`)[0]!.n;

export interface AffectedPerson {
  readonly subject: string;
  readonly times: number;
  readonly firstAt: string;
  readonly lastAt: string;
}

/** Every person that an event of the range names, alone or as one of many; from the log itself. */
export const drawAffected = (tx: Tx, r: Range): Promise<(AffectedPerson & { events: number })[]> => tx<
  AffectedPerson & { events: number }
>`
  with touched as (
    select e.event_id, (b ->> 'at')::timestamptz as at
      from audit.entry e cross join lateral (select e.body::jsonb) as j(b)
     where e.sequenced_at >= ${r.fromAt} and (b ->> 'at')::timestamptz >= ${r.fromAt} and (b ->> 'at')::timestamptz < ${r.untilAt}
       and (${r.staffId}::text is null or b -> 'actor' ->> 'staffId' = ${r.staffId})
       and (${r.terminalId}::text is null or b -> 'actor' ->> 'terminalId' = ${r.terminalId}))
  select s.subject, count(distinct t.event_id)::int as times, min(t.at)::text as "firstAt", max(t.at)::text as "lastAt",
         (select count(*)::int from touched) as events
    from touched t join audit.subject s using (event_id)
   where s.role in ('subject', 'member') and s.subject is not null
   group by s.subject order by s.subject`;

export async function insertAffected(
  tx: Tx,
  list: Range & {
    readonly listId: string;
    readonly incident: string;
    readonly events: number;
    readonly digest: Buffer;
    readonly by: string;
    readonly on: string;
  },
  persons: readonly AffectedPerson[],
): Promise<void> {
  await tx`
    insert into log_analysis.affected_list (list_id, incident, from_at, until_at, staff_id, terminal_id, events, persons, digest,
      taken_by, taken_on, event_id)
    values (${list.listId}, ${list.incident}, ${list.fromAt}, ${list.untilAt}, ${list.staffId}, ${list.terminalId},
      ${list.events}, ${persons.length}, ${list.digest}, ${list.by}, ${list.on}, ${tx.eventId})`;
  await tx`
    insert into log_analysis.affected_person (list_id, subject, times, first_at, last_at)
    select ${list.listId}, s, n, f, l from unnest(${persons.map((p) => p.subject)}::text[], ${persons.map((p) => p.times)}::int[],
      ${persons.map((p) => p.firstAt)}::timestamptz[], ${persons.map((p) => p.lastAt)}::timestamptz[]) as u(s, n, f, l)`;
}

export interface ContractorFigure {
  readonly recordAccesses: number;
  readonly searches: number;
  readonly signIns: number;
}

/** What people of contractors did here in a month (`2026-05`), refused attempts included. */
export async function contractorFigure(tx: Tx, month: string): Promise<ContractorFigure> {
  const rows = await tx<ContractorFigure>`
    select (count(*) filter (where kind in ('read', 'output')))::int as "recordAccesses",
           (count(*) filter (where kind = 'search'))::int as searches, (count(*) filter (where kind = 'sign-in'))::int as "signIns"
      from log_analysis.use where contractor and to_char(civil_on, 'YYYY-MM') = ${month}`;
  return rows[0]!;
}

export interface LogLine {
  readonly leafIndex: number;
  readonly eventId: string;
  readonly at: string;
  readonly who: string;
  readonly act: string;
  readonly event: string;
  readonly outcome: 'done' | 'refused';
  readonly refusal: string | null;
  readonly ground: string | null;
  readonly terminalId: string | null;
}

/** The log as an auditor reads it: ids and words, newest first. */
export const readLogLines = (
  tx: Tx,
  q: {
    readonly staffId: string | null;
    readonly fromAt: Temporal.Instant;
    readonly untilAt: Temporal.Instant;
    readonly offset: number;
    readonly limit: number;
  },
): Promise<LogLine[]> => tx<LogLine>`
  select e.leaf_index as "leafIndex", e.event_id as "eventId", b ->> 'at' as at,
         coalesce(b -> 'actor' ->> 'staffId', b -> 'actor' ->> 'system', b -> 'actor' ->> 'name', b -> 'actor' ->> 'kind') as who,
         b ->> 'act' as act, b ->> 'event' as event, b ->> 'outcome' as outcome, b ->> 'refusal' as refusal,
         b ->> 'ground' as ground, b -> 'actor' ->> 'terminalId' as "terminalId"
    from audit.entry e cross join lateral (select e.body::jsonb) as j(b)
   where e.sequenced_at >= ${q.fromAt} and (b ->> 'at')::timestamptz >= ${q.fromAt} and (b ->> 'at')::timestamptz < ${q.untilAt}
     and (${q.staffId}::text is null or b -> 'actor' ->> 'staffId' = ${q.staffId})
   order by e.leaf_index desc offset ${q.offset} limit ${q.limit}`;
