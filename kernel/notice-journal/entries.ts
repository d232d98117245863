import { json, type Tx } from '../db/sql.ts';

export interface JournalEntry {
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

export async function insertEntries(tx: Tx, entries: readonly JournalEntry[], at: Temporal.Instant): Promise<void> {
  const written = entries.map(({ digest, ...entry }) => ({ ...entry, digest: Buffer.from(digest).toString('hex') }));
  await tx`
    insert into notice_journal.entry
      (journal_id, peer, family, number, digest, bytes, change_id, result, rule, items, accepted, rejected, received_at, event_id)
    select "journalId", peer, family, number, decode(digest, 'hex'), bytes, "changeId", result, rule, items, accepted, rejected,
           ${at}::timestamptz, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(written)}) as j("journalId" uuid, peer text, family text, number bigint, digest text, bytes int,
           "changeId" uuid, result text, rule text, items text[], accepted int, rejected int)`;
}

export interface JournalLine extends Omit<JournalEntry, 'digest' | 'journalId'> {
  readonly receivedAt: Temporal.Instant;
}

/** Newest first. `result` null: all. */
export async function readJournal(
  tx: Tx,
  { result, offset, limit }: { readonly result: string | null; readonly offset: number; readonly limit: number },
): Promise<{ rows: JournalLine[]; total: number }> {
  const rows = await tx<Omit<JournalLine, 'receivedAt'> & { receivedAt: string }>`
    select peer, family, number, bytes, change_id as "changeId", result, rule, items, accepted, rejected,
           to_json(received_at)#>>'{}' as "receivedAt"
      from notice_journal.entry where ${result}::text is null or result = ${result}::text
     order by received_at desc, number desc offset ${offset} limit ${limit}`;
  const [count] = await tx<{ n: number }>`
    select count(*)::int as n from notice_journal.entry where ${result}::text is null or result = ${result}::text`;
  return { rows: rows.map((r) => ({ ...r, receivedAt: Temporal.Instant.from(r.receivedAt) })), total: count!.n };
}
