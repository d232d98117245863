import { decideApproval, requestApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import type { DecideError } from '@musubi/kernel/access/approvals/domain.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import { readMedium } from '@musubi/kernel/media/register.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { orderErasure } from '@musubi/kernel/vault/sealed/erasure.ts';
import type { Deps } from '../deps.ts';
import { taxYearOf } from '../domain/intake.ts';
import { type RegisterStanding, registerStanding } from '../domain/register-answer.ts';
import {
  casesToAsk,
  findRegisterUse,
  insertRegisterUse,
  insertUseClose,
  listRegisterUses,
  lockRegisterUse,
  nextEntryNumber,
  type RegisterUse,
  type RegisterUseRow,
  registerUseRows,
  serialsOfUse,
} from '../store/register-uses.ts';

export type { RegisterUse, RegisterUseRow };

/** The approval's kind. */
export const USE_APPROVAL = 'child-chronic.register-use';
/** Persons on one list at most. */
export const largestList = 200;

/** What the approver approves: exactly these cases for this purpose under this permission. */
export const approvableUse = (
  use: Pick<RegisterUse, 'entryNumber' | 'taskCode' | 'purpose' | 'notification'>,
  rows: readonly { readonly caseId: string; readonly keyKind: string }[],
): unknown => ({
  entry: use.entryNumber,
  task: use.taskCode,
  purpose: use.purpose,
  notification: use.notification,
  rows: rows.map((r) => [r.caseId, r.keyKind]),
});

/** Cases that can go on a list; names, so it is on record. */
export const listCasesToAsk = act('child-chronic.list-cases-to-ask', {
  right: ['child-chronic', 'register-use', 'update'],
  async run(tx, _deps: Deps, _query: object) {
    const rows = await casesToAsk(tx, { limit: largestList });
    tx.record({
      event: 'register-use.cases-listed',
      subjects: rows.map((r) => r.caseId),
      detail: { count: rows.length },
    });
    return ok(rows);
  },
});

export interface RequestRegisterUse {
  readonly purpose: string;
  readonly notification: string;
  readonly caseIds: readonly string[];
}

/**
 * 使用簿の記入: who is to be asked about, why, under which permission. Nothing is asked before another person approves exactly this.
 * @source 001 III.2-R4-13, MED-X3, §8.6
 */
export const requestRegisterUse = act('child-chronic.request-register-use', {
  right: ['child-chronic', 'register-use', 'update'],
  async run(
    tx,
    deps: Deps,
    command: RequestRegisterUse,
    actor,
  ): Promise<
    Result<{ entryId: string; entryNumber: string }, 'not-staff' | 'incomplete' | 'nobody' | 'too-many' | 'not-to-ask'>
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const [purpose, notification] = [command.purpose.trim(), command.notification.trim()];
    const caseIds = [...new Set(command.caseIds)];
    if (purpose === '' || notification === '') return err('incomplete');
    if (caseIds.length === 0) return err('nobody');
    if (caseIds.length > largestList) return err('too-many');
    // Two entries with one case at once: the second waits and then finds the case on a list.
    await lockRegisterUse(tx, 'new');
    const found = await casesToAsk(tx, { caseIds, limit: largestList });
    if (found.length !== caseIds.length) return err('not-to-ask');
    const cases = found.map((c) => ({ caseId: c.caseId, keyKind: c.hasNumber ? 'number' : 'particulars' }) as const);
    const entryId = deps.newId();
    const entry = {
      entryNumber: await nextEntryNumber(tx, taxYearOf(deps.civilClock.today(), 'renewal')),
      taskCode: deps.settings.register.task,
      purpose,
      notification,
    };
    const approvalId = await requestApproval(tx, deps, {
      kind: USE_APPROVAL,
      subject: entryId,
      payload: approvableUse(entry, cases),
      by: actor.staffId,
    });
    const at = deps.machineClock.now();
    await insertRegisterUse(tx, { ...entry, entryId, approvalId, cases, by: actor.staffId, at });
    tx.record({
      event: 'register-use.requested',
      subjects: cases.map((c) => c.caseId),
      facts: ['child_chronic.register_use', 'child_chronic.register_use_row', 'approvals.request'],
      detail: { entry: entry.entryNumber, persons: cases.length },
    });
    return ok({ entryId, entryNumber: entry.entryNumber });
  },
});

