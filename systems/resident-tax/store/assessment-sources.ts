import type { Tx } from '@musubi/kernel/db/sql.ts';

/** A linked report as it was filed; `columns` are those of the unified CSV by name, without numbers of persons. */
export interface LinkedReport {
  readonly personId: string;
  readonly reportId: string;
  readonly payerName: string;
  readonly paidYen: number;
  readonly columns: Readonly<Record<string, unknown>>;
}

/** The person as of the levy date: what the register said by then. */
export interface LevyDatePerson {
  readonly personId: string;
  readonly birthDate: string;
  readonly sex: 'male' | 'female' | 'other';
  /** Living in the ward on the levy date. */
  readonly resident: boolean;
  /** What is known since, for the way of collection: removed from the register on this day for this reason. */
  readonly removedOn: string | null;
  readonly removalReason: string | null;
}

/**
 * Reports that count: linked, not a cancellation, and not replaced by a later one (002 AC-07). Of the income year.
 * @param incomeYear the calendar year before the fiscal year
 */
export async function countingReports(
  tx: Tx,
  incomeYear: number,
  personIds: readonly string[],
): Promise<LinkedReport[]> {
  return tx<LinkedReport>`
    select s.person_id as "personId", r.report_id as "reportId", r.payer_name as "payerName", r.paid_yen as "paidYen", r.columns
      from resident_tax.report_state s join resident_tax.salary_report r using (report_id)
     where s.state = 'linked' and s.person_id = any (${personIds}::uuid[])
       and r.income_year = ${incomeYear} and r.submission_kind <> 'cancellation'
       and not exists (select 1 from resident_tax.report_supersession x where x.report_id = r.report_id)
     order by s.person_id, r.report_id`;
}

/** Fixes whom the order covers: every person with a report that counts, in an order that stays. Gives how many. */
export async function coverPersonsWithReports(tx: Tx, orderId: string, incomeYear: number): Promise<number> {
  const rows = await tx`
    insert into resident_tax.batch_order_item (order_id, ord, item_id, event_id)
    select ${orderId}::uuid, row_number() over (order by person_id), person_id, ${tx.eventId}::uuid
      from (select distinct s.person_id
              from resident_tax.report_state s join resident_tax.salary_report r using (report_id)
             where s.state = 'linked' and r.income_year = ${incomeYear} and r.submission_kind <> 'cancellation'
               and not exists (select 1 from resident_tax.report_supersession x where x.report_id = r.report_id)) p
    returning 1`;
  return rows.length;
}

/** Reports of the year that are linked to nobody yet: they are in no levy, and the run says how many they are. */
export async function countOpenReports(tx: Tx, incomeYear: number): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from resident_tax.report_state s join resident_tax.salary_report r using (report_id)
     where s.state in ('candidates', 'none', 'awaiting-second') and r.income_year = ${incomeYear}`;
  return row?.n ?? 0;
}

/** Deliveries announced and not yet taken in whole (INC-22, INC-32): a levy on part of the reports is no levy. */
export async function countOpenDeliveries(tx: Tx): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from resident_tax.announced_delivery d
     where not exists (select 1 from resident_tax.intake i join resident_tax.intake_outcome o using (intake_id)
                        where i.delivery_id = d.delivery_id)`;
  return row?.n ?? 0;
}

/**
 * What the register said on the levy date: the last state whose change was by then. Where the ward learned of the person
 * only later, the first state says since when the person lives here.
 */
export async function personsOnLevyDate(
  tx: Tx,
  personIds: readonly string[],
  levyDate: string,
): Promise<LevyDatePerson[]> {
  return tx<LevyDatePerson>`
    select p.person_id as "personId", now_.birth_date::text as "birthDate", now_.sex,
           coalesce(then_.status <> 'removed',
             first_.became_resident_on <= ${levyDate}::date
               and (first_.removed_on is null or first_.removed_on > ${levyDate}::date)) as resident,
           now_.removed_on::text as "removedOn", case when now_.removed_on is not null then now_.reason end as "removalReason"
      from resident_tax.person p
      join resident_tax.person_state now_ on now_.person_id = p.person_id and now_.version = p.current_version
      left join lateral (
        select s.status from resident_tax.person_state s
         where s.person_id = p.person_id and s.changed_on <= ${levyDate}::date
         order by s.changed_on desc, s.version desc limit 1) then_ on true
      join lateral (
        select s.became_resident_on, s.removed_on from resident_tax.person_state s
         where s.person_id = p.person_id order by s.changed_on, s.version limit 1) first_ on true
     where p.person_id = any (${personIds}::uuid[])`;
}

/** Where a person is written to, and what goes with the copies: the state that counts now. */
export interface Addressee {
  readonly personId: string;
  readonly orgPersonNumber: string;
  readonly addresseeNumber: string;
  readonly name: string;
  readonly address: string;
  readonly postalCode: string | null;
  readonly addressProtected: boolean;
}

export async function addressees(tx: Tx, personIds: readonly string[]): Promise<Map<string, Addressee>> {
  const rows = await tx<Addressee>`
    select p.person_id as "personId", p.org_person_number as "orgPersonNumber", p.addressee_number as "addresseeNumber",
           s.name, s.address, s.postal_code as "postalCode", s.address_protected as "addressProtected"
      from resident_tax.person p
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
     where p.person_id = any (${personIds}::uuid[])`;
  return new Map(rows.map((row) => [row.personId, row]));
}
