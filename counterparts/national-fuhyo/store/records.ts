import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface StoredRecord {
  readonly record_id: string;
  readonly resident_record_code: string;
  readonly record_state: 'domestic' | 'abroad' | 'removed';
  readonly managing_municipality_code: string;
  readonly reported_by: string;
  readonly birth_date: string;
  readonly sex: string;
  readonly name_key: string;
  readonly kana_key: string;
  readonly address_key: string;
  readonly last_address_key: string | null;
  readonly items: Readonly<Record<string, unknown>>;
  readonly update_sequence_no: number;
  readonly change_id: string;
}

/** What stands under these codes, locked in the order of the codes. */
export async function lockByCode(tx: Tx, codes: readonly string[]): Promise<Map<string, StoredRecord>> {
  await tx`select pg_advisory_xact_lock(hashtextextended('national-fuhyo:' || code, 0))
    from (select distinct code from unnest(${codes}::text[]) as c(code) order by code) as codes`;
  const rows = await tx<{ record: StoredRecord }>`
    select to_jsonb(r) as record from national_fuhyo.record r where resident_record_code = any(${codes}::text[])`;
  return new Map(rows.map(({ record }) => [record.resident_record_code, record]));
}

/** Closes what stood and writes what stands now. */
export async function writeRecords(tx: Tx, records: readonly StoredRecord[], at: Temporal.Instant): Promise<void> {
  await tx`
    with gone as (delete from national_fuhyo.record where record_id = any(${records.map((r) => r.record_id)}::uuid[]) returning *)
    insert into national_fuhyo.record_history select gone.*, ${tx.eventId}::uuid, ${at}::timestamptz from gone`;
  const written = records.map((r) => ({ ...r, recorded_at: at.toString(), event_id: tx.eventId }));
  await tx`insert into national_fuhyo.record
    select * from jsonb_populate_recordset(null::national_fuhyo.record, ${json(written)})`;
}

export interface LookupKeys {
  readonly code: string | null;
  readonly nameKey: string | null;
  readonly kanaKey: string | null;
  readonly birthDate: string | null;
  readonly sex: string | null;
  readonly addressKey: string | null;
}

/** Present persons whom all stated keys fit; at most two, as two are nobody. */
export async function findRecords(tx: Tx, k: LookupKeys): Promise<StoredRecord[]> {
  const rows = await tx<{ record: StoredRecord }>`
    select to_jsonb(r) as record from national_fuhyo.record r
     where record_state <> 'removed'
       and (${k.code}::text is null or resident_record_code = ${k.code}::text)
       and (${k.nameKey}::text is null or name_key = ${k.nameKey}::text)
       and (${k.kanaKey}::text is null or kana_key = ${k.kanaKey}::text)
       and (${k.birthDate}::date is null or birth_date = ${k.birthDate}::date)
       and (${k.sex}::text is null or sex = ${k.sex}::text)
       and (${k.addressKey}::text is null or address_key = ${k.addressKey}::text or last_address_key = ${k.addressKey}::text)
     order by record_id limit 2`;
  return rows.map(({ record }) => record);
}
