import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type HeldDecision, possibleDecisions } from '../domain/identify.ts';
import type { Particulars } from '../domain/particulars.ts';
import {
  countCases,
  findCase,
  type HeldCase,
  heldChanges,
  insertDecision,
  insertProposal,
  listCases,
  lockCase,
  openProposals,
  type Proposal,
} from '../store/held.ts';
import { candidates, findVersionDay, lockIdentification } from '../store/persons.ts';
import { holdersThatCount, type Incoming, openIncoming } from './incoming.ts';
import { partyOfId } from './party-of-id.ts';
import { Facts, holdNumber, makePerson, settleState } from './settle.ts';

export type { HeldCase, Proposal };

const kind = 'common-platform.held-record';

/** The work list: codes and days only, no names. */
export const listHeldCases = act('common-platform.list-held-records', {
  right: ['common-platform', 'held-record', 'read'],
  async run(tx, _deps: Deps, query: { state?: 'open' | 'decided'; offset: number; limit: number }) {
    const rows = await listCases(tx, query);
    tx.record({
      event: 'held-records.listed',
      subjects: [...new Set(rows.map((r) => r.candidateId))],
      detail: { count: rows.length },
    });
    return ok({ rows, total: await countCases(tx, query.state) });
  },
});

export interface HeldView {
  readonly held: HeldCase;
  /** As it is registered now. */
  readonly registered: Particulars | undefined;
  /** As they came, oldest first. */
  readonly arrived: readonly {
    readonly particulars: Particulars;
    readonly reason: string;
    readonly changedOn: string;
  }[];
  readonly proposal: Proposal | undefined;
  readonly possible: readonly HeldDecision[];
}

/** Both sides of a held record, without any number. */
export const showHeldCase = act('common-platform.show-held-record', {
  right: ['common-platform', 'held-record', 'read'],
  async run(tx, deps: Deps, query: { caseId: string }): Promise<Result<HeldView, 'no-such-case'>> {
    const held = await findCase(tx, query.caseId);
    if (!held) return err('no-such-case');
    const [registered] = await candidates(tx, [held.candidateId]);
    const arrived = await openAll(tx, deps, held.caseId, 'show-held-record');
    const [proposal] = await openProposals(tx, { caseId: held.caseId });
    tx.record({ event: 'held-record.read', subject: held.candidateId, detail: { case: held.caseId } });
    return ok({
      held,
      registered: registered?.particulars,
      arrived: arrived.map(({ state, reason, changedOn }) => ({ particulars: state, reason, changedOn })),
      proposal,
      possible: await possible(tx, deps, held),
    });
  },
});

async function possible(tx: Tx, { settings }: Deps, held: HeldCase): Promise<readonly HeldDecision[]> {
  const register = settings.register && partyOfId(settings.register).system;
  const current = await findVersionDay(tx, held.candidateId);
  return possibleDecisions(held.why, current?.source === register && held.source !== register);
}

/** What the clerk found out, for a second person to confirm (INC-50: a document check by two). */
export const proposeDecision = act('common-platform.propose-held-decision', {
  right: ['common-platform', 'held-record', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { caseId: string; decision: HeldDecision; evidence: string; reason: string },
    actor,
  ): Promise<
    Result<
      { approvalId: string },
      'no-such-case' | 'already-decided' | 'already-proposed' | 'not-possible' | 'not-staff'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    await lockCase(tx, command.caseId);
    const held = await findCase(tx, command.caseId);
    if (!held) return err('no-such-case');
    if (held.decided !== null) return err('already-decided');
    if ((await openProposals(tx, { caseId: held.caseId })).length > 0) return err('already-proposed');
    if (!(await possible(tx, deps, held)).includes(command.decision)) return err('not-possible');
    const { decision, evidence, reason } = command;
    const payload = { caseId: held.caseId, decision, evidence, reason, changes: held.changes };
    const approvalId = await requestApproval(tx, deps, { kind, subject: held.caseId, payload, by: actor.staffId });
    await insertProposal(tx, {
      approvalId,
      ...payload,
      proposedBy: actor.staffId,
      proposedAt: deps.machineClock.now(),
    });
    tx.record({
      event: 'held-record.decision-proposed',
      subject: held.candidateId,
      facts: ['common_platform.held_proposal', 'approvals.request'],
      detail: { case: held.caseId, decision },
    });
    return ok({ approvalId });
  },
});

