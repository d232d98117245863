import { verifyPassword } from '@musubi/kernel/access/password.ts';
import type { TerminalKind } from '@musubi/kernel/access/session.ts';
import { checkTerminal } from '@musubi/kernel/access/terminal.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import type { ActEvent, Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type Account, findAccount, lockAccount, passwords, setFailures } from '../store/accounts.ts';
import { passkeysOf } from '../store/passkeys.ts';
import { findSignIn, insertSignIn, latestSignIns } from '../store/sign-ins.ts';
import { findTerminal } from '../store/terminals.ts';
import { signInActor } from './actors.ts';
import { isWithoutOrder } from './contractors.ts';
import { isUnconfirmed } from './id-review.ts';

export interface PasswordAttempt {
  readonly staffId: string;
  readonly password: string;
  /** Made by the terminal's own key over the challenge of this sign-in. */
  readonly terminal?:
    | { readonly terminalId: string; readonly challenge: string; readonly signature: string }
    | undefined;
}

export type PasswordAnswer =
  | {
      readonly outcome: 'verified';
      readonly staffId: string;
      readonly mustChange: boolean;
      readonly hasPasskey: boolean;
      readonly terminalId: string | null;
    }
  | {
      readonly outcome: 'refused';
      readonly why: 'wrong' | 'locked' | 'account-not-active' | 'not-confirmed' | 'no-work-order' | 'terminal';
    };

/**
 * First step of a sign-in. A refusal is an answer, not an error: the count of failures must stand.
 * The page shows the same words for every refusal, so that nobody learns which ids exist.
 */
export const tryPassword = act('staff-directory.try-password', {
  right: ['staff-directory', 'sign-in', 'update'],
  async run(tx, deps: Deps, attempt: PasswordAttempt): Promise<Result<PasswordAnswer, never>> {
    const { staffId } = attempt;
    const refused = (why: Extract<PasswordAnswer, { outcome: 'refused' }>['why'], event: string, detail = {}) => {
      tx.record({
        event,
        detail: { staffId, ...detail, ...(attempt.terminal ? { terminalId: attempt.terminal.terminalId } : {}) },
      });
      return ok({ outcome: 'refused', why } as const);
    };
    const known = await lockAccount(tx, staffId);
    const account = known ? await findAccount(tx, staffId) : undefined;
    const [record] = await passwords(tx, staffId, 1);
    const today = deps.civilClock.today();
    const failures = account?.failures ?? 0;
    const verdict = await verifyPassword(attempt.password, { record, failures, today }, deps.policy);
    if (verdict.outcome === 'locked') return refused('locked', 'sign-in.refused-locked');
    if (account === undefined) return refused('wrong', 'sign-in.unknown-id');
    if (verdict.outcome === 'wrong') {
      await setFailures(tx, staffId, verdict.failures, verdict.locks ? deps.machineClock.now() : null);
      return refused('wrong', verdict.locks ? 'sign-in.locked' : 'sign-in.failed', { failures: verdict.failures });
    }
    if (!isActive(account, today)) return refused('account-not-active', 'sign-in.account-not-active');
    if (await isUnconfirmed(tx, staffId, today)) return refused('not-confirmed', 'sign-in.not-confirmed');
    if (await isWithoutOrder(tx, account, today)) return refused('no-work-order', 'sign-in.no-work-order');
    const terminal = await terminalOf(tx, deps, attempt);
    if (!terminal.ok) return refused('terminal', 'sign-in.terminal-refused', { word: terminal.error });
    await setFailures(tx, staffId, 0, null);
    const passkeys = await passkeysOf(tx, staffId);
    tx.record({ event: 'sign-in.password-verified', detail: { staffId } });
    return ok({
      outcome: 'verified',
      staffId,
      mustChange: verdict.standing === 'must-change',
      hasPasskey: passkeys.length > 0,
      terminalId: terminal.value,
    });
  },
});

/**
 * The first step as the page takes it. An account that is closed, suspended or past its last day, used with its right
 * password, is an alarm: whoever left still tries, or somebody has the password. Who it was stands in the log.
 */
