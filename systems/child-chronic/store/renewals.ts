import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface EndingLine {
  readonly caseId: string;
  readonly caseNumber: string;
  readonly beneficiaryNumber: string;
  readonly patientName: string;
  readonly applicantName: string;
  readonly applicantAddress: string;
  readonly diseaseName: string;
  readonly validUntil: string;
  readonly ceilingYen: number;
  /** Undefined state: neither a guide nor an exclusion yet. */
  readonly guidedOn: string | null;
  readonly excluded: string | null;
}

/** Certifications whose last day lies in the month and that were not ended before; what is open first. */
export async function endingIn(tx: Tx, month: string): Promise<EndingLine[]> {
  return tx<EndingLine>`
    select c.case_id as "caseId", f.case_number as "caseNumber", c.beneficiary_number as "beneficiaryNumber",
           f.patient_name as "patientName", f.applicant_name as "applicantName", f.applicant_address as "applicantAddress",
           p.disease_name as "diseaseName", p.valid_until::text as "validUntil", p.ceiling_yen as "ceilingYen",
           g.made_on::text as "guidedOn", g.excluded
      from child_chronic.certification c join child_chronic.certification_proposal p using (approval_id)
      join child_chronic.case_now f on f.case_id = c.case_id
      left join child_chronic.certification_end e on e.case_id = c.case_id
      left join child_chronic.renewal_guide g on g.case_id = c.case_id
     where p.outcome = 'certified' and to_char(p.valid_until, 'YYYY-MM') = ${month} and e.case_id is null
     order by g.case_id is not null, c.beneficiary_number limit 5000`;
}

export async function insertGuides(
  tx: Tx,
  rows: {
    readonly caseIds: readonly string[];
    readonly month: string;
    readonly excluded: string | null;
    readonly by: string;
    readonly on: Temporal.PlainDate;
  },
): Promise<number> {
  const made = await tx`
    insert into child_chronic.renewal_guide (case_id, month, excluded, made_by, made_on, event_id)
    select c, ${rows.month}::text, ${rows.excluded}::text, ${rows.by}::text, ${rows.on}::date, ${tx.eventId}::uuid
      from unnest(${rows.caseIds}::uuid[]) as c
    on conflict do nothing returning 1`;
  return made.length;
}

export interface RenewalClosing {
  readonly closedOn: string;
  readonly closedBy: string;
  readonly guided: number;
  readonly excluded: number;
}
/** The newest of the month; undefined while nobody closed it. */
export async function renewalClosing(tx: Tx, month: string): Promise<RenewalClosing | undefined> {
  const [found] = await tx<RenewalClosing>`
    select closed_on::text as "closedOn", closed_by as "closedBy", guided, excluded
      from child_chronic.renewal_closing where month = ${month} order by closing_id desc limit 1`;
  return found;
}

export async function insertRenewalClosing(
  tx: Tx,
  closing: RenewalClosing & { readonly closingId: string; readonly month: string },
): Promise<void> {
  await tx`
    insert into child_chronic.renewal_closing (closing_id, month, guided, excluded, closed_by, closed_on, event_id)
    values (${closing.closingId}, ${closing.month}, ${closing.guided}, ${closing.excluded}, ${closing.closedBy},
            ${closing.closedOn}, ${tx.eventId})`;
}

/* ---- lists for municipalities ---- */

export interface ResultRow {
  readonly caseId: string;
  readonly caseNumber: string;
  readonly patientName: string;
  readonly applicantName: string;
  readonly applicantAddress: string;
  readonly outcome: 'certified' | 'refused';
  readonly beneficiaryNumber: string | null;
  readonly validFrom: string | null;
  readonly validUntil: string | null;
  readonly decidedOn: string;
}

/** Decisions that stand on no list yet, or those of one list. */
export async function resultRows(tx: Tx, listId: string | null): Promise<ResultRow[]> {
  return tx<ResultRow>`
    select c.case_id as "caseId", f.case_number as "caseNumber", f.patient_name as "patientName", f.applicant_name as "applicantName",
           f.applicant_address as "applicantAddress",
           p.outcome, c.beneficiary_number as "beneficiaryNumber", p.valid_from::text as "validFrom", p.valid_until::text as "validUntil",
           c.decided_on::text as "decidedOn"
      from child_chronic.certification c join child_chronic.certification_proposal p using (approval_id)
      join child_chronic.case_now f on f.case_id = c.case_id
      left join child_chronic.result_list_row r on r.case_id = c.case_id
     where r.list_id is not distinct from ${listId}::uuid
     order by c.decided_on, f.case_number limit 5000`;
}
export interface ResultList {
  readonly listId: string;
  readonly municipality: string;
  readonly madeBy: string;
  readonly madeOn: string;
  readonly rows: number;
}
export async function resultLists(tx: Tx, listId: string | null = null): Promise<ResultList[]> {
  return tx<ResultList>`
    select l.list_id as "listId", l.municipality, l.made_by as "madeBy", l.made_on::text as "madeOn",
           (select count(*)::int from child_chronic.result_list_row r where r.list_id = l.list_id) as rows
      from child_chronic.result_list l where ${listId}::uuid is null or l.list_id = ${listId}::uuid
     order by l.made_at desc limit 100`;
}
export async function insertResultList(
  tx: Tx,
  l: {
    readonly listId: string;
    readonly municipality: string;
    readonly caseIds: readonly string[];
    readonly by: string;
    readonly on: Temporal.PlainDate;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.result_list (list_id, municipality, made_by, made_on, made_at, event_id)
    values (${l.listId}, ${l.municipality}, ${l.by}, ${l.on}, ${l.at}, ${tx.eventId})`;
  await tx`
    insert into child_chronic.result_list_row (case_id, list_id, event_id)
    select c, ${l.listId}::uuid, ${tx.eventId}::uuid from unnest(${l.caseIds}::uuid[]) as c`;
}
