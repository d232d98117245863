import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { terminalKinds } from '@musubi/kernel/access/session.ts';
import type { TerminalKey } from '@musubi/kernel/access/terminal.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import type { ActEvent, Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { findApplication, insertApplication, listApplications, type StoredApplication } from '../store/applications.ts';
import { insertTerminal } from '../store/terminals.ts';
import { nameOf } from './actors.ts';
import { checkGrant, type GrantError, grant, grantPayload } from './grant.ts';
import { accountPayload, checkAccount, type OpenAccountError, openAccount } from './open-account.ts';

export const terminalPayload = z.strictObject({
  terminalId: z.string().regex(/^t-[a-z0-9]{8,40}$/),
  kind: z.enum(terminalKinds).default('office'),
  label: z.string().min(1).max(60),
  place: z.string().min(1).max(60),
  key: z.strictObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
    y: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  }) satisfies z.ZodType<TerminalKey>,
});

/** What can be applied for. */
export const applicationPayload = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('account'), payload: accountPayload }),
  z.strictObject({ kind: z.literal('grant'), payload: grantPayload }),
  z.strictObject({ kind: z.literal('terminal'), payload: terminalPayload }),
]);
export type Application = z.infer<typeof applicationPayload>;

export type ApplyError = OpenAccountError | GrantError;

/** An application (申請): nothing becomes effective by it. */
export const apply = act('staff-directory.apply', {
  right: ['staff-directory', 'application', 'update'],
  async run(
    tx,
    deps: Deps,
    command: Application & { readonly reason: string },
    actor,
  ): Promise<Result<{ readonly approvalId: string }, ApplyError>> {
    const by = nameOf(actor);
    const checked = await checkApplication(tx, deps, command, by);
    if (!checked.ok) return checked;
    const { kind, payload, reason } = command;
    const approvalId = await requestApproval(tx, deps, { kind, subject: subjectOf(command), payload, by });
    await insertApplication(tx, { approvalId, kind, payload, reason, appliedBy: by, at: deps.machineClock.now() });
    tx.record({
      event: `${kind}.applied-for`,
      facts: ['staff_directory.application', 'approvals.request'],
      detail: { approvalId, about: subjectOf(command) },
    });
    return ok({ approvalId });
  },
});

const subjectOf = (application: Application): string =>
  application.kind === 'terminal' ? application.payload.terminalId : application.payload.staffId;

async function checkApplication(
  tx: Tx,
  deps: Deps,
  application: Application,
  by: string,
): Promise<Result<null, ApplyError>> {
  if (application.kind === 'account') return checkAccount(tx, application.payload, deps.civilClock.today());
  return application.kind === 'grant' ? checkGrant(tx, deps, application.payload, by) : ok(null);
}

export type DecisionError =
  | ApplyError
  | 'no-such-request'
  | 'already-decided'
  | 'expired'
  | 'approver-is-requester'
  | 'already-enrolled';

/** A second person decides; what is approved is carried out in the same transaction, exactly as it was applied for. */
export const decideApplication = act('staff-directory.decide', {
  right: ['staff-directory', 'decision', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly approvalId: string; readonly decision: 'approved' | 'rejected' },
    actor,
  ): Promise<Result<null, DecisionError>> {
    const { approvalId, decision } = command;
    const by = nameOf(actor);
    const stored = await findApplication(tx, approvalId);
    if (stored === undefined) return err('no-such-request');
    const application = applicationPayload.parse({ kind: stored.kind, payload: stored.payload });
    if (enforced('access.grantor-role') && subjectOf(application) === by) return err('for-oneself');
    const decided = await decideApproval(tx, deps, { approvalId, decision, by });
    if (!decided.ok) return decided;
    if (decision === 'rejected') {
      tx.record({
        event: 'application.rejected',
        facts: ['approvals.decision'],
        detail: { approvalId, kind: stored.kind },
      });
      return ok(null);
    }
    const done = await carryOut(tx, deps, application, stored, by);
    if (!done.ok) return done;
    const { facts = [], detail } = done.value;
    tx.record({
      ...done.value,
      facts: ['approvals.decision', ...facts],
      detail: { ...detail, approvalId, appliedBy: stored.appliedBy },
    });
    return ok(null);
  },
});

function carryOut(
  tx: Tx,
  deps: Deps,
  application: Application,
  stored: StoredApplication,
  by: string,
): Promise<Result<ActEvent, DecisionError>> {
  const { approvalId } = stored;
  switch (application.kind) {
    case 'account':
      return openAccount(tx, deps, { payload: application.payload, by, approvalId, because: 'application' });
    case 'grant':
      return grant(tx, deps, { payload: application.payload, by, approvalId });
    case 'terminal':
      return enrolTerminal(tx, deps, { payload: application.payload, by, approvalId });
  }
}

async function enrolTerminal(
  tx: Tx,
  deps: Deps,
  command: { readonly payload: z.infer<typeof terminalPayload>; readonly by: string; readonly approvalId: string },
): Promise<Result<ActEvent, DecisionError>> {
  const { payload, by, approvalId } = command;
  const used = await useApproval(tx, deps, { approvalId, kind: 'terminal', payload, by });
  if (!used.ok) return err('not-approved');
  if (!(await insertTerminal(tx, payload, { approvalId, at: deps.machineClock.now() }))) return err('already-enrolled');
  return ok({
    event: 'terminal.enrolled',
    facts: ['staff_directory.terminal', 'approvals.execution'],
    detail: { terminalId: payload.terminalId },
  });
}

export const applications = look('staff-directory.applications', {
  right: ['staff-directory', 'decision', 'read'],
  run: (tx, _deps: Deps, query: { readonly limit: number }) => listApplications(tx, query.limit),
});

export const application = look('staff-directory.application', {
  right: ['staff-directory', 'decision', 'read'],
  run: (tx, _deps: Deps, approvalId: string) => findApplication(tx, approvalId),
});
