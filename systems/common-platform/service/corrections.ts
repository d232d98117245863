import { identityCorrections } from '@musubi/contracts/platform/corrections.ts';
import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type CorrectionKind, mayMerge, type NumberGoes, numberChoices } from '../domain/corrections.ts';
import {
  bindingsOfCorrection,
  type Correction,
  type CorrectionProposal,
  countCorrections,
  findBinding,
  insertCorrection,
  insertCorrectionProposal,
  listCorrections,
  openCorrectionProposals,
  orderWithdrawal,
  standingBindings,
  type Withdrawal,
  withdrawals,
} from '../store/corrections.ts';
import { findCase } from '../store/held.ts';
import { candidates, findPerson, lockIdentification } from '../store/persons.ts';
import { mergePersons, moveBindings, separatePerson, undoMerge } from './carry-corrections.ts';
import { orderWrongCodeEnd } from './order-linkage-end.ts';
import { partyOfId } from './party-of-id.ts';
import { Facts } from './settle.ts';

export type { Correction, CorrectionProposal };

const kind = 'common-platform.correction';

export interface ProposeCorrection {
  readonly kind: CorrectionKind;
  readonly personId: string;
  /** merge: who ends. unlink: the binding. separate: the decided case. undo: the correction. */
  readonly targetId: string;
  readonly numberGoes: NumberGoes | null;
  readonly evidence: string;
  readonly reason: string;
}

type Impossible = 'no-such-person' | 'no-such-target' | 'different-persons' | 'number-not-stated' | 'not-possible';

/** A clerk who found a wrong link states what is to be corrected, on what document; a second person confirms. */
export const proposeCorrection = act('common-platform.propose-correction', {
  right: ['common-platform', 'held-record', 'update'],
  subjectOf: (command: ProposeCorrection) => command.personId,
  async run(
    tx,
    deps: Deps,
    command,
    actor,
  ): Promise<Result<{ approvalId: string }, Impossible | 'already-proposed' | 'not-staff'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    await lockIdentification(tx);
    const possible = await checkCorrection(tx, command);
    if (!possible.ok) return possible;
    if ((await openCorrectionProposals(tx, { targetId: command.targetId })).length > 0) return err('already-proposed');
    const payload = payloadOf(command);
    const approvalId = await requestApproval(tx, deps, { kind, subject: command.personId, payload, by: actor.staffId });
    const { evidence, reason } = command;
    await insertCorrectionProposal(tx, {
      approvalId,
      ...payload,
      evidence,
      reason,
      proposedBy: actor.staffId,
      proposedAt: deps.machineClock.now(),
    });
    tx.record({
      event: 'correction.proposed',
      subject: command.personId,
      facts: ['common_platform.correction_proposal', 'approvals.request'],
      detail: { kind: command.kind, target: command.targetId },
    });
    return ok({ approvalId });
  },
});

const payloadOf = ({ kind: what, personId, targetId, numberGoes }: Omit<ProposeCorrection, 'evidence' | 'reason'>) => ({
  kind: what,
  personId,
  targetId,
  numberGoes,
});

/** Whether the correction can be made as things stand; asked when it is proposed and again when it is confirmed. */
async function checkCorrection(tx: Tx, command: ProposeCorrection): Promise<Result<null, Impossible>> {
  const { personId, targetId, numberGoes } = command;
  if (!(await findPerson(tx, personId))) return err('no-such-person');
  const choices = numberChoices[command.kind];
  if (choices.length === 0 ? numberGoes !== null : numberGoes === null || !choices.includes(numberGoes))
    return err('number-not-stated');
  switch (command.kind) {
    case 'unlink': {
      const [bound] = await standingBindings(tx, { bindingId: targetId });
      return bound?.personId === personId ? ok(null) : err('no-such-target');
    }
    case 'merge': {
      if (personId === targetId) return err('not-possible');
      const both = await candidates(tx, [personId, targetId]);
      const survivor = both.find((c) => c.personId === personId);
      const ended = both.find((c) => c.personId === targetId);
      if (!survivor || !ended) return err('no-such-target');
      const same = mayMerge(survivor.particulars, ended.particulars);
      return same.ok ? ok(null) : same;
    }
    case 'separate': {
      const held = await findCase(tx, targetId);
      if (held?.candidateId !== personId) return err('no-such-target');
      if (held.decided !== 'same-person') return err('not-possible');
      const before = await listCorrections(tx, { personId, offset: 0, limit: 100 });
      return before.some((c) => c.kind === 'separate' && c.targetId === targetId) ? err('not-possible') : ok(null);
    }
    case 'undo': {
      const [of] = await listCorrections(tx, { correctionId: targetId, offset: 0, limit: 1 });
      if (of?.personId !== personId) return err('no-such-target');
      return of.undone || (of.kind !== 'unlink' && of.kind !== 'merge') ? err('not-possible') : ok(null);
    }
  }
}

