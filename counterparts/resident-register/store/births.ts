import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { ResidentRow } from './residents.ts';

export interface PendingBirth {
  readonly filingId: string;
  readonly name: string;
  readonly filedOn: string;
}

export interface StoredFiling extends PendingBirth {
  readonly nameKana: string;
  readonly birthDate: string;
  readonly sex: ResidentRow['sex'];
  readonly householdOf: string;
  readonly relationship: string;
  /** Set once the child is in the register. */
  readonly personId: string | null;
}

export interface NewFiling {
  readonly filingId: string;
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: Temporal.PlainDate;
  readonly sex: string;
  readonly householdOf: string;
  readonly relationship: string;
  readonly filedOn: Temporal.PlainDate;
  readonly operator_id: string;
  readonly terminal_id: string;
}

export async function insertFiling(tx: Tx, f: NewFiling, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into resident_register.birth_filing
      (filing_id, name, name_kana, birth_date, sex, household_of, relationship, filed_on, operator_id, terminal_id, filed_at, event_id)
    values (${f.filingId}, ${f.name}, ${f.nameKana}, ${f.birthDate}, ${f.sex}, ${f.householdOf}, ${f.relationship}, ${f.filedOn},
      ${f.operator_id}, ${f.terminal_id}, ${at}, ${tx.eventId})`;
}

/** Waits for its turn on the filing, then reads: the second of two finds the child registered. */
export async function lockFiling(tx: Tx, filingId: string): Promise<StoredFiling | undefined> {
  await tx`select 1 from resident_register.birth_filing where filing_id = ${filingId} for update`;
  return findFiling(tx, filingId);
}

export async function findFiling(tx: Tx, filingId: string): Promise<StoredFiling | undefined> {
  const [row] = await tx<StoredFiling & object>`
    select f.filing_id as "filingId", f.name, f.name_kana as "nameKana", f.birth_date::text as "birthDate", f.sex,
           f.household_of as "householdOf", f.relationship, f.filed_on::text as "filedOn", r.person_id as "personId"
      from resident_register.birth_filing f left join resident_register.birth_registered r using (filing_id)
     where f.filing_id = ${filingId}`;
  return row;
}

export async function insertRegistered(tx: Tx, filingId: string, personId: string): Promise<void> {
  await tx`insert into resident_register.birth_registered (filing_id, person_id, event_id)
    values (${filingId}, ${personId}, ${tx.eventId})`;
}

export async function listPending(tx: Tx, limit: number): Promise<PendingBirth[]> {
  return tx<PendingBirth & object>`
    select f.filing_id as "filingId", f.name, f.filed_on::text as "filedOn" from resident_register.birth_filing f
     where not exists (select 1 from resident_register.birth_registered r where r.filing_id = f.filing_id)
     order by f.filed_at limit ${limit}`;
}

/** Filings of a child of this name and day that still wait. */
export async function filingsLike(tx: Tx, name: string, birthDate: string): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from resident_register.birth_filing f
     where f.name = ${name} and f.birth_date = ${birthDate}::date
       and not exists (select 1 from resident_register.birth_registered r where r.filing_id = f.filing_id)`;
  return row!.n;
}
