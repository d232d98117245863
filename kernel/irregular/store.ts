import type { Tx } from '../db/sql.ts';

export interface Procedure {
  readonly procedureId: string;
  readonly kind: string;
  readonly revision: number;
  readonly title: string;
  readonly steps: string;
  readonly registeredBy: string;
  readonly registeredOn: string;
}

/** The revision in force of each kind. */
export async function proceduresInForce(tx: Tx): Promise<Procedure[]> {
  return tx<Procedure>`
    select distinct on (kind) procedure_id as "procedureId", kind, revision, title, steps, registered_by as "registeredBy",
           registered_on::text as "registeredOn"
      from irregular.procedure order by kind, revision desc`;
}

/** False where somebody else registered this revision first. */
export async function insertProcedure(tx: Tx, row: Procedure): Promise<boolean> {
  const made = await tx`
    insert into irregular.procedure (procedure_id, kind, revision, title, steps, registered_by, registered_on, event_id)
    values (${row.procedureId}, ${row.kind}, ${row.revision}, ${row.title}, ${row.steps}, ${row.registeredBy}, ${row.registeredOn}, ${tx.eventId})
    on conflict (kind, revision) do nothing returning 1`;
  return made.length === 1;
}

export interface Entry {
  readonly entryId: string;
  readonly kind: string;
  readonly title: string;
  readonly revision: number;
  readonly subject: string | null;
  readonly reason: string;
  readonly doneBy: string;
  readonly doneOn: string;
  readonly doneAt: string;
  readonly verdict: 'right' | 'wrong' | null;
  readonly note: string | null;
  readonly confirmedBy: string | null;
}

export async function insertEntry(
  tx: Tx,
  row: Pick<Entry, 'entryId' | 'subject' | 'reason' | 'doneBy'> & {
    readonly procedureId: string;
    readonly on: Temporal.PlainDate;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into irregular.entry (entry_id, procedure_id, subject, reason, done_by, done_on, done_at, event_id)
    values (${row.entryId}, ${row.procedureId}, ${row.subject}, ${row.reason}, ${row.doneBy}, ${row.on}, ${row.at}, ${tx.eventId})`;
}

/** 月次一覧: all entries of the days, the oldest first; or one entry. */
export async function entries(
  tx: Tx,
  query: { readonly from?: Temporal.PlainDate; readonly before?: Temporal.PlainDate; readonly entryId?: string },
): Promise<Entry[]> {
  const { from = null, before = null, entryId = null } = query;
  return tx<Entry>`
    select e.entry_id as "entryId", p.kind, p.title, p.revision, e.subject, e.reason, e.done_by as "doneBy", e.done_on::text as "doneOn",
           to_json(e.done_at)#>>'{}' as "doneAt", c.verdict, c.note, c.confirmed_by as "confirmedBy"
      from irregular.entry e join irregular.procedure p using (procedure_id) left join irregular.confirmation c using (entry_id)
     where (${from}::date is null or e.done_on >= ${from}::date) and (${before}::date is null or e.done_on < ${before}::date)
       and (${entryId}::uuid is null or e.entry_id = ${entryId}::uuid)
     order by e.done_on, e.done_at, e.entry_id limit 2000`;
}

/** False where it was confirmed already. */
export async function insertConfirmation(
  tx: Tx,
  row: {
    readonly entryId: string;
    readonly verdict: 'right' | 'wrong';
    readonly note: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<boolean> {
  const made = await tx`
    insert into irregular.confirmation (entry_id, verdict, note, confirmed_by, confirmed_at, event_id)
    values (${row.entryId}, ${row.verdict}, ${row.note}, ${row.by}, ${row.at}, ${tx.eventId})
    on conflict (entry_id) do nothing returning 1`;
  return made.length === 1;
}

export interface MonthClosing {
  readonly month: string;
  readonly entries: number;
  readonly closedBy: string;
}

export async function monthClosing(tx: Tx, month: Temporal.PlainDate): Promise<MonthClosing | undefined> {
  const [row] = await tx<MonthClosing>`
    select month::text as month, entries, closed_by as "closedBy" from irregular.month_closing where month = ${month}`;
  return row;
}

export async function insertMonthClosing(
  tx: Tx,
  row: { month: Temporal.PlainDate; entries: number; by: string; at: Temporal.Instant },
): Promise<boolean> {
  const made = await tx`
    insert into irregular.month_closing (month, entries, closed_by, closed_at, event_id)
    values (${row.month}, ${row.entries}, ${row.by}, ${row.at}, ${tx.eventId}) on conflict (month) do nothing returning 1`;
  return made.length === 1;
}
