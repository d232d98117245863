import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { RecordKeys, SearchKeys } from '../domain/search.ts';
import type { NoticeKind, RecordState } from '../domain/supplement-logic.ts';

/** A row of the file, columns as in the table (requirement 003 §4.2). */
export interface SupplementRow {
  readonly supplement_id: string;
  readonly resident_record_code: string;
  readonly name_kanji: string;
  readonly name_gaiji_count: number;
  readonly name_furigana: string;
  readonly birth_date: string;
  readonly sex: 'male' | 'female' | 'other';
  readonly address_municipality_code: string | null;
  readonly address_kanji: string;
  readonly address_gaiji_count: number;
  readonly last_address_kanji: string | null;
  readonly last_address_gaiji_count: number;
  readonly change_date: string;
  readonly former_resident_record_code: string | null;
  readonly managing_municipality_code: string;
  readonly record_state: RecordState;
  readonly gaiji_flag: boolean;
  readonly gaiji_pattern: 'none' | 'name' | 'address' | 'both';
  readonly notice_kind: NoticeKind;
  readonly update_sequence_no: number;
  readonly notice_received_date: string;
  readonly name_key: string;
  readonly kana_key: string;
  readonly address_key: string;
  readonly last_address_key: string | null;
  readonly retroactive: boolean;
  readonly change_id: string;
}

/** What stands under these codes, locked in the order of the codes: on the codes, not on rows, as a change replaces the row. */
export async function lockByCode(tx: Tx, codes: readonly string[]): Promise<Map<string, SupplementRow>> {
  await tx`select pg_advisory_xact_lock(hashtextextended('fuhyo:' || code, 0))
    from (select distinct code from unnest(${codes}::text[]) as c(code) order by code) as codes`;
  const rows = await tx<{ record: SupplementRow }>`
    select to_jsonb(s) as record from fuhyo_link.supplement s
     where resident_record_code = any(${codes}::text[]) order by resident_record_code`;
  return new Map(rows.map(({ record }) => [record.resident_record_code, record]));
}

/** Closes what stood (unchanged, in one statement) and writes what stands now. */
export async function writeRows(
  tx: Tx,
  rows: readonly SupplementRow[],
  at: Temporal.Instant,
  on: Temporal.PlainDate,
): Promise<void> {
  await tx`
    with gone as (delete from fuhyo_link.supplement where supplement_id = any(${rows.map((r) => r.supplement_id)}::uuid[]) returning *)
    insert into fuhyo_link.supplement_history select gone.*, ${tx.eventId}::uuid, ${at}::timestamptz, ${on}::date from gone`;
  const written = rows.map((r) => ({ ...r, recorded_at: at.toString(), event_id: tx.eventId }));
  await tx`
    insert into fuhyo_link.supplement
    select * from jsonb_populate_recordset(null::fuhyo_link.supplement, ${json(written)})`;
}

export interface Hit {
  readonly supplementId: string;
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly sex: string;
  readonly address: string;
  readonly lastAddress: string | null;
  readonly state: RecordState;
}

/** At most `limit + 1`, so that the caller sees whether there are more; removed persons only where asked for (A29). */
export async function searchRows(
  tx: Tx,
  keys: SearchKeys,
  { limit, withRemoved }: { readonly limit: number; readonly withRemoved: boolean },
): Promise<Hit[]> {
  return tx<Hit & object>`
    select supplement_id as "supplementId", name_kanji as name, name_furigana as "nameKana", birth_date::text as "birthDate", sex,
           address_kanji as address, last_address_kanji as "lastAddress", record_state as state
      from fuhyo_link.supplement
     where (${withRemoved} or record_state <> 'removed')
       and (${keys.nameKey}::text is null or name_key like ${keys.nameKey}::text || '%')
       and (${keys.kanaKey}::text is null or kana_key like ${keys.kanaKey}::text || '%')
       and (${keys.birthDate}::date is null or birth_date = ${keys.birthDate}::date)
       and (${keys.sex}::text is null or sex = ${keys.sex}::text)
       and (${keys.addressKey}::text is null or address_key like '%' || ${keys.addressKey}::text || '%'
            or last_address_key like '%' || ${keys.addressKey}::text || '%')
     order by kana_key, birth_date, supplement_id limit ${limit + 1}`;
}

export interface Candidate extends RecordKeys {
  readonly row: SupplementRow;
}

/** Present persons for an inquiry: by code, or by all that is stated of the four items; at most three. */
export async function candidates(
  tx: Tx,
  asked: { readonly residentRecordCode: string } | SearchKeys,
): Promise<Candidate[]> {
  const rows =
    'residentRecordCode' in asked
      ? await tx<{ record: SupplementRow }>`
          select to_jsonb(s) as record from fuhyo_link.supplement s
           where resident_record_code = ${asked.residentRecordCode} and record_state <> 'removed'`
      : await tx<{ record: SupplementRow }>`
          select to_jsonb(s) as record from fuhyo_link.supplement s
           where record_state <> 'removed'
             and (${asked.nameKey}::text is null or name_key = ${asked.nameKey}::text)
             and (${asked.kanaKey}::text is null or kana_key = ${asked.kanaKey}::text)
             and (${asked.birthDate}::date is null or birth_date = ${asked.birthDate}::date)
             and (${asked.sex}::text is null or sex = ${asked.sex}::text)
             and (${asked.addressKey}::text is null or address_key = ${asked.addressKey}::text or last_address_key = ${asked.addressKey}::text)
           order by supplement_id limit 3`;
  return rows.map(({ record }) => ({
    row: record,
    residentRecordCode: record.resident_record_code,
    nameKey: record.name_key,
    kanaKey: record.kana_key,
    birthDate: record.birth_date,
    sex: record.sex,
    addressKey: record.address_key,
    lastAddressKey: record.last_address_key,
  }));
}

export async function supplementOf(tx: Tx, supplementId: string): Promise<SupplementRow | undefined> {
  const [found] = await tx<{ record: SupplementRow }>`
    select to_jsonb(s) as record from fuhyo_link.supplement s where supplement_id = ${supplementId}`;
  return found?.record;
}

export interface Version extends SupplementRow {
  readonly recordedAt: Temporal.Instant;
}

/** All versions of a person's supplement, newest first. */
export async function versionsOf(tx: Tx, supplementId: string): Promise<Version[]> {
  const rows = await tx<{ record: SupplementRow; recordedAt: string }>`
    select to_jsonb(s) as record, to_json(recorded_at)#>>'{}' as "recordedAt" from fuhyo_link.supplement s where supplement_id = ${supplementId}
    union all
    select to_jsonb(h), to_json(recorded_at)#>>'{}' from fuhyo_link.supplement_history h where supplement_id = ${supplementId}`;
  return rows
    .map(({ record, recordedAt }) => ({ ...record, recordedAt: Temporal.Instant.from(recordedAt) }))
    .sort((a, b) => Temporal.Instant.compare(b.recordedAt, a.recordedAt));
}

/** Who has exactly this name, birth date and sex, present or removed; at most twenty. */
export async function namesakes(
  tx: Tx,
  k: { readonly nameKey: string; readonly kanaKey: string | null; readonly birthDate: string; readonly sex: string },
): Promise<SupplementRow[]> {
  const rows = await tx<{ record: SupplementRow }>`
    select to_jsonb(s) as record from fuhyo_link.supplement s
     where name_key = ${k.nameKey} and birth_date = ${k.birthDate}::date and sex = ${k.sex}
       and (${k.kanaKey}::text is null or kana_key = ${k.kanaKey}::text) order by supplement_id limit 20`;
  return rows.map(({ record }) => record);
}
