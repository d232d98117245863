import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface SignInRecord {
  readonly staffId: string;
  readonly displayName: string;
  readonly methods: readonly string[];
  readonly terminalId: string | null;
  /** Seconds since the epoch. */
  readonly signedInS: number;
}

export async function insertSignIn(
  tx: Tx,
  signIn: {
    readonly signInId: string;
    readonly staffId: string;
    readonly signedInS: number;
    readonly methods: readonly string[];
    readonly terminalId: string | null;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into staff_directory.sign_in (sign_in_id, staff_id, signed_in_s, methods, terminal_id, signed_in_at, event_id)
    values (${signIn.signInId}, ${signIn.staffId}, ${signIn.signedInS}, ${signIn.methods}, ${signIn.terminalId},
      ${signIn.at}, ${tx.eventId})`;
}

export async function findSignIn(tx: Tx, staffId: string, signedInS: number): Promise<SignInRecord | undefined> {
  const rows = await tx<SignInRecord>`
    select s.staff_id as "staffId", a.display_name as "displayName", s.methods, s.terminal_id as "terminalId",
           s.signed_in_s as "signedInS"
      from staff_directory.sign_in s join staff_directory.account a using (staff_id)
     where s.staff_id = ${staffId} and s.signed_in_s = ${signedInS} order by s.signed_in_at desc limit 1`;
  return rows[0];
}

export const latestSignIns = (tx: Tx, limit: number): Promise<SignInRecord[]> => tx<SignInRecord>`
  select s.staff_id as "staffId", a.display_name as "displayName", s.methods, s.terminal_id as "terminalId",
         s.signed_in_s as "signedInS"
    from staff_directory.sign_in s join staff_directory.account a using (staff_id)
   order by s.signed_in_at desc limit ${limit}`;
