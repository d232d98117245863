import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface KnownPerson {
  readonly addresseeNumber: string;
  readonly personId: string;
  readonly name: string;
  readonly birthDate: string;
}

/** Persons of these addressee numbers as the register has them now. */
export async function personsByAddressee(tx: Tx, numbers: readonly string[]): Promise<Map<string, KnownPerson>> {
  const rows = await tx<KnownPerson>`
    select p.addressee_number as "addresseeNumber", p.person_id as "personId", s.name, s.birth_date::text as "birthDate"
      from resident_tax.person p
           join lateral (select name, birth_date from resident_tax.person_state x where x.person_id = p.person_id
                          order by version desc limit 1) s on true
     where p.addressee_number = any (${numbers}::text[])`;
  return new Map(rows.map((row) => [row.addresseeNumber, row]));
}

export async function insertMigratedPersons(
  tx: Tx,
  migrationId: string,
  rows: readonly Pick<KnownPerson, 'addresseeNumber' | 'personId'>[],
): Promise<void> {
  await tx`
    insert into resident_tax.migrated_person (migration_id, addressee_number, person_id, event_id)
    select ${migrationId}::uuid, r."addresseeNumber", r."personId", ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows)}::jsonb) as r("addresseeNumber" text, "personId" uuid)`;
}

/** Which of these were taken over, with the person of each. */
export async function migratedPersons(
  tx: Tx,
  migrationId: string,
  numbers: readonly string[],
): Promise<Map<string, string>> {
  const rows = await tx<{ number: string; personId: string }>`
    select addressee_number as number, person_id as "personId" from resident_tax.migrated_person
     where migration_id = ${migrationId} and addressee_number = any (${numbers}::text[])`;
  return new Map(rows.map((row) => [row.number, row.personId]));
}

export interface MigratedLevy {
  readonly addresseeNumber: string;
  readonly fiscalYear: number;
  readonly wardYen: number;
  readonly metropolisYen: number;
  readonly paidYen: number;
}
export async function insertMigratedLevies(tx: Tx, migrationId: string, rows: readonly MigratedLevy[]): Promise<void> {
  await tx`
    insert into resident_tax.migrated_levy
      (migration_id, addressee_number, person_id, fiscal_year, ward_yen, metropolis_yen, paid_yen, event_id)
    select p.migration_id, p.addressee_number, p.person_id, r."fiscalYear", r."wardYen", r."metropolisYen", r."paidYen", ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows)}::jsonb)
           as r("addresseeNumber" text, "fiscalYear" int, "wardYen" bigint, "metropolisYen" bigint, "paidYen" bigint)
           join resident_tax.migrated_person p on p.migration_id = ${migrationId}::uuid and p.addressee_number = r."addresseeNumber"`;
}

export async function allMigratedPersons(tx: Tx, migrationId: string): Promise<string[]> {
  const rows = await tx<{ number: string }>`
    select addressee_number as number from resident_tax.migrated_person where migration_id = ${migrationId}`;
  return rows.map((row) => row.number);
}
export async function allMigratedLevies(tx: Tx, migrationId: string): Promise<MigratedLevy[]> {
  return tx<MigratedLevy>`
    select addressee_number as "addresseeNumber", fiscal_year as "fiscalYear", ward_yen as "wardYen",
           metropolis_yen as "metropolisYen", paid_yen as "paidYen"
      from resident_tax.migrated_levy where migration_id = ${migrationId}`;
}
