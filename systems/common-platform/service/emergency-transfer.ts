import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { findPerson } from '../store/persons.ts';
import {
  type Emergency,
  emergencies,
  insertEmergency,
  insertEmergencyStep,
  transferRules,
} from '../store/transfers.ts';

export type { Emergency };

const kind = 'common-platform.emergency-transfer';

export interface EmergencyAsked {
  readonly ruleId: string;
  readonly personId: string;
  readonly medium: 'paper' | 'encrypted-medium';
  /** Entry of the hand-over ledger 授受簿 under which paper or medium goes. */
  readonly ledgerEntry: string;
  readonly reason: string;
}

const payloadOf = (e: Emergency | (EmergencyAsked & { readonly emergencyId: string })) => ({
  emergencyId: e.emergencyId,
  ruleId: e.ruleId,
  personId: e.personId,
  medium: e.medium,
  ledgerEntry: e.ledgerEntry,
});

/** 緊急時の移転: while the line is down, on paper or an encrypted medium; under the same list, with a reason. */
export const askEmergency = act('common-platform.ask-emergency-transfer', {
  right: ['common-platform', 'emergency', 'update'],
  subjectOf: (command: EmergencyAsked) => command.personId,
  async run(
    tx,
    deps: Deps,
    command,
    actor,
  ): Promise<Result<{ emergencyId: string }, 'not-staff' | 'no-rule-row' | 'no-such-person'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const today = deps.civilClock.today();
    const rule = (await transferRules(tx, { on: today })).find((r) => r.ruleId === command.ruleId);
    if (!rule || rule.validFrom > today.toString()) return err('no-rule-row');
    if (!(await findPerson(tx, command.personId))) return err('no-such-person');
    const emergencyId = deps.newId();
    const payload = payloadOf({ emergencyId, ...command });
    const approvalId = await requestApproval(tx, deps, {
      kind,
      subject: emergencyId,
      payload,
      by: actor.staffId,
      validHours: 24,
    });
    const { asker, source } = rule;
    const asked = { askedBy: actor.staffId, askedAt: deps.machineClock.now() };
    await insertEmergency(tx, { emergencyId, approvalId, asker, source, ...command, ...asked });
    tx.record({
      event: 'emergency-transfer.asked',
      subject: command.personId,
      ground: rule.ground,
      facts: ['common_platform.emergency_transfer', 'approvals.request'],
      detail: { emergency: emergencyId, medium: command.medium, asker, source },
    });
    return ok({ emergencyId });
  },
});

/** The section head approves; without it nothing is printed or written. */
export const emergencyTransfer = act('common-platform.approve-emergency-transfer', {
  right: ['common-platform', 'emergency-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { emergencyId: string; approve: boolean },
    actor,
  ): Promise<Result<null, 'not-staff' | 'no-such-request' | 'already-decided' | 'expired' | 'approver-is-requester'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const [found] = await emergencies(tx, { emergencyId: command.emergencyId });
    if (!found) return err('no-such-request');
    const { approvalId } = found;
    const decision = command.approve ? 'approved' : 'rejected';
    const decided = await decideApproval(tx, deps, { approvalId, decision, by: actor.staffId });
    if (!decided.ok) return decided;
    if (command.approve) {
      const used = await useApproval(tx, deps, { approvalId, kind, payload: payloadOf(found), by: actor.staffId });
      if (!used.ok) return err('no-such-request');
    }
    await insertEmergencyStep(tx, {
      emergencyId: found.emergencyId,
      step: command.approve ? 'approved' : 'refused',
      by: actor.staffId,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: command.approve ? 'emergency-transfer.approved' : 'emergency-transfer.refused-by-head',
      subject: found.personId,
      recipient: found.asker,
      facts: [
        'common_platform.emergency_step',
        'approvals.decision',
        ...(command.approve ? ['approvals.execution'] : []),
      ],
      detail: { emergency: found.emergencyId, ledger: found.ledgerEntry },
    });
    return ok(null);
  },
});

/** The receiver confirms by another hand than the one that asked; until then it stands on the list. */
export const confirmReceipt = act('common-platform.confirm-emergency-receipt', {
  right: ['common-platform', 'emergency', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { emergencyId: string },
    actor,
  ): Promise<
    Result<null, 'not-staff' | 'no-such-request' | 'not-approved' | 'already-received' | 'asker-cannot-confirm'>
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const [found] = await emergencies(tx, command);
    if (!found) return err('no-such-request');
    if (found.state === 'received') return err('already-received');
    if (enforced('transfer.emergency-media') && found.state !== 'approved') return err('not-approved');
    if (found.askedBy === actor.staffId) return err('asker-cannot-confirm');
    const { emergencyId } = found;
    await insertEmergencyStep(tx, {
      emergencyId,
      step: 'received',
      by: actor.staffId,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: 'emergency-transfer.received',
      subject: found.personId,
      recipient: found.asker,
      facts: ['common_platform.emergency_step'],
      detail: { emergency: emergencyId, ledger: found.ledgerEntry },
    });
    return ok(null);
  },
});

/** What was moved by hand, open ones first. */
export const readEmergencies = act('common-platform.list-emergency-transfers', {
  right: ['common-platform', 'emergency', 'read'],
  async run(tx, _deps: Deps, _query: object): Promise<Result<readonly Emergency[], never>> {
    const rows = await emergencies(tx, {});
    tx.record({
      event: 'emergency-transfers.listed',
      subjects: [...new Set(rows.map((r) => r.personId))],
      detail: { count: rows.length },
    });
    return ok(rows);
  },
});
