import type { Tx } from '@musubi/kernel/db/sql.ts';
import { type Gathered, gathered } from '@musubi/kernel/db/together.ts';
import type { FoundHolder, HolderQuery, Vault } from '@musubi/kernel/vault/vault.ts';
import { codeText } from './identification.ts';

/** Of a person's record, what an inquiry compares and gives. */
export interface Subject {
  readonly personId: string;
  readonly numberRef: string;
  readonly residentRecordCode: string;
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly sex: string;
  readonly address: string;
  readonly changeReason: string;
  readonly changedOn: string;
  readonly isRemoved: boolean;
  readonly formerAddresses: readonly string[];
  /** 利用停止 in force (kernel/disclosure). */
  readonly stops: readonly string[];
}
type Row = Omit<Subject, 'residentRecordCode'> & { residentRecordCode: number };
const toSubject = (row: Row): Subject => ({ ...row, residentRecordCode: codeText(row.residentRecordCode) });

/** The holder of a code, removed or not; nobody or one. `withFormer`: with the addresses of earlier versions. */
export const subjectsByCode = gathered(
  async (tx, asked: readonly Gathered<{ readonly code: string; readonly withFormer: boolean }>[]) => {
    const rows = await tx<Asked>`
    select u.no::integer as no, person_id as "personId", number_ref as "numberRef", resident_record_code as "residentRecordCode",
           name_kanji as name, name_furigana as "nameKana", birth_date as "birthDate", sex, address, change_reason as "changeReason",
           change_date as "changedOn", deleted_flag as "isRemoved",
           array(select s.word from disclosure.use_stop_now s where s.person_id = i.person_id::text) as stops,
           case when u.with_former then array(
             select distinct h.address from prefectural_juki.identification_history h where h.person_id = i.person_id)
           else '{}' end as "formerAddresses"
      from unnest(${asked.map((a) => a.query.code)}::bigint[], ${asked.map((a) => a.query.withFormer)}::boolean[])
             with ordinality as u(code, with_former, no)
      join prefectural_juki.identification i on i.resident_record_code = u.code`;
    return ofEach(asked, rows);
  },
);

/** Those of these persons who stand here. */
export const subjectsByPerson = gathered(
  async (tx, asked: readonly Gathered<{ readonly personIds: readonly string[]; readonly withFormer: boolean }>[]) => {
    const each = asked.flatMap(({ query }, i) =>
      query.personIds.map((id) => ({ id, no: i + 1, former: query.withFormer })),
    );
    const rows = await tx<Asked>`
    select u.no, person_id as "personId", number_ref as "numberRef", resident_record_code as "residentRecordCode",
           name_kanji as name, name_furigana as "nameKana", birth_date as "birthDate", sex, address, change_reason as "changeReason",
           change_date as "changedOn", deleted_flag as "isRemoved",
           array(select s.word from disclosure.use_stop_now s where s.person_id = i.person_id::text) as stops,
           case when u.with_former then array(
             select distinct h.address from prefectural_juki.identification_history h where h.person_id = i.person_id)
           else '{}' end as "formerAddresses"
      from unnest(${each.map((e) => e.id)}::uuid[], ${each.map((e) => e.no)}::integer[], ${each.map((e) => e.former)}::boolean[])
             as u(person_id, no, with_former)
      join prefectural_juki.identification i using (person_id)`;
    return ofEach(asked, rows);
  },
);

/**
 * Who holds this number now and stands here: the vault is asked and the person read in one statement. Person by person and by
 * index, however many the planner thinks there are.
 */
export const subjectsByNumber = gathered(
  async (
    tx,
    asked: readonly Gathered<HolderQuery & { readonly vault: Vault; readonly withFormer: boolean }>[],
  ): Promise<Subject[][]> => {
    const withFormer = asked.map((a) => a.query.withFormer);
    const found = await asked[0]!.query.vault.holdersOfEach(
      tx,
      asked,
      (f) => tx<FoundHolder & Row & { readonly isHere: boolean }>`
    select f.asked_no as "no", f.number_ref as "ref", f.owner, f.holds, f.stale, i.person_id is not null as "isHere",
           i.person_id as "personId", i.number_ref as "numberRef", i.resident_record_code as "residentRecordCode", i.name_kanji as name,
           i.name_furigana as "nameKana", i.birth_date as "birthDate", i.sex, i.address, i.change_reason as "changeReason",
           i.change_date as "changedOn", i.deleted_flag as "isRemoved",
           array(select s.word from disclosure.use_stop_now s where s.person_id = i.person_id::text) as stops,
           case when (${withFormer}::boolean[])[f.asked_no] then array(
             select distinct h.address from prefectural_juki.identification_history h where h.person_id = i.person_id)
           else '{}' end as "formerAddresses"
      from vault.find_each(${f.at}::timestamptz, ${f.version}::integer, ${f.events}::uuid[], ${f.purposes}::text[],
             ${f.nos}::integer[], ${f.digests}::bytea[]) as f
      left join lateral (
        select * from prefectural_juki.identification where f.holds and person_id = replace(f.owner, 'person:', '')::uuid limit 1) as i on true`,
    );
    return found.map((rows) =>
      rows.flatMap(({ no, ref, owner, holds, stale, isHere, ...row }) => (isHere ? [toSubject(row)] : [])),
    );
  },
);

type Asked = Row & { readonly no: number };
function ofEach(asked: readonly unknown[], rows: readonly Asked[]): Subject[][] {
  const found = asked.map((): Subject[] => []);
  for (const { no, ...row } of rows) found[no - 1]!.push(toSubject(row));
  return found;
}

/**
 * Everybody of this whole name (kanji or kana key, not a part of it) and birthday, removed ones too: whether one of them is
 * meant is not decided here. At most `limit`. Kana and kanji each have their index, whatever the statement is planned for.
 */
export async function subjectsByName(
  tx: Tx,
  keys: { readonly nameKey: string | null; readonly kanaKey: string | null; readonly birthDate: string },
  limit: number,
): Promise<Subject[]> {
  const rows = await tx<Row>`
    select person_id as "personId", number_ref as "numberRef", resident_record_code as "residentRecordCode", name_kanji as name,
           name_furigana as "nameKana", birth_date as "birthDate", sex, address, change_reason as "changeReason",
           change_date as "changedOn", deleted_flag as "isRemoved",
           array(select s.word from disclosure.use_stop_now s where s.person_id = i.person_id::text) as stops, array(
             select distinct h.address from prefectural_juki.identification_history h where h.person_id = i.person_id) as "formerAddresses"
      from (
        select * from prefectural_juki.identification
         where ${keys.kanaKey}::text is not null and name_kana_normalised = ${keys.kanaKey}::text and birth_date = ${keys.birthDate}::date
           and (${keys.nameKey}::text is null or name_key = ${keys.nameKey}::text)
        union all
        select * from prefectural_juki.identification
         where ${keys.kanaKey}::text is null and name_key = ${keys.nameKey}::text and birth_date = ${keys.birthDate}::date) i
     order by person_id limit ${limit}`;
  return rows.map(toSubject);
}
