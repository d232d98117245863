import type { Tx } from '@musubi/kernel/db/sql.ts';
import { type NumberRef, numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Standing } from '../domain/bound-person.ts';
import type { Candidate } from '../domain/identify.ts';
import type { Particulars } from '../domain/particulars.ts';

/** What a source says of a person, as it is stored. Days are ISO text. */
export interface PersonState extends Particulars {
  readonly status: 'resident' | 'moving-out' | 'removed' | 'unregistered';
  readonly postalCode: string | null;
  readonly municipalityCode: string | null;
  readonly householdNumber: string | null;
  readonly relationship: string | null;
  readonly becameResidentOn: string | null;
  readonly removedOn: string | null;
  readonly addressProtected: boolean;
}

export interface Version {
  readonly personId: string;
  readonly source: string;
  readonly changeId: string;
  readonly reason: string;
  readonly changedOn: string;
  readonly state: PersonState;
  readonly nameKey: string;
  readonly kanaKey: string;
}

/**
 * One decision about who is who at a time: two records of one new person must not both find nobody. Held until the end of
 * the transaction.
 */
export async function lockIdentification(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('common_platform identification', 0))`;
}

/** False when the number is taken; draw another. */
export async function insertPerson(
  tx: Tx,
  row: { personId: string; orgPersonNumber: string; madeOn: Temporal.PlainDate; madeAt: Temporal.Instant },
): Promise<boolean> {
  const made = await tx`
    insert into common_platform.person (person_id, org_person_number, made_on, made_at, event_id)
    values (${row.personId}, ${row.orgPersonNumber}, ${row.madeOn}, ${row.madeAt}, ${tx.eventId})
    on conflict (org_person_number) do nothing returning 1`;
  return made.length === 1;
}

export async function insertPersonNumber(
  tx: Tx,
  personId: string,
  ref: NumberRef,
  at: Temporal.Instant,
): Promise<void> {
  await tx`insert into common_platform.person_number (person_id, number_ref, since_at, event_id)
    values (${personId}, ${ref}, ${at}, ${tx.eventId})`;
}

export async function findNumberRef(tx: Tx, personId: string): Promise<NumberRef | undefined> {
  const [row] = await tx<{ ref: string }>`
    select n.number_ref as "ref" from common_platform.person_number n where n.person_id = ${personId}
       and not exists (select 1 from common_platform.standing_disclaimer d
                        where d.person_id = n.person_id and d.number_ref = n.number_ref)
     order by n.since_at desc, n.number_ref desc limit 1`;
  return row && numberRef(row.ref);
}

/** Closes the open version, if there is one, and opens the new one. */
export async function putVersion(tx: Tx, v: Version, at: Temporal.Instant): Promise<void> {
  await tx`
    with closed as (delete from common_platform.particulars where person_id = ${v.personId} returning *)
    insert into common_platform.particulars_history select closed.*, ${at}::timestamptz, ${tx.eventId}::uuid from closed`;
  const s = v.state;
  await tx`
    insert into common_platform.particulars (person_id, source, change_id, reason, status, name, name_kana, birth_on, sex,
      address, postal_code, municipality_code, household_number, relationship, became_resident_on, removed_on,
      address_protected, name_key, kana_key, changed_on, recorded_at, event_id)
    values (${v.personId}, ${v.source}, ${v.changeId}, ${v.reason}, ${s.status}, ${s.name}, ${s.nameKana}, ${s.birthOn},
      ${s.sex}, ${s.address}, ${s.postalCode}, ${s.municipalityCode}, ${s.householdNumber}, ${s.relationship},
      ${s.becameResidentOn}, ${s.removedOn}, ${s.addressProtected}, ${v.nameKey}, ${v.kanaKey}, ${v.changedOn}, ${at},
      ${tx.eventId})`;
}

/** Whether this change was applied or is held already. */
export async function isKnownChange(tx: Tx, changeId: string): Promise<boolean> {
  const rows = await tx`
    select 1 from common_platform.particulars where change_id = ${changeId}
    union all select 1 from common_platform.particulars_history where change_id = ${changeId}
    union all select 1 from common_platform.held_change where change_id = ${changeId}`;
  return rows.length > 0;
}

/** Day and source of the open version. */
export async function findVersionDay(
  tx: Tx,
  personId: string,
): Promise<{ readonly source: string; readonly changedOn: string } | undefined> {
  const [row] = await tx<{ source: string; changedOn: string }>`
    select source, changed_on::text as "changedOn" from common_platform.particulars where person_id = ${personId}`;
  return row;
}

type CandidateRow = Particulars & { readonly personId: string };
const toCandidate = ({ personId, ...particulars }: CandidateRow): Candidate => ({ personId, particulars });

export async function candidates(tx: Tx, personIds: readonly string[]): Promise<Candidate[]> {
  if (personIds.length === 0) return [];
  const rows = await tx<CandidateRow>`
    select person_id as "personId", name, name_kana as "nameKana", birth_on::text as "birthOn", sex, address
      from common_platform.particulars where person_id = any (${personIds}::uuid[])`;
  return rows.map(toCandidate);
}

/** Persons with this name (in its search form) and birthday; the caller compares the rest. */
export async function candidatesByName(tx: Tx, nameKey: string, birthOn: string): Promise<Candidate[]> {
  const rows = await tx<CandidateRow>`
    select person_id as "personId", name, name_kana as "nameKana", birth_on::text as "birthOn", sex, address
      from common_platform.particulars where name_key = ${nameKey} and birth_on = ${birthOn}::date limit 50`;
  return rows.map(toCandidate);
}

/** Who has each of these 宛名番号 of its source, in the order asked; a record without one asks for nobody. */
export async function findByAddressees(
  tx: Tx,
  asked: readonly { readonly source: string; readonly addresseeNumber: string | null }[],
): Promise<(string | undefined)[]> {
  const rows = await tx<{ no: number; personId: string }>`
    select a.no::int as no, b.person_id as "personId"
      from unnest(${asked.map((a) => a.source)}::text[], ${asked.map((a) => a.addresseeNumber)}::text[])
             with ordinality as a(source, addressee, no)
      join common_platform.standing_binding b on b.system = a.source and b.addressee_number = a.addressee`;
  const found = new Map(rows.map((r) => [r.no - 1, r.personId]));
  return asked.map((_, i) => found.get(i));
}

/** Makes the person one of this business, once. Returns whether that was new. */
export async function bindPerson(
  tx: Tx,
  row: {
    bindingId: string;
    personId: string;
    system: string;
    addresseeNumber: string | null;
    boundAt: Temporal.Instant;
  },
): Promise<boolean> {
  const known = await tx`
    select 1 from common_platform.standing_binding where person_id = ${row.personId} and system = ${row.system}
       and (addressee_number is not distinct from ${row.addresseeNumber} or ${row.addresseeNumber}::text is null)`;
  if (known.length > 0) return false;
  await tx`insert into common_platform.binding (binding_id, person_id, system, addressee_number, bound_at, event_id)
    values (${row.bindingId}, ${row.personId}, ${row.system}, ${row.addresseeNumber}, ${row.boundAt}, ${tx.eventId})`;
  return true;
}

export interface FoundPerson {
  readonly personId: string;
  readonly orgPersonNumber: string;
}

export async function findPerson(tx: Tx, personId: string): Promise<FoundPerson | undefined> {
  const [row] = await tx<FoundPerson>`
    select person_id as "personId", org_person_number as "orgPersonNumber" from common_platform.person
     where person_id = ${personId}`;
  return row;
}

/** What decides whether a business may ask or lodge about each of these persons; unknown numbers are absent. */
export async function standings(tx: Tx, orgPersonNumbers: readonly string[]): Promise<Map<string, Standing>> {
  const rows = await tx<Standing & { number: string }>`
    select p.org_person_number as "number", p.person_id as "personId",
           exists (select 1 from common_platform.person_number n where n.person_id = p.person_id
                      and not exists (select 1 from common_platform.standing_disclaimer d
                                       where d.person_id = n.person_id and d.number_ref = n.number_ref)) as "numberHeld",
           exists (select 1 from common_platform.held_case c where c.candidate_id = p.person_id
                      and not exists (select 1 from common_platform.held_decision d where d.case_id = c.case_id))
             -- A code that is to end may be another person's: nothing goes under it meanwhile.
             or exists (select 1 from common_platform.linkage_end e join common_platform.linkage_end_work k using (end_id)
                         where e.person_id = p.person_id and k.state = 'due') as "inDoubt",
           array(select distinct b.system from common_platform.standing_binding b where b.person_id = p.person_id) as systems
      from common_platform.person p where p.org_person_number = any (${[...new Set(orgPersonNumbers)]}::text[])`;
  return new Map(rows.map(({ number, ...standing }) => [number, standing]));
}

export interface Registration {
  readonly system: string;
  readonly personId: string;
  readonly known: boolean;
}

/** `stands`: the person is still one of that business; a wrong link that was undone leaves the registration as a fact only. */
export async function findRegistration(
  tx: Tx,
  requestId: string,
): Promise<(Registration & { readonly stands: boolean }) | undefined> {
  const [row] = await tx<Registration & { stands: boolean }>`
    select r.system, r.person_id as "personId", r.known,
           exists (select 1 from common_platform.standing_binding b
                    where b.person_id = r.person_id and b.system = r.system) as stands
      from common_platform.registration r where r.request_id = ${requestId}`;
  return row;
}

export async function insertRegistration(
  tx: Tx,
  row: Registration & { requestId: string; registeredAt: Temporal.Instant },
): Promise<void> {
  await tx`insert into common_platform.registration (request_id, system, person_id, known, registered_at, event_id)
    values (${row.requestId}, ${row.system}, ${row.personId}, ${row.known}, ${row.registeredAt}, ${tx.eventId})`;
}

/* ---- reading for pages ---- */

export interface PersonLine extends FoundPerson {
  readonly name: string;
  readonly nameKana: string;
  readonly birthOn: string;
  readonly status: PersonState['status'];
  readonly linkage: string;
}

/** By number, or by the beginning of name or reading. At most `limit`. */
export async function searchPersons(
  tx: Tx,
  query: { orgPersonNumber?: string; nameKey?: string; kanaKey?: string; birthOn?: string; limit: number },
): Promise<PersonLine[]> {
  const { orgPersonNumber = null, nameKey = null, kanaKey = null, birthOn = null, limit } = query;
  return tx<PersonLine>`
    select p.person_id as "personId", p.org_person_number as "orgPersonNumber", d.name, d.name_kana as "nameKana",
           d.birth_on::text as "birthOn", d.status, coalesce(l.state, 'wanted') as "linkage"
      from common_platform.person p join common_platform.particulars d using (person_id)
           left join common_platform.linkage l using (person_id)
     where (${orgPersonNumber}::text is null or p.org_person_number = ${orgPersonNumber})
       and (${nameKey}::text is null or starts_with(d.name_key, ${nameKey}) or starts_with(d.kana_key, ${kanaKey}))
       and (${birthOn}::date is null or d.birth_on = ${birthOn}::date)
     order by d.kana_key, d.birth_on, p.person_id limit ${limit}`;
}

export interface PersonVersion {
  readonly state: PersonState;
  readonly source: string;
  readonly reason: string;
  readonly changedOn: string;
  readonly recordedAt: Temporal.Instant;
}

/** All that was ever said of the person, the newest first. */
export async function versions(tx: Tx, personId: string): Promise<PersonVersion[]> {
  const rows = await tx<PersonState & { source: string; reason: string; changedOn: string; recordedAt: string }>`
    select v.source, v.reason, v.changed_on::text as "changedOn", to_json(v.recorded_at)#>>'{}' as "recordedAt", v.status,
           v.name, v.name_kana as "nameKana", v.birth_on::text as "birthOn", v.sex, v.address, v.postal_code as "postalCode",
           v.municipality_code as "municipalityCode", v.household_number as "householdNumber", v.relationship,
           v.became_resident_on::text as "becameResidentOn", v.removed_on::text as "removedOn",
           v.address_protected as "addressProtected"
      from (select person_id, source, reason, changed_on, recorded_at, status, name, name_kana, birth_on, sex, address,
                   postal_code, municipality_code, household_number, relationship, became_resident_on, removed_on,
                   address_protected from common_platform.particulars
            union all
            select person_id, source, reason, changed_on, recorded_at, status, name, name_kana, birth_on, sex, address,
                   postal_code, municipality_code, household_number, relationship, became_resident_on, removed_on,
                   address_protected from common_platform.particulars_history) v
     where v.person_id = ${personId} order by v.recorded_at desc`;
  return rows.map(({ source, reason, changedOn, recordedAt, ...state }) => ({
    source,
    reason,
    changedOn,
    recordedAt: Temporal.Instant.from(recordedAt),
    state,
  }));
}

export interface BindingLine {
  readonly bindingId: string;
  readonly system: string;
  readonly addresseeNumber: string | null;
}

export async function bindings(tx: Tx, personId: string): Promise<BindingLine[]> {
  return tx<BindingLine>`
    select binding_id as "bindingId", system, addressee_number as "addresseeNumber" from common_platform.standing_binding
     where person_id = ${personId} order by system, bound_at`;
}
