import { momentInJson, type TiedRows } from '@musubi/kernel/audit/tied-rows.ts';
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

/** Closes what stood (unchanged, in one statement) and writes what stands now, tied where the act ties them as a batch. */
export async function writeRows(
  tx: Tx,
  rows: readonly IdentificationRow[],
  at: Temporal.Instant,
  tied?: TiedRows,
): Promise<void> {
  await tx`
    with gone as (delete from prefectural_juki.identification where person_id = any(${rows.map((r) => r.person_id)}::uuid[]) returning *)
    insert into prefectural_juki.identification_history select gone.*, ${tx.eventId}::uuid, ${at}::timestamptz from gone`;
  const written = rows.map((row) => ({
    ...row,
    resident_record_code: Number(row.resident_record_code),
    source_timestamp: momentInJson(Temporal.Instant.from(row.source_timestamp)),
    change_id: row.change_id.toLowerCase(),
    recorded_at: momentInJson(at),
    event_id: tx.eventId,
  }));
  await tx`
    insert into prefectural_juki.identification
    select * from jsonb_populate_recordset(null::prefectural_juki.identification, ${json(written)})`;
  if (tied) for (const row of written) tied.add(`${row.person_id}/${row.change_id}`, row);
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
  readonly removed: boolean;
  /** 利用停止 in force (kernel/disclosure). */
  readonly stops: readonly string[];
}

/** @source PostgreSQL, Appendix A: query_canceled, of a statement that took too long */
const queryCancelled = '57014';

/** Where an address must be compared text by text, among no more than these. */
const compared = 20_000;

const likeText = (text: string): string => text.replaceAll(/[\\%_]/g, (c) => `\\${c}`);
const pairsOf = (text: string): string[] => {
  const chars = [...text];
  return chars.slice(1).map((char, i) => chars[i]! + char);
};

/**
 * At most `limit` persons in the order of their names; `too-many` where there are more: how many more nobody learns. `too-long`
 * where the server gave up. Removed ones need another right (A29), which the caller has asked for.
 */
export async function searchRows(
  tx: Tx,
  keys: SearchKeys,
  { limit, withRemoved }: { readonly limit: number; readonly withRemoved: boolean },
): Promise<Hit[] | 'too-many' | 'too-long'> {
  const { nameKey, kanaKey, anywhere } = keys;
  // The plan must know the values: one that serves every combination of items reads the whole register. Those who share a part of
  // a name live all over the table: the index of what stands beside it is read first, or thousands of rows come from the disk.
  const planned = tx`select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_seqscan', 'off', true),
    set_config('statement_timeout', '5s', true), set_config('random_page_cost', case when ${anywhere}::boolean then '10' else current_setting('random_page_cost') end, true)`;
  const name = nameKey === null ? null : `${anywhere ? '%' : ''}${likeText(nameKey)}%`;
  const kana = kanaKey === null ? null : `${anywhere ? '%' : ''}${likeText(kanaKey)}%`;
  const pairs = anywhere && nameKey !== null ? pairsOf(nameKey) : null;
  // No plan for so few rows reads names by their parts: the rows are wanted one by one, and read only until there are too many.
  const narrowed = anywhere || keys.addressKey !== null ? compared : limit;
  const found = tx<Omit<Hit, 'personId'> & { readonly personId: string | null; readonly narrowed: number | null }>`
    with narrowed as materialized (
      select person_id, name_kanji, name_furigana, birth_date, sex, address, deleted_flag, name_kana_normalised
        from prefectural_juki.identification
       where (${withRemoved}::boolean or not deleted_flag)
         and (${name}::text is null or name_key like ${name}::text)
         and (${kana}::text is null or name_kana_normalised like ${kana}::text)
         and (${pairs}::text[] is null or prefectural_juki.grams(name_key) @> ${pairs}::text[])
         and (${keys.bornFrom}::date is null or birth_date between ${keys.bornFrom}::date and ${keys.bornUntil}::date)
         and (${keys.sex}::prefectural_juki.sex is null or sex = ${keys.sex}::prefectural_juki.sex)
         and (${keys.municipalityCode}::text is null or municipality_code = ${keys.municipalityCode}::text)
       limit ${narrowed + 1}),
    matching as materialized (
      select * from narrowed where ${keys.addressKey}::text is null or strpos(prefectural_juki.kanji_key(address), ${keys.addressKey}::text) > 0
       limit ${limit + 1})
    select person_id as "personId", name_kanji as name, name_furigana as "nameKana", birth_date as "birthDate", sex, address,
           deleted_flag as removed, array(select s.word from disclosure.use_stop_now s where s.person_id = matching.person_id::text) as stops,
           seen.narrowed
      from (select case when (select count(*) from matching) <= ${limit} then (select count(*) from narrowed) end as narrowed) seen
      left join matching on true
     order by name_kana_normalised, birth_date, person_id`;
  const rows = await Promise.all([planned, found]).then(
    ([, all]) => all,
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === queryCancelled) return undefined;
      throw error;
    },
  );
  if (rows === undefined) return 'too-long';
  if (rows.length > limit || (rows[0]!.narrowed ?? 0) > narrowed) return 'too-many';
  return rows.flatMap(({ narrowed: _, personId, ...hit }) => (personId === null ? [] : [{ personId, ...hit }]));
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
