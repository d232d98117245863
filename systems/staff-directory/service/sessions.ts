import { directorySystem } from '@musubi/kernel/access/grants.ts';
import { type StandingSession, standingSessions } from '@musubi/kernel/access/standing-sessions.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { SessionsOf } from '../clients/system-sessions.ts';
import type { Deps } from '../deps.ts';
import { findAccount } from '../store/accounts.ts';
import { nameOf } from './actors.ts';
import { tell } from './grant.ts';

export type { SessionsOf } from '../clients/system-sessions.ts';

export interface SessionLine extends StandingSession {
  readonly system: string;
}
export interface Sessions {
  readonly lines: readonly SessionLine[];
  /** Systems that did not answer: who is signed in there is not known. */
  readonly silent: readonly string[];
}

/** The event that somebody looked, and who is signed in at the directory itself. */
const readOwn = act('staff-directory.read-sessions', {
  right: ['staff-directory', 'session', 'read'],
  async run(tx, deps: Deps, _query: null): Promise<Result<StandingSession[], never>> {
    tx.record({ event: 'sessions.read', detail: { systems: deps.systems.length + 1 } });
    return ok(await standingSessions(tx, deps.machineClock.now(), deps.civilClock.today().toString()));
  },
});

/** サインイン中の一覧: every system of the organisation is asked now; nothing is kept. Who was seen last comes first. */
export async function readSessions(
  deps: Deps,
  actor: Actor,
  { sessionsOf }: { readonly sessionsOf: SessionsOf },
): Promise<Result<Sessions, 'not-authorised'>> {
  const own = await readOwn(deps, actor, null);
  if (!own.ok) return own;
  const told = await Promise.all(deps.systems.map(async (system) => ({ system, sessions: await sessionsOf(system) })));
  const lines = [{ system: directorySystem, sessions: own.value }, ...told]
    .flatMap(({ system, sessions = [] }) => sessions.map((session) => ({ ...session, system })))
    .sort((a, b) => b.lastSeenAt.localeCompare(a.lastSeenAt));
  return ok({ lines, silent: told.flatMap(({ system, sessions }) => (sessions === undefined ? [system] : [])) });
}

/**
 * Ends what a person has open at one system (there is one session a person and system): by the order that also stops a
 * sign-in under way. Counts there with the arrival of the order.
 */
export const endSessionAt = act('staff-directory.end-session', {
  right: ['staff-directory', 'session', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly staffId: string; readonly system: string; readonly because: string },
    actor,
  ): Promise<Result<null, 'no-such-account' | 'no-such-system' | 'for-oneself'>> {
    const { staffId, system, because } = command;
    if (staffId === nameOf(actor)) return err('for-oneself');
    if (system !== directorySystem && !deps.systems.includes(system)) return err('no-such-system');
    if ((await findAccount(tx, staffId)) === undefined) return err('no-such-account');
    const facts = await tell(tx, deps, system, { kind: 'sign-out', orderId: deps.newId(), staffId, because });
    tx.record({
      event: 'session.end-ordered',
      ...(facts.length > 0 ? { facts } : {}),
      detail: { staffId, system, because },
    });
    return ok(null);
  },
});
