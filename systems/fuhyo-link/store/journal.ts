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
  readonly items: readonly string[];
  readonly accepted: number;
  readonly rejected: number;
}

export async function insertJournal(tx: Tx, row: JournalRow, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into fuhyo_link.notice_journal
      (journal_id, peer, family, number, digest, bytes, change_id, result, rule, items, accepted, rejected, received_at, event_id)
    values (${row.journalId}, ${row.peer}, ${row.family}, ${row.number}, ${row.digest}, ${row.bytes}, ${row.changeId},
      ${row.result}, ${row.rule}, ${row.items}, ${row.accepted}, ${row.rejected}, ${at}, ${tx.eventId})`;
}

export interface JournalLine extends Omit<JournalRow, 'digest' | 'journalId'> {
  readonly receivedAt: Temporal.Instant;
}

/** Newest first. */
export async function readJournal(
  tx: Tx,
  { result, offset, limit }: { readonly result: string | null; readonly offset: number; readonly limit: number },
): Promise<{ rows: JournalLine[]; total: number }> {
  const rows = await tx<Omit<JournalLine, 'receivedAt'> & { receivedAt: string }>`
    select peer, family, number, bytes, change_id as "changeId", result, rule, items, accepted, rejected,
           to_json(received_at)#>>'{}' as "receivedAt"
      from fuhyo_link.notice_journal where ${result}::text is null or result = ${result}::text
     order by received_at desc, number desc offset ${offset} limit ${limit}`;
  const [count] = await tx<{ n: number }>`
    select count(*)::int as n from fuhyo_link.notice_journal where ${result}::text is null or result = ${result}::text`;
  return { rows: rows.map((r) => ({ ...r, receivedAt: Temporal.Instant.from(r.receivedAt) })), total: count!.n };
}
