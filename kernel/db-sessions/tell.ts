import { type ActDeps, type Actor, act, look } from '../db/act.ts';
import { type Notifications, runLoop } from '../db/listen.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { ok, type Result, unwrap } from '../result/result.ts';

/** Who tells: the instance's own loop. */
export const sessionActor: Actor = { kind: 'job', name: 'database-sessions' };
const atOnce = 200;

export interface ForeignSession {
  readonly sessionId: number;
  readonly account: string;
  readonly application: string;
  readonly address: string | null;
  /** ISO, to the second. */
  readonly beganAt: string;
  /** The work order that the session names; null where it names none. */
  readonly order: string | null;
  /** Of the product's own doors (provisioning, backup), by what it calls itself. */
  readonly ownDoor: boolean;
}

/** `order:2026-0003`: the server keeps ASCII alone of what a session calls itself. */
const orderOf = (application: string): string | null => /^order:(\S{1,80})$/.exec(application)?.[1] ?? null;

/**
 * Tells the log of every session that the server wrote down and that was not told yet: account, order, place and time of each.
 *
 * @returns those told now, oldest first
 */
export const tellSessions = act('db-sessions.tell', {
  right: ['db-sessions', 'session', 'update'],
  async run(tx, deps: ActDeps, _command: null): Promise<Result<readonly ForeignSession[], never>> {
    const rows = await tx<Omit<ForeignSession, 'order' | 'ownDoor'> & object>`
      select s.session_id::float8 as "sessionId", s.account, s.application, s.address,
             to_char(s.began_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "beganAt"
        from db_sessions.session s where not exists (select from db_sessions.told t where t.session_id = s.session_id)
       order by s.session_id limit ${atOnce}`;
    const found = (enforced('audit.database-session') ? rows : []).map((row) => ({
      ...row,
      order: orderOf(row.application),
      ownDoor: row.application.startsWith('musubi-'),
    }));
    for (const { sessionId, order } of found)
      await tx`
        insert into db_sessions.told (session_id, order_no, told_at, event_id)
        values (${sessionId}, ${order}, ${deps.machineClock.now()}, ${tx.eventId})`;
    tx.record({
      event: 'database-sessions.told',
      ...(found.length > 0 ? { facts: ['db_sessions.told'] } : {}),
      detail: {
        count: found.length,
        sessions: found
          .map((s) => [s.beganAt, s.account, s.application || '―', s.address ?? 'local'].join(' '))
          .join('\n'),
      },
    });
    return ok(found);
  },
});

/** Whether there is something to tell, and whether the server still writes sessions down; without an event, once a minute. */
export const sessionsStanding = look('db-sessions.standing', {
  right: ['db-sessions', 'session', 'update'],
  async run(tx, _deps: ActDeps, _query: null): Promise<{ readonly untold: number; readonly watched: boolean }> {
    const [row] = await tx<{ untold: number; watched: boolean }>`
      select (select count(*)::int from db_sessions.session s
               where not exists (select from db_sessions.told t where t.session_id = s.session_id)) as untold,
             exists (select from pg_event_trigger where evtname = 'musubi_sessions' and evtevent = 'login'
                        and evtenabled in ('O', 'A')) as watched`;
    return row ?? { untold: 0, watched: false };
  },
});

export interface SessionWatch {
  readonly deps: ActDeps;
  readonly instance: string;
  readonly alarms: { raise(alarm: string, detail: Readonly<Record<string, string | number>>): void };
}

/**
 * One look: tells what is new and raises an alarm for each session that names no work order, and where the server was told to
 * write none down any more.
 */
export async function watchSessions({ deps, instance, alarms }: SessionWatch): Promise<number> {
  const standing = unwrap(await sessionsStanding(deps, sessionActor, null));
  if (!standing.watched) alarms.raise('database-sessions.not-watched', { instance });
  if (standing.untold === 0) return 0;
  const told = unwrap(await tellSessions(deps, sessionActor, null));
  for (const s of told)
    if (s.order === null && !s.ownDoor)
      alarms.raise('database-session.without-order', { instance, account: s.account, at: s.beganAt });
  return told.length;
}

/** Each minute, until `signal` aborts. */
export const runSessionWatch = (
  watch: SessionWatch,
  {
    notifications,
    signal,
    onError,
  }: { readonly notifications: Notifications; readonly signal: AbortSignal; readonly onError: (e: unknown) => void },
): Promise<void> => {
  let toldUnwatched = false;
  // Said once a run of the process: it stays so until an administrator of the server repairs it.
  const alarms: SessionWatch['alarms'] = {
    raise(alarm, detail) {
      if (alarm === 'database-sessions.not-watched') {
        if (toldUnwatched) return;
        toldUnwatched = true;
      }
      watch.alarms.raise(alarm, detail);
    },
  };
  return runLoop({
    notifications,
    channel: 'db-sessions',
    signal,
    idleMs: 60_000,
    onError,
    async step() {
      return (await watchSessions({ ...watch, alarms })) > 0 ? 'more' : 'idle';
    },
  });
};
