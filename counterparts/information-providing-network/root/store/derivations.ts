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
}

/** True where it was not known before. */
export async function noteHolder(tx: Tx, h: Holder): Promise<boolean> {
  const rows = await tx`
    insert into linkage_root.holder (holder_check, organisation, system, event_id)
    values (${h.check}, ${h.organisation}, ${h.system}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

/** Who is known by these digests. The portal asks anew for each look and needs no telling. */
export async function holdersOf(tx: Tx, checks: readonly Buffer[]): Promise<Omit<Holder, 'check'>[]> {
  return tx<Omit<Holder, 'check'>>`
    select organisation, system from linkage_root.holder
     where holder_check = any (${checks}::bytea[]) and system = 'intermediate-server' order by organisation, system`;
}