export async function tryPasswordWatched(
  deps: Deps,
  attempt: PasswordAttempt,
): Promise<Result<PasswordAnswer, 'not-authorised'>> {
  const tried = await tryPassword(deps, signInActor, attempt);
  if (tried.ok && tried.value.outcome === 'refused' && tried.value.why === 'account-not-active')
    deps.alarms.raise('sign-in.account-not-active', {});
  return tried;
}

export const isActive = (account: Account, today: Temporal.PlainDate): boolean =>
  account.state === 'active' && today.toString() <= account.validUntil;

async function terminalOf(tx: Tx, deps: Deps, { terminal }: PasswordAttempt): Promise<Result<string | null, string>> {
  if (terminal === undefined) return deps.terminals === 'required' ? err('terminal-not-enrolled') : ok(null);
  const stored = await findTerminal(tx, terminal.terminalId);
  const checked = checkTerminal(stored, {
    origin: deps.webauthn.origin,
    challenge: terminal.challenge,
    signature: terminal.signature,
  });
  // Where terminals are only recorded, one that is not (or no longer) enrolled is simply none.
  return checked.ok ? checked : deps.terminals === 'required' ? checked : ok(null);
}

export interface Completion {
  readonly staffId: string;
  readonly methods: readonly string[];
  readonly terminalId: string | null;
}

/** The end of a sign-in: password and second factor are verified, the password is in order. */
export const completeSignIn = act('staff-directory.sign-in', {
  right: ['staff-directory', 'sign-in', 'update'],
  async run(
    tx,
    deps: Deps,
    completion: Completion,
  ): Promise<Result<{ readonly signedInS: number }, 'account-not-active' | 'not-confirmed' | 'no-work-order'>> {
    const account = await findAccount(tx, completion.staffId);
    if (account === undefined || account.locked || !isActive(account, deps.civilClock.today()))
      return err('account-not-active');
    if (await isUnconfirmed(tx, completion.staffId, deps.civilClock.today())) return err('not-confirmed');
    if (await isWithoutOrder(tx, account, deps.civilClock.today())) return err('no-work-order');
    const { signedInS, event } = await signIn(tx, deps, completion);
    tx.record(event);
    return ok({ signedInS });
  },
});

async function signIn(tx: Tx, deps: Deps, completion: Completion): Promise<{ signedInS: number; event: ActEvent }> {
  const at = deps.machineClock.now();
  const signedInS = Math.floor(at.epochMilliseconds / 1000);
  if (enforced('audit.sign-in-recorded')) {
    await insertSignIn(tx, { ...completion, signInId: deps.newId(), signedInS, at });
  }
  const { staffId, methods, terminalId } = completion;
  return {
    signedInS,
    event: {
      event: 'sign-in.done',
      facts: ['staff_directory.sign_in'],
      detail: { staffId, methods: methods.join('+'), ...(terminalId ? { terminalId } : {}) },
    },
  };
}

export interface PersonForTokens {
  readonly account: Account;
  readonly methods: readonly string[];
  readonly terminalId: string | null;
  readonly terminalKind: TerminalKind | null;
}

/** What the provider may say of a person to the systems of this organisation; undefined once the account is not active. */
export const personForTokens = look('staff-directory.person-for-tokens', {
  right: ['staff-directory', 'sign-in', 'read'],
  async run(
    tx,
    deps: Deps,
    query: { readonly staffId: string; readonly signedInS: number },
  ): Promise<PersonForTokens | undefined> {
    const account = await findAccount(tx, query.staffId);
    const today = deps.civilClock.today();
    if (account === undefined || !isActive(account, today)) return undefined;
    if (await isUnconfirmed(tx, query.staffId, today)) return undefined;
    if (await isWithoutOrder(tx, account, today)) return undefined;
    const signedIn = await findSignIn(tx, query.staffId, query.signedInS);
    if (signedIn === undefined) return undefined;
    const { methods, terminalId } = signedIn;
    const terminal = terminalId === null ? undefined : await findTerminal(tx, terminalId);
    return { account, methods, terminalId, terminalKind: terminal?.kind ?? null };
  },
});

/** Sign-ins, newest first. */
export const listSignIns = look('staff-directory.list-sign-ins', {
  right: ['staff-directory', 'sign-in-record', 'read'],
  run: (tx, _deps: Deps, query: { readonly limit: number }) => latestSignIns(tx, query.limit),
});
