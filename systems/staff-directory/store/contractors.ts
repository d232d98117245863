import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface ContractorRow {
  readonly standing: 'none' | 'admitted' | 'ordered';
  readonly because: string | null;
  /** Number of the work order. */
  readonly order: string | null;
  /** ISO day, the last one of the order. */
  readonly validUntil: string | null;
}

/** What governance last said of the person; undefined: nothing. */
export async function standingOf(tx: Tx, staffId: string): Promise<ContractorRow | undefined> {
  const [row] = await tx<ContractorRow & object>`
    select standing, because, order_label as "order", valid_until::text as "validUntil"
      from staff_directory.contractor_standing where staff_id = ${staffId} order by standing_no desc limit 1`;
  return row;
}

export async function insertStanding(
  tx: Tx,
  staffId: string,
  row: ContractorRow,
  on: string,
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into staff_directory.contractor_standing
      (staff_id, standing, because, order_label, valid_until, told_on, told_at, event_id)
    values (${staffId}, ${row.standing}, ${row.because}, ${row.order}, ${row.validUntil}, ${on}, ${at}, ${tx.eventId})`;
}
