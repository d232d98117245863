import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface JournalRow {
  readonly journalId: string;
  readonly peer: string;
  readonly family: string;
  readonly number: number;
  readonly digest: Uint8Array;
  readonly bytes: number;
  /** Null for a message of many notices. */
  readonly changeId: string | null;
  readonly result: 'applied' | 'refused';
  readonly rule: string | null;
  readonly accepted: number;
  readonly rejected: number;
}

export async function insertJournal(tx: Tx, row: JournalRow, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into national_fuhyo.notice_journal
      (journal_id, peer, family, number, digest, bytes, change_id, result, rule, accepted, rejected, received_at, event_id)
    values (${row.journalId}, ${row.peer}, ${row.family}, ${row.number}, ${row.digest}, ${row.bytes}, ${row.changeId},
      ${row.result}, ${row.rule}, ${row.accepted}, ${row.rejected}, ${at}, ${tx.eventId})`;
}
