import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { FuhyoRow } from './fuhyo.ts';

export async function countPresentFuhyo(tx: Tx): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from resident_register.fuhyo where record_state <> 'removed'`;
  return row!.n;
}

/** Present supplements, in blocks. */
export async function* presentFuhyo(tx: Tx): AsyncGenerator<FuhyoRow[]> {
  const blocks = tx.cursor<{ record: FuhyoRow }>(1_000)`
    select to_jsonb(f) as record from resident_register.fuhyo f where record_state <> 'removed'`;
  for await (const rows of blocks) yield rows.map((r) => r.record);
}

export async function fuhyoByCode(tx: Tx, code: string): Promise<FuhyoRow | undefined> {
  const [row] = await tx<{ record: FuhyoRow }>`
    select to_jsonb(f) as record from resident_register.fuhyo f where resident_record_code = ${code}`;
  return row?.record;
}

export interface FoundDifference {
  readonly differenceId: string;
  readonly kind: 'missing' | 'surplus' | 'differing';
  readonly residentRecordCode: string;
  readonly items: readonly string[];
}

/** Safe to repeat. */
export async function insertFuhyoDifferences(
  tx: Tx,
  runId: string,
  found: readonly FoundDifference[],
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into resident_register.fuhyo_difference (difference_id, run_id, kind, resident_record_code, items, found_at, event_id)
    select "differenceId", ${runId}::uuid, kind, "residentRecordCode", items, ${at}::timestamptz, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(found)}) as d("differenceId" uuid, kind text, "residentRecordCode" text, items text[])
    on conflict do nothing`;
}

export async function lockFuhyoDifference(tx: Tx, differenceId: string): Promise<FoundDifference | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended('fuhyo-difference:' || ${differenceId}::text, 0))`;
  const [row] = await tx<FoundDifference & object>`
    select difference_id as "differenceId", kind, resident_record_code as "residentRecordCode", items
      from resident_register.fuhyo_difference where difference_id = ${differenceId}`;
  return row;
}

/** False where somebody was first. */
export async function insertFuhyoCorrection(
  tx: Tx,
  c: { readonly differenceId: string; readonly changeId: string | null; readonly by: string },
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into resident_register.fuhyo_correction (difference_id, change_id, corrected_by, corrected_at, event_id)
    values (${c.differenceId}, ${c.changeId}, ${c.by}, ${at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

export interface DifferenceLine extends FoundDifference {
  readonly foundAt: Temporal.Instant;
  readonly correctedBy: string | null;
  readonly isSent: boolean;
}

/** Open ones first, newest first. */
export async function listFuhyoDifferences(
  tx: Tx,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<{ rows: DifferenceLine[]; total: number }> {
  const rows = await tx<Omit<DifferenceLine, 'foundAt'> & { foundAt: string; total: number }>`
    select difference_id as "differenceId", kind, resident_record_code as "residentRecordCode", items,
           to_json(found_at)#>>'{}' as "foundAt", corrected_by as "correctedBy", change_id is not null as "isSent",
           count(*) over ()::int as total
      from resident_register.fuhyo_difference left join resident_register.fuhyo_correction using (difference_id)
     order by corrected_by is not null, found_at desc, difference_id offset ${offset} limit ${limit}`;
  return {
    rows: rows.map(({ total: _, ...r }) => ({ ...r, foundAt: Temporal.Instant.from(r.foundAt) })),
    total: rows[0]?.total ?? 0,
  };
}

/** Codes of removed supplements whose notice is not yet delivered. */
export async function leavingCodes(tx: Tx, receiver: string, family: string): Promise<string[]> {
  const rows = await tx<{ code: string }>`
    select f.resident_record_code as code from resident_register.fuhyo f
     where f.record_state = 'removed' and exists (select from streams.outgoing o where o.receiver = ${receiver} and o.family = ${family}
       and o.state in ('waiting', 'numbered', 'parking') and o.subject = f.person_id::text)`;
  return rows.map((row) => row.code);
}
