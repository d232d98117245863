import type { Tx } from '@musubi/kernel/db/sql.ts';
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
const toSubjects = (rows: readonly Row[]): Subject[] =>
  rows.map((row) => ({ ...row, residentRecordCode: codeText(row.residentRecordCode) }));

/** The holder of a code, removed or not. `withFormer`: with the addresses of earlier versions. */
export async function subjectByCode(tx: Tx, code: string, withFormer: boolean): Promise<Subject[]> {
  return toSubjects(
    await tx<Row>`
    select person_id as "personId", number_ref as "numberRef", resident_record_code as "residentRecordCode", name_kanji as name,
           name_furigana as "nameKana", birth_date as "birthDate", sex, address, change_reason as "changeReason",
           change_date as "changedOn", deleted_flag as "isRemoved",
           array(select s.word from disclosure.use_stop_now s where s.person_id = i.person_id::text) as stops,
           case when ${withFormer}::boolean then array(
             select distinct h.address from prefectural_juki.identification_history h where h.person_id = i.person_id)
           else '{}' end as "formerAddresses"
      from prefectural_juki.identification i where resident_record_code = ${code}::bigint`,
  );
}

/** A statement a person, all under way at once: for a list of unknown length the server makes a plan each time, which costs more than the look. */
export async function subjectsByPerson(tx: Tx, personIds: readonly string[], withFormer: boolean): Promise<Subject[]> {
  const found = await Promise.all(
    personIds.map(
      (personId) => tx<Row>`
    select person_id as "personId", number_ref as "numberRef", resident_record_code as "residentRecordCode", name_kanji as name,
           name_furigana as "nameKana", birth_date as "birthDate", sex, address, change_reason as "changeReason",
           change_date as "changedOn", deleted_flag as "isRemoved",
           array(select s.word from disclosure.use_stop_now s where s.person_id = i.person_id::text) as stops,
           case when ${withFormer}::boolean then array(
             select distinct h.address from prefectural_juki.identification_history h where h.person_id = i.person_id)
           else '{}' end as "formerAddresses"
      from prefectural_juki.identification i where person_id = ${personId}`,
    ),
  );
  return toSubjects(found.flat());
}

/**
 * Everybody of this whole name (kanji or kana key, not a part of it) and birthday, removed ones too: whether one of them is
 * meant is not decided here. At most `limit`.
 */
export async function subjectsByName(
  tx: Tx,
  keys: { readonly nameKey: string | null; readonly kanaKey: string | null; readonly birthDate: string },
  limit: number,
): Promise<Subject[]> {
  return toSubjects(
    await tx<Row>`
    select person_id as "personId", number_ref as "numberRef", resident_record_code as "residentRecordCode", name_kanji as name,
           name_furigana as "nameKana", birth_date as "birthDate", sex, address, change_reason as "changeReason",
           change_date as "changedOn", deleted_flag as "isRemoved",
           array(select s.word from disclosure.use_stop_now s where s.person_id = i.person_id::text) as stops, array(
             select distinct h.address from prefectural_juki.identification_history h where h.person_id = i.person_id) as "formerAddresses"
      from prefectural_juki.identification i
     where birth_date = ${keys.birthDate}::date
       and (${keys.nameKey}::text is null or name_key = ${keys.nameKey}::text)
       and (${keys.kanaKey}::text is null or name_kana_normalised = ${keys.kanaKey}::text)
     order by person_id limit ${limit}`,
  );
}
