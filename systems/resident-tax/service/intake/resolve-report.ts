import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { linkDemand } from '../../domain/link-rule.ts';
import { addStep, candidatesOf, lockReportState, type ReportState, stepsOf } from '../../store/intake-matching.ts';
import { findReport, type Report } from '../../store/intake-reports.ts';
import { endedBy, placeMany, supersede } from './settle.ts';

/** Why a clerk decided as they did; a code, so that it can be counted. */
export const linkReasons = {
  'name-changed': '氏名の変更を住民記録で確認した',
  'document-checked': '本人確認書類の写しで確認した',
  'payer-confirmed': '提出元に照会して確認した',
  'register-checked': '住基ネットの本人確認情報で確認した',
} as const;
export const closeReasons = {
  'lived-elsewhere': '賦課期日に区内に住所がないことを確認した',
  'payer-withdrew': '提出元が提出誤りと回答した',
  duplicate: '同じ内容の報告書がすでにある',
  'no-such-person': '提出元に照会しても本人を特定できない',
} as const;
export type LinkReason = keyof typeof linkReasons;
export type CloseReason = keyof typeof closeReasons;

export type Decision =
  | { readonly kind: 'link'; readonly personId: string; readonly reason: LinkReason }
  | { readonly kind: 'not-resident' | 'rejected'; readonly reason: CloseReason };

export interface ResolveReport {
  readonly reportId: string;
  /** Number of the last step that the clerk saw. */
  readonly seenStep: number;
  readonly decision: Decision;
  readonly note?: string | undefined;
}

export type ResolveError =
  | 'no-such-report'
  | 'not-staff'
  | 'already-resolved'
  | 'changed-meanwhile'
  | 'awaits-second-person'
  | 'not-a-candidate'
  | 'link-refused'
  | 'note-missing';

const approvalKind = 'resident-tax.link-report';
const payloadOf = (reportId: string, personId: string): object => ({ reportId, personId });
const staffOf = (actor: Actor): string | undefined => (actor.kind === 'staff' ? actor.staffId : undefined);

/**
 * 突合 by a clerk: links a report with a candidate, or closes it. A link that the particulars do not carry by themselves is only
 * proposed and waits for a second person; one that they contradict is refused whoever asks (INC-43, INC-50).
 */
export const resolveReport = act('resident-tax.resolve-report', {
  right: ['resident-tax', 'matching', 'update'],
  async run(
    tx,
    deps: Deps,
    command: ResolveReport,
    actor,
  ): Promise<Result<{ state: ReportState['state'] }, ResolveError>> {
    const by = staffOf(actor);
    if (enforced('matching.clerk-resolves') && by === undefined) return err('not-staff');
    const state = await lockReportState(tx, command.reportId);
    if (state === undefined) return err('no-such-report');
    if (state.state === 'awaiting-second') return err('awaits-second-person');
    if (state.state !== 'candidates' && state.state !== 'none') return err('already-resolved');
    if (state.lastStep !== command.seenStep) return err('changed-meanwhile');
    const report = (await findReport(tx, command.reportId))!;
    const { decision } = command;
    if (decision.kind === 'link')
      return link(tx, deps, { report, state, decision, note: command.note, by: by ?? 'job' });
    if (command.note === undefined) return err('note-missing');
    await addStep(
      tx,
      {
        reportId: report.reportId,
        step: decision.kind,
        decidedBy: by ?? 'job',
        personId: null,
        reasonCode: decision.reason,
        note: command.note,
      },
      decision.kind,
      state.round,
      deps.machineClock.now(),
    );
    tx.record({
      event: decision.kind === 'rejected' ? 'matching.rejected' : 'matching.not-resident',
      facts: ['resident_tax.match_step'],
      detail: { report: report.reportId, reason: decision.reason },
    });
    return ok({ state: decision.kind });
  },
});

