import type { ContractorStanding } from '@musubi/contracts/governance/contractor-standing.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import { type Account, findAccount, insertState, lockAccount } from '../store/accounts.ts';
import { type ContractorRow, insertStanding, standingOf } from '../store/contractors.ts';
import { signOutEverywhere } from './grant.ts';

/** Whether somebody of a contractor is here without a work order of today: such a person signs in nowhere. */
export async function isWithoutOrder(tx: Tx, account: Account, today: Temporal.PlainDate): Promise<boolean> {
  if (account.kind !== 'contractor') return false;
  const standing = await standingOf(tx, account.staffId);
  const works = standing?.standing === 'ordered' && today.toString() <= (standing.validUntil ?? '');
  return enforced('access.work-order') && !works;
}

/** Whether the register of workers admits the person: under a contract in force, and a consent where it is a sub-contractor's. */
export async function isAdmitted(tx: Tx, staffId: string): Promise<boolean> {
  const standing = await standingOf(tx, staffId);
  return standing !== undefined && standing.standing !== 'none';
}

const rowOf = (message: ContractorStanding): ContractorRow => ({
  standing: message.standing,
  because: message.standing === 'none' ? message.because : null,
  order: message.standing === 'ordered' ? message.order : null,
  validUntil: message.standing === 'ordered' ? message.until : null,
});

/**
 * What the registers of contracts say of a contractor's person. Without an order every session ends; who is admitted no more
 * loses the account as well, until an administrator resumes it. Employees are not touched, whatever is said of them.
 */
export const takeContractorStanding = act('staff-directory.take-contractor-standing', {
  right: ['staff-directory', 'contractor', 'update'],
  async run(tx, deps: Deps, { message }: Received<ContractorStanding>): Promise<Result<null, never>> {
    const { staffId, standing } = message;
    const known = await lockAccount(tx, staffId);
    const account = known ? await findAccount(tx, staffId) : undefined;
    const today = deps.civilClock.today();
    const at = deps.machineClock.now();
    const facts = ['staff_directory.contractor_standing'];
    await insertStanding(tx, staffId, rowOf(message), today.toString(), at);
    if (account?.kind === 'contractor' && account.state === 'active' && standing !== 'ordered') {
      const because = message.standing === 'none' ? message.because : 'work-order-ended';
      facts.push(...(await signOutEverywhere(tx, deps, staffId, because)));
      if (standing === 'none') {
        const { validUntil } = account;
        await insertState(tx, { staffId, state: 'suspended', validUntil, because, by: 'governance', at });
        facts.push('staff_directory.account_state');
      }
    }
    tx.record({ event: `contractor.${standing}`, facts, detail: { staffId, known: account !== undefined } });
    return ok(null);
  },
});
