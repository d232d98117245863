import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { Status } from '../domain/reasons.ts';

/** A row of the register, columns as in the table. */
export interface ResidentRow {
  readonly person_id: string;
  readonly sequence: number;
  readonly addressee_number: string;
  readonly resident_record_code: string;
  readonly number_ref: string;
  readonly status: Status;
  readonly name: string;
  readonly name_kana: string;
  readonly name_key: string;
  readonly kana_key: string;
  readonly birth_date: string;
  readonly sex: 'male' | 'female' | 'other';
  readonly address: string;
  readonly postal_code: string | null;
  readonly household_number: string;
  readonly relationship: string;
  readonly became_resident_on: string;
  readonly planned_removal_on: string | null;
  readonly removed_on: string | null;
  readonly moved_to: string | null;
  readonly address_protected: boolean;
  readonly former_surname: string | null;
  readonly former_surname_kana: string | null;
  readonly registered_domicile: string | null;
  readonly family_register_head: string | null;
  /** Null: a Japanese national; then the next three are null as well. */
  readonly nationality: string | null;
  readonly residence_status: string | null;
  readonly residence_until: string | null;
  readonly alias: string | null;
  readonly moved_from: string | null;
  readonly filing_document: string | null;
  readonly identity_check: string | null;
  /** The change that this one undoes or puts right. */
  readonly corrects_change: string | null;
  readonly approved_by: string | null;
  readonly reason: string;
  readonly changed_on: string;
  readonly filed_on: string;
  readonly operator_id: string;
  readonly terminal_id: string;
  readonly change_id: string;
}

const one = (rows: { record: ResidentRow }[]): ResidentRow | undefined => rows[0]?.record;

/**
 * Waits for its turn on the person, then reads. The lock is on the id and not on the row: a change replaces the row, and
 * whoever waited for the old one would find nobody.
 */
export async function lockResident(tx: Tx, personId: string): Promise<ResidentRow | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended('resident-person:' || ${personId}::text, 0))`;
  return residentNow(tx, personId);
}

/** Reads without waiting: call it where the lock is held, or where what is read is only shown. */
export async function residentNow(tx: Tx, personId: string): Promise<ResidentRow | undefined> {
  return one(
    await tx<{ record: ResidentRow }>`
      select to_jsonb(r) as record from resident_register.resident r where person_id = ${personId}`,
  );
}

/** As `residentNow`, by code. */
export async function residentByCode(tx: Tx, code: string): Promise<ResidentRow | undefined> {
  return one(
    await tx<{ record: ResidentRow }>`
      select to_jsonb(r) as record from resident_register.resident r where resident_record_code = ${code}`,
  );
}

/** The same by code; also holds off another entry of a code that is not there yet. */
export async function lockByCode(tx: Tx, code: string): Promise<ResidentRow | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended('resident-code:' || ${code}::text, 0))`;
  const [found] = await tx<{ personId: string }>`
    select person_id as "personId" from resident_register.resident where resident_record_code = ${code}`;
  return found && lockResident(tx, found.personId);
}

export async function knownCodes(tx: Tx, codes: readonly string[]): Promise<Set<string>> {
  const rows = await tx<{ code: string }>`
    select resident_record_code as code from resident_register.resident where resident_record_code = any(${codes}::text[])`;
  return new Set(rows.map((r) => r.code));
}

/** Closes what stood (unchanged, in one statement) and writes what stands now. */
export async function writeResidents(tx: Tx, rows: readonly ResidentRow[], at: Temporal.Instant): Promise<void> {
  await tx`
    with gone as (delete from resident_register.resident where person_id = any(${rows.map((r) => r.person_id)}::uuid[]) returning *)
    insert into resident_register.resident_history select gone.*, ${tx.eventId}::uuid, ${at}::timestamptz from gone`;
  const written = rows.map((r) => ({ ...r, recorded_at: at.toString(), event_id: tx.eventId }));
  await tx`
    insert into resident_register.resident
    select * from jsonb_populate_recordset(null::resident_register.resident, ${json(written)})`;
}

/** Consecutive raw numbers of a sequence. */
export async function nextNumbers(tx: Tx, kind: 'addressee' | 'household', count: number): Promise<number[]> {
  const rows =
    kind === 'addressee'
      ? await tx<{
          n: number;
        }>`select nextval('resident_register.addressee_number_seq') as n from generate_series(1, ${count})`
      : await tx<{
          n: number;
        }>`select nextval('resident_register.household_number_seq') as n from generate_series(1, ${count})`;
  return rows.map((r) => Number(r.n));
}

export interface Version {
  readonly row: ResidentRow;
  readonly recordedAt: Temporal.Instant;
}

