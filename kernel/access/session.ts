import { createHash } from 'node:crypto';
import { type ActDeps, type Actor, act } from '../db/act.ts';
import { withTransaction } from '../db/database.ts';
import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { readCookie } from '../pages/security.ts';
import type { PageSession, SessionReader } from '../pages/session.ts';
import { err, ok, type Result } from '../result/result.ts';
import { heldBecause } from './holds.ts';

/** What decides whether a session may be used. Moments as PostgreSQL's text. */
export interface SessionState {
  readonly lastSeenAt: string;
  readonly idleSeconds: number;
  readonly expiresAt: string;
  /** Last day of the account at the directory. */
  readonly accountUntil: string;
  readonly endedBecause: string | null;
}

export type SessionFault = 'no-session' | 'ended' | 'expired' | 'idle' | 'account-ended';

const at = (text: string): Temporal.Instant =>
  Temporal.Instant.from(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));

/** Asked on every request and again in every act: nothing remembers that a session was good a moment ago. */
export function checkSession<S extends SessionState>(
  session: S | undefined,
  now: Temporal.Instant,
  today: Temporal.PlainDate,
): Result<S, SessionFault> {
  if (session === undefined) return err('no-session');
  if (enforced('auth.session-per-request') && session.endedBecause !== null) return err('ended');
  if (Temporal.Instant.compare(now, at(session.expiresAt)) >= 0) return err('expired');
  const idleFrom = at(session.lastSeenAt).add({ seconds: session.idleSeconds });
  if (enforced('auth.idle-lock') && Temporal.Instant.compare(now, idleFrom) >= 0) return err('idle');
  if (enforced('auth.account-expiry') && today.toString() > session.accountUntil) return err('account-ended');
  return ok(session);
}

/** Settings of sessions; the defaults are those of the design: ten minutes of idleness, one working day in all. */
export interface SessionPolicy {
  readonly idleMinutes: number;
  readonly maxHours: number;
  /** A page that shows a person leaves the screen after so many idle minutes; the session stands until `idleMinutes`. */
  readonly blankMinutes: number;
}
export const sessionPolicy: SessionPolicy = { idleMinutes: 10, maxHours: 10, blankMinutes: 3 };

/** What kind of place a terminal was enrolled as: an office machine, a 業務端末, the 代表端末. */
export const terminalKinds = ['office', 'business', 'representative'] as const;
export type TerminalKind = (typeof terminalKinds)[number];
export type Affiliation = 'employee' | 'contractor';

export const sessionCookie = 'musubi-session';
/** Only digests of what a browser holds stand in the database. */
export const secretHash = (secret: string): Buffer => createHash('sha256').update(secret).digest();
export const newSecret = (deps: Pick<ActDeps, 'random'>): string =>
  Buffer.from(deps.random.bytes(32)).toString('base64url');

export interface OpenSession {
  readonly staffId: string;
  readonly displayName: string;
  readonly position?: string | undefined;
  /** Last day of the account. */
  readonly accountUntil: Temporal.PlainDate;
  readonly directorySid?: string | undefined;
  readonly terminalId?: string | undefined;
  readonly terminalKind?: TerminalKind | undefined;
  /** Default employee. */
  readonly affiliation?: Affiliation | undefined;
  /** How the person was authenticated, as the directory says (`pwd`, `hwk`, …). */
  readonly methods?: readonly string[];
  readonly policy?: SessionPolicy;
  /** When the directory authenticated the person. What it ordered to end since then does not begin anew. */
  readonly signedInAt?: Temporal.Instant;
}

export interface OpenedSession {
  readonly sessionId: string;
  /** The cookie's value: 32 random bytes, nowhere stored. */
  readonly token: string;
}

/** A sign-in at this system. Sessions of the same person that stand elsewhere in it end: one session at a time. */
export const openSession = act('access.open-session', {
  right: ['access', 'session', 'update'],
  async run(
    tx,
    deps: ActDeps,
    command: OpenSession,
  ): Promise<Result<OpenedSession, 'account-ended' | 'signed-out-since' | 'rights-held'>> {
    const { policy = sessionPolicy, staffId } = command;
    if (Temporal.PlainDate.compare(deps.civilClock.today(), command.accountUntil) > 0) return err('account-ended');
    const now = deps.machineClock.now();
    await lockPerson(tx, staffId);
    const { signedInAt = now } = command;
    const orders =
      await tx`select 1 from access.sign_out_order where staff_id = ${staffId} and received_at > ${signedInAt} limit 1`;
    if (orders.length > 0) return err('signed-out-since');
    if ((await heldBecause(tx, staffId)) !== undefined) return err('rights-held');
    const superseded = enforced('auth.single-session') ? await endAll(tx, staffId, now, 'superseded') : 0;
    const sessionId = deps.newId();
    const token = newSecret(deps);
    await tx`
      insert into access.session (session_id, token_hash, staff_id, display_name, position, csrf_secret, directory_sid,
        terminal_id, terminal_kind, affiliation, account_until, created_at, last_seen_at, idle_seconds, expires_at, event_id)
      values (${sessionId}, ${secretHash(token)}, ${staffId}, ${command.displayName}, ${command.position ?? null},
        ${deps.random.bytes(32)}, ${command.directorySid ?? null}, ${command.terminalId ?? null},
        ${command.terminalId ? (command.terminalKind ?? null) : null}, ${command.affiliation ?? 'employee'}, ${command.accountUntil},
        ${now}, ${now}, ${policy.idleMinutes * 60}, ${now.add({ hours: policy.maxHours })}, ${tx.eventId})`;
    tx.record({
      event: 'session.opened',
      detail: {
        staffId,
        sessionId,
        superseded,
        ...(command.terminalId ? { terminalId: command.terminalId } : {}),
        ...(command.affiliation === 'contractor' ? { affiliation: command.affiliation } : {}),
        ...(command.methods ? { methods: command.methods.join('+') } : {}),
      },
    });
    return ok({ sessionId, token });
  },
});

