import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { Entry, Values } from '../domain/register.ts';

/** All writing takes turns: the rules of one entry look at others, and the registers are small. */
export const lockRegisters = (tx: Tx): Promise<unknown> =>
  tx`select pg_advisory_xact_lock(hashtextextended('governance', 0))`;

export interface CurrentEntry extends Entry {
  readonly isOpen: boolean;
  /** Revisions and steps so far; what a form was made from. */
  readonly changes: number;
  /** ISO day. */
  readonly dueOn: string | null;
  readonly dueWhat: string | null;
}

export async function findCurrent(tx: Tx, entryId: string): Promise<CurrentEntry | undefined> {
  const rows = await tx<CurrentEntry>`
    select entry_id as "entryId", register, label, heading, state, is_open as "isOpen", field_values as values,
           opened_by as "openedBy", opened_on::text as "openedOn", due_on::text as "dueOn", due_what as "dueWhat", changes,
           last_changed_by as "lastChangedBy"
      from governance.current where entry_id = ${entryId}::uuid`;
  return rows[0];
}

/** Entries of a register whose `field` names this entry, oldest first. */
export const entriesNaming = (
  tx: Tx,
  query: { readonly register: string; readonly field: string; readonly entryId: string },
): Promise<CurrentEntry[]> => tx<CurrentEntry>`
  select entry_id as "entryId", register, label, heading, state, is_open as "isOpen", field_values as values,
         opened_by as "openedBy", opened_on::text as "openedOn", due_on::text as "dueOn", due_what as "dueWhat", changes,
         last_changed_by as "lastChangedBy"
    from governance.current
   where register = ${query.register} and field_values @> ${json({ [query.field]: query.entryId })}::jsonb
   order by label`;

export interface ListQuery {
  readonly registers: readonly string[];
  readonly state: string | null;
  /** Part of number or heading. */
  readonly text: string | null;
  /** Only what is due on or before this ISO day. */
  readonly dueBy: string | null;
  readonly offset: number;
  readonly limit: number;
}

/** What is due first, then the newest. */
export async function listCurrent(tx: Tx, query: ListQuery): Promise<{ rows: CurrentEntry[]; total: number }> {
  const pattern = query.text === null ? null : `%${query.text.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const rows = await tx<CurrentEntry & { total: number }>`
    select entry_id as "entryId", register, label, heading, state, is_open as "isOpen", field_values as values,
           opened_by as "openedBy", opened_on::text as "openedOn", due_on::text as "dueOn", due_what as "dueWhat", changes,
           last_changed_by as "lastChangedBy", count(*) over ()::int as total
      from governance.current
     where register = any (${query.registers}::text[])
       and (${query.state}::text is null or state = ${query.state})
       and (${pattern}::text is null or label ilike ${pattern} or heading ilike ${pattern})
       and (${query.dueBy}::date is null or due_on <= ${query.dueBy}::date)
     order by due_on nulls last, label desc offset ${query.offset} limit ${query.limit}`;
  return { rows: rows.map(({ total: _total, ...row }) => row), total: rows[0]?.total ?? 0 };
}

/** Every entry of a register, of one state where it is given: for rules over the whole of it. */
export const allOf = async (tx: Tx, register: string, state: string | null = null): Promise<CurrentEntry[]> =>
  (await listCurrent(tx, { registers: [register], state, text: null, dueBy: null, offset: 0, limit: 100_000 })).rows;

/** Entries that a reference field may name: those that are still open, and the newest closed ones. */
export const choices = (
  tx: Tx,
  register: string,
  limit: number,
): Promise<{ entryId: string; label: string; heading: string }[]> =>
  tx<{ entryId: string; label: string; heading: string }>`
    select entry_id as "entryId", label, heading from governance.current
     where register = ${register} order by is_open desc, label desc limit ${limit}`;

export interface RegisterCounts {
  readonly register: string;
  readonly open: number;
  readonly overdue: number;
  readonly total: number;
}
export const countRegisters = (tx: Tx, today: string): Promise<RegisterCounts[]> => tx<RegisterCounts>`
  select register, count(*) filter (where is_open)::int as open, count(*) filter (where due_on < ${today}::date)::int as overdue,
         count(*)::int as total
    from governance.current group by register order by register`;

export async function insertEntry(
  tx: Tx,
  entry: {
    readonly entryId: string;
    readonly register: string;
    readonly fiscalYear: number;
    readonly by: string;
    readonly on: string;
    readonly at: Temporal.Instant;
  },
): Promise<number> {
  const rows = await tx<{ number: number }>`
    insert into governance.entry (entry_id, register, fiscal_year, number, opened_by, opened_on, opened_at, event_id)
    select ${entry.entryId}, ${entry.register}, ${entry.fiscalYear}, coalesce(max(number), 0) + 1, ${entry.by}, ${entry.on},
           ${entry.at}, ${tx.eventId}
      from governance.entry where register = ${entry.register} and fiscal_year = ${entry.fiscalYear}
    returning number`;
  return rows[0]!.number;
}

interface Change {
  readonly entryId: string;
  readonly values: Values;
  readonly by: string;
  readonly on: string;
  readonly at: Temporal.Instant;
}

export async function insertRevision(tx: Tx, revision: Change & { readonly reason: string }): Promise<void> {
  await tx`
    insert into governance.revision (entry_id, revision, field_values, reason, revised_by, revised_on, revised_at, event_id)
    select ${revision.entryId}, coalesce(max(revision), 0) + 1, ${json(revision.values)}, ${revision.reason}, ${revision.by},
           ${revision.on}, ${revision.at}, ${tx.eventId}
      from governance.revision where entry_id = ${revision.entryId}`;
}

export async function insertStep(
  tx: Tx,
  step: Change & { readonly step: string; readonly from: string; readonly to: string },
): Promise<void> {
  await tx`
    insert into governance.step
      (entry_id, step_no, step, from_state, to_state, field_values, taken_by, taken_on, taken_at, event_id)
    select ${step.entryId}, coalesce(max(step_no), 0) + 1, ${step.step}, ${step.from}, ${step.to}, ${json(step.values)},
           ${step.by}, ${step.on}, ${step.at}, ${tx.eventId}
      from governance.step where entry_id = ${step.entryId}`;
}

export async function putCurrent(tx: Tx, entry: CurrentEntry, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into governance.current (entry_id, register, label, heading, state, is_open, field_values, opened_by, opened_on,
      due_on, due_what, changes, last_changed_by, last_changed_at)
    values (${entry.entryId}, ${entry.register}, ${entry.label}, ${entry.heading}, ${entry.state}, ${entry.isOpen},
      ${json(entry.values)}, ${entry.openedBy}, ${entry.openedOn}, ${entry.dueOn}, ${entry.dueWhat}, ${entry.changes},
      ${entry.lastChangedBy}, ${at})
    on conflict (entry_id) do update set heading = excluded.heading, state = excluded.state, is_open = excluded.is_open,
      field_values = excluded.field_values, due_on = excluded.due_on, due_what = excluded.due_what,
      changes = excluded.changes, last_changed_by = excluded.last_changed_by, last_changed_at = excluded.last_changed_at`;
}

