import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Party, Purpose } from '@musubi/kernel/pki/party.ts';

export const pkiSchema = { name: 'government-pki', directory: new URL('./schema/', import.meta.url) };

export interface IssuedCertificate extends Party {
  readonly purpose: Purpose;
  readonly serial: string;
  readonly fingerprint: string;
  readonly der: Uint8Array;
  readonly issuerDer: Uint8Array;
  readonly validFrom: Temporal.Instant;
  readonly validUntil: Temporal.Instant;
}

/** A token that is already known stays as it is: a start repeats what the configuration expects. */
export async function insertToken(
  tx: Tx,
  tokenHash: Uint8Array,
  party: Party,
  expiresAt: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into government_pki.enrolment_token (token_hash, organisation, system, expires_at, event_id)
    values (${tokenHash}, ${party.organisation}, ${party.system}, ${expiresAt}, ${tx.eventId})
    on conflict (token_hash) do nothing`;
}

export async function findToken(
  tx: Tx,
  tokenHash: Uint8Array,
): Promise<(Party & { readonly expiresAt: Temporal.Instant }) | undefined> {
  const [row] = await tx<{ organisation: string; system: string; expiresMs: number }>`
    select organisation, system, (extract(epoch from expires_at) * 1000)::bigint as "expiresMs"
      from government_pki.enrolment_token where token_hash = ${tokenHash}`;
  if (row === undefined) return undefined;
  const { organisation, system, expiresMs } = row;
  return { organisation, system, expiresAt: Temporal.Instant.fromEpochMilliseconds(expiresMs) };
}

/** Uses the token, or gives the digest of the requests that used it. Waits for another use under way. */
export async function useToken(
  tx: Tx,
  tokenHash: Uint8Array,
  digest: Uint8Array,
  at: Temporal.Instant,
): Promise<Buffer | undefined> {
  const used = await tx`
    insert into government_pki.enrolment (token_hash, request_digest, enrolled_at, event_id)
    values (${tokenHash}, ${digest}, ${at}, ${tx.eventId})
    on conflict (token_hash) do nothing returning 1`;
  if (used.length === 1) return undefined;
  const [row] = await tx<{ digest: Buffer }>`
    select request_digest as digest from government_pki.enrolment where token_hash = ${tokenHash}`;
  return row!.digest;
}

/** `by`: the token or the renewal that it answers; neither for the authority's own. */
export async function insertCertificate(
  tx: Tx,
  c: IssuedCertificate,
  by: { readonly tokenHash?: Uint8Array; readonly renewal?: Uint8Array },
): Promise<void> {
  await tx`
    insert into government_pki.certificate
      (serial, fingerprint, organisation, system, purpose, der, issuer_der, valid_from, valid_until, token_hash,
       renewal_digest, event_id)
    values (${c.serial}, ${c.fingerprint}, ${c.organisation}, ${c.system}, ${c.purpose}, ${c.der}, ${c.issuerDer},
            ${c.validFrom}, ${c.validUntil}, ${by.tokenHash ?? null}, ${by.renewal ?? null}, ${tx.eventId})
    on conflict (fingerprint) do nothing`;
}

export const certificatesOfToken = (tx: Tx, tokenHash: Uint8Array) =>
  tx<{ purpose: Purpose; der: Buffer; issuerDer: Buffer }>`
    select purpose, der, issuer_der as "issuerDer" from government_pki.certificate where token_hash = ${tokenHash}`;

/** The newest that is not revoked. */
export async function findCertificate(tx: Tx, party: Party, purpose: Purpose): Promise<readonly Buffer[] | undefined> {
  const [row] = await tx<{ der: Buffer; issuerDer: Buffer }>`
    select c.der, c.issuer_der as "issuerDer"
      from government_pki.certificate c
     where c.organisation = ${party.organisation} and c.system = ${party.system} and c.purpose = ${purpose}
       and not exists (select 1 from government_pki.revocation r where r.serial = c.serial)
     order by c.valid_from desc, c.valid_until desc, c.serial desc limit 1`;
  return row === undefined ? undefined : [row.der, row.issuerDer];
}

/** Revoking twice is once. */
export async function insertRevocations(
  tx: Tx,
  serials: readonly string[],
  reason: string,
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into government_pki.revocation (serial, reason, revoked_at, event_id)
    select s, ${reason}, ${at}, ${tx.eventId} from unnest(${[...serials]}::text[]) as s on conflict (serial) do nothing`;
}

