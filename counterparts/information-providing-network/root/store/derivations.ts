import type { Tx } from '@musubi/kernel/db/sql.ts';

/** Keeps which person (by keyed digest) a processing number was used for; gives the digest that stands. */
export async function noteDerivation(
  tx: Tx,
  row: {
    readonly processingNumber: string;
    readonly organisation: string;
    readonly personCheck: Buffer;
    readonly at: Temporal.Instant;
  },
): Promise<Buffer> {
  const inserted = await tx`
    insert into linkage_root.derivation (processing_number, organisation, person_check, derived_at, event_id)
    values (${row.processingNumber}, ${row.organisation}, ${row.personCheck}, ${row.at}, ${tx.eventId})
    on conflict (processing_number) do nothing returning 1`;
  if (inserted.length === 1) return row.personCheck;
  const [standing] = await tx<{ personCheck: Buffer }>`
    select person_check as "personCheck" from linkage_root.derivation where processing_number = ${row.processingNumber}`;
  return standing!.personCheck;
}

export interface Holder {
  /** Digest by which body and root are found again. */
  readonly check: Buffer;
  readonly organisation: string;
  readonly system: string;
  /** Of the body's key, under which its code is made. */
  readonly version: number;
}

/** True where it was not known before. */
export async function noteHolder(tx: Tx, h: Holder): Promise<boolean> {
  const rows = await tx`
    insert into linkage_root.holder (holder_check, organisation, system, version, event_id)
    values (${h.check}, ${h.organisation}, ${h.system}, ${h.version}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

/** Who is known by these digests. The portal asks anew for each look and needs no telling. */
export async function holdersOf(tx: Tx, checks: readonly Buffer[]): Promise<Omit<Holder, 'check' | 'version'>[]> {
  return tx<Omit<Holder, 'check' | 'version'>>`
    select distinct organisation, system from linkage_root.holder
     where holder_check = any (${checks}::bytea[]) and system = 'intermediate-server' order by organisation, system`;
}

/** The version under which a body has its code of a root; undefined where it was never given one. */
export async function versionHeld(tx: Tx, check: Buffer): Promise<number | undefined> {
  const [row] = await tx<{ version: number | null }>`
    select max(version) as version from linkage_root.holder where holder_check = ${check}`;
  return row?.version ?? undefined;
}

/** Keeps a rotation once; gives the organisation and version that stand under the request. */
export async function noteRotation(
  tx: Tx,
  r: {
    readonly requestId: string;
    readonly organisation: string;
    readonly version: number;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into linkage_root.key_rotation (request_id, organisation, version, rotated_at, event_id)
    values (${r.requestId}, ${r.organisation}, ${r.version}, ${r.at}, ${tx.eventId})`;
}

export async function findRotation(
  tx: Tx,
  requestId: string,
): Promise<{ readonly organisation: string; readonly version: number } | undefined> {
  const [, [row]] = await Promise.all([
    tx`select pg_advisory_xact_lock(hashtextextended(${requestId}::text, 8))`,
    tx<{ organisation: string; version: number }>`
      select organisation, version from linkage_root.key_rotation where request_id = ${requestId}`,
  ]);
  return row;
}
