import { acceptPassword, hashPassword, type PasswordFault } from '@musubi/kernel/access/password.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Random } from '@musubi/kernel/random/random.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { findAccount, insertPassword, lockAccount, passwords } from '../store/accounts.ts';
import { removePasskeys } from '../store/passkeys.ts';
import { nameOf } from './actors.ts';

/** Hours in which the holder of an issued password registers a first passkey. */
const enrolHours = 72;

/** Sets a person's own password. The sign-in calls it after password and second factor were verified. */
export const changePassword = act('staff-directory.change-password', {
  right: ['staff-directory', 'sign-in', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly staffId: string; readonly password: string },
  ): Promise<Result<null, PasswordFault | 'no-such-account'>> {
    const { staffId } = command;
    if (!(await lockAccount(tx, staffId))) return err('no-such-account');
    const former = await passwords(tx, staffId, deps.policy.remembered);
    const accepted = await acceptPassword(command.password, {
      staffId,
      former: former.map((p) => p.hash),
      policy: deps.policy,
    });
    if (!accepted.ok) return accepted;
    await insertPassword(tx, {
      staffId,
      hash: await hashPassword(command.password, deps.random),
      setOn: deps.civilClock.today(),
      issued: false,
      enrolUntil: former[0]?.enrolUntil ?? null,
      at: deps.machineClock.now(),
    });
    tx.record({ event: 'password.changed', facts: ['staff_directory.password'], detail: { staffId } });
    return ok(null);
  },
});

/**
 * Issues a password for a first sign-in or after a loss. It is shown once, must be changed at the sign-in, and removes
 * the passkeys where they were lost too.
 */
export const issuePassword = act('staff-directory.issue-password', {
  right: ['staff-directory', 'account', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly staffId: string; readonly removePasskeys: boolean },
    actor,
  ): Promise<Result<{ readonly password: string }, 'no-such-account' | 'for-oneself'>> {
    const { staffId } = command;
    if (nameOf(actor) === staffId) return err('for-oneself');
    if (!(await lockAccount(tx, staffId))) return err('no-such-account');
    const account = await findAccount(tx, staffId);
    if (account === undefined) return err('no-such-account');
    const at = deps.machineClock.now();
    const removed = command.removePasskeys
      ? await removePasskeys(tx, { staffId, because: 'lost', by: nameOf(actor), at })
      : 0;
    const password = newPassword(deps.random);
    await insertPassword(tx, {
      staffId,
      hash: await hashPassword(password, deps.random),
      setOn: deps.civilClock.today(),
      issued: true,
      enrolUntil: at.add({ hours: enrolHours }),
      at,
    });
    tx.record({
      event: 'password.issued',
      facts: ['staff_directory.password', 'staff_directory.passkey_removed'],
      detail: { staffId, passkeysRemoved: removed },
    });
    return ok({ password });
  },
});

/** 20 characters that can be read aloud, 5 bits each. */
export function newPassword(random: Random): string {
  const letters = 'ABCDEFGHJKMNPQRSTUVWXYZabcdefghj23456789'.slice(0, 32);
  const groups = Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => letters[random.below(32)]).join(''));
  return `${groups.join('-')}-${2 + random.below(8)}a`;
}
