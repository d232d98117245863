import { decideApproval, requestApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import type { DecideError } from '@musubi/kernel/access/approvals/domain.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { taskForInquiry } from '../store/tasks.ts';
import {
  insertUseClosing,
  insertUseEntry,
  insertUsePermission,
  listUseEntries,
  lockUseEntry,
  type TerminalUse,
  terminalUses,
  type UseEntry,
  useEntryById,
} from '../store/use-ledger.ts';
import { taskOf } from './task-of.ts';

export const useApprovalKind = 'juki.number-use';
export type UseRefusal = 'use-entry-needed' | 'use-entry-spent';

/**
 * May this operator ask for numbers now? Only within an entry of the use ledger that another person approved, for this task,
 * in time, not closed, and with persons left.
 */
export async function mayUseNumbers(
  tx: Tx,
  deps: Deps,
  use: { readonly useEntryId: string | null; readonly staffId: string; readonly taskId: string },
): Promise<Result<undefined, UseRefusal>> {
  if (!enforced('access.use-ledger')) return ok(undefined);
  if (use.useEntryId === null) return err('use-entry-needed');
  const entry = await lockUseEntry(tx, use.useEntryId);
  const isTheirs = entry?.staffId === use.staffId && entry.taskId === use.taskId;
  if (!entry || !isTheirs || entry.permittedBy === null) return err('use-entry-needed');
  const isOver = entry.closedBy !== null || entry.validUntil < deps.civilClock.today().toString();
  return isOver || entry.uses >= entry.personLimit ? err('use-entry-spent') : ok(undefined);
}

const staffOf = (actor: Actor): { readonly staffId: string; readonly terminalId: string | null } => {
  if (actor.kind !== 'staff') throw new Error('the use ledger is kept by staff');
  return { staffId: actor.staffId, terminalId: actor.terminalId ?? null };
};

export interface OpenUse {
  readonly taskCode: string;
  readonly purpose: string;
  readonly document: string;
  readonly personLimit: number;
  readonly validUntil: string;
}
const payloadOf = (
  e: Pick<UseEntry, 'taskId' | 'staffId' | 'purpose' | 'document' | 'personLimit' | 'validUntil'>,
) => ({
  taskId: e.taskId,
  staffId: e.staffId,
  purpose: e.purpose,
  document: e.document,
  personLimit: e.personLimit,
  validUntil: e.validUntil,
});

/** An operator asks to use numbers: for which task and document, how many persons, until when. */
export const openUse = act('prefectural-juki.open-use', {
  right: ['prefectural-juki', 'use-ledger', 'update'],
  async run(
    tx,
    deps: Deps,
    command: OpenUse,
    actor,
  ): Promise<Result<{ entryId: string }, 'no-active-task' | 'number-not-allowed' | 'wrong-period'>> {
    const { staffId, terminalId } = staffOf(actor);
    const today = deps.civilClock.today();
    const row = await taskForInquiry(tx, { code: command.taskCode, staffId, onDate: today.toString() });
    if (!row?.isHeld) return err('no-active-task');
    const task = taskOf(row);
    if (task.numberGround === null) return err('number-not-allowed');
    if (command.validUntil < today.toString() || command.validUntil > today.add({ days: 31 }).toString())
      return err('wrong-period');
    const entryId = deps.newId();
    const { purpose, document, personLimit, validUntil } = command;
    const entry = { taskId: task.taskId, staffId, purpose, document, personLimit, validUntil };
    const approvalId = await requestApproval(tx, deps, {
      kind: useApprovalKind,
      subject: entryId,
      payload: payloadOf(entry),
      by: staffId,
    });
    await insertUseEntry(tx, { ...entry, entryId, terminalId, approvalId }, deps.machineClock.now());
    tx.record({
      event: 'number-use.asked',
      facts: ['prefectural_juki.use_entry'],
      ground: task.numberGround,
      detail: { entryId, task: task.code, personLimit },
    });
    return ok({ entryId });
  },
});

/** A responsible person other than the user approves or rejects. */
export const decideUse = act('prefectural-juki.decide-use', {
  right: ['prefectural-juki', 'use-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly entryId: string; readonly decision: 'approved' | 'rejected' },
    actor,
  ): Promise<Result<undefined, 'no-such-request' | DecideError>> {
    const { staffId: by } = staffOf(actor);
    const entry = await lockUseEntry(tx, command.entryId);
    if (!entry) return err('no-such-request');
    const decided = await decideApproval(tx, deps, { approvalId: entry.approvalId, decision: command.decision, by });
    if (!decided.ok) return decided;
    const at = deps.machineClock.now();
    if (command.decision === 'approved')
      await insertUsePermission(tx, { entryId: entry.entryId, staffId: entry.staffId, by }, at);
    tx.record({
      event: `number-use.${command.decision}`,
      facts: command.decision === 'approved' ? ['prefectural_juki.use_permission'] : [],
      detail: { entryId: entry.entryId },
    });
    return ok(undefined);
  },
});

/** The user closes the entry with its outcome; nothing opens under it any more. */
export const closeUse = act('prefectural-juki.close-use', {
  right: ['prefectural-juki', 'use-ledger', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly entryId: string; readonly outcome: string },
    actor,
  ): Promise<Result<undefined, 'no-such-entry' | 'already-closed'>> {
    const { staffId: by } = staffOf(actor);
    const entry = await lockUseEntry(tx, command.entryId);
    if (entry?.staffId !== by) return err('no-such-entry');
    if (!(await insertUseClosing(tx, { ...command, by }, deps.machineClock.now()))) return err('already-closed');
    tx.record({
      event: 'number-use.closed',
      facts: ['prefectural_juki.use_closing'],
      detail: { entryId: entry.entryId, uses: entry.uses, personLimit: entry.personLimit },
    });
    return ok(undefined);
  },
});

