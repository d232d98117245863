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