export const decideRegisterUse = act('child-chronic.decide-register-use', {
  right: ['child-chronic', 'register-use-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    { entryId, approve }: { readonly entryId: string; readonly approve: boolean },
    actor,
  ): Promise<Result<null, 'not-staff' | 'no-such-entry' | 'no-such-request' | DecideError>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const use = await findRegisterUse(tx, entryId);
    if (!use) return err('no-such-entry');
    const decision = approve ? 'approved' : 'rejected';
    const done = await decideApproval(tx, deps, { approvalId: use.approvalId, decision, by: actor.staffId });
    if (!done.ok) return done;
    tx.record({
      event: `register-use.${decision}`,
      facts: ['approvals.decision'],
      detail: { entry: use.entryNumber, persons: use.rows },
    });
    return ok(null);
  },
});

/** Numbers, purposes and counts: nothing personal. */
export const lookRegisterUses = look('child-chronic.list-register-uses', {
  right: ['child-chronic', 'register-use', 'read'],
  run: (tx, _deps: Deps, query: { readonly offset: number; readonly limit: number }) => listRegisterUses(tx, query),
});

export interface RegisterUseView {
  readonly use: RegisterUse;
  readonly rows: readonly (RegisterUseRow & { readonly standing: RegisterStanding })[];
  /** Media that carried something of the entry and are not erased. */
  readonly unerased: readonly string[];
}

const enteredOf = (r: RegisterUseRow) => ({
  name: r.applicantName,
  birthOn: r.applicantBirthOn,
  sex: r.applicantSex,
  address: r.applicantAddress,
});

export const showRegisterUse = act('child-chronic.show-register-use', {
  right: ['child-chronic', 'register-use', 'read'],
  async run(
    tx,
    _deps: Deps,
    { entryId }: { readonly entryId: string },
  ): Promise<Result<RegisterUseView, 'no-such-entry'>> {
    const use = await findRegisterUse(tx, entryId);
    if (!use) return err('no-such-entry');
    const rows = await registerUseRows(tx, entryId);
    tx.record({
      event: 'register-use.read',
      subjects: rows.map((r) => r.caseId),
      detail: { entry: use.entryNumber, persons: rows.length },
    });
    return ok({
      use,
      rows: rows.map((r) => ({ ...r, standing: registerStanding(enteredOf(r), r) })),
      unerased: await unerasedMedia(tx, entryId),
    });
  },
});

const holding = ['loaded', 'written', 'handed-over', 'received', 'to-erase', 'missing'];

async function unerasedMedia(tx: Parameters<typeof readMedium>[0], entryId: string): Promise<string[]> {
  const unerased: string[] = [];
  for (const serial of await serialsOfUse(tx, entryId)) {
    const found = await readMedium(tx, serial);
    if (found && holding.includes(found.medium.state)) unerased.push(serial);
  }
  return unerased;
}

/**
 * 使用簿を閉じる: everybody on the list has an answer and the media are erased. Our own copy of the list is erased with it.
 * @source 001 §8.6
 */
export const closeRegisterUse = act('child-chronic.close-register-use', {
  right: ['child-chronic', 'register-use', 'update'],
  async run(
    tx,
    deps: Deps,
    { entryId, outcome }: { readonly entryId: string; readonly outcome: string },
    actor,
  ): Promise<
    Result<
      null,
      | 'not-staff'
      | 'no-such-entry'
      | 'outcome-missing'
      | 'closed-already'
      | 'not-asked-yet'
      | 'answers-missing'
      | 'medium-not-erased'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    if (outcome.trim() === '') return err('outcome-missing');
    await lockRegisterUse(tx, entryId);
    const use = await findRegisterUse(tx, entryId);
    if (!use) return err('no-such-entry');
    if (use.closedBy !== null) return err('closed-already');
    if (use.decision !== 'rejected') {
      if (use.sealedRef === null) return err('not-asked-yet');
      if (use.answers < use.rows) return err('answers-missing');
      if ((await unerasedMedia(tx, entryId)).length > 0) return err('medium-not-erased');
      await orderErasure(tx, deps, `object:${use.sealedRef}`, 'register-use-closed');
    }
    const at = deps.machineClock.now();
    await insertUseClose(tx, { entryId, outcome: outcome.trim().slice(0, 400), by: actor.staffId, at });
    tx.record({
      event: 'register-use.closed',
      facts: ['child_chronic.register_use_close'],
      detail: { entry: use.entryNumber, persons: use.rows, answers: use.answers },
    });
    return ok(null);
  },
});
