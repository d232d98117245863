import type { PasswordRecord } from '@musubi/kernel/access/password.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';

export type AccountKind = 'employee' | 'contractor';
export type AccountStanding = 'active' | 'suspended' | 'closed';

export interface Account {
  readonly staffId: string;
  readonly staffNumber: string;
  readonly kind: AccountKind;
  readonly displayName: string;
  readonly position: string;
  readonly state: AccountStanding;
  /** Last day, ISO. */
  readonly validUntil: string;
  readonly failures: number;
  readonly locked: boolean;
}

export async function findAccount(tx: Tx, staffId: string): Promise<Account | undefined> {
  const rows = await tx<Account>`
    select a.staff_id as "staffId", a.staff_number as "staffNumber", a.kind, a.display_name as "displayName", a.position,
           s.state, s.valid_until::text as "validUntil", coalesce(f.failures, 0) as failures,
           f.locked_at is not null as locked
      from staff_directory.account a
      join lateral (select state, valid_until from staff_directory.account_state
                     where staff_id = a.staff_id order by change_no desc limit 1) s on true
      left join staff_directory.failure f using (staff_id)
     where a.staff_id = ${staffId}`;
  return rows[0];
}

export async function listAccounts(tx: Tx, limit: number): Promise<Account[]> {
  return tx<Account>`
    select a.staff_id as "staffId", a.staff_number as "staffNumber", a.kind, a.display_name as "displayName", a.position,
           s.state, s.valid_until::text as "validUntil", coalesce(f.failures, 0) as failures,
           f.locked_at is not null as locked
      from staff_directory.account a
      join lateral (select state, valid_until from staff_directory.account_state
                     where staff_id = a.staff_id order by change_no desc limit 1) s on true
      left join staff_directory.failure f using (staff_id)
     order by a.staff_id limit ${limit}`;
}

/** Takes turns on one person: failures, passwords and passkeys are counted after this. */
export async function lockAccount(tx: Tx, staffId: string): Promise<boolean> {
  await tx`insert into staff_directory.failure (staff_id, failures)
    select staff_id, 0 from staff_directory.account where staff_id = ${staffId} on conflict do nothing`;
  const rows = await tx`select 1 from staff_directory.failure where staff_id = ${staffId} for update`;
  return rows.length === 1;
}

export async function setFailures(
  tx: Tx,
  staffId: string,
  failures: number,
  lockedAt: Temporal.Instant | null,
): Promise<void> {
  await tx`update staff_directory.failure set failures = ${failures}, locked_at = ${lockedAt} where staff_id = ${staffId}`;
}

export async function insertAccount(
  tx: Tx,
  account: Pick<Account, 'staffId' | 'staffNumber' | 'kind' | 'displayName' | 'position'> & {
    readonly oath?: { readonly on: string; readonly document: string } | undefined;
  },
  opening: { readonly approvalId: string | null; readonly at: Temporal.Instant },
): Promise<boolean> {
  const rows = await tx`
    insert into staff_directory.account (staff_id, staff_number, kind, display_name, position, oath_on, oath_document,
      approval_id, opened_at, event_id)
    values (${account.staffId}, ${account.staffNumber}, ${account.kind}, ${account.displayName}, ${account.position},
      ${account.oath?.on ?? null}, ${account.oath?.document ?? null},
      ${opening.approvalId}, ${opening.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}

export async function insertState(
  tx: Tx,
  change: {
    readonly staffId: string;
    readonly state: AccountStanding;
    readonly validUntil: string;
    readonly because: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into staff_directory.account_state (staff_id, state, valid_until, because, changed_by, changed_at, event_id)
    values (${change.staffId}, ${change.state}, ${change.validUntil}, ${change.because}, ${change.by}, ${change.at}, ${tx.eventId})`;
}

export interface StoredPassword extends PasswordRecord {
  /** Until when a first passkey may be registered with it. */
  readonly enrolUntil: Temporal.Instant | undefined;
}

/** Newest first. */
export async function passwords(tx: Tx, staffId: string, limit: number): Promise<StoredPassword[]> {
  const rows = await tx<{ hash: string; setOn: string; issued: boolean; enrolMs: number | null }>`
    select hash, set_on::text as "setOn", issued, (extract(epoch from enrol_until) * 1000)::bigint as "enrolMs"
      from staff_directory.password where staff_id = ${staffId} order by password_no desc limit ${limit}`;
  return rows.map((r) => ({
    hash: r.hash,
    setOn: Temporal.PlainDate.from(r.setOn),
    issued: r.issued,
    enrolUntil: r.enrolMs === null ? undefined : Temporal.Instant.fromEpochMilliseconds(r.enrolMs),
  }));
}

export async function insertPassword(
  tx: Tx,
  password: {
    readonly staffId: string;
    readonly hash: string;
    readonly setOn: Temporal.PlainDate;
    readonly issued: boolean;
    readonly enrolUntil: Temporal.Instant | null;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into staff_directory.password (staff_id, hash, set_on, issued, enrol_until, set_at, event_id)
    values (${password.staffId}, ${password.hash}, ${password.setOn}, ${password.issued}, ${password.enrolUntil},
      ${password.at}, ${tx.eventId})`;
}