/** One's own entries. */
export const ownUses = act('prefectural-juki.own-uses', {
  right: ['prefectural-juki', 'use-ledger', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly offset: number; readonly limit: number },
    actor,
  ): Promise<Result<{ rows: UseEntry[]; total: number }, never>> {
    const found = await listUseEntries(tx, { ...query, staffId: staffOf(actor).staffId });
    tx.record({ event: 'use-ledger.read', detail: { count: found.rows.length } });
    return ok(found);
  },
});

/** All entries, for those who approve and review. */
export const allUses = act('prefectural-juki.all-uses', {
  right: ['prefectural-juki', 'use-approval', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly offset: number; readonly limit: number },
  ): Promise<Result<{ rows: UseEntry[]; total: number }, never>> {
    const found = await listUseEntries(tx, { ...query, staffId: null });
    tx.record({ event: 'use-ledger.read', detail: { count: found.rows.length } });
    return ok(found);
  },
});

export const readUse = act('prefectural-juki.read-use', {
  right: ['prefectural-juki', 'use-approval', 'read'],
  async run(tx, _deps: Deps, query: { readonly entryId: string }): Promise<Result<UseEntry, 'no-such-entry'>> {
    const entry = await useEntryById(tx, query.entryId);
    if (!entry) return err('no-such-entry');
    tx.record({ event: 'use-ledger.read', detail: { entryId: entry.entryId } });
    return ok(entry);
  },
});

/** 端末使用簿 (001-III.2-R4-13): terminals, operators, tasks and how many persons were looked up, day by day. */
export const readTerminalUses = act('prefectural-juki.read-terminal-uses', {
  right: ['prefectural-juki', 'use-approval', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly from: string; readonly until: string; readonly offset: number; readonly limit: number },
  ): Promise<Result<{ rows: TerminalUse[]; total: number }, never>> {
    const found = await terminalUses(tx, query);
    tx.record({ event: 'use-ledger.read', detail: { count: found.rows.length, from: query.from, until: query.until } });
    return ok(found);
  },
});
