import { z } from 'zod';
import { type ActDeps, act } from '../db/act.ts';
import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { defineEndpoint } from '../http/endpoint.ts';
import { type Route, route } from '../http/server.ts';
import { err, ok, type Result } from '../result/result.ts';
import { staffId } from './directory-grant.ts';
import { isOurDirectory } from './grants.ts';

/** Somebody who is signed in at a system now. Moments are ISO text; the session's id opens nothing. */
export const standingSession = z.strictObject({
  sessionId: z.uuid(),
  staffId,
  displayName: z.string(),
  terminalId: z.string().nullable(),
  affiliation: z.enum(['employee', 'contractor']),
  openedAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
});
export type StandingSession = z.infer<typeof standingSession>;

/** staff-directory → every system of its organisation. To end one it sends `sign-out` on its stream of grants. */
export const readStandingSessions = defineEndpoint({
  id: 'access.read-sessions',
  method: 'GET',
  path: '/access/sessions',
  request: z.strictObject({}),
  response: z.strictObject({ sessions: z.array(standingSession).max(5_000) }),
  errors: { 'not-our-directory': { status: 403, title: '自団体の職員認証基盤だけが照会できます' } },
  right: ['access', 'session', 'read'],
});

/** Sessions that would be let in at this moment: neither ended, nor idle, nor run out. The oldest first. */
export async function standingSessions(tx: Tx, now: Temporal.Instant, today: string): Promise<StandingSession[]> {
  const rows = await tx<StandingSession>`
    select session_id as "sessionId", staff_id as "staffId", display_name as "displayName", terminal_id as "terminalId", affiliation,
           to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "openedAt",
           to_char(last_seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "lastSeenAt"
      from access.session
     where ended_at is null and expires_at > ${now}::timestamptz and last_seen_at + idle_seconds * interval '1 second' > ${now}::timestamptz
       and account_until >= ${today}::date
     order by created_at, session_id limit 5000`;
  return rows;
}

/** Tells the own directory who is signed in here; nobody else. */
const tellSessions = (organisation: string) =>
  act('access.read-sessions', {
    right: ['access', 'session', 'read'],
    async run(tx, deps: ActDeps, _query: null, actor): Promise<Result<StandingSession[], 'not-our-directory'>> {
      if (enforced('access.tenant-isolation') && !isOurDirectory(actor, organisation)) return err('not-our-directory');
      const sessions = await standingSessions(tx, deps.machineClock.now(), deps.civilClock.today().toString());
      tx.record({ event: 'sessions.read', detail: { count: sessions.length } });
      return ok(sessions);
    },
  });

export function standingSessionsRoute(organisation: string, deps: () => ActDeps): Route {
  const tell = tellSessions(organisation);
  return route(readStandingSessions, async ({ actor }) => {
    const told = await tell(deps(), actor, null);
    return told.ok ? ok({ sessions: told.value }) : told;
  });
}
