import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { decideTier, type TierBasis, type TierResult } from '../domain/ceilings.ts';
import { readTaxAnswer } from '../domain/tax-answer.ts';
import {
  type CaseFile,
  type DeclaredTax,
  findCase,
  findDeclaredTax,
  insertDecision,
  insertProposal,
  insertReturn,
  lockCase,
  type ProposalLine,
  proposals,
} from '../store/cases.ts';
import { insertDifferenceReason } from '../store/certifications.ts';
import { type InquiryLine, inquiries } from '../store/inquiries.ts';
import { holdOfCase } from './applicant-number.ts';

const kind = 'child-chronic.tier';

export interface Computed extends TierResult {
  readonly basis: TierBasis;
  readonly resultId: string | null;
  readonly caution: string | undefined;
}

/** The tier as the rules give it from what the case holds; undefined while nothing has been answered. */
export function computeTier(file: CaseFile, asked: readonly InquiryLine[]): Computed | undefined {
  const publicAssistance = file.insurer === 'public-assistance';
  const answered = asked.find((i) => i.result !== null && i.result !== '60');
  if (!publicAssistance && !answered?.result) return undefined;
  const { basis: tax, caution } = readTaxAnswer(answered?.result ?? '10', answered?.answer ?? {});
  const basis = { publicAssistance, ...tax };
  const result = decideTier(basis, file.condition, Temporal.PlainDate.from(file.appliedOn));
  return { ...result, basis, caution, resultId: publicAssistance ? null : (answered?.resultId ?? null) };
}

/** 申告と回答の相違: what was stated and is answered otherwise. The answer counts; the examiner says why that is right. */
export const differsFrom = (declared: DeclaredTax, basis: TierBasis): boolean =>
  (declared.taxed !== null && basis.taxed !== undefined && declared.taxed !== basis.taxed) ||
  (declared.perIncomeYen !== null && basis.perIncomeYen !== undefined && declared.perIncomeYen !== basis.perIncomeYen);

const payloadOf = (p: Pick<ProposalLine, 'caseId' | 'tier' | 'ceilingYen' | 'resultId' | 'ratesVersion'>) => ({
  caseId: p.caseId,
  tier: p.tier,
  ceilingYen: p.ceilingYen,
  resultId: p.resultId,
  ratesVersion: p.ratesVersion,
});

/** 起案: the officer takes over what the rules give; there is no other tier to choose here. */
export const proposeTier = act('child-chronic.propose-tier', {
  right: ['child-chronic', 'tier', 'update'],
  async run(
    tx,
    deps: Deps,
    { caseId, differenceReason: typed = '' }: { caseId: string; differenceReason?: string },
    actor,
  ): Promise<
    Result<
      { approvalId: string },
      | 'difference-reason-missing'
      | 'no-such-case'
      | 'not-answered'
      | 'already-proposed'
      | 'already-decided'
      | 'not-staff'
      | 'number-unverified'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    await lockCase(tx, caseId);
    const file = await findCase(tx, { caseId });
    if (!file) return err('no-such-case');
    if ((await holdOfCase(tx, file)) === 'number-unverified') return err('number-unverified');
    const before = await proposals(tx, { caseId });
    if (before.some((p) => p.decidedBy !== null)) return err('already-decided');
    if (before.some((p) => p.returnReason === null)) return err('already-proposed');
    const computed = computeTier(file, await inquiries(tx, { caseId }));
    if (!computed) return err('not-answered');
    const declared = await findDeclaredTax(tx, caseId);
    const differs = computed.resultId !== null && declared !== undefined && differsFrom(declared, computed.basis);
    const why = typed.trim().slice(0, 300);
    if (differs && why === '') return err('difference-reason-missing');
    const row = { caseId, ...computed };
    if (differs && computed.resultId !== null)
      await insertDifferenceReason(tx, {
        resultId: computed.resultId,
        caseId,
        reason: why,
        by: actor.staffId,
        at: deps.machineClock.now(),
      });
    const approvalId = await requestApproval(tx, deps, {
      kind,
      subject: caseId,
      payload: payloadOf(row),
      by: actor.staffId,
    });
    const { basis, reason } = computed;
    await insertProposal(tx, {
      ...payloadOf(row),
      approvalId,
      basis: { ...basis, reason },
      by: actor.staffId,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: 'tier.proposed',
      subject: caseId,
      facts: [
        'child_chronic.tier_proposal',
        'approvals.request',
        ...(differs ? ['child_chronic.difference_reason'] : []),
      ],
      detail: { rates: computed.ratesVersion, differs },
    });
    return ok({ approvalId });
  },
});

