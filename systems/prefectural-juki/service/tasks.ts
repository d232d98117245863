import {
  type CodeGround,
  type GroundKind,
  isActive,
  kindOfGround,
  type NumberGround,
  type ProvidedItem,
  providedItemWords,
  type RecipientKind,
  type Task,
} from '@musubi/contracts/juki/tasks.ts';
import { decideApproval, requestApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import type { DecideError } from '@musubi/kernel/access/approvals/domain.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import {
  endOperator,
  endRecipient,
  endTask,
  insertOperator,
  insertRecipient,
  insertTask,
  insertTaskPermission,
  listRecipients,
  listTasks,
  type OperatorRow,
  operatorsOf,
  type RecipientRow,
  recipientById,
  type TaskRow,
  taskById,
  taskForInquiry,
  tasksHeldBy,
} from '../store/tasks.ts';
import { taskOf } from './task-of.ts';

export const taskApprovalKind = 'juki.task';
const staffIdOf = (actor: Actor): string => (actor.kind === 'staff' ? actor.staffId : actor.kind);

export interface NewRecipient {
  readonly kind: Exclude<RecipientKind, 'municipal-agency'>;
  readonly name: string;
  readonly peer: string | null;
  readonly validFrom: string;
}

/** 提供先・移転先の登録. Alone it opens nothing: a task does. */
export const registerRecipient = act('prefectural-juki.register-recipient', {
  right: ['prefectural-juki', 'task', 'update'],
  async run(tx, deps: Deps, command: NewRecipient, actor): Promise<Result<{ recipientId: string }, 'peer-taken'>> {
    const recipientId = deps.newId();
    const row = { ...command, recipientId, by: staffIdOf(actor) };
    if (!(await insertRecipient(tx, row, deps.machineClock.now()))) return err('peer-taken');
    tx.record({
      event: 'recipient.registered',
      facts: ['prefectural_juki.recipient'],
      detail: { recipientId, kind: command.kind },
    });
    return ok({ recipientId });
  },
});

interface End {
  readonly endsOn: string;
  readonly reason: string;
}
export const closeRecipient = act('prefectural-juki.end-recipient', {
  right: ['prefectural-juki', 'task', 'update'],
  async run(
    tx,
    deps: Deps,
    { recipientId, ...end }: End & { readonly recipientId: string },
    actor,
  ): Promise<Result<undefined, 'no-such-recipient' | 'already-ended'>> {
    if (!(await recipientById(tx, recipientId))) return err('no-such-recipient');
    if (!(await endRecipient(tx, recipientId, { ...end, by: staffIdOf(actor) }, deps.machineClock.now())))
      return err('already-ended');
    tx.record({
      event: 'recipient.ended',
      facts: ['prefectural_juki.recipient_end'],
      detail: { recipientId, endsOn: end.endsOn },
    });
    return ok(undefined);
  },
});

export interface NewTask {
  readonly code: string;
  readonly name: string;
  readonly recipientId: string;
  readonly groundKind: GroundKind;
  readonly groundText: string;
  readonly items: readonly ProvidedItem[];
  readonly numberGround: NumberGround | null;
  readonly codeGround: CodeGround | null;
  readonly includesRemoved: boolean;
  readonly includesOtherPrefectures: boolean;
  readonly isEmigrantWork: boolean;
  readonly validFrom: string;
  readonly validUntil: string | null;
  /** 使用通知 of the department or agency. */
  readonly notificationDocument: string;
}
export type TaskFault =
  | 'no-such-recipient'
  | 'ground-names-another'
  | 'number-without-ground'
  | 'code-without-ground'
  | 'no-items'
  | 'wrong-period'
  | 'code-taken';

/** What no permission could mend; the schema holds the same. */
export function faultOfTask(task: NewTask, recipientKind: string): TaskFault | undefined {
  if (kindOfGround[task.groundKind] !== recipientKind) return 'ground-names-another';
  if (task.items.length === 0) return 'no-items';
  if (task.items.includes('individualNumber') && task.numberGround === null) return 'number-without-ground';
  if (task.items.includes('residentRecordCode') && task.codeGround === null) return 'code-without-ground';
  if (task.validUntil !== null && task.validUntil < task.validFrom) return 'wrong-period';
  return undefined;
}

