import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { type Deps, userBinding } from '../deps.ts';
import { insertUserBinding } from '../store/relay.ts';
import {
  type BindingProposal,
  insertBindingDecision,
  insertBindingEnd,
  insertBindingProposal,
  openBindingProposals,
  type UserBinding,
  userBindings,
} from '../store/user-bindings.ts';

export type { BindingProposal, UserBinding };

const kind = 'common-platform.user-binding';

export interface BindingsView {
  readonly rows: readonly UserBinding[];
  readonly total: number;
  readonly open: readonly BindingProposal[];
}

/** Which clerk may ask under which 事務, today or ever; names no person about whom anything is asked. */
export const readUserBindings = act('common-platform.list-user-bindings', {
  right: ['common-platform', 'user-binding', 'read'],
  async run(
    tx,
    deps: Deps,
    query: { readonly system?: string; readonly all: boolean; readonly offset: number; readonly limit: number },
  ): Promise<Result<BindingsView, never>> {
    const { all, ...rest } = query;
    const found = await userBindings(tx, { ...rest, ...(all ? {} : { inForceOn: deps.civilClock.today() }) });
    tx.record({ event: 'user-bindings.listed', detail: { count: found.rows.length } });
    return ok({ ...found, open: await openBindingProposals(tx) });
  },
});

export interface ProposeBinding {
  readonly system: string;
  readonly staffId: string;
  readonly code: string;
  readonly validFrom: string;
  readonly validUntil: string | null;
  readonly reason: string;
}

const payloadOf = ({ system, staffId, code, validFrom, validUntil }: ProposeBinding) => ({
  system,
  staffId,
  code,
  validFrom,
  validUntil,
});

/** 利用者の事務の申請 (LNK-X2): one clerk of a business, one 事務, from a day on. */
export const proposeUserBinding = act('common-platform.propose-user-binding', {
  right: ['common-platform', 'user-binding', 'update'],
  async run(
    tx,
    deps: Deps,
    command: ProposeBinding,
    actor,
  ): Promise<
    Result<{ approvalId: string }, 'not-staff' | 'unreadable' | 'reason-missing' | 'in-the-past' | 'bound-already'>
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const reason = command.reason.trim().slice(0, 300);
    const read = userBinding.safeParse(payloadOf(command));
    if (!read.success || (command.validUntil !== null && command.validUntil < command.validFrom))
      return err('unreadable');
    if (reason === '') return err('reason-missing');
    const today = deps.civilClock.today();
    if (command.validFrom < today.toString()) return err('in-the-past');
    const { rows } = await userBindings(tx, { system: command.system, inForceOn: today, offset: 0, limit: 10_000 });
    if (rows.some((r) => r.staffId === command.staffId && r.code === command.code && r.validUntil === null))
      return err('bound-already');
    const subject = deps.newId();
    const approvalId = await requestApproval(tx, deps, {
      kind,
      subject,
      payload: payloadOf(command),
      by: actor.staffId,
    });
    await insertBindingProposal(tx, {
      ...payloadOf(command),
      approvalId,
      reason,
      proposedBy: actor.staffId,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: 'user-binding.proposed',
      facts: ['common_platform.user_binding_proposal', 'approvals.request'],
      detail: { approval: approvalId, system: command.system, code: command.code },
    });
    return ok({ approvalId });
  },
});

/** The administrator's decision: nobody grants what they applied for. */
export const decideUserBinding = act('common-platform.decide-user-binding', {
  right: ['common-platform', 'user-binding-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly approvalId: string; readonly approve: boolean },
    actor,
  ): Promise<
    Result<
      { userBindingId: string | null },
      'not-staff' | 'no-such-request' | 'already-decided' | 'approver-is-requester' | 'expired' | 'bound-already'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const [proposal] = await openBindingProposals(tx, command.approvalId);
    if (!proposal) return err('no-such-request');
    const { approvalId } = proposal;
    const by = actor.staffId;
    const decision = command.approve ? 'approved' : 'rejected';
    const decided = await decideApproval(tx, deps, { approvalId, decision, by });
    if (!decided.ok) return decided;
    const userBindingId = command.approve ? deps.newId() : null;
    if (userBindingId !== null) {
      const payload = payloadOf(proposal);
      const used = await useApproval(tx, deps, { approvalId, kind, payload, by });
      if (!used.ok) return err('no-such-request');
      if (!(await insertUserBinding(tx, { id: userBindingId, ...payload }))) return err('bound-already');
    }
    await insertBindingDecision(tx, { approvalId, userBindingId, by, at: deps.machineClock.now() });
    tx.record({
      event: command.approve ? 'user-binding.granted' : 'user-binding.not-granted',
      facts: [
        'common_platform.user_binding_decision',
        'approvals.decision',
        ...(userBindingId === null ? [] : ['common_platform.user_binding', 'approvals.execution']),
      ],
      detail: { approval: approvalId },
    });
    return ok({ userBindingId });
  },
});

/** 終了: from today on; taking a right away waits for nobody. */
export const endUserBinding = act('common-platform.end-user-binding', {
  right: ['common-platform', 'user-binding', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly userBindingId: string; readonly reason: string },
    actor,
  ): Promise<Result<null, 'not-staff' | 'reason-missing' | 'no-such-binding' | 'ended-before'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const reason = command.reason.trim().slice(0, 300);
    if (reason === '') return err('reason-missing');
    const { userBindingId } = command;
    const { rows } = await userBindings(tx, { userBindingId, offset: 0, limit: 1 });
    if (rows.length === 0) return err('no-such-binding');
    const on = deps.civilClock.today();
    const ended = await insertBindingEnd(tx, {
      userBindingId,
      on,
      reason,
      by: actor.staffId,
      at: deps.machineClock.now(),
    });
    if (!ended) return err('ended-before');
    tx.record({
      event: 'user-binding.ended',
      facts: ['common_platform.user_binding_end'],
      detail: { binding: userBindingId },
    });
    return ok(null);
  },
});
