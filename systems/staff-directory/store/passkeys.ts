import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface Passkey {
  /** base64url */
  readonly credentialId: string;
  readonly staffId: string;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly label: string;
  readonly training: boolean;
}

/** Those that were not removed. */
export const passkeysOf = (tx: Tx, staffId: string): Promise<Passkey[]> => tx<Passkey>`
  select k.credential_id as "credentialId", k.staff_id as "staffId", k.public_key as "publicKey", k.counter, k.label, k.training
    from staff_directory.passkey k left join staff_directory.passkey_removed r using (credential_id)
   where k.staff_id = ${staffId} and r.credential_id is null order by k.registered_at`;

export async function insertPasskey(tx: Tx, passkey: Passkey, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into staff_directory.passkey (credential_id, staff_id, public_key, counter, label, training, registered_at, event_id)
    values (${passkey.credentialId}, ${passkey.staffId}, ${passkey.publicKey}, ${passkey.counter}, ${passkey.label},
      ${passkey.training}, ${at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

export async function moveCounter(tx: Tx, credentialId: string, counter: number): Promise<void> {
  await tx`update staff_directory.passkey set counter = ${counter} where credential_id = ${credentialId}`;
}

export async function removePasskeys(
  tx: Tx,
  removal: { readonly staffId: string; readonly because: string; readonly by: string; readonly at: Temporal.Instant },
): Promise<number> {
  const rows = await tx`
    insert into staff_directory.passkey_removed (credential_id, because, removed_by, removed_at, event_id)
    select credential_id, ${removal.because}, ${removal.by}, ${removal.at}::timestamptz, ${tx.eventId}::uuid
      from staff_directory.passkey where staff_id = ${removal.staffId}
    on conflict do nothing returning 1`;
  return rows.length;
}
