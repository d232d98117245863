import type { Tx } from '@musubi/kernel/db/sql.ts';
import { type Gathered, gathered } from '@musubi/kernel/db/together.ts';

/** A task as it stands, its recipient, permission and end in one row. Words are those of contracts/juki/tasks.ts. */
export interface TaskRow {
  readonly taskId: string;
  readonly code: string;
  readonly name: string;
  readonly recipientId: string;
  readonly recipientKind: string;
  readonly recipientName: string;
  readonly peer: string | null;
  readonly recipientFrom: string;
  readonly recipientUntil: string | null;
  readonly groundKind: string;
  readonly groundText: string;
  readonly items: readonly string[];
  readonly numberGround: string | null;
  readonly codeGround: string | null;
  readonly includesRemoved: boolean;
  readonly includesOtherPrefectures: boolean;
  readonly isEmigrantWork: boolean;
  readonly validFrom: string;
  readonly validUntil: string | null;
  readonly notificationDocument: string;
  readonly registeredBy: string;
  readonly registeredAt: string;
  readonly approvalId: string;
  readonly permittedBy: string | null;
}

export interface TaskQuery {
  readonly code: string;
  readonly staffId: string | null;
  readonly onDate: string;
}
export type HeldTaskRow = TaskRow & { readonly isHeld: boolean };

/** The task of an inquiry, and whether this operator holds it on that day. Who asks for the same task shares its statement. */
export const taskForInquiry = gathered(
  async (tx, asked: readonly Gathered<TaskQuery>[]): Promise<readonly (HeldTaskRow | undefined)[]> => {
    const keys = asked.map(({ query }) => JSON.stringify([query.code, query.staffId, query.onDate]));
    const different = new Map(asked.map(({ query }, i) => [keys[i]!, query]));
    const found = await Promise.all(
      [...different].map(async ([key, query]) => [key, await readTask(tx, query)] as const),
    );
    const byKey = new Map(found);
    return keys.map((key) => byKey.get(key));
  },
);

async function readTask(tx: Tx, query: TaskQuery): Promise<HeldTaskRow | undefined> {
  const [row] = await tx<HeldTaskRow & object>`
    select t.*, exists (
        select 1 from prefectural_juki.task_operator o
         where o.task_id = t."taskId" and o.staff_id = ${query.staffId}::text
           and ${query.onDate}::date between o.valid_from and o.valid_until
           and not exists (select 1 from prefectural_juki.task_operator_end e where e.task_operator_id = o.task_operator_id)
      ) as "isHeld"
      from prefectural_juki.task_now t where t.code = ${query.code}`;
  return row;
}

export async function taskById(tx: Tx, taskId: string): Promise<TaskRow | undefined> {
  const [row] = await tx<TaskRow & object>`select * from prefectural_juki.task_now where "taskId" = ${taskId}`;
  return row;
}

export async function taskByCode(tx: Tx, code: string): Promise<TaskRow | undefined> {
  const [row] = await tx<TaskRow & object>`select * from prefectural_juki.task_now where code = ${code}`;
  return row;
}

/** Those that have begun or will, by code; ended ones too. */
export async function listTasks(
  tx: Tx,
  query: { readonly recipientId: string | null; readonly offset: number; readonly limit: number },
): Promise<{ rows: TaskRow[]; total: number }> {
  const [rows, [count]] = await Promise.all([
    tx<TaskRow & object>`
      select * from prefectural_juki.task_now
       where ${query.recipientId}::uuid is null or "recipientId" = ${query.recipientId}::uuid
       order by code offset ${query.offset} limit ${query.limit}`,
    tx<{ n: number }>`
      select count(*)::int as n from prefectural_juki.task
       where ${query.recipientId}::uuid is null or recipient_id = ${query.recipientId}::uuid`,
  ]);
  return { rows, total: count!.n };
}

/** Tasks that an operator holds on a day; whether each is active is the caller's to see. */
export async function tasksHeldBy(tx: Tx, staffId: string, onDate: string): Promise<TaskRow[]> {
  return tx<TaskRow & object>`
    select * from prefectural_juki.task_now t
     where exists (
        select 1 from prefectural_juki.task_operator o
         where o.task_id = t."taskId" and o.staff_id = ${staffId} and ${onDate}::date between o.valid_from and o.valid_until
           and not exists (select 1 from prefectural_juki.task_operator_end e where e.task_operator_id = o.task_operator_id))
     order by code`;
}

export interface RecipientRow {
  readonly recipientId: string;
  readonly kind: string;
  readonly name: string;
  readonly peer: string | null;
  readonly validFrom: string;
  readonly validUntil: string | null;
}

export async function listRecipients(tx: Tx): Promise<RecipientRow[]> {
  return tx<RecipientRow & object>`
    select r.recipient_id as "recipientId", r.kind, r.name, r.peer, r.valid_from as "validFrom", e.ends_on as "validUntil"
      from prefectural_juki.recipient r left join prefectural_juki.recipient_end e using (recipient_id) order by r.kind, r.name`;
}

