import { momentInJson, type TiedRows } from '../audit/tied-rows.ts';
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

/** With `tied` the rows are tied to the log as a batch. */
export async function insertEntries(
  tx: Tx,
  entries: readonly JournalEntry[],
  at: Temporal.Instant,
  tied?: TiedRows,
): Promise<void> {
  const rows = entries.map((e) => ({
    journal_id: e.journalId,
    peer: e.peer,
    family: e.family,
    number: e.number,
    digest: `\\x${Buffer.from(e.digest).toString('hex')}`,
    bytes: e.bytes,
    change_id: e.changeId?.toLowerCase() ?? null,
    result: e.result,
    rule: e.rule,
    items: e.items,
    accepted: e.accepted,
    rejected: e.rejected,
    received_at: momentInJson(at),
    event_id: tx.eventId,
  }));
  await tx`
    insert into notice_journal.entry
    select * from jsonb_populate_recordset(null::notice_journal.entry, ${json(rows)})`;
  if (tied) for (const row of rows) tied.add(row.journal_id, row);
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
