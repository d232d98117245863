import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface NewUseEntry {
  readonly entryId: string;
  readonly taskId: string;
  readonly staffId: string;
  readonly terminalId: string | null;
  readonly purpose: string;
  readonly document: string;
  readonly personLimit: number;
  readonly validUntil: string;
  readonly approvalId: string;
}

export interface UseEntry extends NewUseEntry {
  readonly taskCode: string;
  readonly taskName: string;
  readonly openedAt: Temporal.Instant;
  readonly permittedBy: string | null;
  readonly closedBy: string | null;
  readonly outcome: string | null;
  /** Inquiries within it so far, refused ones too. */
  readonly uses: number;
}

export async function insertUseEntry(tx: Tx, e: NewUseEntry, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into prefectural_juki.use_entry
      (entry_id, task_id, staff_id, terminal_id, purpose, document, person_limit, valid_until, opened_at, approval_id, event_id)
    values (${e.entryId}, ${e.taskId}, ${e.staffId}, ${e.terminalId}, ${e.purpose}, ${e.document}, ${e.personLimit},
      ${e.validUntil}, ${at}, ${e.approvalId}, ${tx.eventId})`;
}

export async function insertUsePermission(
  tx: Tx,
  p: { readonly entryId: string; readonly staffId: string; readonly by: string },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into prefectural_juki.use_permission (entry_id, staff_id, permitted_by, permitted_at, event_id)
    values (${p.entryId}, ${p.staffId}, ${p.by}, ${at}, ${tx.eventId})`;
}

/** False where it is closed already. */
export async function insertUseClosing(
  tx: Tx,
  c: { readonly entryId: string; readonly outcome: string; readonly by: string },
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into prefectural_juki.use_closing (entry_id, outcome, closed_by, closed_at, event_id)
    values (${c.entryId}, ${c.outcome}, ${c.by}, ${at}, ${tx.eventId}) on conflict (entry_id) do nothing returning 1`;
  return rows.length === 1;
}

type EntryRow = Omit<UseEntry, 'openedAt'> & { openedAt: string };
const toEntry = (row: EntryRow): UseEntry => ({ ...row, openedAt: Temporal.Instant.from(row.openedAt) });

export async function useEntryById(tx: Tx, entryId: string): Promise<UseEntry | undefined> {
  const [row] = await tx<EntryRow>`
    select e.entry_id as "entryId", e.task_id as "taskId", e.staff_id as "staffId", e.terminal_id as "terminalId", e.purpose,
           e.document, e.person_limit as "personLimit", e.valid_until as "validUntil", e.approval_id as "approvalId",
           t.code as "taskCode", t.name as "taskName", to_json(e.opened_at)#>>'{}' as "openedAt", p.permitted_by as "permittedBy",
           c.closed_by as "closedBy", c.outcome,
           (select count(*)::int from prefectural_juki.provision_record r where r.use_entry_id = e.entry_id) as uses
      from prefectural_juki.use_entry e join prefectural_juki.task t using (task_id)
      left join prefectural_juki.use_permission p using (entry_id) left join prefectural_juki.use_closing c using (entry_id)
     where e.entry_id = ${entryId}`;
  return row && toEntry(row);
}

/** Takes the entry's turn, so that two inquiries at once cannot both be the last that it allows. */
export async function lockUseEntry(tx: Tx, entryId: string): Promise<UseEntry | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended('juki-use:' || ${entryId}::text, 0))`;
  return useEntryById(tx, entryId);
}

/** Newest first; of one operator, or of all. */
export async function listUseEntries(
  tx: Tx,
  query: { readonly staffId: string | null; readonly offset: number; readonly limit: number },
): Promise<{ rows: UseEntry[]; total: number }> {
  const [rows, [count]] = await Promise.all([
    tx<EntryRow>`
      select e.entry_id as "entryId", e.task_id as "taskId", e.staff_id as "staffId", e.terminal_id as "terminalId", e.purpose,
             e.document, e.person_limit as "personLimit", e.valid_until as "validUntil", e.approval_id as "approvalId",
             t.code as "taskCode", t.name as "taskName", to_json(e.opened_at)#>>'{}' as "openedAt", p.permitted_by as "permittedBy",
             c.closed_by as "closedBy", c.outcome,
             (select count(*)::int from prefectural_juki.provision_record r where r.use_entry_id = e.entry_id) as uses
        from prefectural_juki.use_entry e join prefectural_juki.task t using (task_id)
        left join prefectural_juki.use_permission p using (entry_id) left join prefectural_juki.use_closing c using (entry_id)
       where ${query.staffId}::text is null or e.staff_id = ${query.staffId}::text
       order by e.opened_at desc, e.entry_id offset ${query.offset} limit ${query.limit}`,
    tx<{ n: number }>`
      select count(*)::int as n from prefectural_juki.use_entry
       where ${query.staffId}::text is null or staff_id = ${query.staffId}::text`,
  ]);
  return { rows: rows.map(toEntry), total: count!.n };
}

export interface TerminalUse {
  readonly usedOn: string;
  readonly terminalId: string | null;
  readonly operatorId: string;
  readonly taskCode: string | null;
  readonly inquiries: number;
  readonly given: number;
}

/** 端末使用簿: by day, terminal, operator and task, how many were asked for and given. From the provision records themselves. */
export async function terminalUses(
  tx: Tx,
  query: { readonly from: string; readonly until: string; readonly offset: number; readonly limit: number },
): Promise<{ rows: TerminalUse[]; total: number }> {
  const rows = await tx<TerminalUse & { total: number }>`
    select (p.provided_at at time zone 'Asia/Tokyo')::date as "usedOn", p.terminal_id as "terminalId", p.operator_id as "operatorId",
           t.code as "taskCode", count(*)::int as inquiries, (count(*) filter (where p.result = 'given'))::int as given,
           (count(*) over ())::int as total
      from prefectural_juki.provision_record p left join prefectural_juki.task t using (task_id)
     where p.method = 'terminal'
       and p.provided_at >= ${query.from}::date::timestamp at time zone 'Asia/Tokyo'
       and p.provided_at < (${query.until}::date + 1)::timestamp at time zone 'Asia/Tokyo'
     group by 1, 2, 3, 4 order by 1 desc, 2, 3, 4 offset ${query.offset} limit ${query.limit}`;
  return { rows: rows.map(({ total: _, ...row }) => row), total: rows[0]?.total ?? 0 };
}
