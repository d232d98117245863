import { json, type Tx } from '@musubi/kernel/db/sql.ts';

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

export const insertJournal = (tx: Tx, row: JournalRow, at: Temporal.Instant): Promise<void> =>
  insertJournals(tx, [row], at);

export async function insertJournals(tx: Tx, rows: readonly JournalRow[], at: Temporal.Instant): Promise<void> {
  const written = rows.map(({ digest, ...row }) => ({ ...row, digest: Buffer.from(digest).toString('hex') }));
  await tx`
    insert into national_juki.notice_journal
      (journal_id, peer, family, number, digest, bytes, change_id, result, rule, accepted, rejected, received_at, event_id)
    select "journalId", peer, family, number, decode(digest, 'hex'), bytes, "changeId", result, rule, accepted, rejected,
           ${at}::timestamptz, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(written)}) as j("journalId" uuid, peer text, family text, number bigint, digest text, bytes int,
           "changeId" uuid, result text, rule text, accepted int, rejected int)`;
}
