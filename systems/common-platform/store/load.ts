import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import { linkageChannel } from './linkage.ts';
import type { Version } from './persons.ts';

/* Statements for many persons at once: the first load of a register. */

/** Which of these changes were applied or are held already. */
export async function knownChanges(tx: Tx, changeIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx<{ id: string }>`
    select change_id as id from common_platform.particulars where change_id = any (${changeIds}::uuid[])
    union all select change_id from common_platform.particulars_history where change_id = any (${changeIds}::uuid[])
    union all select change_id from common_platform.held_change where change_id = any (${changeIds}::uuid[])`;
  return new Set(rows.map((r) => r.id));
}

/** Which of these changes were set aside already. */
export async function knownRejections(tx: Tx, changeIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx<{ id: string }>`
    select change_id as id from common_platform.load_rejection where change_id = any (${changeIds}::uuid[])`;
  return new Set(rows.map((r) => r.id));
}

/** Which of these 宛名番号 have an open case at their source. All of one source. */
export async function openCaseHolders(
  tx: Tx,
  asked: readonly { readonly source: string; readonly addresseeNumber: string | null }[],
): Promise<Set<string>> {
  const [first] = asked;
  if (first === undefined) return new Set();
  const rows = await tx<{ number: string }>`
    select c.addressee_number as number from common_platform.held_case c
     where c.source = ${first.source} and c.addressee_number = any (${asked.map((a) => a.addresseeNumber)}::text[])
       and not exists (select 1 from common_platform.held_decision d where d.case_id = c.case_id)`;
  return new Set(rows.map((r) => r.number));
}

/** @returns those whose number was free */
export async function insertPersons(
  tx: Tx,
  rows: readonly { readonly personId: string; readonly orgPersonNumber: string }[],
  madeOn: Temporal.PlainDate,
  madeAt: Temporal.Instant,
): Promise<Set<string>> {
  const made = await tx<{ id: string }>`
    insert into common_platform.person (person_id, org_person_number, made_on, made_at, event_id)
    select r.id, r.number, ${madeOn}::date, ${madeAt}::timestamptz, ${tx.eventId}::uuid
      from unnest(${rows.map((r) => r.personId)}::uuid[], ${rows.map((r) => r.orgPersonNumber)}::text[]) as r(id, number)
    on conflict (org_person_number) do nothing returning person_id as id`;
  return new Set(made.map((r) => r.id));
}

export async function insertNumbers(
  tx: Tx,
  rows: readonly { readonly personId: string; readonly ref: string }[],
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into common_platform.person_number (person_id, number_ref, since_at, event_id)
    select r.id, r.ref, ${at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${rows.map((r) => r.personId)}::uuid[], ${rows.map((r) => r.ref)}::uuid[]) as r(id, ref)`;
}

/** Opens the first version of persons who have none. */
export async function insertParticulars(tx: Tx, versions: readonly Version[], at: Temporal.Instant): Promise<void> {
  const rows = versions.map(({ state: s, ...v }) => ({
    person_id: v.personId,
    source: v.source,
    change_id: v.changeId,
    reason: v.reason,
    status: s.status,
    name: s.name,
    name_kana: s.nameKana,
    birth_on: s.birthOn,
    sex: s.sex,
    address: s.address,
    postal_code: s.postalCode,
    municipality_code: s.municipalityCode,
    household_number: s.householdNumber,
    relationship: s.relationship,
    became_resident_on: s.becameResidentOn,
    removed_on: s.removedOn,
    address_protected: s.addressProtected,
    name_key: v.nameKey,
    kana_key: v.kanaKey,
    changed_on: v.changedOn,
    recorded_at: at.toString(),
    event_id: tx.eventId,
  }));
  await tx`
    insert into common_platform.particulars
    select * from jsonb_populate_recordset(null::common_platform.particulars, ${json(rows)})`;
}

export async function insertBindings(
  tx: Tx,
  rows: readonly {
    readonly bindingId: string;
    readonly personId: string;
    readonly system: string;
    readonly addresseeNumber: string | null;
  }[],
  boundAt: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into common_platform.binding (binding_id, person_id, system, addressee_number, bound_at, event_id)
    select r.id, r.person, r.system, r.addressee, ${boundAt}::timestamptz, ${tx.eventId}::uuid
      from unnest(${rows.map((r) => r.bindingId)}::uuid[], ${rows.map((r) => r.personId)}::uuid[],
                  ${rows.map((r) => r.system)}::text[], ${rows.map((r) => r.addresseeNumber)}::text[])
             as r(id, person, system, addressee)`;
}

/** Puts new persons on the list of those who need a linkage code. */
export async function insertWanting(tx: Tx, personIds: readonly string[], at: Temporal.Instant): Promise<void> {
  await tx`insert into common_platform.linkage (person_id, state, next_try_at)
    select p, 'wanted', ${at}::timestamptz from unnest(${personIds}::uuid[]) as p`;
  await tx`select pg_notify(${linkageChannel}, '')`;
}

/** Who of a load could not be taken: row from 0 within the message, the sender's change, and why. Never the value at fault. */
export async function insertRejections(
  tx: Tx,
  rejected: {
    readonly loadId: string;
    readonly rows: readonly {
      readonly rejectionId: string;
      readonly row: number;
      readonly changeId: string;
      readonly word: string;
    }[];
    readonly on: Temporal.PlainDate;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  const { rows } = rejected;
  await tx`
    insert into common_platform.load_rejection (rejection_id, load_id, row_no, change_id, word, rejected_on, rejected_at, event_id)
    select r.id, ${rejected.loadId}::uuid, r.row_no, r.change, r.word, ${rejected.on}::date, ${rejected.at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${rows.map((r) => r.rejectionId)}::uuid[], ${rows.map((r) => r.row)}::integer[],
                  ${rows.map((r) => r.changeId)}::uuid[], ${rows.map((r) => r.word)}::text[]) as r(id, row_no, change, word)`;
}
