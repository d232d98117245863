import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { askSource } from '../clients/peers.ts';
import type { Deps } from '../deps.ts';
import { selectTransfer } from '../domain/select-transfer.ts';
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

interface ToPrint {
  readonly emergency: Emergency;
  readonly task: string;
  readonly information: string;
  readonly items: readonly string[];
  readonly ground: string;
  readonly orgPersonNumber: string;
}

/** What may be printed: approved, on paper, not printed before. */
const admitPrint = act('common-platform.admit-emergency-print', {
  right: ['common-platform', 'emergency', 'update'],
  async run(
    tx,
    _deps: Deps,
    command: { emergencyId: string },
    actor,
  ): Promise<Result<ToPrint, 'not-staff' | 'no-such-request' | 'not-approved' | 'already-printed' | 'not-paper'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const [found] = await emergencies(tx, command);
    if (!found) return err('no-such-request');
    if (found.medium !== 'paper') return err('not-paper');
    if (found.state === 'printed' || found.state === 'received') return err('already-printed');
    if (enforced('transfer.emergency-media') && found.state !== 'approved') return err('not-approved');
    const rule = (await transferRules(tx, {})).find((r) => r.ruleId === found.ruleId)!;
    const { orgPersonNumber } = (await findPerson(tx, found.personId))!;
    const { task, information, items, ground } = rule;
    tx.record({
      event: 'emergency-transfer.print-begun',
      subject: found.personId,
      ground,
      items: [information, ...items],
      recipient: found.asker,
      detail: { emergency: found.emergencyId, ledger: found.ledgerEntry },
    });
    return ok({ emergency: found, task, information, items, ground, orgPersonNumber });
  },
});

const notePrinted = act('common-platform.note-emergency-printed', {
  right: ['common-platform', 'emergency', 'update'],
  async run(
    tx,
    deps: Deps,
    { emergency, sheet }: { emergency: Emergency; sheet: Buffer },
    actor,
  ): Promise<Result<null, 'not-staff' | 'already-printed'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const { emergencyId, ledgerEntry } = emergency;
    const by = { by: actor.staffId, at: deps.machineClock.now() };
    if (!(await insertEmergencyStep(tx, { emergencyId, step: 'printed', sheet, ...by }))) return err('already-printed');
    tx.record({
      event: 'emergency-transfer.printed',
      subject: emergency.personId,
      recipient: emergency.asker,
      facts: ['common_platform.emergency_step'],
      detail: { emergency: emergencyId, ledger: ledgerEntry, digest: sheet.toString('hex') },
    });
    return ok(null);
  },
});

/** What stands on the sheet; it is shown once and kept nowhere. */
export interface Sheet {
  readonly ledgerEntry: string;
  readonly asker: string;
  readonly source: string;
  readonly task: string;
  readonly ground: string;
  readonly orgPersonNumber: string;
  /** The source holds nothing about the person. */
  readonly nothingHeld: boolean;
  readonly items: readonly (readonly [string, string])[];
  readonly sha256: string;
}

/**
 * Prints an approved transfer: the source is asked for the one person and the items of the row, the sheet is given to the printer, and
 * its digest is what stays. A sheet is printed once; where the source does not answer it is not printed.
 * @source requirements 002 AC-43, AC-22 (TRN-30)
 */
export async function printSheet(
  deps: Deps,
  actor: Actor,
  command: { readonly emergencyId: string },
): Promise<
  Result<
    Sheet,
    | 'not-staff'
    | 'no-such-request'
    | 'not-approved'
    | 'already-printed'
    | 'not-paper'
    | 'source-unavailable'
    | 'not-authorised'
  >
> {
  const admitted = await admitPrint(deps, actor, command);
  if (!admitted.ok) return admitted;
  const { emergency, orgPersonNumber, task, information, items, ground } = admitted.value;
  const rowId = emergency.ledgerEntry;
  const answered = await askSource(deps.peers, `${deps.identity.organisation}/${emergency.source}`, {
    transferId: emergency.emergencyId,
    asker: emergency.asker,
    ground,
    approvedBy: 'person',
    task,
    information,
    items: [...items],
    rows: [{ rowId, orgPersonNumber }],
  });
  if (!answered.ok) return err('source-unavailable');
  const [row] = selectTransfer({ rowIds: [rowId], items }, answered.value.rows).rows;
  const shown = Object.entries(row!.items).map(([item, value]) => [item, `${value}`] as const);
  const content = { ledgerEntry: rowId, orgPersonNumber, nothingHeld: row!.result === '10', items: shown };
  const digest = sha256(canonicalJson(content));
  const noted = await notePrinted(deps, actor, { emergency, sheet: digest });
  if (!noted.ok) return noted;
  const { asker, source } = emergency;
  return ok({ ...content, asker, source, task, ground, sha256: digest.toString('hex') });
}

/** The receiver confirms by another hand than the one that asked; until then it stands on the list. */
export const confirmReceipt = act('common-platform.confirm-emergency-receipt', {
  right: ['common-platform', 'emergency', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { emergencyId: string },
    actor,
  ): Promise<
    Result<
      null,
      'not-staff' | 'no-such-request' | 'not-approved' | 'not-printed' | 'already-received' | 'asker-cannot-confirm'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const [found] = await emergencies(tx, command);
    if (!found) return err('no-such-request');
    if (found.state === 'received') return err('already-received');
    // What goes on paper is received when it was printed.
    const ready = found.medium === 'paper' ? 'printed' : 'approved';
    if (enforced('transfer.emergency-media') && found.state !== ready)
      return err(found.state === 'approved' ? 'not-printed' : 'not-approved');
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