export const listCorrectionProposals = act('common-platform.list-correction-proposals', {
  right: ['common-platform', 'held-approval', 'read'],
  async run(tx, _deps: Deps, _query: object): Promise<Result<readonly CorrectionProposal[], never>> {
    const rows = await openCorrectionProposals(tx, {});
    tx.record({
      event: 'correction-proposals.listed',
      subjects: [...new Set(rows.map((r) => r.personId))],
      detail: { count: rows.length },
    });
    return ok(rows);
  },
});

type DecideError =
  | 'no-such-request'
  | 'already-decided'
  | 'approver-is-requester'
  | 'expired'
  | 'not-staff'
  | 'no-longer-possible';

/**
 * The second person confirms, and the correction is made in the same act: links end and begin, the number goes where it was
 * said, the business systems concerned are told, and what was lodged under the wrong link is ordered to be withdrawn.
 * @source incidents INC-53; requirements 002 CIP-F4, 001 LNK-F3
 */
export const approveCorrection = act('common-platform.approve-correction', {
  right: ['common-platform', 'held-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { approvalId: string; approve: boolean },
    actor,
  ): Promise<Result<{ correctionId: string | null }, DecideError>> {
    if (actor.kind !== 'staff') return err('not-staff');
    await lockIdentification(tx);
    const [found] = await openCorrectionProposals(tx, { approvalId: command.approvalId });
    if (!found) return err('no-such-request');
    const { approvalId } = found;
    const decided = await decideApproval(tx, deps, {
      approvalId,
      decision: command.approve ? 'approved' : 'rejected',
      by: actor.staffId,
    });
    if (!decided.ok) return decided;
    const detail = { kind: found.kind, target: found.targetId };
    if (!command.approve) {
      tx.record({ event: 'correction.rejected', subject: found.personId, facts: ['approvals.decision'], detail });
      return ok({ correctionId: null });
    }
    const possible = await checkCorrection(tx, found);
    if (enforced('matching.clerk-resolves') && !possible.ok) return err('no-longer-possible');
    const used = await useApproval(tx, deps, { approvalId, kind, payload: payloadOf(found), by: actor.staffId });
    if (!used.ok) return err('no-such-request');
    const correctionId = deps.newId();
    const facts = new Facts();
    await insertCorrection(tx, {
      correctionId,
      approvalId,
      kind: found.kind,
      personId: found.personId,
      targetId: found.targetId,
      decidedBy: actor.staffId,
      decidedOn: deps.civilClock.today(),
      decidedAt: deps.machineClock.now(),
    });
    facts.add('correction');
    const subjects = await carryOut(tx, deps, correctionId, found, facts);
    tx.record({
      event: eventOf[found.kind],
      subjects,
      facts: [...facts.list, 'approvals.decision', 'approvals.execution'],
      detail: { ...detail, correction: correctionId },
    });
    return ok({ correctionId });
  },
});

const eventOf: Readonly<Record<CorrectionKind, string>> = {
  unlink: 'identity.unlinked',
  merge: 'identity.merged',
  separate: 'identity.separated',
  undo: 'identity.correction-undone',
};

/** @returns the persons concerned */
async function carryOut(
  tx: Tx,
  deps: Deps,
  correctionId: string,
  { kind: what, personId, targetId, numberGoes }: CorrectionProposal,
  facts: Facts,
): Promise<string[]> {
  const c = { correctionId, personId, facts };
  switch (what) {
    case 'unlink': {
      const bound = (await findBinding(tx, targetId))!;
      await moveBindings(tx, deps, c, { end: [bound], to: undefined });
      await withdrawAndTell(tx, deps, correctionId, bound.personId, [bound], 'unlinked');
      return [personId];
    }
    case 'merge': {
      const ended = await mergePersons(tx, deps, c, targetId, numberGoes === 'wrong');
      // A code that a wrong number brought is another person's.
      if (numberGoes === 'wrong') await orderWrongCodeEnd(tx, deps, { personId: targetId, correctionId, facts });
      await withdrawAndTell(tx, deps, correctionId, targetId, ended, 'merged', personId);
      return [personId, targetId];
    }
    case 'separate': {
      const { madeId, moved } = await separatePerson(tx, deps, c, targetId, numberGoes === 'moves');
      if (numberGoes === 'moves') await orderWrongCodeEnd(tx, deps, { personId, correctionId, facts });
      await withdrawAndTell(tx, deps, correctionId, personId, moved, 'unlinked');
      return [personId, madeId];
    }
    case 'undo': {
      const [of] = await listCorrections(tx, { correctionId: targetId, offset: 0, limit: 1 });
      const { ended, made } = await bindingsOfCorrection(tx, targetId);
      if (of!.kind === 'merge') {
        await undoMerge(tx, deps, c, of!.targetId, { ended, made });
        await withdrawAndTell(tx, deps, correctionId, personId, made, 'unmerged', of!.targetId);
        return [personId, of!.targetId];
      }
      await moveBindings(tx, deps, c, { end: [], to: { personId, as: ended } });
      await tell(tx, deps, correctionId, personId, ended, 'relinked');
      return [personId];
    }
  }
}

