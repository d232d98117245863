import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface NewPending {
  readonly pendingId: string;
  readonly kind: 'change' | 'entry' | 'undo';
  readonly personId: string | null;
  readonly version: number | null;
  readonly command: object;
  /** One line for lists. */
  readonly summary: string;
  readonly approvalId: string | null;
  readonly needsCodes: boolean;
  readonly filedBy: string;
  readonly terminalId: string;
}

export async function insertPending(tx: Tx, p: NewPending, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into resident_register.pending_change (pending_id, kind, person_id, version, command, summary, approval_id, needs_codes,
      filed_by, terminal_id, filed_at, event_id)
    values (${p.pendingId}, ${p.kind}, ${p.personId}, ${p.version}, ${json(p.command)}, ${p.summary}, ${p.approvalId}, ${p.needsCodes},
      ${p.filedBy}, ${p.terminalId}, ${at}, ${tx.eventId})`;
}

export interface Pending extends NewPending {
  readonly filedAt: Temporal.Instant;
  readonly approved: boolean;
  readonly outcome: 'done' | 'returned' | 'refused' | null;
  readonly note: string | null;
  readonly donePersonId: string | null;
}

interface Row extends Omit<Pending, 'filedAt'> {
  readonly filedAt: string;
}

/** Waits for its turn, then reads in a statement of its own: what was just decided is seen. */
export async function lockPending(tx: Tx, pendingId: string): Promise<Pending | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended('resident-pending:' || ${pendingId}::text, 0))`;
  return findPending(tx, pendingId);
}

export async function findPending(tx: Tx, pendingId: string): Promise<Pending | undefined> {
  const [row] = await select(tx, { pendingId, open: false, codesOnly: false, personId: null, limit: 1, offset: 0 });
  return row;
}

interface Query {
  readonly pendingId: string | null;
  readonly personId: string | null;
  readonly open: boolean;
  /** Approved where that was asked, open, and waiting for codes. */
  readonly codesOnly: boolean;
  readonly offset: number;
  readonly limit: number;
}

async function select(tx: Tx, q: Query): Promise<Pending[]> {
  const rows = await tx<Row>`
    select p.pending_id as "pendingId", p.kind, p.person_id as "personId", p.version, p.command, p.summary, p.approval_id as "approvalId",
           p.needs_codes as "needsCodes", p.filed_by as "filedBy", p.terminal_id as "terminalId",
           to_json(p.filed_at)#>>'{}' as "filedAt", coalesce(d.decision = 'approved', p.approval_id is null) as approved,
           o.outcome, o.note, o.person_id as "donePersonId"
      from resident_register.pending_change p
      left join approvals.decision d on d.approval_id = p.approval_id
      left join resident_register.pending_outcome o using (pending_id)
     where (${q.pendingId}::uuid is null or p.pending_id = ${q.pendingId}::uuid)
       and (${q.personId}::uuid is null or p.person_id = ${q.personId}::uuid)
       and (not ${q.open} or o.pending_id is null)
       and (not ${q.codesOnly} or (p.needs_codes and (p.approval_id is null or d.decision = 'approved')))
     order by p.filed_at, p.pending_id offset ${q.offset} limit ${q.limit}`;
  return rows.map((r) => ({ ...r, filedAt: Temporal.Instant.from(r.filedAt) }));
}

const all = { pendingId: null, personId: null, open: true, codesOnly: false };

/** Oldest first. */
export const listOpen = (tx: Tx, page: { readonly offset: number; readonly limit: number }): Promise<Pending[]> =>
  select(tx, { ...all, ...page });
export const openOf = (tx: Tx, personId: string): Promise<Pending[]> =>
  select(tx, { ...all, personId, offset: 0, limit: 20 });
export const waitingForCodes = (tx: Tx, limit: number): Promise<Pending[]> =>
  select(tx, { ...all, codesOnly: true, offset: 0, limit });

export async function countOpen(tx: Tx): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from resident_register.pending_change p
     where not exists (select 1 from resident_register.pending_outcome o where o.pending_id = p.pending_id)`;
  return row!.n;
}

export interface Outcome {
  readonly pendingId: string;
  readonly outcome: 'done' | 'returned' | 'refused';
  readonly note: string;
  readonly personId: string | null;
  readonly changeId: string | null;
  readonly decidedBy: string | null;
}

export async function insertOutcome(tx: Tx, o: Outcome, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into resident_register.pending_outcome (pending_id, outcome, note, person_id, change_id, decided_by, at, event_id)
    values (${o.pendingId}, ${o.outcome}, ${o.note}, ${o.personId}, ${o.changeId}, ${o.decidedBy}, ${at}, ${tx.eventId})`;
}