/** Proposals for the approvers' inbox. */
export const listProposals = act('common-platform.list-held-proposals', {
  right: ['common-platform', 'held-approval', 'read'],
  async run(tx, _deps: Deps, _query: object) {
    const rows = await openProposals(tx, {});
    tx.record({ event: 'held-proposals.listed', detail: { count: rows.length } });
    return ok(rows);
  },
});

type DecideError =
  | 'no-such-request'
  | 'already-decided'
  | 'approver-is-requester'
  | 'expired'
  | 'more-arrived'
  | 'no-longer-possible'
  | 'not-staff';

/**
 * The second person confirms, and what was proposed is carried out in the same act: the held records are applied in the order
 * in which they came, or dropped. A case that grew since it was looked at must be looked at again.
 */
export const approveDecision = act('common-platform.approve-held-decision', {
  right: ['common-platform', 'held-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { approvalId: string; approve: boolean },
    actor,
  ): Promise<Result<{ caseId: string; personId: string | null }, DecideError>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const [found] = await openProposals(tx, { approvalId: command.approvalId });
    if (!found) return err('no-such-request');
    await lockCase(tx, found.caseId);
    await lockIdentification(tx);
    const decided = await decideApproval(tx, deps, {
      approvalId: command.approvalId,
      decision: command.approve ? 'approved' : 'rejected',
      by: actor.staffId,
    });
    if (!decided.ok) return decided;
    const held = (await findCase(tx, found.caseId))!;
    if (!command.approve) {
      tx.record({
        event: 'held-record.decision-rejected',
        subject: held.candidateId,
        facts: ['approvals.decision'],
        detail: { case: held.caseId },
      });
      return ok({ caseId: held.caseId, personId: null });
    }
    if (held.decided !== null) return err('already-decided');
    if (enforced('matching.clerk-resolves') && held.changes !== found.changes) return err('more-arrived');
    return carryOut(tx, deps, held, found, actor);
  },
});

async function carryOut(
  tx: Tx,
  deps: Deps,
  held: HeldCase,
  found: Proposal,
  actor: Extract<Actor, { kind: 'staff' }>,
): Promise<Result<{ caseId: string; personId: string | null }, 'no-such-request' | 'no-longer-possible'>> {
  const { caseId, decision, evidence, reason, changes, approvalId } = found;
  const payload = { caseId, decision, evidence, reason, changes };
  const used = await useApproval(tx, deps, { approvalId, kind, payload, by: actor.staffId });
  if (!used.ok) return err('no-such-request');
  const facts = new Facts();
  const applied = await applyHeld(tx, deps, held, decision, facts);
  if (!applied.ok) return applied;
  await insertDecision(tx, {
    caseId,
    approvalId,
    decision,
    personId: applied.value,
    decidedBy: actor.staffId,
    decidedOn: deps.civilClock.today(),
    decidedAt: deps.machineClock.now(),
  });
  facts.add('held_decision');
  tx.record({
    event: 'held-record.decided',
    subject: applied.value ?? held.candidateId,
    facts: [...facts.list, 'approvals.decision', 'approvals.execution'],
    detail: { case: caseId, decision },
  });
  return ok({ caseId, personId: applied.value });
}

async function applyHeld(
  tx: Tx,
  deps: Deps,
  held: HeldCase,
  decision: HeldDecision,
  facts: Facts,
): Promise<Result<string | null, 'no-longer-possible'>> {
  if (decision === 'return-to-source') return ok(null);
  const arrived = await openAll(tx, deps, held.caseId, 'apply-held-record');
  const [first] = arrived;
  if (!first) throw new Error(`the case ${held.caseId} holds nothing`);
  for (const { number } of arrived) {
    // Since it was held, the number may have come to somebody else.
    const [holders = []] = await holdersThatCount(tx, [await deps.vault.holders(tx, number, 'identify-person')]);
    const others = holders.filter((h) => decision === 'separate-person' || h.personId !== held.candidateId);
    if (others.length > 0) return err('no-longer-possible');
  }
  const personId = decision === 'separate-person' ? await makePerson(tx, deps, first, facts) : held.candidateId;
  for (const incoming of arrived) {
    if (decision === 'same-person') await holdNumber(tx, deps, personId, incoming, facts);
    await settleState(tx, deps, personId, incoming, facts);
  }
  return ok(personId);
}

async function openAll(tx: Tx, deps: Deps, caseId: string, purpose: string): Promise<Incoming[]> {
  const opened: Incoming[] = [];
  for (const { sealedRef } of await heldChanges(tx, caseId))
    opened.push(await openIncoming(tx, deps, sealedRef, purpose));
  return opened;
}
