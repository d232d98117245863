import type { Tx } from '@musubi/kernel/db/sql.ts';
import { type NumberRef, numberRef } from '@musubi/kernel/vault/vault.ts';
import { addressKeyOf, kanaKeyOf, nameKeyOf } from '../domain/identity-keys.ts';
import type { DatedState } from '../domain/levy-date.ts';

/** What the register said of a person from `changedOn` on. */
export interface PersonState extends DatedState {
  readonly changeId: string;
  readonly reason: string;
  readonly status: 'resident' | 'moving-out' | 'removed' | 'outside';
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: Temporal.PlainDate;
  readonly sex: 'male' | 'female' | 'other';
  readonly address: string;
  readonly postalCode: string | null;
  readonly municipalityCode: string;
  readonly householdNumber: string;
  readonly relationship: string;
  readonly addressProtected: boolean;
  readonly numberRef: NumberRef;
  readonly recordedAt: Temporal.Instant;
}

export interface Person {
  readonly personId: string;
  readonly orgPersonNumber: string;
  readonly addresseeNumber: string;
  readonly currentVersion: number;
}

/**
 * Waits for its turn on the person of the organisation's number; whoever comes first makes the row. Undefined where the addressee
 * number went to somebody else meanwhile. No conflict target: two that make the same person at once meet at either unique key.
 */
export async function lockOrMakePerson(
  tx: Tx,
  given: { readonly personId: string; readonly orgPersonNumber: string; readonly addresseeNumber: string },
): Promise<(Person & { readonly isNew: boolean }) | undefined> {
  const made = await tx`
    insert into resident_tax.person (person_id, org_person_number, addressee_number, event_id)
    values (${given.personId}, ${given.orgPersonNumber}, ${given.addresseeNumber}, ${tx.eventId})
    on conflict do nothing returning 1`;
  const [row] = await tx<Person>`
    select person_id as "personId", org_person_number as "orgPersonNumber", addressee_number as "addresseeNumber",
           current_version as "currentVersion"
      from resident_tax.person where org_person_number = ${given.orgPersonNumber} for update`;
  return row && { ...row, isNew: made.length === 1 };
}

/** Whether any of these persons, or of those who ever had this name, is under address protection now. */
export async function isAnyProtected(
  tx: Tx,
  by: { readonly personIds: readonly string[]; readonly nameKey: string },
): Promise<boolean> {
  const rows = await tx`
    select 1 from resident_tax.person p
      join resident_tax.person_state c on c.person_id = p.person_id and c.version = p.current_version and c.address_protected
     where p.person_id = any (${by.personIds}::uuid[])
        or exists (select from resident_tax.person_state s where s.person_id = p.person_id and s.name_key = ${by.nameKey}) limit 1`;
  return rows.length === 1;
}

/** Which of these persons were born on the day. */
export async function personsBorn(tx: Tx, personIds: readonly string[], birthDate: string): Promise<string[]> {
  const rows = await tx<{ id: string }>`
    select p.person_id as id from resident_tax.person p
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
     where p.person_id = any (${personIds}::uuid[]) and s.birth_date = ${birthDate}::date order by 1`;
  return rows.map(({ id }) => id);
}

export async function holderOfAddresseeNumber(tx: Tx, addresseeNumber: string): Promise<string | undefined> {
  const [row] = await tx<{ org: string }>`
    select org_person_number as org from resident_tax.person where addressee_number = ${addresseeNumber}`;
  return row?.org;
}

export async function isKnownChange(tx: Tx, changeId: string): Promise<boolean> {
  return (await tx`select 1 from resident_tax.person_state where change_id = ${changeId}`).length === 1;
}

