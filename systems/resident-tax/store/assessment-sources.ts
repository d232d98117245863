import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { DeniedRelative } from '../domain/dependant-denial.ts';
import type { DocumentKind } from './intake-reports.ts';

/** A linked document as it was filed; `columns` are those of its format by name, without numbers of persons. */
export interface LinkedReport {
  readonly personId: string;
  readonly reportId: string;
  readonly kind: DocumentKind;
  readonly payerName: string;
  readonly paidYen: number;
  readonly columns: Readonly<Record<string, unknown>>;
}

/** What the register says of a person whom the ward may tax. Days as ISO text. */
export interface LevyPerson {
  readonly personId: string;
  readonly birthDate: string;
  readonly sex: 'male' | 'female' | 'other';
  readonly stays: readonly {
    readonly version: number;
    readonly changedOn: string;
    readonly becameResidentOn: string;
    readonly removedOn: string | null;
  }[];
  /** Of the state that counts now: gone on this day for this reason. */
  readonly removedOn: string | null;
  readonly removalReason: string | null;
  /** 年度 for which the welfare office's latest list has the person. */
  readonly assistedYears: readonly number[];
  /** 対象者情報 of the pension insurer that was linked to the person, by 年度. */
  readonly pensions: readonly {
    readonly fiscalYear: number;
    readonly annualYen: number;
    readonly careWithheld: boolean;
  }[];
  /**
   * 前年度の年金特別徴収税額, by the 年度 that it was levied for: of the newest decided levy, before any 減免. That kind of value alone
   * is what 仮徴収 rests on (INC-18).
   */
  readonly pensionLevies: readonly { readonly fiscalYear: number; readonly annualYen: number }[];
  /** 住登外課税・家屋敷課税 of somebody without an address in the register, by 年度. */
  readonly outside: readonly { readonly fiscalYear: number; readonly kind: 'lives-here' | 'office-or-house' }[];
  /** 扶養否認 that stands, with the document that names the relative. */
  readonly denied: readonly (DeniedRelative & { readonly fiscalYear: number; readonly reportId: string })[];
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
    select s.person_id as "personId", r.report_id as "reportId", r.kind, r.payer_name as "payerName", r.paid_yen as "paidYen", r.columns
      from resident_tax.report_state s join resident_tax.report r using (report_id)
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
              from resident_tax.report_state s join resident_tax.report r using (report_id)
             where s.state = 'linked' and r.income_year = ${incomeYear} and r.submission_kind <> 'cancellation'
               and not exists (select 1 from resident_tax.report_supersession x where x.report_id = r.report_id)) p
    returning 1`;
  return rows.length;
}

/**
 * The same of those alone whose newest levy is older than what it rests on: a report that was linked, ended or replaced, a state of the
 * person, what a clerk settled, a dependant denied or given back, the rates or the rules. Persons without a levy are among them.
 */
export async function coverChangedPersons(
  tx: Tx,
  order: {
    readonly orderId: string;
    readonly fiscalYear: number;
    readonly rulesVersion: string;
    readonly ratesVersion: string;
  },
): Promise<number> {
  const rows = await tx`
    with documents as (
      select s.person_id, max(s.changed_at) as changed_at,
             bool_or(s.state = 'linked' and r.submission_kind <> 'cancellation' and not exists (
               select 1 from resident_tax.report_supersession x where x.report_id = r.report_id)) as counts
        from resident_tax.report_state s join resident_tax.report r using (report_id)
       where r.income_year = ${order.fiscalYear - 1} and s.person_id is not null
       group by s.person_id),
    newest as (
      select a.person_id, a.drafted_at from resident_tax.assessment a
       where a.fiscal_year = ${order.fiscalYear} and a.rules_version = ${order.rulesVersion} and a.rates_version = ${order.ratesVersion}
         and not exists (select 1 from resident_tax.assessment n where n.previous_id = a.assessment_id)),
    settled as (
      select person_id, max(settled_at) as settled_at from (
        select person_id, settled_at from resident_tax.report_settlement where fiscal_year = ${order.fiscalYear}
        union all
        select person_id, linked_at from resident_tax.pension_subject_link where fiscal_year = ${order.fiscalYear}
        union all
        select d.person_id, k.at from resident_tax.dependant_denial d join resident_tax.dependant_denial_step k using (denial_id)
         where d.fiscal_year = ${order.fiscalYear} and k.step in ('decided', 'cancelled')) s
       group by person_id)
    insert into resident_tax.batch_order_item (order_id, ord, item_id, event_id)
    select ${order.orderId}::uuid, row_number() over (order by d.person_id), d.person_id, ${tx.eventId}::uuid
      from documents d
      join resident_tax.person p using (person_id)
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
      left join newest n on n.person_id = d.person_id
      left join settled t on t.person_id = d.person_id
     where d.counts and (n.person_id is null or greatest(d.changed_at, s.recorded_at, t.settled_at) >= n.drafted_at)
    returning 1`;
  return rows.length;
}

/** Reports of the year that are linked to nobody yet: they are in no levy, and the run says how many they are. */
export async function countOpenReports(tx: Tx, incomeYear: number): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from resident_tax.report_state s join resident_tax.report r using (report_id)
     where s.state in ('candidates', 'none', 'awaiting-second') and r.income_year = ${incomeYear}`;
  return row?.n ?? 0;
}