/** Proposals that nobody has decided; names no person. */
export const listTierProposals = act('child-chronic.list-tier-proposals', {
  right: ['child-chronic', 'tier-approval', 'read'],
  async run(tx, _deps: Deps, _query: object) {
    const open = (await proposals(tx, {})).filter((p) => p.decidedBy === null && p.returnReason === null);
    tx.record({ event: 'tier-proposals.listed', subjects: open.map((p) => p.caseId), detail: { count: open.length } });
    return ok(open);
  },
});

/** What the approver sees: the proposal, and what it rests on. */
export const showTierProposal = act('child-chronic.show-tier-proposal', {
  right: ['child-chronic', 'tier-approval', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { approvalId: string },
  ): Promise<Result<{ proposal: ProposalLine; file: CaseFile; inquiry: InquiryLine | undefined }, 'no-such-request'>> {
    const [proposal] = await proposals(tx, query);
    const file = proposal && (await findCase(tx, { caseId: proposal.caseId }));
    if (!proposal || !file) return err('no-such-request');
    const inquiry = (await inquiries(tx, { caseId: file.caseId })).find((i) => i.resultId === proposal.resultId);
    tx.record({ event: 'tier-proposal.read', subject: file.caseId });
    return ok({ proposal, file, inquiry });
  },
});

/** 決定 or 差し戻し, by another person than who proposed. */
export const decideTierProposal = act('child-chronic.decide-tier', {
  right: ['child-chronic', 'tier-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { approvalId: string; approve: boolean; reason: string },
    actor,
  ): Promise<
    Result<
      { caseId: string },
      | 'no-such-request'
      | 'already-decided'
      | 'approver-is-requester'
      | 'expired'
      | 'reason-missing'
      | 'differs'
      | 'not-staff'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const [proposal] = await proposals(tx, { approvalId: command.approvalId });
    if (!proposal) return err('no-such-request');
    if (!command.approve && command.reason === '') return err('reason-missing');
    const { approvalId, caseId } = proposal;
    await lockCase(tx, caseId);
    const decision = command.approve ? 'approved' : 'rejected';
    const decided = await decideApproval(tx, deps, { approvalId, decision, by: actor.staffId });
    if (!decided.ok) return decided;
    const at = deps.machineClock.now();
    if (!command.approve) {
      await insertReturn(tx, { approvalId, reason: command.reason, by: actor.staffId, at });
      const facts = ['child_chronic.tier_return', 'approvals.decision'];
      tx.record({ event: 'tier.returned', subject: caseId, facts });
      return ok({ caseId });
    }
    const used = await useApproval(tx, deps, { approvalId, kind, payload: payloadOf(proposal), by: actor.staffId });
    if (!used.ok) return err('differs');
    await insertDecision(tx, { caseId, approvalId, by: actor.staffId, on: deps.civilClock.today(), at });
    tx.record({
      event: 'tier.decided',
      subject: caseId,
      facts: ['child_chronic.tier_decision', 'approvals.decision', 'approvals.execution'],
      ground: '児童福祉法 第19条の3、同施行令 第22条',
    });
    return ok({ caseId });
  },
});