/** 事務の登録 from its use notification. It answers nothing until another person permits it. */
export const registerTask = act('prefectural-juki.register-task', {
  right: ['prefectural-juki', 'task', 'update'],
  async run(tx, deps: Deps, command: NewTask, actor): Promise<Result<{ taskId: string }, TaskFault>> {
    const recipient = await recipientById(tx, command.recipientId);
    if (!recipient) return err('no-such-recipient');
    const fault = faultOfTask(command, recipient.kind);
    if (fault) return err(fault);
    const taskId = deps.newId();
    const by = staffIdOf(actor);
    const items = providedItemWords.filter((item) => command.items.includes(item));
    const payload = { ...command, items, taskId };
    const approvalId = await requestApproval(tx, deps, { kind: taskApprovalKind, subject: taskId, payload, by });
    const task = { ...command, items, taskId, registeredBy: by, approvalId };
    if (!(await insertTask(tx, task, deps.machineClock.now()))) return err('code-taken');
    tx.record({
      event: 'task.registered',
      facts: ['prefectural_juki.task'],
      ground: command.groundText,
      items,
      detail: { taskId, code: command.code },
    });
    return ok({ taskId });
  },
});

/** 使用の許可 by somebody other than who registered it (振興企画課). */
export const permitTask = act('prefectural-juki.permit-task', {
  right: ['prefectural-juki', 'task', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly taskId: string; readonly decision: 'approved' | 'rejected' },
    actor,
  ): Promise<Result<undefined, 'no-such-request' | DecideError>> {
    const task = await taskById(tx, command.taskId);
    if (!task) return err('no-such-request');
    const by = staffIdOf(actor);
    const decided = await decideApproval(tx, deps, { approvalId: task.approvalId, decision: command.decision, by });
    if (!decided.ok) return decided;
    const isApproved = command.decision === 'approved';
    const permission = { taskId: task.taskId, registeredBy: task.registeredBy, by };
    if (isApproved) await insertTaskPermission(tx, permission, deps.machineClock.now());
    tx.record({
      event: isApproved ? 'task.permitted' : 'task.rejected',
      facts: isApproved ? ['prefectural_juki.task_permission'] : [],
      detail: { taskId: task.taskId, code: task.code },
    });
    return ok(undefined);
  },
});

export const closeTask = act('prefectural-juki.end-task', {
  right: ['prefectural-juki', 'task', 'update'],
  async run(
    tx,
    deps: Deps,
    { taskId, ...end }: End & { readonly taskId: string },
    actor,
  ): Promise<Result<undefined, 'no-such-task' | 'already-ended'>> {
    if (!(await taskById(tx, taskId))) return err('no-such-task');
    if (!(await endTask(tx, taskId, { ...end, by: staffIdOf(actor) }, deps.machineClock.now())))
      return err('already-ended');
    tx.record({ event: 'task.ended', facts: ['prefectural_juki.task_end'], detail: { taskId, endsOn: end.endsOn } });
    return ok(undefined);
  },
});

/** Gives a task to an operator of a terminal, for a time. Without one an operator may neither search nor inquire. */
export const assignOperator = act('prefectural-juki.assign-operator', {
  right: ['prefectural-juki', 'task', 'update'],
  async run(
    tx,
    deps: Deps,
    command: {
      readonly taskId: string;
      readonly staffId: string;
      readonly validFrom: string;
      readonly validUntil: string;
    },
    actor,
  ): Promise<Result<undefined, 'no-such-task' | 'wrong-period'>> {
    if (!(await taskById(tx, command.taskId))) return err('no-such-task');
    if (command.validUntil < command.validFrom) return err('wrong-period');
    const taskOperatorId = deps.newId();
    await insertOperator(tx, { ...command, taskOperatorId, assignedBy: staffIdOf(actor) }, deps.machineClock.now());
    tx.record({
      event: 'task.operator-assigned',
      facts: ['prefectural_juki.task_operator'],
      detail: { taskId: command.taskId, staffId: command.staffId },
    });
    return ok(undefined);
  },
});

