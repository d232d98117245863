import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface SessionRow {
  readonly sessionId: string;
  readonly accountId: string;
  readonly csrfSecret: Buffer;
  readonly lastSeenAt: Temporal.Instant;
  readonly expiresAt: Temporal.Instant;
  readonly ended: boolean;
}

export interface NewSession {
  readonly sessionId: string;
  readonly tokenHash: Uint8Array;
  readonly accountId: string;
  readonly csrfSecret: Uint8Array;
  readonly at: Temporal.Instant;
  readonly expiresAt: Temporal.Instant;
}

export async function insertSession(tx: Tx, s: NewSession): Promise<void> {
  await tx`
    insert into mynaportal.session
      (session_id, token_hash, account_id, csrf_secret, opened_at, last_seen_at, expires_at, event_id)
    values (${s.sessionId}, ${s.tokenHash}, ${s.accountId}, ${s.csrfSecret}, ${s.at}, ${s.at}, ${s.expiresAt}, ${tx.eventId})`;
}

/** Sessions of the account that stand end: one at a time. Sign-ins of one account take turns. */
export async function endStanding(tx: Tx, accountId: string, at: Temporal.Instant): Promise<number> {
  await tx`select pg_advisory_xact_lock(hashtextextended('mynaportal.session ' || ${accountId}, 0))`;
  const rows = await tx`
    update mynaportal.session set ended_at = ${at}, ended_because = 'superseded'
     where account_id = ${accountId} and ended_at is null returning 1`;
  return rows.length;
}

export async function endSession(tx: Tx, sessionId: string, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    update mynaportal.session set ended_at = ${at}, ended_because = 'signed-out'
     where session_id = ${sessionId} and ended_at is null returning 1`;
  return rows.length === 1;
}

export async function touchSession(tx: Tx, sessionId: string, at: Temporal.Instant): Promise<void> {
  await tx`update mynaportal.session set last_seen_at = ${at}
    where session_id = ${sessionId} and ended_at is null and last_seen_at < ${at}`;
}

const instant = (text: string): Temporal.Instant =>
  Temporal.Instant.from(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));

export async function findSession(tx: Tx, tokenHash: Uint8Array): Promise<SessionRow | undefined> {
  const [row] = await tx<Omit<SessionRow, 'lastSeenAt' | 'expiresAt'> & { lastSeenAt: string; expiresAt: string }>`
    select session_id as "sessionId", account_id as "accountId", csrf_secret as "csrfSecret",
           last_seen_at as "lastSeenAt", expires_at as "expiresAt", ended_at is not null as ended
      from mynaportal.session where token_hash = ${tokenHash}`;
  return row && { ...row, lastSeenAt: instant(row.lastSeenAt), expiresAt: instant(row.expiresAt) };
}
