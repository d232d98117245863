import { useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { type DirectoryGrant, directoryGrants } from '@musubi/kernel/access/directory-grant.ts';
import { directorySystem, storeChange } from '@musubi/kernel/access/grants.ts';
import { fiscalYearEnd } from '@musubi/kernel/access/password.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { ActEvent, Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { findAccount, lockAccount } from '../store/accounts.ts';
import { findGrant, type Grant, grantsOf, insertGrant, insertRevocation } from '../store/grants.ts';
import { nameOf } from './actors.ts';

export const grantPayload = z.strictObject({
  staffId: z.string().regex(/^[a-z0-9][a-z0-9-]{1,62}$/),
  system: z.string().regex(/^[a-z][a-z0-9-]*$/),
  role: z.string().regex(/^[a-z][a-z0-9-]*$/),
  validFrom: z.iso.date(),
  validUntil: z.iso.date(),
});
export type GrantPayload = z.infer<typeof grantPayload>;

export type GrantError =
  | 'contractor-role'
  | 'no-such-account'
  | 'no-such-system'
  | 'for-oneself'
  | 'beyond-fiscal-year'
  | 'not-approved';

/** What a grant must be like: to somebody else, for a system of this organisation, no longer than the account and the fiscal year. */
export async function checkGrant(
  tx: Tx,
  deps: Deps,
  payload: GrantPayload,
  by: string,
): Promise<Result<null, GrantError>> {
  if (enforced('access.grantor-role') && payload.staffId === by) return err('for-oneself');
  const account = await findAccount(tx, payload.staffId);
  if (account === undefined || account.state !== 'active') return err('no-such-account');
  if (payload.system !== directorySystem && !deps.systems.includes(payload.system)) return err('no-such-system');
  const { system, role } = payload;
  const listed = deps.contractorRoles.some((r) => r.system === system && r.role === role);
  if (enforced('access.contractor-role-limit') && account.kind === 'contractor' && !listed)
    return err('contractor-role');
  const from = Temporal.PlainDate.from(payload.validFrom);
  const last = fiscalYearEnd(
    Temporal.PlainDate.compare(from, deps.civilClock.today()) > 0 ? from : deps.civilClock.today(),
  );
  const beyond = payload.validUntil > last.toString() || payload.validUntil > account.validUntil;
  return beyond || payload.validUntil < payload.validFrom ? err('beyond-fiscal-year') : ok(null);
}

/** Gives a right under its approved application (in a town also under its list) and tells the system. Call inside an act. */
export async function grant(
  tx: Tx,
  deps: Deps,
  command: { readonly payload: GrantPayload; readonly by: string; readonly approvalId: string | null },
): Promise<Result<ActEvent, GrantError>> {
  const { payload, by, approvalId } = command;
  const checked = await checkGrant(tx, deps, payload, by);
  if (!checked.ok) return checked;
  if (approvalId !== null || !deps.town) {
    const used =
      approvalId === null ? undefined : await useApproval(tx, deps, { approvalId, kind: 'grant', payload, by });
    if (enforced('access.grant-approval') && !used?.ok) return err('not-approved');
  }
  const grantId = deps.newId();
  const at = deps.machineClock.now();
  const { system, ...what } = payload;
  if (enforced('audit.grant-history')) await insertGrant(tx, { grantId, ...payload }, { approvalId, by, at });
  const facts = await tell(tx, deps, system, { kind: 'granted', grantId, ...what });
  return ok({
    event: 'grant.given',
    facts: ['staff_directory.grant_given', 'approvals.execution', ...facts],
    detail: { grantId, staffId: payload.staffId, system, role: payload.role, validUntil: payload.validUntil },
  });
}

/**
 * 年度更新: the rights that ended with the account go on with it, each as a right of its own, told to its system. Call inside the act
 * in which the head of the department confirmed the person with these rights. Gives the facts that it wrote.
 */
export async function continueRights(
  tx: Tx,
  deps: Deps,
  { staffId, validUntil }: { readonly staffId: string; readonly validUntil: string },
  confirmed: { readonly until: string; readonly by: string },
): Promise<readonly string[]> {
  const today = deps.civilClock.today();
  const next = Temporal.PlainDate.from(validUntil).add({ days: 1 });
  const validFrom = (Temporal.PlainDate.compare(next, today) > 0 ? next : today).toString();
  const ending = (await grantsOf(tx, staffId)).filter((g) => !g.revoked && g.validUntil === validUntil);
  const facts = new Set<string>();
  for (const { system, role } of ending) {
    const given = { staffId, role, validFrom, validUntil: confirmed.until };
    const grantId = deps.newId();
    await insertGrant(
      tx,
      { grantId, system, ...given },
      { approvalId: null, by: confirmed.by, at: deps.machineClock.now() },
    );
    facts.add('staff_directory.grant_given');
    for (const fact of await tell(tx, deps, system, { kind: 'granted', grantId, ...given })) facts.add(fact);
  }
  return [...facts];
}

/** To the system's stream; the directory's own rights are written where it reads them itself. */
export async function tell(tx: Tx, deps: Deps, system: string, message: DirectoryGrant): Promise<readonly string[]> {
  if (system === directorySystem) {
    const stored = await storeChange(tx, deps, message);
    if (!stored.ok) throw new Error(`the directory's own grants are out of step: ${stored.error}`);
    return stored.value.facts;
  }
  await deps.outbox.enqueue(tx, {
    receiver: `${deps.organisation}/${system}`,
    family: directoryGrants,
    subject: message.staffId,
    message,
  });
  return [];
}

/** Ends the sessions of a person in every system. Gives the facts that it wrote. */
export async function signOutEverywhere(
  tx: Tx,
  deps: Deps,
  staffId: string,
  because: string,
): Promise<readonly string[]> {
  const facts: string[] = [];
  for (const system of [directorySystem, ...deps.systems]) {
    facts.push(...(await tell(tx, deps, system, { kind: 'sign-out', orderId: deps.newId(), staffId, because })));
  }
  return facts;
}

/** Takes one right back, at once. Nobody takes his own. */
export const revokeGrant = act('staff-directory.revoke-grant', {
  right: ['staff-directory', 'account', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly grantId: string; readonly because: string },
    actor,
  ): Promise<Result<null, 'no-such-grant' | 'already-revoked' | 'for-oneself'>> {
    const given = await findGrant(tx, command.grantId);
    if (given === undefined) return err('no-such-grant');
    if (enforced('access.grantor-role') && given.staffId === nameOf(actor)) return err('for-oneself');
    await lockAccount(tx, given.staffId);
    if ((await findGrant(tx, command.grantId))?.revoked) return err('already-revoked');
    const facts = await revoke(tx, deps, given, command.because, nameOf(actor));
    const { grantId, staffId, system, role } = given;
    tx.record({ event: 'grant.revoked', facts, detail: { grantId, staffId, system, role, because: command.because } });
    return ok(null);
  },
});

/** Call inside an act; gives the facts that it wrote. */
export async function revoke(
  tx: Tx,
  deps: Deps,
  given: Grant,
  because: string,
  by: string,
): Promise<readonly string[]> {
  await insertRevocation(tx, { grantId: given.grantId, because, by, at: deps.machineClock.now() });
  const { grantId, staffId } = given;
  return [
    'staff_directory.grant_revoked',
    ...(await tell(tx, deps, given.system, { kind: 'revoked', grantId, staffId, because })),
  ];
}