/** Deliveries announced and not yet taken in whole (INC-22, INC-32): a levy on part of the reports is no levy. */
export async function countOpenDeliveries(tx: Tx, incomeYear: number): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from resident_tax.announced_delivery d
     where d.income_year = ${incomeYear}
       and not exists (select 1 from resident_tax.intake i join resident_tax.intake_outcome o using (intake_id)
                        where i.delivery_id = d.delivery_id)`;
  return row?.n ?? 0;
}

/** Lists of other offices that the year's levy declares to need and that neither came nor were waived (INC-17). */
export async function countMissingInputs(tx: Tx, fiscalYear: number): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from resident_tax.levy_input d
     where d.fiscal_year = ${fiscalYear}
       and not exists (select 1 from resident_tax.office_list o
                        where o.fiscal_year = d.fiscal_year and o.input = d.input and o.as_of = d.as_of)
       and not exists (select 1 from resident_tax.levy_input_waiver w where w.fiscal_year = d.fiscal_year and w.input = d.input)`;
  return row?.n ?? 0;
}

/** The persons with all that the register ever said of their stays; `domain/levy-date.ts` says who lived here on the day. */
export async function personsForLevy(tx: Tx, personIds: readonly string[]): Promise<LevyPerson[]> {
  return tx<LevyPerson>`
    select p.person_id as "personId", s.birth_date::text as "birthDate", s.sex, s.removed_on::text as "removedOn",
           case when s.removed_on is not null then s.reason end as "removalReason", stays.stays,
           array(select o.fiscal_year from resident_tax.office_list_person lp join resident_tax.office_list o using (list_id)
                  where lp.person_id = p.person_id and o.input = 'public-assistance'
                    and not exists (select 1 from resident_tax.office_list later
                                     where later.fiscal_year = o.fiscal_year and later.input = o.input
                                       and (later.received_at, later.list_id) > (o.received_at, o.list_id))) as "assistedYears",
           coalesce((select jsonb_agg(jsonb_build_object('fiscalYear', l.fiscal_year, 'annualYen', b.annual_yen,
                              'careWithheld', b.care_withheld))
                       from resident_tax.pension_subject_link l
                       join resident_tax.pension_subject b using (fiscal_year, pension_number, pension_code)
                      where l.person_id = p.person_id), '[]') as pensions,
           coalesce((select jsonb_agg(jsonb_build_object('fiscalYear', a.fiscal_year, 'annualYen', a.annual_yen))
                       from resident_tax.assessment a join resident_tax.assessment_decision using (assessment_id)
                      where a.person_id = p.person_id and a.collection = 'pension'
                        and not exists (select 1 from resident_tax.assessment n
                                          join resident_tax.assessment_decision using (assessment_id)
                                         where n.person_id = a.person_id and n.fiscal_year = a.fiscal_year
                                           and n.version > a.version)), '[]') as "pensionLevies",
           coalesce((select jsonb_agg(jsonb_build_object('fiscalYear', t.fiscal_year, 'kind', t.kind))
                       from resident_tax.outside_taxable t where t.person_id = p.person_id), '[]') as outside,
           coalesce((select jsonb_agg(jsonb_build_object('fiscalYear', d.fiscal_year, 'reportId', d.report_id, 'head', d.head,
                              'disability', d.disability, 'under23', d.under_23, 'abroad', d.abroad) order by d.denial_id)
                       from resident_tax.dependant_denial d
                      where d.person_id = p.person_id
                        and 'decided' = (select k.step from resident_tax.dependant_denial_step k
                                          where k.denial_id = d.denial_id order by k.step_no desc limit 1)), '[]') as denied
      from resident_tax.person p
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
      cross join lateral (
        select jsonb_agg(jsonb_build_object('version', h.version, 'changedOn', h.changed_on,
                 'becameResidentOn', h.became_resident_on, 'removedOn', h.removed_on) order by h.version) as stays
          from resident_tax.person_state h where h.person_id = p.person_id) stays
     where p.person_id = any (${personIds}::uuid[])`;
}

/** Where a person is written to, and what goes with the copies: the state that counts now. */
export interface Addressee {
  readonly personId: string;
  readonly orgPersonNumber: string;
  readonly addresseeNumber: string;
  readonly name: string;
  readonly nameKana: string;
  readonly address: string;
  readonly postalCode: string | null;
  readonly addressProtected: boolean;
}

export async function addressees(tx: Tx, personIds: readonly string[]): Promise<Map<string, Addressee>> {
  const rows = await tx<Addressee>`
    select p.person_id as "personId", p.org_person_number as "orgPersonNumber", p.addressee_number as "addresseeNumber",
           s.name, s.name_kana as "nameKana", s.address, s.postal_code as "postalCode", s.address_protected as "addressProtected"
      from resident_tax.person p
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
     where p.person_id = any (${personIds}::uuid[])`;
  return new Map(rows.map((row) => [row.personId, row]));
}