/** Lists are made one after the other, so that numbers have no gap and no list forgets a revocation. Held to the end of the transaction. */
export async function lockLists(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('government_pki.revocation_list', 0))`;
}

export const revocations = async (tx: Tx): Promise<{ serial: string; at: Temporal.Instant }[]> => {
  const rows = await tx<{ serial: string; revokedMs: number }>`
    select serial, (extract(epoch from revoked_at) * 1000)::bigint as "revokedMs"
      from government_pki.revocation order by revoked_at, serial`;
  return rows.map(({ serial, revokedMs }) => ({ serial, at: Temporal.Instant.fromEpochMilliseconds(revokedMs) }));
};

export interface StoredList {
  readonly number: number;
  readonly der: Buffer;
  readonly issuerDer: Buffer;
}

export async function newestList(tx: Tx): Promise<StoredList | undefined> {
  const [row] = await tx<StoredList>`
    select list_number as number, der, issuer_der as "issuerDer"
      from government_pki.revocation_list order by list_number desc limit 1`;
  return row;
}

export async function insertList(
  tx: Tx,
  list: StoredList,
  thisUpdate: Temporal.Instant,
  nextUpdate: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into government_pki.revocation_list (list_number, der, issuer_der, this_update, next_update, event_id)
    values (${list.number}, ${list.der}, ${list.issuerDer}, ${thisUpdate}, ${nextUpdate}, ${tx.eventId})`;
}

export interface HeldCertificate extends Party {
  readonly purpose: Purpose;
  readonly serial: string;
  readonly fingerprint: string;
  readonly der: Buffer;
  readonly validFrom: string;
  readonly validUntil: string;
  readonly revokedAt: string | null;
  readonly reason: string | null;
}

export async function certificateBy(tx: Tx, fingerprint: string): Promise<HeldCertificate | undefined> {
  const [row] = await tx<HeldCertificate>`
    select c.organisation, c.system, c.purpose, c.serial, c.fingerprint, c.der, c.valid_from::text as "validFrom",
           c.valid_until::text as "validUntil", r.revoked_at::text as "revokedAt", r.reason
      from government_pki.certificate c left join government_pki.revocation r using (serial)
     where c.fingerprint = ${fingerprint}`;
  return row;
}

/** Notes a renewal; false where the same requests were answered before. Renewals of one holder wait for each other. */
export async function insertRenewal(
  tx: Tx,
  r: Party & { readonly digest: Uint8Array; readonly shown: string; readonly at: Temporal.Instant },
): Promise<boolean> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`government_pki.renewal ${r.organisation}/${r.system}`}, 0))`;
  const rows = await tx`
    insert into government_pki.renewal (request_digest, organisation, system, shown, renewed_at, event_id)
    values (${r.digest}, ${r.organisation}, ${r.system}, ${r.shown}, ${r.at}, ${tx.eventId})
    on conflict (request_digest) do nothing returning 1`;
  return rows.length === 1;
}

export const certificatesOfRenewal = (tx: Tx, digest: Uint8Array) =>
  tx<Party & { purpose: Purpose; der: Buffer; issuerDer: Buffer }>`
    select organisation, system, purpose, der, issuer_der as "issuerDer"
      from government_pki.certificate where renewal_digest = ${digest}`;

/** Every certificate of a holder that was not revoked, the newest first. */
export const certificatesOfHolder = (tx: Tx, party: Party) =>
  tx<{ purpose: Purpose; der: Buffer; validUntil: string; revoked: boolean }>`
    select c.purpose, c.der, c.valid_until::text as "validUntil", r.serial is not null as revoked
      from government_pki.certificate c left join government_pki.revocation r using (serial)
     where c.organisation = ${party.organisation} and c.system = ${party.system}
     order by c.valid_from desc, c.valid_until desc, c.serial desc`;
