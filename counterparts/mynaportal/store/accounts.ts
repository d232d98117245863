import type { Tx } from '@musubi/kernel/db/sql.ts';

/** The account behind a sealed linkage code; made where there is none. Two deliveries at once get the same one. */
export async function accountOfCode(
  tx: Tx,
  sealedCode: Uint8Array,
  newId: string,
): Promise<{ readonly accountId: string; readonly isNew: boolean }> {
  const inserted = await tx`
    insert into mynaportal.account (account_id, sealed_code, event_id) values (${newId}, ${sealedCode}, ${tx.eventId})
    on conflict (sealed_code) do nothing returning 1`;
  const [row] = await tx<{ accountId: string }>`
    select account_id as "accountId" from mynaportal.account where sealed_code = ${sealedCode}`;
  return { accountId: row!.accountId, isNew: inserted.length === 1 };
}

export async function sealedCodeOf(tx: Tx, accountId: string): Promise<Buffer | undefined> {
  const [row] = await tx<{ sealedCode: Buffer }>`
    select sealed_code as "sealedCode" from mynaportal.account where account_id = ${accountId}`;
  return row?.sealedCode;
}

export async function accountOfCard(tx: Tx, fingerprint: string): Promise<string | undefined> {
  const [row] = await tx<{ accountId: string }>`
    select account_id as "accountId" from mynaportal.card where fingerprint = ${fingerprint}`;
  return row?.accountId;
}

export async function insertCard(tx: Tx, fingerprint: string, accountId: string): Promise<boolean> {
  const inserted = await tx`
    insert into mynaportal.card (fingerprint, account_id, event_id) values (${fingerprint}, ${accountId}, ${tx.eventId})
    on conflict (fingerprint) do nothing returning 1`;
  return inserted.length === 1;
}

export async function insertLinkageRequest(
  tx: Tx,
  row: { readonly processingNumber: string; readonly fingerprint: string; readonly until: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into mynaportal.linkage_request (processing_number, fingerprint, until_at, event_id)
    values (${row.processingNumber}, ${row.fingerprint}, ${row.until}, ${tx.eventId})`;
}

/** Whose card asked under this number, while it counts. */
export async function requestUnder(
  tx: Tx,
  processingNumber: string,
  at: Temporal.Instant,
): Promise<{ readonly fingerprint: string } | undefined> {
  const [row] = await tx<{ fingerprint: string }>`
    select fingerprint from mynaportal.linkage_request
     where processing_number = ${processingNumber} and until_at > ${at}`;
  return row;
}

/** `other-person`: another code came under this number before. */
export async function insertDelivery(
  tx: Tx,
  processingNumber: string,
  accountId: string,
): Promise<'stored' | 'stored-before' | 'other-person'> {
  const inserted = await tx`
    insert into mynaportal.linkage_delivery (processing_number, account_id, event_id)
    values (${processingNumber}, ${accountId}, ${tx.eventId}) on conflict (processing_number) do nothing returning 1`;
  if (inserted.length === 1) return 'stored';
  const [row] = await tx<{ accountId: string }>`
    select account_id as "accountId" from mynaportal.linkage_delivery where processing_number = ${processingNumber}`;
  return row?.accountId === accountId ? 'stored-before' : 'other-person';
}

/** False where the challenge was answered before. */
export async function useChallenge(tx: Tx, nonceDigest: Uint8Array, at: Temporal.Instant): Promise<boolean> {
  const inserted = await tx`
    insert into mynaportal.challenge_use (nonce_digest, used_at, event_id)
    values (${nonceDigest}, ${at}, ${tx.eventId}) on conflict (nonce_digest) do nothing returning 1`;
  return inserted.length === 1;
}
