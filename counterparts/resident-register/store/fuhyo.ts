import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { Supplement } from '../domain/fuhyo.ts';

/** A row of the supplements, columns as in the table. */
export interface FuhyoRow {
  readonly person_id: string;
  readonly sequence: number;
  readonly resident_record_code: string;
  readonly former_code: string | null;
  readonly name: string;
  readonly name_kana: string;
  readonly birth_date: string;
  readonly sex: 'male' | 'female' | 'other';
  readonly address: string;
  readonly address_municipality_code: string | null;
  readonly last_address: string | null;
  readonly record_state: Supplement['recordState'];
  readonly notice_kind: Supplement['noticeKind'];
  readonly changed_on: string;
  readonly operator_id: string;
  readonly ground_document: string | null;
  readonly change_id: string;
}

/** Supplements of these persons. The person's own lock is held by whoever changes one. */
export async function fuhyoOf(tx: Tx, personIds: readonly string[]): Promise<Map<string, FuhyoRow>> {
  const rows = await tx<{ record: FuhyoRow }>`
    select to_jsonb(f) as record from resident_register.fuhyo f where person_id = any(${personIds}::uuid[])`;
  return new Map(rows.map(({ record }) => [record.person_id, record]));
}

/** Closes what stood (unchanged, in one statement) and writes what stands now. */
export async function writeFuhyo(tx: Tx, rows: readonly FuhyoRow[], at: Temporal.Instant): Promise<void> {
  await tx`
    with gone as (delete from resident_register.fuhyo where person_id = any(${rows.map((r) => r.person_id)}::uuid[]) returning *)
    insert into resident_register.fuhyo_history select gone.*, ${tx.eventId}::uuid, ${at}::timestamptz from gone`;
  const written = rows.map((r) => ({ ...r, recorded_at: at.toString(), event_id: tx.eventId }));
  await tx`insert into resident_register.fuhyo
    select * from jsonb_populate_recordset(null::resident_register.fuhyo, ${json(written)})`;
}

/** All versions of a person's supplement, newest first. */
export async function fuhyoVersions(
  tx: Tx,
  personId: string,
): Promise<{ readonly row: FuhyoRow; readonly recordedAt: Temporal.Instant }[]> {
  const rows = await tx<{ record: FuhyoRow; recordedAt: string }>`
    select to_jsonb(f) as record, to_json(recorded_at)#>>'{}' as "recordedAt" from resident_register.fuhyo f where person_id = ${personId}
    union all
    select to_jsonb(h), to_json(recorded_at)#>>'{}' from resident_register.fuhyo_history h where person_id = ${personId}`;
  return rows
    .map(({ record, recordedAt }) => ({ row: record, recordedAt: Temporal.Instant.from(recordedAt) }))
    .sort((a, b) => b.row.sequence - a.row.sequence);
}

export async function personOfFuhyoChange(tx: Tx, changeId: string): Promise<string | undefined> {
  const [row] = await tx<{ personId: string }>`
    select person_id as "personId" from resident_register.fuhyo where change_id = ${changeId}
    union all select person_id from resident_register.fuhyo_history where change_id = ${changeId}`;
  return row?.personId;
}

export interface FuhyoReturnRow {
  readonly returnId: string;
  readonly personId: string | null;
  readonly changeId: string;
  readonly refusedBy: string;
  readonly rule: string;
  readonly items: readonly string[];
  readonly presentAt: string | null;
}

export async function insertFuhyoReturned(tx: Tx, r: FuhyoReturnRow, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into resident_register.fuhyo_returned
      (return_id, person_id, change_id, refused_by, rule, items, present_at, returned_at, event_id)
    values (${r.returnId}, ${r.personId}, ${r.changeId}, ${r.refusedBy}, ${r.rule}, ${r.items}, ${r.presentAt}, ${at}, ${tx.eventId})`;
}

/** Newest first. */
export async function listFuhyoReturned(
  tx: Tx,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<{ rows: (FuhyoReturnRow & { readonly returnedAt: Temporal.Instant })[]; total: number }> {
  const rows = await tx<FuhyoReturnRow & { returnedAt: string; total: number }>`
    select return_id as "returnId", person_id as "personId", change_id as "changeId", refused_by as "refusedBy", rule, items,
           present_at as "presentAt", to_json(returned_at)#>>'{}' as "returnedAt", count(*) over ()::int as total
      from resident_register.fuhyo_returned order by returned_at desc, return_id offset ${offset} limit ${limit}`;
  return {
    rows: rows.map(({ total: _, ...r }) => ({ ...r, returnedAt: Temporal.Instant.from(r.returnedAt) })),
    total: rows[0]?.total ?? 0,
  };
}
