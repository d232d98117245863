import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { Status } from '../domain/change-logic.ts';
import type { SearchKeys } from '../domain/search.ts';

/** A row of the file, columns as in the table (requirement 003 §4.1). */
export interface IdentificationRow {
  readonly person_id: string;
  readonly resident_record_code: string;
  readonly name_kanji: string;
  readonly name_gaiji_count: number;
  readonly name_furigana: string;
  readonly birth_date: string;
  readonly sex: string;
  readonly address: string;
  readonly address_gaiji_count: number;
  readonly number_ref: string;
  readonly change_reason: string;
  readonly change_date: string;
  readonly retention_flag: 'current' | 'removed';
  readonly name_kana_normalised: string;
  readonly municipality_code: string;
  readonly aza_code: string;
  readonly operator_id: string;
  readonly terminal_id: string;
  readonly source_timestamp: string;
  readonly notice_received_date: string;
  readonly gaiji_flag: boolean;
  readonly deleted_flag: boolean;
  readonly update_sequence_no: number;
  readonly name_gaiji_change_seq: number;
  readonly address_gaiji_change_seq: number;
  readonly former_surname_kanji: string | null;
  readonly former_surname_gaiji_count: number;
  readonly former_surname_furigana: string | null;
  readonly former_surname_gaiji_change_seq: number;
  readonly status: Status;
  readonly became_resident_on: string;
  readonly name_key: string;
  readonly retroactive: boolean;
  readonly change_id: string;
}

/** What stands under these codes, locked in the order of the codes; two deliveries at once wait for each other. */
export async function lockByCode(tx: Tx, codes: readonly string[]): Promise<Map<string, IdentificationRow>> {
  // On the codes, not on the rows: a change replaces the row, and a code that is not there yet has none.
  await tx`select pg_advisory_xact_lock(hashtextextended('juki:' || code, 0))
    from (select distinct code from unnest(${codes}::text[]) as c(code) order by code) as codes`;
  const rows = await tx<Raw>`
    select * from prefectural_juki.identification
     where resident_record_code = any(${codes}::bigint[]) order by resident_record_code`;
  return new Map(rows.map((raw) => [codeText(raw.resident_record_code), rowOf(raw)]));
}

/** Closes what stood (unchanged, in one statement) and writes what stands now. */
export async function writeRows(tx: Tx, rows: readonly IdentificationRow[], at: Temporal.Instant): Promise<void> {
  await tx`
    with gone as (delete from prefectural_juki.identification where person_id = any(${rows.map((r) => r.person_id)}::uuid[]) returning *)
    insert into prefectural_juki.identification_history select gone.*, ${tx.eventId}::uuid, ${at}::timestamptz from gone`;
  const written = rows.map((r) => ({ ...r, recorded_at: at.toString(), event_id: tx.eventId }));
  await tx`
    insert into prefectural_juki.identification
    select * from jsonb_populate_recordset(null::prefectural_juki.identification, ${json(written)})`;
}

/** As the driver gives it: the code is a number in the table, a text of eleven digits everywhere else. */
type Raw = Omit<IdentificationRow, 'resident_record_code'> & { readonly resident_record_code: number };

export const codeText = (code: number): string => String(code).padStart(11, '0');

const rowOf = (raw: Raw): IdentificationRow => ({ ...raw, resident_record_code: codeText(raw.resident_record_code) });

export interface Hit {
  readonly personId: string;
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly sex: string;
  readonly address: string;
}

/** Persons who are present; at most `limit + 1`, so that the caller sees whether there are more. Removed ones and history need another right (A29). */
export async function searchRows(tx: Tx, keys: SearchKeys, limit: number): Promise<Hit[]> {
  return tx<Hit & object>`
    select person_id as "personId", name_kanji as name, name_furigana as "nameKana", birth_date as "birthDate", sex, address
      from prefectural_juki.identification
     where not deleted_flag
       and (${keys.nameKey}::text is null or name_key like ${keys.nameKey}::text || '%')
       and (${keys.kanaKey}::text is null or name_kana_normalised like ${keys.kanaKey}::text || '%')
       and (${keys.birthDate}::date is null or birth_date = ${keys.birthDate}::date)
       and (${keys.sex}::text is null or sex::text = ${keys.sex}::text)
       and (${keys.addressKey}::text is null or strpos(prefectural_juki.kanji_key(address), ${keys.addressKey}::text) > 0)
     order by name_kana_normalised, birth_date, person_id limit ${limit + 1}`;
}

export interface Version extends IdentificationRow {
  readonly recordedAt: Temporal.Instant;
}

/** All versions of a person's record, newest first. */
export async function versionsOf(tx: Tx, personId: string): Promise<Version[]> {
  const rows = await tx<Raw & { recordedAt: string }>`
    select i.*, null::uuid as closed_event_id, null::timestamptz as closed_at, to_json(recorded_at)#>>'{}' as "recordedAt"
      from prefectural_juki.identification i where person_id = ${personId}
    union all
    select h.*, to_json(recorded_at)#>>'{}' from prefectural_juki.identification_history h where person_id = ${personId}
    order by "recordedAt" desc`;
  return rows.map(({ recordedAt, ...raw }) => ({ ...rowOf(raw), recordedAt: Temporal.Instant.from(recordedAt) }));
}
