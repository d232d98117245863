import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { cookieName, readCookie } from '@musubi/kernel/pages/security.ts';
import type { PageSession, SessionReader } from '@musubi/kernel/pages/session.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import {
  endSession,
  endStanding,
  findSession,
  insertSession,
  type SessionRow,
  touchSession,
} from '../store/sessions.ts';

export type Resident = Extract<Actor, { kind: 'resident' }>;

/** Whoever signs in is nobody yet; sessions are read on the portal's own account. */
export const starter: Actor = { kind: 'job', name: 'card-sign-in' };

/** Minutes without a request, and in all. */
export const sessionTerms = { idleMinutes: 10, maxMinutes: 120 };
const touchEverySeconds = 30;

export const openSession = act('mynaportal.open-session', {
  right: ['mynaportal', 'session', 'update'],
  async run(
    tx,
    deps: Deps,
    { accountId, fingerprint }: { accountId: string; fingerprint: string },
  ): Promise<Result<{ token: string; resident: Resident }, never>> {
    const at = deps.machineClock.now();
    const superseded = await endStanding(tx, accountId, at);
    const token = Buffer.from(deps.random.bytes(32)).toString('base64url');
    const sessionId = deps.newId();
    await insertSession(tx, {
      sessionId,
      tokenHash: sha256(token),
      accountId,
      csrfSecret: deps.random.bytes(32),
      at,
      expiresAt: at.add({ minutes: sessionTerms.maxMinutes }),
    });
    tx.record({ event: 'session.opened', subject: accountId, detail: { sessionId, superseded, card: fingerprint } });
    return ok({ token, resident: { kind: 'resident', subject: accountId, sessionId } });
  },
});

/** サインアウト. What was shown in the session is forgotten with it. */
export const signOut = act('mynaportal.sign-out', {
  right: ['mynaportal', 'own-session', 'update'],
  async run(tx, deps: Deps, _command: null, actor): Promise<Result<null, 'no-session'>> {
    if (actor.kind !== 'resident') return err('no-session');
    const stood = await endSession(tx, actor.sessionId, deps.machineClock.now());
    for (const memory of [deps.shown, deps.information, deps.notices]) memory.forget(actor.sessionId);
    tx.record({ event: 'session.ended', subject: actor.subject, detail: { sessionId: actor.sessionId, stood } });
    return ok(null);
  },
});

const readSession = look('mynaportal.read-session', {
  right: ['mynaportal', 'session', 'read'],
  run: (tx, _deps: Deps, tokenHash: Uint8Array) => findSession(tx, tokenHash),
});

const noteActivity = act('mynaportal.note-activity', {
  right: ['mynaportal', 'session', 'update'],
  async run(
    tx,
    _deps: Deps,
    { sessionId, at }: { sessionId: string; at: Temporal.Instant },
  ): Promise<Result<null, never>> {
    await touchSession(tx, sessionId, at);
    tx.record({ event: 'session.continued', detail: { sessionId } });
    return ok(null);
  },
});

/** Ended, out of time or idle: no session. Asked on every request. */
export function sessionStands(session: SessionRow, now: Temporal.Instant): boolean {
  if (session.ended || Temporal.Instant.compare(now, session.expiresAt) >= 0) return false;
  const idleFrom = session.lastSeenAt.add({ minutes: sessionTerms.idleMinutes });
  return !(enforced('auth.idle-lock') && Temporal.Instant.compare(now, idleFrom) >= 0);
}

export const portalCookie = (secure: boolean): string => cookieName('musubi-portal-session', secure);

/** Strict: no page elsewhere, not even by a link, acts in a resident's session. */
export const cookieLine = (value: string, secure: boolean, more = ''): string =>
  `${portalCookie(secure)}=${value}; Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}${more}`;

export function createPortalSessions(deps: Deps): SessionReader {
  const secure = deps.origin.startsWith('https:');
  return {
    async read(request): Promise<PageSession | undefined> {
      const token = readCookie(request.headers, portalCookie(secure));
      if (token === undefined || !/^[A-Za-z0-9_-]{43}$/.test(token)) return undefined;
      const found = await readSession(deps, starter, sha256(token));
      const session = found.ok ? found.value : undefined;
      const now = deps.machineClock.now();
      if (session === undefined || !sessionStands(session, now)) return undefined;
      const stale = session.lastSeenAt.add({ seconds: touchEverySeconds });
      if (Temporal.Instant.compare(now, stale) >= 0)
        await noteActivity(deps, starter, { sessionId: session.sessionId, at: now });
      const { accountId, sessionId, csrfSecret } = session;
      return {
        actor: { kind: 'resident', subject: accountId, sessionId },
        displayName: 'カードでサインイン中',
        csrfSecret,
      };
    },
  };
}
