import { act, look } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type Account, findAccount, insertState, listAccounts, lockAccount, setFailures } from '../store/accounts.ts';
import { type ContractorRow, standingOf } from '../store/contractors.ts';
import { type Grant, grantsOf } from '../store/grants.ts';
import { insertTerminalRevocation, terminals } from '../store/terminals.ts';
import { standingHold, type TrainingHold } from '../store/training.ts';
import { nameOf } from './actors.ts';
import { revoke, signOutEverywhere } from './grant.ts';

/** Unlocks an account after failures, with a reason. */
export const unlock = act('staff-directory.unlock', {
  right: ['staff-directory', 'account', 'update'],
  async run(
    tx,
    _deps: Deps,
    command: { readonly staffId: string; readonly because: string },
    actor,
  ): Promise<Result<null, 'no-such-account' | 'not-locked' | 'for-oneself'>> {
    const { staffId, because } = command;
    if (nameOf(actor) === staffId) return err('for-oneself');
    if (!(await lockAccount(tx, staffId))) return err('no-such-account');
    const account = await findAccount(tx, staffId);
    if (!account?.locked) return err('not-locked');
    await setFailures(tx, staffId, 0, null);
    tx.record({ event: 'account.unlocked', detail: { staffId, because } });
    return ok(null);
  },
});

export type StateChange = 'suspend' | 'resume' | 'close';

/** Suspension and closing end sessions everywhere at once; closing also takes every right back and is final. */
export const changeState = act('staff-directory.change-state', {
  right: ['staff-directory', 'account', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly staffId: string; readonly change: StateChange; readonly because: string },
    actor,
  ): Promise<Result<null, 'no-such-account' | 'for-oneself' | 'not-possible-now'>> {
    const { staffId, change, because } = command;
    const by = nameOf(actor);
    if (by === staffId) return err('for-oneself');
    if (!(await lockAccount(tx, staffId))) return err('no-such-account');
    const account = await findAccount(tx, staffId);
    if (account === undefined) return err('no-such-account');
    const from = { suspend: ['active'], resume: ['suspended'], close: ['active', 'suspended'] }[change];
    if (!from.includes(account.state)) return err('not-possible-now');
    const state = ({ suspend: 'suspended', resume: 'active', close: 'closed' } as const)[change];
    await insertState(tx, { staffId, state, validUntil: account.validUntil, because, by, at: deps.machineClock.now() });
    const facts = ['staff_directory.account_state'];
    if (change !== 'resume') facts.push(...(await signOutEverywhere(tx, deps, staffId, because)));
    if (change === 'close') {
      for (const given of (await grantsOf(tx, staffId)).filter((g) => !g.revoked))
        facts.push(...(await revoke(tx, deps, given, because, by)));
    }
    tx.record({ event: `account.${state}`, facts, detail: { staffId, because } });
    return ok(null);
  },
});

/** A terminal that was lost or replaced opens nothing from now on. */
export const revokeTerminal = act('staff-directory.revoke-terminal', {
  right: ['staff-directory', 'terminal', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly terminalId: string; readonly because: string },
    actor,
  ): Promise<Result<null, 'no-such-terminal'>> {
    const { terminalId, because } = command;
    const known = (await terminals(tx)).some((t) => t.terminalId === terminalId && t.state === 'enrolled');
    if (!known) return err('no-such-terminal');
    await insertTerminalRevocation(tx, { terminalId, because, by: nameOf(actor), at: deps.machineClock.now() });
    tx.record({
      event: 'terminal.revoked',
      facts: ['staff_directory.terminal_revoked'],
      detail: { terminalId, because },
    });
    return ok(null);
  },
});

export const listTerminals = look('staff-directory.terminals', {
  right: ['staff-directory', 'decision', 'read'],
  run: (tx, _deps: Deps, _query: null) => terminals(tx),
});

export const accounts = look('staff-directory.accounts', {
  right: ['staff-directory', 'account', 'read'],
  run: (tx, _deps: Deps, query: { readonly limit: number }) => listAccounts(tx, query.limit),
});

export interface AccountWithGrants {
  readonly account: Account;
  readonly grants: readonly Grant[];
  /** The rights rest: the training of that year is not recorded. */
  readonly hold: TrainingHold | undefined;
  /** Of a contractor's person: what governance said last. */
  readonly contractor: ContractorRow | undefined;
}

export const account = look('staff-directory.account', {
  right: ['staff-directory', 'account', 'read'],
  async run(tx, _deps: Deps, staffId: string): Promise<AccountWithGrants | undefined> {
    const found = await findAccount(tx, staffId);
    return (
      found && {
        account: found,
        grants: await grantsOf(tx, staffId),
        hold: await standingHold(tx, staffId),
        contractor: await standingOf(tx, staffId),
      }
    );
  },
});