export async function recipientById(tx: Tx, recipientId: string): Promise<RecipientRow | undefined> {
  const [row] = await tx<RecipientRow & object>`
    select r.recipient_id as "recipientId", r.kind, r.name, r.peer, r.valid_from as "validFrom", e.ends_on as "validUntil"
      from prefectural_juki.recipient r left join prefectural_juki.recipient_end e using (recipient_id)
     where r.recipient_id = ${recipientId}`;
  return row;
}

/** False where the peer is already another recipient's. */
export async function insertRecipient(
  tx: Tx,
  r: Omit<RecipientRow, 'validUntil'> & { readonly by: string },
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into prefectural_juki.recipient (recipient_id, kind, name, peer, valid_from, registered_by, registered_at, event_id)
    values (${r.recipientId}, ${r.kind}, ${r.name}, ${r.peer}, ${r.validFrom}, ${r.by}, ${at}, ${tx.eventId})
    on conflict (peer) do nothing returning 1`;
  return rows.length === 1;
}

export interface Ending {
  readonly endsOn: string;
  readonly reason: string;
  readonly by: string;
}

/** False where an end is already set. */
export async function endRecipient(tx: Tx, recipientId: string, end: Ending, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into prefectural_juki.recipient_end (recipient_id, ends_on, reason, ended_by, ended_at, event_id)
    values (${recipientId}, ${end.endsOn}, ${end.reason}, ${end.by}, ${at}, ${tx.eventId})
    on conflict (recipient_id) do nothing returning 1`;
  return rows.length === 1;
}

export type NewTask = Omit<
  TaskRow,
  'recipientKind' | 'recipientName' | 'peer' | 'recipientFrom' | 'recipientUntil' | 'registeredAt' | 'permittedBy'
>;

/** False where the code is already taken. */
export async function insertTask(tx: Tx, t: NewTask, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into prefectural_juki.task
      (task_id, code, name, recipient_id, ground_kind, ground_text, items, number_ground, code_ground, includes_removed,
       includes_other_prefectures, is_emigrant_work, valid_from, valid_until, notification_document, registered_by, registered_at,
       approval_id, event_id)
    values (${t.taskId}, ${t.code}, ${t.name}, ${t.recipientId}, ${t.groundKind}, ${t.groundText}, ${t.items}, ${t.numberGround},
      ${t.codeGround}, ${t.includesRemoved}, ${t.includesOtherPrefectures}, ${t.isEmigrantWork}, ${t.validFrom}, ${t.validUntil},
      ${t.notificationDocument}, ${t.registeredBy}, ${at}, ${t.approvalId}, ${tx.eventId})
    on conflict (code) do nothing returning 1`;
  return rows.length === 1;
}

export async function insertTaskPermission(
  tx: Tx,
  p: { readonly taskId: string; readonly registeredBy: string; readonly by: string },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into prefectural_juki.task_permission (task_id, registered_by, permitted_by, permitted_at, event_id)
    values (${p.taskId}, ${p.registeredBy}, ${p.by}, ${at}, ${tx.eventId})`;
}

/** False where an end is already set. */
export async function endTask(tx: Tx, taskId: string, end: Ending, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into prefectural_juki.task_end (task_id, ends_on, reason, ended_by, ended_at, event_id)
    values (${taskId}, ${end.endsOn}, ${end.reason}, ${end.by}, ${at}, ${tx.eventId})
    on conflict (task_id) do nothing returning 1`;
  return rows.length === 1;
}

export interface OperatorRow {
  readonly taskOperatorId: string;
  readonly staffId: string;
  readonly validFrom: string;
  readonly validUntil: string;
  readonly assignedBy: string;
  readonly isEnded: boolean;
}

export async function operatorsOf(tx: Tx, taskId: string): Promise<OperatorRow[]> {
  return tx<OperatorRow & object>`
    select o.task_operator_id as "taskOperatorId", o.staff_id as "staffId", o.valid_from as "validFrom", o.valid_until as "validUntil",
           o.assigned_by as "assignedBy", e.task_operator_id is not null as "isEnded"
      from prefectural_juki.task_operator o left join prefectural_juki.task_operator_end e using (task_operator_id)
     where o.task_id = ${taskId} order by o.staff_id, o.valid_from`;
}

export async function insertOperator(
  tx: Tx,
  o: Omit<OperatorRow, 'isEnded'> & { readonly taskId: string },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into prefectural_juki.task_operator
      (task_operator_id, task_id, staff_id, valid_from, valid_until, assigned_by, assigned_at, event_id)
    values (${o.taskOperatorId}, ${o.taskId}, ${o.staffId}, ${o.validFrom}, ${o.validUntil}, ${o.assignedBy}, ${at}, ${tx.eventId})`;
}

/** False where it has ended or never was. */
export async function endOperator(tx: Tx, taskOperatorId: string, by: string, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into prefectural_juki.task_operator_end (task_operator_id, ended_by, ended_at, event_id)
    select task_operator_id, ${by}, ${at}::timestamptz, ${tx.eventId}::uuid
      from prefectural_juki.task_operator where task_operator_id = ${taskOperatorId}
    on conflict do nothing returning 1`;
  return rows.length === 1;
}
