import { correctDifference, type Difference, type Scope } from '@musubi/contracts/juki/reconciliation.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import {
  type DifferenceLine,
  dueCorrections,
  insertApproval,
  insertCorrection,
  insertRequest,
  lastFinished,
  listDifferences,
  listRuns,
  type RunLine,
} from '../store/reconciliation.ts';

const read = ['municipal-juki', 'reconciliation', 'read'] as const;
const update = ['municipal-juki', 'reconciliation', 'update'] as const;
const approve = ['municipal-juki', 'reconciliation-approval', 'update'] as const;
const ground = '住民基本台帳法第30条の6・第30条の22';
const byOf = (actor: Actor): string => (actor.kind === 'staff' ? actor.staffId : actor.kind);

export const readRuns = look('municipal-juki.read-reconciliation-runs', {
  right: read,
  run: (tx, _deps: Deps, query: { readonly runId?: string; readonly offset: number; readonly limit: number }) =>
    listRuns(tx, query),
});

export const readDifferences = act('municipal-juki.read-reconciliation-differences', {
  right: read,
  async run(
    tx,
    _deps: Deps,
    { runId, offset, limit }: { readonly runId: string; readonly offset: number; readonly limit: number },
  ): Promise<Result<{ rows: DifferenceLine[]; total: number }, never>> {
    const found = await listDifferences(tx, runId, offset, limit);
    tx.record({
      event: 'reconciliation.differences-read',
      subjects: found.rows.map((d) => d.residentRecordCode),
      detail: { runId, count: found.rows.length },
    });
    return ok(found);
  },
});

/** Asks for correcting notices for all that a run found. */
export const requestRepair = act('municipal-juki.request-repair', {
  right: update,
  async run(
    tx,
    deps: Deps,
    { runId }: { readonly runId: string },
    actor,
  ): Promise<Result<undefined, 'no-such-run' | 'nothing-to-repair' | 'already-requested'>> {
    const [run] = (await listRuns(tx, { runId, offset: 0, limit: 1 })).rows;
    if (!run?.finishedAt) return err('no-such-run');
    if (run.differences === 0) return err('nothing-to-repair');
    if (!(await insertRequest(tx, runId, byOf(actor), deps.machineClock.now()))) return err('already-requested');
    tx.record({
      event: 'reconciliation.repair-requested',
      ground,
      facts: ['municipal_juki.reconciliation_request'],
      detail: { runId, differences: run.differences },
    });
    return ok(undefined);
  },
});

/** A second person lets them go out. */
export const approveRepair = act('municipal-juki.approve-repair', {
  right: approve,
  async run(
    tx,
    deps: Deps,
    { runId }: { readonly runId: string },
    actor,
  ): Promise<Result<undefined, 'no-such-run' | 'not-requested' | 'approver-is-requester' | 'already-approved'>> {
    const [run] = (await listRuns(tx, { runId, offset: 0, limit: 1 })).rows;
    if (!run) return err('no-such-run');
    if (run.requestedBy === null) return err('not-requested');
    const by = byOf(actor);
    if (enforced('juki.reconciliation') && by === run.requestedBy) return err('approver-is-requester');
    if (!(await insertApproval(tx, { runId, requestedBy: run.requestedBy, by }, deps.machineClock.now())))
      return err('already-approved');
    tx.record({
      event: 'reconciliation.repair-approved',
      ground,
      facts: ['municipal_juki.reconciliation_approval'],
      detail: { runId },
    });
    return ok(undefined);
  },
});

const readDue = look('municipal-juki.read-due-corrections', {
  right: update,
  run: (tx, _deps: Deps, { limit }: { readonly limit: number }): Promise<Difference[]> => dueCorrections(tx, limit),
});

const noteCorrection = act('municipal-juki.note-correction', {
  right: update,
  async run(
    tx,
    deps: Deps,
    { difference, sent }: { readonly difference: Difference; readonly sent: boolean },
  ): Promise<Result<undefined, never>> {
    const { differenceId } = difference;
    const result = sent ? 'sent' : 'unknown-here';
    await insertCorrection(tx, { differenceId, result }, deps.machineClock.now());
    tx.record({
      event: 'reconciliation.corrected',
      ground,
      subject: difference.residentRecordCode,
      facts: ['municipal_juki.reconciliation_correction'],
      recipient: deps.residentRegister,
      detail: { differenceId, result },
    });
    return ok(undefined);
  },
});

/** Asks the register for the correcting notices of what was approved. Safe to repeat: the difference's id is the change's. */
export async function repairDue(
  peers: Pick<PeerClient, 'call'>,
  deps: Deps,
  actor: Actor,
  limit = 50,
): Promise<number> {
  const due = await readDue(deps, actor, { limit });
  if (!due.ok) throw new Error(`due corrections: ${due.error}`);
  for (const difference of due.value) {
    const { differenceId, kind, residentRecordCode } = difference;
    const answered = await peers.call(
      correctDifference,
      deps.residentRegister,
      {},
      { differenceId, kind, residentRecordCode },
    );
    if (!answered.ok) throw new Error(`correction: ${String(answered.error)}`);
    await noteCorrection(deps, actor, { difference, sent: answered.value.sent });
  }
  return due.value.length;
}

/** Which run is due: every calendar month one, every fiscal year a full one (requirement 003 A16). */
export const dueScope = look('municipal-juki.due-reconciliation', {
  right: update,
  async run(tx, deps: Deps): Promise<Scope | undefined> {
    const today = deps.civilClock.today();
    const year = today.month >= 4 ? today.year : today.year - 1;
    const full = await lastFinished(tx, ['full']);
    if (full === undefined || full < `${year}-04-01`) return 'full';
    const any = await lastFinished(tx, ['monthly', 'full']);
    return any === undefined || any < today.with({ day: 1 }).toString() ? 'monthly' : undefined;
  },
});

export type { RunLine };