/** Adds a row and lets the latest by the day of the change count; of one day the one that came last. Gives its version. */
export async function addState(
  tx: Tx,
  personId: string,
  state: Omit<PersonState, 'version' | 'recordedAt'>,
  at: Temporal.Instant,
): Promise<number> {
  const [{ version }] = (await tx<{ version: number }>`
    select coalesce(max(version), 0) + 1 as version from resident_tax.person_state where person_id = ${personId}`) as [
    { version: number },
  ];
  await tx`
    insert into resident_tax.person_state
      (person_id, version, change_id, reason, changed_on, number_ref, status, name, name_kana, birth_date, sex, address, postal_code,
       municipality_code, household_number, relationship, became_resident_on, removed_on, address_protected,
       name_key, kana_key, address_key, recorded_at, event_id)
    values (${personId}, ${version}, ${state.changeId}, ${state.reason}, ${state.changedOn}, ${state.numberRef}, ${state.status},
      ${state.name}, ${state.nameKana}, ${state.birthDate}, ${state.sex}, ${state.address}, ${state.postalCode},
      ${state.municipalityCode}, ${state.householdNumber}, ${state.relationship}, ${state.becameResidentOn}, ${state.removedOn},
      ${state.addressProtected}, ${nameKeyOf(state.name)}, ${kanaKeyOf(state.nameKana)}, ${addressKeyOf(state.address)}, ${at}, ${tx.eventId})`;
  await tx`
    update resident_tax.person set current_version =
      (select s.version from resident_tax.person_state s where s.person_id = ${personId} order by s.changed_on desc, s.version desc limit 1)
     where person_id = ${personId}`;
  return version;
}

export async function findPerson(tx: Tx, personId: string): Promise<Person | undefined> {
  const [row] = await tx<Person>`
    select person_id as "personId", org_person_number as "orgPersonNumber", addressee_number as "addresseeNumber",
           current_version as "currentVersion" from resident_tax.person where person_id = ${personId}`;
  return row;
}

type StateRow = Omit<PersonState, 'changedOn' | 'birthDate' | 'becameResidentOn' | 'removedOn' | 'recordedAt'> & {
  readonly changedOn: string;
  readonly birthDate: string;
  readonly becameResidentOn: string;
  readonly removedOn: string | null;
  readonly recordedAt: string;
};

/** All that was ever recorded, first to last as it was recorded. */
export async function personStates(tx: Tx, personId: string): Promise<PersonState[]> {
  const rows = await tx<StateRow>`
    select version, change_id as "changeId", reason, changed_on::text as "changedOn", number_ref as "numberRef", status, name,
           name_kana as "nameKana", birth_date::text as "birthDate", sex, address, postal_code as "postalCode",
           municipality_code as "municipalityCode", household_number as "householdNumber", relationship,
           became_resident_on::text as "becameResidentOn", removed_on::text as "removedOn",
           address_protected as "addressProtected", to_json(recorded_at)#>>'{}' as "recordedAt"
      from resident_tax.person_state where person_id = ${personId} order by version`;
  return rows.map((r) => ({
    ...r,
    changedOn: Temporal.PlainDate.from(r.changedOn),
    birthDate: Temporal.PlainDate.from(r.birthDate),
    becameResidentOn: Temporal.PlainDate.from(r.becameResidentOn),
    removedOn: r.removedOn === null ? null : Temporal.PlainDate.from(r.removedOn),
    recordedAt: Temporal.Instant.from(r.recordedAt),
    numberRef: numberRef(r.numberRef),
  }));
}

export interface PersonLine {
  readonly personId: string;
  readonly addresseeNumber: string;
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly address: string;
  readonly status: string;
  readonly addressProtected: boolean;
}

/**
 * Persons by number of the addressee, by kana from its beginning, by name (former ones too), by birth date; what is given
 * must all agree. At most `limit`, by kana.
 */
export async function searchPersons(
  tx: Tx,
  by: {
    readonly addresseeNumber?: string;
    readonly kana?: string;
    readonly name?: string;
    readonly birthDate?: string;
  },
  limit: number,
): Promise<PersonLine[]> {
  const kana = by.kana === undefined ? null : `${kanaKeyOf(by.kana).replaceAll(/[\\%_]/g, '\\$&')}%`;
  return tx<PersonLine>`
    select p.person_id as "personId", p.addressee_number as "addresseeNumber", s.name, s.name_kana as "nameKana",
           s.birth_date::text as "birthDate", s.address, s.status, s.address_protected as "addressProtected"
      from resident_tax.person p
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
     where (${by.addresseeNumber ?? null}::text is null or p.addressee_number = ${by.addresseeNumber ?? null})
       and (${kana}::text is null or s.kana_key like ${kana})
       and (${by.birthDate ?? null}::date is null or s.birth_date = ${by.birthDate ?? null}::date)
       and (${by.name ?? null}::text is null or exists
            (select 1 from resident_tax.person_state o where o.person_id = p.person_id and o.name_key = ${nameKeyOf(by.name ?? '')}))
     order by s.kana_key, p.addressee_number limit ${limit}`;
}