/** One revision or step, as it was recorded. */
export interface HistoryRow {
  readonly kind: 'revision' | 'step';
  /** Id of the step; for a revision its reason. */
  readonly what: string;
  readonly values: Values;
  readonly fromState: string | null;
  readonly toState: string | null;
  readonly by: string;
  readonly on: string;
  /** PostgreSQL's text. */
  readonly at: string;
}

/** Oldest first. */
export const historyOf = (tx: Tx, entryId: string): Promise<HistoryRow[]> => tx<HistoryRow>`
  select * from (
    select 'revision' as kind, reason as what, field_values as values, null as "fromState", null as "toState",
           revised_by as by, revised_on::text as on, revised_at::text as at
      from governance.revision where entry_id = ${entryId}::uuid
    union all
    select 'step', step, field_values, from_state, to_state, taken_by, taken_on::text, taken_at::text
      from governance.step where entry_id = ${entryId}::uuid) h order by at::timestamptz`;

/** Entries past their day that were not told yet. */
export const overdueUntold = (tx: Tx, today: string, limit: number): Promise<CurrentEntry[]> => tx<CurrentEntry>`
  select c.entry_id as "entryId", c.register, c.label, c.heading, c.state, c.is_open as "isOpen", c.field_values as values,
         c.opened_by as "openedBy", c.opened_on::text as "openedOn", c.due_on::text as "dueOn", c.due_what as "dueWhat",
         c.changes, c.last_changed_by as "lastChangedBy"
    from governance.current c
   where c.due_on < ${today}::date
     and not exists (select 1 from governance.overdue_raised o where o.entry_id = c.entry_id and o.due_on = c.due_on)
   order by c.due_on, c.label limit ${limit}`;

export async function insertOverdueRaised(
  tx: Tx,
  told: { readonly entryId: string; readonly dueOn: string; readonly on: string },
): Promise<void> {
  await tx`insert into governance.overdue_raised (entry_id, due_on, raised_on, event_id)
    values (${told.entryId}, ${told.dueOn}, ${told.on}, ${tx.eventId}) on conflict do nothing`;
}

export interface UseFigure {
  readonly system: string;
  readonly month: string;
  readonly recordAccesses: number;
  readonly searches: number;
  readonly signIns: number;
}

export async function insertUseFigure(
  tx: Tx,
  figureId: string,
  figure: UseFigure,
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into governance.use_figure (figure_id, system, month, record_accesses, searches, sign_ins, received_at, event_id)
    values (${figureId}, ${figure.system}, ${figure.month}, ${figure.recordAccesses}, ${figure.searches}, ${figure.signIns},
      ${at}, ${tx.eventId})`;
}

/** The latest figures of each system for a month. */
export const useFigures = (tx: Tx, month: string): Promise<UseFigure[]> => tx<UseFigure>`
  select distinct on (system) system, month, record_accesses as "recordAccesses", searches, sign_ins as "signIns"
    from governance.use_figure where month = ${month} order by system, received_at desc`;