type Told = 'unlinked' | 'relinked' | 'merged' | 'unmerged';
type Links = readonly { readonly system: string; readonly addresseeNumber: string | null }[];

/** Copies lodged under links that ended are withdrawn, and the businesses learn of it. */
async function withdrawAndTell(
  tx: Tx,
  deps: Deps,
  correctionId: string,
  personId: string,
  links: Links,
  told: Told,
  otherId?: string,
): Promise<void> {
  const at = deps.machineClock.now();
  for (const system of new Set(links.map((l) => l.system)))
    await orderWithdrawal(tx, { withdrawalId: deps.newId(), correctionId, personId, system, at });
  await tell(tx, deps, correctionId, personId, links, told, otherId);
}

async function tell(
  tx: Tx,
  deps: Deps,
  correctionId: string,
  personId: string,
  links: Links,
  told: Told,
  otherId?: string,
): Promise<void> {
  const own = (await findPerson(tx, personId))!.orgPersonNumber;
  const other = otherId === undefined ? null : (await findPerson(tx, otherId))!.orgPersonNumber;
  for (const receiver of deps.settings.correctionReceivers) {
    const link = links.find((l) => l.system === partyOfId(receiver).system);
    if (!link) continue;
    // Of a merge the receiver knows the ended number; of its undoing the survivor's.
    const numbers =
      told === 'merged'
        ? { orgPersonNumber: other!, ended: own }
        : told === 'unmerged'
          ? { orgPersonNumber: own, ended: other }
          : { orgPersonNumber: own, ended: null };
    await deps.outbox.enqueue(tx, {
      receiver,
      family: identityCorrections,
      subject: personId,
      message: {
        correctionId,
        kind: told,
        correctedOn: deps.civilClock.today().toString(),
        ...numbers,
        addresseeNumber: link.addresseeNumber,
      },
    });
  }
}

export interface CorrectionView {
  readonly correction: Correction;
  readonly orgPersonNumber: string;
  readonly withdrawals: readonly Withdrawal[];
  /** Systems whose links ended by it. */
  readonly systems: readonly string[];
}

/** A correction with what became of it. */
export const showCorrection = act('common-platform.show-correction', {
  right: ['common-platform', 'held-record', 'read'],
  async run(tx, _deps: Deps, query: { correctionId: string }): Promise<Result<CorrectionView, 'no-such-correction'>> {
    const { correctionId } = query;
    const [correction] = await listCorrections(tx, { correctionId, offset: 0, limit: 1 });
    if (!correction) return err('no-such-correction');
    const person = await findPerson(tx, correction.personId);
    const { ended } = await bindingsOfCorrection(tx, correctionId);
    tx.record({ event: 'correction.read', subject: correction.personId, detail: { correction: correctionId } });
    return ok({
      correction,
      orgPersonNumber: person!.orgPersonNumber,
      withdrawals: await withdrawals(tx, { correctionId }),
      systems: [...new Set(ended.map((b) => b.system))],
    });
  },
});

/** All corrections, the newest first; codes and days only. */
export const readCorrections = act('common-platform.list-corrections', {
  right: ['common-platform', 'held-record', 'read'],
  async run(tx, _deps: Deps, query: { personId?: string; offset: number; limit: number }) {
    const rows = await listCorrections(tx, query);
    tx.record({
      event: 'corrections.listed',
      subjects: [...new Set(rows.map((r) => r.personId))],
      detail: { count: rows.length },
    });
    return ok({ rows, total: await countCorrections(tx) });
  },
});
