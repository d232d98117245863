import type { RowRefusal } from '@musubi/contracts/platform/ward-transfer-list.ts';
import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type TransferRule, tryRules } from '../domain/transfer-rules.ts';
import {
  askedLately,
  insertDraft,
  insertRule,
  insertTrial,
  type RuleDraft,
  ruleDrafts,
  transferRules,
} from '../store/transfers.ts';
import { onWardList } from './ward-list.ts';

export type { RuleDraft, TransferRule };

const kind = 'common-platform.transfer-rule';
/** How many of the last requests a change is tried on. */
const trialRequests = 5000;

/** The list as it stands and stood, and what is being changed in it. Nothing personal, but it says who may learn what. */
export const readRules = act('common-platform.list-transfer-rules', {
  right: ['common-platform', 'transfer-rule', 'read'],
  async run(tx, _deps: Deps, _query: object) {
    const [rules, drafts] = [await transferRules(tx, {}), await ruleDrafts(tx, {})];
    tx.record({ event: 'transfer-rules.read', detail: { rules: rules.length, drafts: drafts.length } });
    return ok({ rules, drafts });
  },
});

/** Takes the list of the configuration, row by row, once each: the list with which a platform is set up. */
export const registerTransferRules = act('common-platform.register-transfer-rules', {
  right: ['common-platform', 'task-binding', 'update'],
  async run(tx, deps: Deps, _command: object) {
    let made = 0;
    for (const row of deps.settings.transferRules)
      if (await insertRule(tx, { ruleId: deps.newId(), changeId: null, ...row })) made++;
    tx.record({
      event: 'transfer-rules.registered',
      detail: { made, configured: deps.settings.transferRules.length },
      ...(made > 0 ? { facts: ['common_platform.transfer_rule'] } : {}),
    });
    return ok({ made });
  },
});

export type DraftRule = Omit<TransferRule, 'ruleId'> & { readonly reason: string };

/** A change of the list is written down: nothing of it holds yet. */
export const draftRule = act('common-platform.draft-transfer-rule', {
  right: ['common-platform', 'transfer-rule', 'update'],
  async run(
    tx,
    deps: Deps,
    command: DraftRule,
    actor,
  ): Promise<
    Result<{ changeId: string }, 'not-staff' | 'in-the-past' | 'ends-before-it-begins' | RowRefusal | 'item-not-on-row'>
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const listed = onWardList(deps, { ...command, on: command.validFrom });
    // A row that goes on paper has a rule too: it says what may stand on the sheet.
    if (!listed.ok && listed.error !== 'paper-only') return listed;
    if (command.validFrom < deps.civilClock.today().toString()) return err('in-the-past');
    if (command.validUntil !== null && command.validUntil < command.validFrom) return err('ends-before-it-begins');
    const changeId = deps.newId();
    await insertDraft(tx, { changeId, ...command, draftedBy: actor.staffId, draftedAt: deps.machineClock.now() });
    tx.record({
      event: 'transfer-rule.drafted',
      ground: command.ground,
      facts: ['common_platform.rule_draft'],
      detail: { change: changeId, asker: command.asker, source: command.source, task: command.task },
    });
    return ok({ changeId });
  },
});

const payloadOf = ({ changeId, asker, task, source, information, items, ground, lawRevision, ...rest }: RuleDraft) => ({
  changeId,
  asker,
  task,
  source,
  information,
  items,
  ground,
  lawRevision,
  approval: rest.approval,
  validFrom: rest.validFrom,
  validUntil: rest.validUntil,
});

/** Tries the change on what was asked before and asks a second person; the counts stand beside the request. */
export const tryRule = act('common-platform.try-transfer-rule', {
  right: ['common-platform', 'transfer-rule', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { changeId: string },
    actor,
  ): Promise<Result<{ approvalId: string }, 'not-staff' | 'no-such-draft' | 'not-possible'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const [draft] = await ruleDrafts(tx, command);
    if (!draft) return err('no-such-draft');
    if (draft.state === 'in-list' || draft.state === 'tried') return err('not-possible');
    const rules = await transferRules(tx, {});
    const asked = await askedLately(tx, trialRequests);
    const on = Temporal.PlainDate.from(draft.validFrom);
    const outcome = tryRules(rules, [...rules, { ruleId: draft.changeId, ...draft }], asked, on);
    const payload = payloadOf(draft);
    const approvalId = await requestApproval(tx, deps, { kind, subject: draft.changeId, payload, by: actor.staffId });
    await insertTrial(tx, {
      trialId: deps.newId(),
      changeId: draft.changeId,
      approvalId,
      ...outcome,
      by: actor.staffId,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: 'transfer-rule.tried',
      facts: ['common_platform.rule_trial', 'approvals.request'],
      detail: { change: draft.changeId, ...outcome },
    });
    return ok({ approvalId });
  },
});

/**
 * The second person puts the row into the list, to hold from its day; former rows stay readable. A draft that was not tried,
 * or whose day has passed meanwhile, is not taken.
 * @source 002 III.5 (条例の表の変更), 001 III.2
 */
export const changeRules = act('common-platform.change-transfer-rules', {
  right: ['common-platform', 'transfer-rule-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { changeId: string; approve: boolean },
    actor,
  ): Promise<
    Result<
      { ruleId: string | null },
      | 'not-staff'
      | 'no-such-draft'
      | 'not-tried'
      | 'no-such-request'
      | 'already-decided'
      | 'expired'
      | 'approver-is-requester'
      | 'in-the-past'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const [draft] = await ruleDrafts(tx, { changeId: command.changeId });
    if (!draft) return err('no-such-draft');
    const { trial } = draft;
    if (trial === null) {
      if (enforced('transfer.rule-change-approval')) return err('not-tried');
    } else {
      const decided = await decideApproval(tx, deps, {
        approvalId: trial.approvalId,
        decision: command.approve ? 'approved' : 'rejected',
        by: actor.staffId,
      });
      if (!decided.ok) return decided;
      if (!command.approve) {
        const detail = { change: draft.changeId };
        tx.record({ event: 'transfer-rule.sent-back', facts: ['approvals.decision'], detail });
        return ok({ ruleId: null });
      }
      const payload = payloadOf(draft);
      const used = await useApproval(tx, deps, { approvalId: trial.approvalId, kind, payload, by: actor.staffId });
      if (!used.ok) return err('no-such-request');
    }
    if (draft.validFrom < deps.civilClock.today().toString()) return err('in-the-past');
    const ruleId = deps.newId();
    if (!(await insertRule(tx, { ...payloadOf(draft), ruleId }))) return err('already-decided');
    tx.record({
      event: 'transfer-rule.in-list',
      ground: draft.ground,
      facts: [
        'common_platform.transfer_rule',
        ...(trial === null ? [] : ['approvals.decision', 'approvals.execution']),
      ],
      detail: { change: draft.changeId, rule: ruleId, from: draft.validFrom },
    });
    return ok({ ruleId });
  },
});
