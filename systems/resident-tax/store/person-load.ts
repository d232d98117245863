import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import { addressKeyOf, kanaKeyOf, nameKeyOf } from '../domain/identity-keys.ts';
import type { PersonState } from './persons.ts';

/* Statements for many persons at once: the first load. */

interface Named {
  readonly changeId: string;
  readonly orgPersonNumber: string;
  readonly addresseeNumber: string;
}

/** What of these is known: `c` + change, `o` + organisation's number, `a` + addressee number. */
export async function knownTo(tx: Tx, asked: readonly Named[]): Promise<Set<string>> {
  const rows = await tx<{ mark: string }>`
    select 'c' || change_id as mark from resident_tax.person_state where change_id = any (${asked.map((a) => a.changeId)}::uuid[])
    union all select 'o' || org_person_number from resident_tax.person
      where org_person_number = any (${asked.map((a) => a.orgPersonNumber)}::text[])
    union all select 'a' || addressee_number from resident_tax.person
      where addressee_number = any (${asked.map((a) => a.addresseeNumber)}::text[])`;
  return new Set(rows.map((r) => r.mark));
}

/** @returns the ids of those who were made, by the organisation's number */
export async function insertPersons(
  tx: Tx,
  rows: readonly (Named & { readonly personId: string })[],
): Promise<Map<string, string>> {
  const made = await tx<{ id: string; org: string }>`
    insert into resident_tax.person (person_id, org_person_number, addressee_number, event_id)
    select r.id, r.org, r.addressee, ${tx.eventId}::uuid
      from unnest(${rows.map((r) => r.personId)}::uuid[], ${rows.map((r) => r.orgPersonNumber)}::text[],
                  ${rows.map((r) => r.addresseeNumber)}::text[]) as r(id, org, addressee)
     -- The same order everywhere: two writers wait for each other and never in a circle.
     order by r.org
    -- At whichever key: another act that makes the same person may have written either first.
    on conflict do nothing returning person_id as id, org_person_number as org`;
  return new Map(made.map((r) => [r.org, r.id]));
}

/** Version 1 of persons just made; it is the one that counts. */
export async function insertFirstStates(
  tx: Tx,
  states: readonly (Omit<PersonState, 'version' | 'recordedAt'> & { readonly personId: string })[],
  at: Temporal.Instant,
): Promise<void> {
  const rows = states.map((s) => ({
    person_id: s.personId,
    version: 1,
    change_id: s.changeId,
    reason: s.reason,
    changed_on: s.changedOn.toString(),
    number_ref: s.numberRef,
    status: s.status,
    name: s.name,
    name_kana: s.nameKana,
    birth_date: s.birthDate.toString(),
    sex: s.sex,
    address: s.address,
    postal_code: s.postalCode,
    municipality_code: s.municipalityCode,
    household_number: s.householdNumber,
    relationship: s.relationship,
    became_resident_on: s.becameResidentOn.toString(),
    removed_on: s.removedOn?.toString() ?? null,
    address_protected: s.addressProtected,
    name_key: nameKeyOf(s.name),
    kana_key: kanaKeyOf(s.nameKana),
    address_key: addressKeyOf(s.address),
    recorded_at: at.toString(),
    event_id: tx.eventId,
  }));
  await tx`
    insert into resident_tax.person_state
    select * from jsonb_populate_recordset(null::resident_tax.person_state, ${json(rows)})`;
}

/**
 * Who of a load could not be taken: row from 0 within the message, the sender's change, and why. Never the value at fault.
 * @returns how many were not set aside before
 */
export async function insertRejections(
  tx: Tx,
  loadId: string,
  rows: readonly {
    readonly rejectionId: string;
    readonly row: number;
    readonly changeId: string;
    readonly word: string;
  }[],
  at: Temporal.Instant,
): Promise<number> {
  if (rows.length === 0) return 0;
  const made = await tx`
    insert into resident_tax.load_rejection (rejection_id, load_id, row_no, change_id, word, rejected_at, event_id)
    select r.id, ${loadId}::uuid, r.row_no, r.change, r.word, ${at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${rows.map((r) => r.rejectionId)}::uuid[], ${rows.map((r) => r.row)}::integer[],
                  ${rows.map((r) => r.changeId)}::uuid[], ${rows.map((r) => r.word)}::text[]) as r(id, row_no, change, word)
     where not exists (select 1 from resident_tax.load_rejection known where known.change_id = r.change)
    returning 1`;
  return made.length;
}
