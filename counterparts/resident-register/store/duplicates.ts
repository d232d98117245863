import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface Duplicate {
  /** The 職権消除. */
  readonly changeId: string;
  readonly personId: string;
  /** 住民票コード of the record that stays. */
  readonly survivorCode: string;
}

export async function insertDuplicate(tx: Tx, d: Duplicate, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into resident_register.duplicate (change_id, person_id, survivor_code, noted_at, event_id)
    values (${d.changeId}, ${d.personId}, ${d.survivorCode}, ${at}, ${tx.eventId})`;
}

/** For which code this change removed the record, where it did so for that. */
export async function survivorOf(tx: Tx, changeId: string): Promise<string | undefined> {
  const [row] = await tx<{ code: string }>`
    select survivor_code as code from resident_register.duplicate where change_id = ${changeId}`;
  return row?.code;
}