export const releaseOperator = act('prefectural-juki.release-operator', {
  right: ['prefectural-juki', 'task', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly taskOperatorId: string },
    actor,
  ): Promise<Result<undefined, 'no-such-assignment'>> {
    if (!(await endOperator(tx, command.taskOperatorId, staffIdOf(actor), deps.machineClock.now())))
      return err('no-such-assignment');
    tx.record({
      event: 'task.operator-released',
      facts: ['prefectural_juki.task_operator_end'],
      detail: { ...command },
    });
    return ok(undefined);
  },
});

export interface TaskView {
  readonly task: Task;
  readonly row: TaskRow;
  readonly isActive: boolean;
}
const viewOf = (row: TaskRow, today: string): TaskView => {
  const task = taskOf(row);
  return { task, row, isActive: isActive(task, today) };
};

export const readTasks = look('prefectural-juki.read-tasks', {
  right: ['prefectural-juki', 'task', 'read'],
  async run(
    tx,
    deps: Deps,
    query: { readonly recipientId?: string | null; readonly offset: number; readonly limit: number },
  ): Promise<{ rows: TaskView[]; total: number }> {
    const today = deps.civilClock.today().toString();
    const found = await listTasks(tx, { ...query, recipientId: query.recipientId ?? null });
    return { rows: found.rows.map((row) => viewOf(row, today)), total: found.total };
  },
});

export const readTask = look('prefectural-juki.read-task', {
  right: ['prefectural-juki', 'task', 'read'],
  async run(
    tx,
    deps: Deps,
    { taskId }: { readonly taskId: string },
  ): Promise<(TaskView & { readonly operators: readonly OperatorRow[] }) | undefined> {
    const row = await taskById(tx, taskId);
    if (!row) return undefined;
    return { ...viewOf(row, deps.civilClock.today().toString()), operators: await operatorsOf(tx, taskId) };
  },
});

export const readRecipients = look('prefectural-juki.read-recipients', {
  right: ['prefectural-juki', 'task', 'read'],
  run: (tx, _deps: Deps, _query: undefined): Promise<RecipientRow[]> => listRecipients(tx),
});

async function heldNow(tx: Tx, deps: Deps, actor: Actor): Promise<Task[]> {
  const today = deps.civilClock.today().toString();
  const rows = await tasksHeldBy(tx, staffIdOf(actor), today);
  return rows.map(taskOf).filter((task) => isActive(task, today));
}

/** The tasks that this operator holds and that are in force today: for inquiries, four-item searches, outputs. */
export const ownTasks = look('prefectural-juki.own-tasks', {
  right: ['prefectural-juki', 'inquiry', 'read'],
  run: (tx, deps: Deps, _query: undefined, actor): Promise<Task[]> => heldNow(tx, deps, actor),
});
export const tasksForSearch = look('prefectural-juki.tasks-for-search', {
  right: ['prefectural-juki', 'search', 'read'],
  run: (tx, deps: Deps, _query: undefined, actor): Promise<Task[]> => heldNow(tx, deps, actor),
});
export const tasksForOutput = look('prefectural-juki.tasks-for-output', {
  right: ['prefectural-juki', 'output', 'update'],
  run: (tx, deps: Deps, _query: undefined, actor): Promise<Task[]> => heldNow(tx, deps, actor),
});

/**
 * The task under which an operator searches or orders: theirs, permitted, in force. For acts that need one beside an inquiry
 * (four-item search, bulk provision); call it inside the act's transaction.
 */
export async function activeTaskOf(
  tx: Tx,
  deps: Deps,
  query: { readonly code: string; readonly staffId: string },
): Promise<Result<Task, 'no-active-task'>> {
  const today = deps.civilClock.today().toString();
  const row = await taskForInquiry(tx, { ...query, onDate: today });
  const task = row && taskOf(row);
  return task && row.isHeld && isActive(task, today) ? ok(task) : err('no-active-task');
}