export type EndReason = 'signed-out' | 'idle' | 'expired' | 'superseded' | 'directory';

/** Sign-ins and sign-outs of one person take turns; a statement of its own, so that the next one sees what is committed. */
const lockPerson = (tx: Tx, staffId: string): Promise<unknown> =>
  tx`select pg_advisory_xact_lock(hashtextextended('access.session ' || ${staffId}, 0))`;

/** Ends every standing session of a person and gives their number. Call inside an act, which records. */
export async function endAll(tx: Tx, staffId: string, now: Temporal.Instant, because: EndReason): Promise<number> {
  await lockPerson(tx, staffId);
  const rows = await tx`
    update access.session set ended_at = ${now}, ended_because = ${because}
     where staff_id = ${staffId} and ended_at is null returning 1`;
  return rows.length;
}

/** Ends one session; a repeat is an event of its own that changes nothing. */
export const endSession = act('access.end-session', {
  right: ['access', 'session', 'update'],
  async run(tx, deps: ActDeps, command: { readonly sessionId: string; readonly because: EndReason }) {
    const rows = await tx<{ staffId: string }>`
      update access.session set ended_at = ${deps.machineClock.now()}, ended_because = ${command.because}
       where session_id = ${command.sessionId}::uuid and ended_at is null returning staff_id as "staffId"`;
    const ended = rows[0];
    tx.record({
      event: 'session.ended',
      detail: { sessionId: command.sessionId, because: command.because, stood: ended !== undefined, ...ended },
    });
    return ok(undefined);
  },
});

/** The kernel's own actor for sign-ins: whoever signs in is nobody yet. */
export const signInActor: Actor = { kind: 'job', name: 'access.sign-in' };

export interface StoredSession extends SessionState {
  readonly sessionId: string;
  readonly staffId: string;
  readonly displayName: string;
  readonly position: string | null;
  readonly csrfSecret: Buffer;
  readonly terminalId: string | null;
  readonly terminalKind: TerminalKind | null;
  readonly affiliation: Affiliation;
  readonly directorySid: string | null;
}

/**
 * Whether a person did something: a page that asks again by itself (the progress of a batch) must not keep an empty
 * chair signed in. Browsers say `Sec-Fetch-User` with what a person clicked; a request without such headers is no browser's.
 */
const isActivity = (request: Request): boolean =>
  request.method === 'POST' || request.headers.get('sec-fetch-user') === '?1' || !request.headers.has('sec-fetch-mode');

/** How often a working session notes that it was seen; far below the idle time, so that pages are mostly reads. */
const seenEverySeconds = 20;

export interface SessionBook extends SessionReader {
  /** The session that the cookie names and what is wrong with it, for the sign-in pages. */
  find(
    request: Request,
  ): Promise<{ readonly session: StoredSession; readonly fault: SessionFault | undefined } | undefined>;
}

export interface SessionReaderOptions {
  readonly organisation: string;
  /** The cookie's name: `cookieName(sessionCookie, secure)`. */
  readonly cookie: string;
  deps(): Pick<ActDeps, 'db' | 'machineClock' | 'civilClock'>;
}

/** Reads sessions for the page kit. A session that ended, fell idle, expired or never was is no session. */
export function createSessionReader(options: SessionReaderOptions): SessionBook {
  async function find(request: Request) {
    const token = readCookie(request.headers, options.cookie);
    if (token === undefined || !/^[A-Za-z0-9_-]{43}$/.test(token)) return undefined;
    const { db, machineClock, civilClock } = options.deps();
    const now = machineClock.now();
    return withTransaction(db, 'access.read-session', async (tx) => {
      const rows = await tx<StoredSession>`
        select session_id as "sessionId", staff_id as "staffId", display_name as "displayName", position,
               csrf_secret as "csrfSecret", terminal_id as "terminalId", terminal_kind as "terminalKind", affiliation, directory_sid as "directorySid",
               last_seen_at as "lastSeenAt", idle_seconds as "idleSeconds", expires_at as "expiresAt",
               account_until::text as "accountUntil", ended_because as "endedBecause"
          from access.session where token_hash = ${secretHash(token)}`;
      const session = rows[0];
      if (session === undefined) return undefined;
      const checked = checkSession(session, now, civilClock.today());
      if (!checked.ok) return { session, fault: checked.error };
      const stale = Temporal.Instant.compare(now, at(session.lastSeenAt).add({ seconds: seenEverySeconds })) >= 0;
      if (stale && isActivity(request)) {
        await tx`update access.session set last_seen_at = ${now}
          where session_id = ${session.sessionId} and ended_at is null and last_seen_at < ${now}`;
      }
      return { session, fault: undefined };
    });
  }
  return {
    find,
    async read(request) {
      const found = await find(request);
      return found && found.fault === undefined ? pageSession(options.organisation, found.session) : undefined;
    },
  };
}

const pageSession = (organisation: string, s: StoredSession): PageSession => ({
  actor: {
    kind: 'staff',
    organisation,
    staffId: s.staffId,
    sessionId: s.sessionId,
    ...(s.terminalId === null ? {} : { terminalId: s.terminalId }),
    ...(s.terminalKind === null ? {} : { terminalKind: s.terminalKind }),
    ...(s.affiliation === 'contractor' ? { affiliation: s.affiliation } : {}),
  },
  displayName: s.displayName,
  ...(s.position === null ? {} : { position: s.position }),
  csrfSecret: s.csrfSecret,
});