/** All versions of a person, newest first. */
export async function versionsOf(tx: Tx, personId: string): Promise<Version[]> {
  const rows = await tx<{ record: ResidentRow; recordedAt: string }>`
    select to_jsonb(r) as record, to_json(recorded_at)#>>'{}' as "recordedAt" from resident_register.resident r where person_id = ${personId}
    union all
    select to_jsonb(h), to_json(recorded_at)#>>'{}' from resident_register.resident_history h where person_id = ${personId}`;
  return rows
    .map(({ record, recordedAt }) => ({ row: record, recordedAt: Temporal.Instant.from(recordedAt) }))
    .sort((a, b) => b.row.sequence - a.row.sequence);
}

export interface Member {
  readonly personId: string;
  readonly name: string;
  readonly relationship: string;
  readonly birthDate: string;
  readonly address: string;
  readonly sequence: number;
  readonly addressProtected: boolean;
}

/** Who lives in the household, its head first. */
export async function membersOf(tx: Tx, householdNumber: string): Promise<Member[]> {
  return tx<Member & object>`
    select person_id as "personId", name, relationship, birth_date::text as "birthDate", address, sequence,
           address_protected as "addressProtected"
      from resident_register.resident
     where household_number = ${householdNumber} and status <> 'removed'
     order by (relationship = '世帯主') desc, birth_date, person_id`;
}

/** How many others here have the same reading and birth date. */
export async function namesakes(tx: Tx, kanaKey: string, birthDate: string, besides: string | null): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from resident_register.resident
     where kana_key = ${kanaKey} and birth_date = ${birthDate}::date and status <> 'removed'
       and (${besides}::uuid is null or person_id <> ${besides}::uuid)`;
  return row!.n;
}

export interface Hit extends Member {
  readonly nameKana: string;
  readonly addresseeNumber: string;
  readonly status: Status;
}

/** At most `limit + 1`. */
export async function searchResidents(
  tx: Tx,
  keys: {
    readonly nameKey: string | null;
    readonly kanaKey: string | null;
    readonly birthDate: string | null;
    readonly addresseeNumber: string | null;
  },
  limit: number,
): Promise<Hit[]> {
  return tx<Hit & object>`
    select person_id as "personId", name, name_kana as "nameKana", birth_date::text as "birthDate", address, status, relationship,
           addressee_number as "addresseeNumber", sequence, address_protected as "addressProtected"
      from resident_register.resident
     where (${keys.nameKey}::text is null or name_key like ${keys.nameKey}::text || '%')
       and (${keys.kanaKey}::text is null or kana_key like ${keys.kanaKey}::text || '%')
       and (${keys.birthDate}::date is null or birth_date = ${keys.birthDate}::date)
       and (${keys.addresseeNumber}::text is null or addressee_number = ${keys.addresseeNumber}::text)
     order by kana_key, birth_date, person_id limit ${limit + 1}`;
}

/** The person that a change of ours was about. */
export async function personOfChange(tx: Tx, changeId: string): Promise<string | undefined> {
  const [row] = await tx<{ personId: string }>`
    select person_id as "personId" from resident_register.resident where change_id = ${changeId}
    union all select person_id from resident_register.resident_history where change_id = ${changeId} limit 1`;
  return row?.personId;
}

/** Persons whose 転出予定 day has come. */
export async function dueToLeave(tx: Tx, today: Temporal.PlainDate, limit: number): Promise<string[]> {
  const rows = await tx<{ personId: string }>`
    select person_id as "personId" from resident_register.resident
     where status = 'moving-out' and planned_removal_on <= ${today} order by planned_removal_on, person_id limit ${limit}`;
  return rows.map((r) => r.personId);
}

export interface PastMember {
  readonly personId: string;
  readonly name: string;
  readonly relationship: string;
  readonly reason: string;
  readonly changedOn: string;
  readonly status: Status;
}

/** Every entry by which someone stood in this household, newest first. */
export async function pastMembers(tx: Tx, householdNumber: string): Promise<PastMember[]> {
  return tx<PastMember & object>`
    select person_id as "personId", name, relationship, reason, changed_on::text as "changedOn", status
      from (select person_id, name, relationship, reason, changed_on, status, sequence, recorded_at, household_number
              from resident_register.resident
            union all
            select person_id, name, relationship, reason, changed_on, status, sequence, recorded_at, household_number
              from resident_register.resident_history) v
     where household_number = ${householdNumber} order by recorded_at desc, person_id, sequence desc limit 200`;
}

export interface HeadlessHousehold {
  readonly householdNumber: string;
  readonly members: number;
  readonly eldest: string;
}

/** Households with people and without a head. */
export async function headlessHouseholds(
  tx: Tx,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<{ rows: HeadlessHousehold[]; total: number }> {
  const rows = await tx<HeadlessHousehold & { total: number }>`
    select household_number as "householdNumber", count(*)::int as members,
           (array_agg(name order by birth_date, person_id))[1] as eldest, count(*) over ()::int as total
      from resident_register.resident where status <> 'removed'
     group by household_number having not bool_or(relationship = '世帯主')
     order by household_number offset ${offset} limit ${limit}`;
  return { rows, total: rows[0]?.total ?? 0 };
}
