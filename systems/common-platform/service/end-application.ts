import type { ApplicationOutcome } from '@musubi/contracts/platform/applications.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import { endAtPortal } from '../clients/portal.ts';
import type { Deps } from '../deps.ts';
import { applications, insertEnd, insertEndTold, untoldEnds } from '../store/applications.ts';

/**
 * 申請の結果: only the business that got the application says what became of it, and once.
 * @source requirements 002 CIP-F1, MNP-F1
 */
export const takeApplicationOutcome = act('common-platform.take-application-outcome', {
  right: ['common-platform', 'application-outcome', 'update'],
  async run(
    tx,
    deps: Deps,
    { message, sender }: Received<ApplicationOutcome>,
  ): Promise<Result<{ repeated: boolean }, 'no-such-application' | 'ended-before'>> {
    const { receiptNumber, outcome } = message;
    const [application] = await applications(tx, { receiptNumber, offset: 0, limit: 1 });
    if (application?.receiver !== sender) return err('no-such-application');
    const made = await insertEnd(tx, { receiptNumber, outcome, at: deps.machineClock.now() });
    if (!made && application.outcome !== null && application.outcome !== outcome) return err('ended-before');
    tx.record({
      event: made ? 'application.ended' : 'application.end-repeated',
      ...(application.personId === null ? {} : { subject: application.personId }),
      ...(made ? { facts: ['common_platform.application_end'] } : {}),
      detail: { receipt: receiptNumber, outcome },
    });
    return ok({ repeated: !made });
  },
});

const listUntold = look('common-platform.list-untold-application-ends', {
  right: ['common-platform', 'application-intake', 'update'],
  run: (tx, _deps: Deps, _query: object) => untoldEnds(tx),
});

const noteTold = act('common-platform.note-application-end-told', {
  right: ['common-platform', 'application-intake', 'update'],
  async run(tx, deps: Deps, { receiptNumber }: { receiptNumber: string }): Promise<Result<null, never>> {
    await insertEndTold(tx, receiptNumber, deps.machineClock.now());
    tx.record({
      event: 'application.end-told',
      ...(deps.settings.portal === undefined ? {} : { recipient: deps.settings.portal }),
      facts: ['common_platform.application_end_told'],
      detail: { receipt: receiptNumber },
    });
    return ok(null);
  },
});

/**
 * Tells the portal what became of applications. What it does not answer for is told again in the next round.
 * @returns how many it knows now
 */
export async function tellApplicationEnds(deps: Deps, actor: Actor): Promise<Result<number, 'not-authorised'>> {
  const { portal } = deps.settings;
  if (portal === undefined) return ok(0);
  const untold = await listUntold(deps, actor, {});
  if (!untold.ok) return untold;
  let told = 0;
  for (const { receiptNumber, outcome } of untold.value) {
    if (!(await endAtPortal(deps.peers, portal, receiptNumber, outcome === 'completed' ? '40' : '50'))) continue;
    const noted = await noteTold(deps, actor, { receiptNumber });
    if (!noted.ok) return noted;
    told++;
  }
  return ok(told);
}
