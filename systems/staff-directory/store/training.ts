import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface TrainingHold {
  readonly holdId: string;
  readonly fiscalYear: number;
  /** ISO day. */
  readonly heldOn: string;
}

/** The hold that stands; there is one at most. Call with the account locked where something follows from it. */
export async function standingHold(tx: Tx, staffId: string): Promise<TrainingHold | undefined> {
  const [hold] = await tx<TrainingHold & object>`
    select h.hold_id as "holdId", h.fiscal_year as "fiscalYear", h.held_on::text as "heldOn"
      from staff_directory.training_hold h left join staff_directory.training_release r using (hold_id)
     where h.staff_id = ${staffId} and r.hold_id is null order by h.held_at limit 1`;
  return hold;
}

export async function insertHold(
  tx: Tx,
  hold: TrainingHold & { readonly staffId: string },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into staff_directory.training_hold (hold_id, staff_id, fiscal_year, held_on, held_at, event_id)
    values (${hold.holdId}, ${hold.staffId}, ${hold.fiscalYear}, ${hold.heldOn}, ${at}, ${tx.eventId})`;
}

export async function insertRelease(tx: Tx, holdId: string, on: string, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into staff_directory.training_release (hold_id, released_on, released_at, event_id)
    values (${holdId}, ${on}, ${at}, ${tx.eventId})`;
}
