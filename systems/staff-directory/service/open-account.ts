import { useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { fiscalYearEnd } from '@musubi/kernel/access/password.ts';
import type { ActEvent, Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { insertAccount, insertState } from '../store/accounts.ts';
import { isAdmitted } from './contractors.ts';

export const accountPayload = z.strictObject({
  staffId: z.string().regex(/^[a-z0-9][a-z0-9-]{1,62}$/),
  staffNumber: z.string().regex(/^[A-Z0-9-]{1,20}$/),
  kind: z.enum(['employee', 'contractor']),
  displayName: z.string().min(1).max(60),
  position: z.string().max(60),
  /** Last day; at most the end of the fiscal year. */
  validUntil: z.iso.date(),
  /** 誓約書: when it was signed and where it is filed. A contractor's person needs one. */
  oath: z.strictObject({ on: z.iso.date(), document: z.string().min(1).max(60) }).optional(),
});
export type AccountPayload = z.infer<typeof accountPayload>;

/** Names of roles and places, not of persons. */
const generic = /(共用|共有|管理者|窓口|端末|ゲスト|admin|guest|shared|operator|test)/i;

export type OpenAccountError =
  | 'generic-name'
  | 'oath-missing'
  | 'worker-not-admitted'
  | 'beyond-fiscal-year'
  | 'already-known'
  | 'not-approved'
  | 'approval-differs';

/** What the application must be like before anybody is asked to approve it, and when it is carried out. */
export async function checkAccount(
  tx: Tx,
  payload: AccountPayload,
  today: Temporal.PlainDate,
): Promise<Result<null, OpenAccountError>> {
  if (enforced('auth.personal-id') && (generic.test(payload.displayName) || generic.test(payload.staffId)))
    return err('generic-name');
  const sworn = payload.oath !== undefined && payload.oath.on <= today.toString();
  if (enforced('contractor.documents') && payload.kind === 'contractor' && !sworn) return err('oath-missing');
  if (payload.validUntil > fiscalYearEnd(today).toString() || payload.validUntil < today.toString())
    return err('beyond-fiscal-year');
  // Sworn and listed is not enough: the register of workers must have admitted the person, a sub-contractor's under a consent.
  if (enforced('contractor.named-workers') && payload.kind === 'contractor' && !(await isAdmitted(tx, payload.staffId)))
    return err('worker-not-admitted');
  return ok(null);
}

/** Opens an account under its approved application, or in a town under its list. Call inside an act, which records. */
export async function openAccount(
  tx: Tx,
  deps: Deps,
  command: {
    readonly payload: AccountPayload;
    readonly by: string;
    readonly approvalId: string | null;
    readonly because: string;
  },
): Promise<Result<ActEvent, OpenAccountError>> {
  const { payload, by, approvalId } = command;
  if (approvalId !== null) {
    const checked = await checkAccount(tx, payload, deps.civilClock.today());
    if (!checked.ok) return checked;
  }
  if (approvalId !== null || !deps.town) {
    const used =
      approvalId === null ? undefined : await useApproval(tx, deps, { approvalId, kind: 'account', payload, by });
    if (enforced('access.grant-approval') && !used?.ok) return err('not-approved');
  }
  const at = deps.machineClock.now();
  const opened = await insertAccount(tx, payload, { approvalId, at });
  if (!opened) return err('already-known');
  await insertState(tx, {
    staffId: payload.staffId,
    state: 'active',
    validUntil: payload.validUntil,
    because: command.because,
    by,
    at,
  });
  return ok({
    event: 'account.opened',
    facts: ['staff_directory.account', 'staff_directory.account_state', 'approvals.execution'],
    detail: { staffId: payload.staffId, kind: payload.kind, validUntil: payload.validUntil },
  });
}