async function link(
  tx: Tx,
  deps: Deps,
  given: {
    readonly report: Report;
    readonly state: ReportState;
    readonly decision: Extract<Decision, { kind: 'link' }>;
    readonly note: string | undefined;
    readonly by: string;
  },
): Promise<Result<{ state: ReportState['state'] }, ResolveError>> {
  const { report, state, decision, by } = given;
  const candidate = (await candidatesOf(tx, report.reportId, state.round)).find(
    (c) => c.personId === decision.personId,
  );
  if (candidate === undefined) return err('not-a-candidate');
  const demand = linkDemand(candidate);
  if (enforced('matching.no-partial-link') && demand === 'refused') return err('link-refused');
  const at = deps.machineClock.now();
  const step = {
    reportId: report.reportId,
    decidedBy: by,
    personId: decision.personId,
    reasonCode: decision.reason,
    note: given.note,
  };
  if (demand === 'second-person') {
    // What was checked, and where, has to be said: the second person decides on it.
    if (given.note === undefined) return err('note-missing');
    const approvalId = await requestApproval(tx, deps, {
      kind: approvalKind,
      subject: report.reportId,
      payload: payloadOf(report.reportId, decision.personId),
      by,
    });
    await addStep(tx, { ...step, step: 'link-proposed', approvalId }, 'awaiting-second', state.round, at);
    tx.record({
      event: 'matching.link-proposed',
      subject: decision.personId,
      facts: ['resident_tax.match_step', 'approvals.request'],
      detail: { report: report.reportId, reason: decision.reason },
    });
    return ok({ state: 'awaiting-second' });
  }
  const superseded = await settleLink(tx, { report, state, step }, at);
  tx.record({
    event: 'matching.linked',
    subject: decision.personId,
    facts: ['resident_tax.match_step', ...(superseded ? ['resident_tax.report_supersession'] : [])],
    detail: { report: report.reportId, reason: decision.reason, agrees: candidate.agrees.join(' ') },
  });
  return ok({ state: 'linked' });
}

/** Links, and lets a correction or cancellation take the place of its original. */
async function settleLink(
  tx: Tx,
  given: {
    readonly report: Report;
    readonly state: ReportState;
    readonly step: {
      readonly reportId: string;
      readonly decidedBy: string;
      readonly personId: string;
      readonly reasonCode: string;
      readonly note: string | undefined;
      readonly approvalId?: string;
    };
  },
  at: Temporal.Instant,
): Promise<boolean> {
  const { personId, decidedBy, reportId } = given.step;
  const place = (await placeMany(tx, [{ report: given.report, personId }])).get(reportId)!;
  await addStep(tx, { ...given.step, step: 'linked' }, 'linked', given.state.round, at);
  const ended = endedBy(reportId, place);
  if (ended === undefined) return false;
  await supersede(tx, [{ ...ended, personId, decidedBy }], at);
  return true;
}

export type DecideLinkError =
  | 'no-such-report'
  | 'not-staff'
  | 'nothing-proposed'
  | 'approver-is-requester'
  | 'expired'
  | 'already-decided'
  | 'note-missing';

/** The second person's look at a proposed link: approved and linked in one act, or sent back to the work list with a reason. */
export const decideLink = act('resident-tax.decide-link', {
  right: ['resident-tax', 'matching-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    command: {
      readonly reportId: string;
      readonly decision: 'approved' | 'rejected';
      readonly note?: string | undefined;
    },
    actor,
  ): Promise<Result<{ state: ReportState['state'] }, DecideLinkError>> {
    const by = staffOf(actor);
    if (by === undefined) return err('not-staff');
    const state = await lockReportState(tx, command.reportId);
    if (state === undefined) return err('no-such-report');
    const proposal = (await stepsOf(tx, command.reportId)).at(-1);
    if (state.state !== 'awaiting-second' || proposal?.approvalId == null || state.personId === null)
      return err('nothing-proposed');
    const { approvalId } = proposal;
    if (command.decision === 'rejected' && command.note === undefined) return err('note-missing');
    const decided = await decideApproval(tx, deps, { approvalId, decision: command.decision, by });
    if (!decided.ok) return err(decided.error === 'no-such-request' ? 'nothing-proposed' : decided.error);
    const at = deps.machineClock.now();
    const { personId, reportId } = { personId: state.personId, reportId: command.reportId };
    if (command.decision === 'rejected') {
      await addStep(
        tx,
        {
          reportId,
          step: 'proposal-returned',
          decidedBy: by,
          personId,
          reasonCode: 'returned',
          note: command.note,
          approvalId,
        },
        'candidates',
        state.round,
        at,
      );
      tx.record({
        event: 'matching.link-returned',
        subject: personId,
        facts: ['resident_tax.match_step', 'approvals.decision'],
        detail: { report: reportId },
      });
      return ok({ state: 'candidates' });
    }
    const payload = payloadOf(reportId, personId);
    const used = await useApproval(tx, deps, { approvalId, kind: approvalKind, payload, by });
    // Approved a moment ago in this very transaction, under the report's lock: anything else is a defect.
    if (!used.ok) throw new Error(`approval ${approvalId}: ${used.error}`);
    const report = (await findReport(tx, reportId))!;
    const step = { reportId, decidedBy: by, personId, reasonCode: proposal.reasonCode, note: command.note, approvalId };
    const superseded = await settleLink(tx, { report, state, step }, at);
    tx.record({
      event: 'matching.linked',
      subject: personId,
      facts: [
        'resident_tax.match_step',
        'approvals.decision',
        'approvals.execution',
        ...(superseded ? ['resident_tax.report_supersession'] : []),
      ],
      detail: { report: reportId, reason: proposal.reasonCode, second: true },
    });
    return ok({ state: 'linked' });
  },
});
