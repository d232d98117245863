import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { NoticeChannel } from '../domain/number-rule.ts';

/** One notice of a payer at a time; numbers of the year follow one another. */
export async function lockSpecialNotices(tx: Tx, fiscalYear: number): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`resident-tax special notices ${fiscalYear}`}, 0))`;
}

/**
 * Fixes whom an order tells whose payers about: every levy whose special charges changed and were not told. Payer by payer, so that
 * a payer's persons stand together. @returns how many
 */
export async function coverUntold(tx: Tx, orderId: string, fiscalYear: number): Promise<number> {
  const rows = await tx`
    insert into resident_tax.batch_order_item (order_id, ord, item_id, event_id)
    select ${orderId}::uuid, row_number() over (order by u.designation_number, u.assessment_id), u.assessment_id, ${tx.eventId}::uuid
      from (select distinct on (r.assessment_id) r.designation_number, r.assessment_id
              from resident_tax.charge_revision r join resident_tax.charge c using (charge_id)
             where c.fiscal_year = ${fiscalYear} and c.method = 'special' and r.designation_number is not null
               and not exists (select 1 from resident_tax.charge_revision n
                                where n.charge_id = r.charge_id and n.revision > r.revision)
               and not exists (select 1 from resident_tax.special_notice_person p
                                where p.assessment_id = r.assessment_id and not resident_tax.is_withdrawn(p.notice_id))
             order by r.assessment_id, r.designation_number) u
    returning 1`;
  return rows.length;
}

/** 団体内統合宛名番号 of everybody whom an order tells about, begun or not. */
export async function personsToTell(tx: Tx, orderId: string, fiscalYear: number): Promise<string[]> {
  const rows = await tx<{ number: string }>`
    select p.org_person_number as number
      from resident_tax.assessment a join resident_tax.person p using (person_id)
     where a.fiscal_year = ${fiscalYear}
       and (exists (select 1 from resident_tax.batch_order_item i where i.order_id = ${orderId} and i.item_id = a.assessment_id)
            or exists (select 1 from resident_tax.charge_revision r join resident_tax.charge c using (charge_id)
                        where r.assessment_id = a.assessment_id and c.method = 'special' and r.designation_number is not null)
               and not exists (select 1 from resident_tax.special_notice_person t
                                where t.assessment_id = a.assessment_id and not resident_tax.is_withdrawn(t.notice_id)))
     group by 1`;
  return rows.map(({ number }) => number);
}

export interface OrderedPayer {
  readonly designationNumber: string;
  readonly name: string;
  readonly items: readonly { readonly ord: number; readonly assessmentId: string }[];
}

/** The persons of the next payer of an order: all of one 指定番号. Undefined when all are done. */
export async function nextPayer(tx: Tx, orderId: string, after: string): Promise<OrderedPayer | undefined> {
  const [row] = await tx<OrderedPayer>`
    with items as (
      select i.ord, i.item_id, (select min(r.designation_number) from resident_tax.charge_revision r
                                 where r.assessment_id = i.item_id and r.designation_number is not null) as designation_number
        from resident_tax.batch_order_item i where i.order_id = ${orderId})
    select items.designation_number as "designationNumber", c.name,
           jsonb_agg(jsonb_build_object('ord', items.ord, 'assessmentId', items.item_id) order by items.ord) as items
      from items join resident_tax.special_collector c using (designation_number)
     where items.designation_number > ${after} group by 1, 2 order by 1 limit 1`;
  return row;
}

export interface ReportOfPayer {
  readonly personId: string;
  readonly reportId: string;
  readonly recipientNumber: string | null;
}

/** The last report that this payer filed of each person: without one there is no notice of the person to this payer (INC-28). */
export async function reportsOfPayer(
  tx: Tx,
  fiscalYear: number,
  designationNumber: string,
  personIds: readonly string[],
): Promise<Map<string, ReportOfPayer>> {
  const rows = await tx<ReportOfPayer>`
    select distinct on (s.person_id) s.person_id as "personId", r.report_id as "reportId", r.recipient_number as "recipientNumber"
      from resident_tax.special_collector c
      join resident_tax.report r on c.payer_key = coalesce(r.payer_number, 'name:' || r.payer_name)
      join resident_tax.report_state s on s.report_id = r.report_id and s.state = 'linked'
     where c.designation_number = ${designationNumber} and r.kind = 'salary-payment-report' and r.income_year = ${fiscalYear - 1}
       and s.person_id = any (${personIds}::uuid[])
     order by s.person_id, r.report_id desc`;
  return new Map(rows.map((row) => [row.personId, row]));
}

/** What a payer collects of a person each month, as it stands. */
export interface SpecialMonths {
  readonly personId: string;
  readonly instalment: number;
  readonly amountYen: number;
}

export async function specialMonthsOf(
  tx: Tx,
  fiscalYear: number,
  designationNumber: string,
  personIds: readonly string[],
): Promise<SpecialMonths[]> {
  return tx<SpecialMonths>`
    select c.person_id as "personId", c.instalment, r.amount_yen as "amountYen"
      from resident_tax.charge c
      join lateral (select * from resident_tax.charge_revision x
                     where x.charge_id = c.charge_id order by x.revision desc limit 1) r on true
     where c.fiscal_year = ${fiscalYear} and c.method = 'special' and c.person_id = any (${personIds}::uuid[])
       and r.designation_number = ${designationNumber}`;
}

/** What this payer was told of a person last. */
export interface ToldBefore {
  readonly personId: string;
  readonly sequenceNo: number;
  readonly collectedYen: number;
}

export async function toldBefore(
  tx: Tx,
  fiscalYear: number,
  designationNumber: string,
  personIds: readonly string[],
): Promise<Map<string, ToldBefore>> {
  const rows = await tx<ToldBefore>`
    select distinct on (p.person_id) p.person_id as "personId", p.sequence_no as "sequenceNo", p.collected_yen as "collectedYen"
      from resident_tax.special_notice_person p join resident_tax.special_notice n using (notice_id)
     where n.fiscal_year = ${fiscalYear} and n.designation_number = ${designationNumber}
       and p.person_id = any (${personIds}::uuid[]) and not resident_tax.is_withdrawn(n.notice_id)
     order by p.person_id, p.sequence_no desc, n.sequence_no desc`;
  return new Map(rows.map((row) => [row.personId, row]));
}

/** 連番 of the payer's next notice of the year. */
export async function nextSequence(tx: Tx, fiscalYear: number, designationNumber: string): Promise<number> {
  const [row] = await tx<{ last: number }>`
    select coalesce(max(sequence_no), 0)::int as last from resident_tax.special_notice
     where fiscal_year = ${fiscalYear} and designation_number = ${designationNumber}`;
  return (row?.last ?? 0) + 1;
}

export interface SpecialNotice {
  readonly noticeId: string;
  readonly orderId: string;
  readonly designationNumber: string;
  readonly fiscalYear: number;
  readonly sequenceNo: number;
  readonly persons: number;
  readonly totalYen: number;
  readonly pages: number;
  readonly packageSha256: Buffer;
  readonly packageBytes: number;
  readonly packageRef: string;
  readonly employeesSha256: Buffer;
  readonly employeesRef: string;
  /** `paper`: the package is the notice as PDF, and no data. */
  readonly channel: NoticeChannel;
  readonly numbersPrinted: boolean;
  readonly issuedOn: string;
}

export interface SpecialNoticePerson {
  readonly personId: string;
  readonly assessmentId: string;
  readonly reportId: string;
  readonly kind: 'first' | 'change';
  readonly sequenceNo: number;
  readonly collectedYen: number;
}

export async function insertSpecialNotice(
  tx: Tx,
  notice: Omit<SpecialNotice, 'packageSha256' | 'employeesSha256' | 'issuedOn'> & {
    readonly packageSha256: Uint8Array;
    readonly employeesSha256: Uint8Array;
    readonly issuedOn: Temporal.PlainDate;
    readonly issuedAt: Temporal.Instant;
  },
  persons: readonly SpecialNoticePerson[],
): Promise<void> {
  await tx`
    insert into resident_tax.special_notice (notice_id, order_id, designation_number, fiscal_year, sequence_no, persons, total_yen,
      pages, package_sha256, package_bytes, package_ref, employees_sha256, employees_ref, channel, numbers_printed, issued_on, issued_at, event_id)
    values (${notice.noticeId}, ${notice.orderId}, ${notice.designationNumber}, ${notice.fiscalYear}, ${notice.sequenceNo},
      ${notice.persons}, ${notice.totalYen}, ${notice.pages}, ${notice.packageSha256}, ${notice.packageBytes}, ${notice.packageRef},
      ${notice.employeesSha256}, ${notice.employeesRef}, ${notice.channel}, ${notice.numbersPrinted}, ${notice.issuedOn}, ${notice.issuedAt}, ${tx.eventId})`;
  await tx`
    insert into resident_tax.special_notice_person (notice_id, row_no, person_id, assessment_id, report_id, kind, sequence_no,
      collected_yen, event_id)
    select ${notice.noticeId}::uuid, p.row_no, p.person_id, p.assessment_id, p.report_id, p.kind, p.sequence_no, p.collected, ${tx.eventId}::uuid
      from unnest(${persons.map((p) => p.personId)}::uuid[], ${persons.map((p) => p.assessmentId)}::uuid[],
                  ${persons.map((p) => p.reportId)}::uuid[], ${persons.map((p) => p.kind)}::text[],
                  ${persons.map((p) => p.sequenceNo)}::int[], ${persons.map((p) => p.collectedYen)}::bigint[])
        with ordinality as p(person_id, assessment_id, report_id, kind, sequence_no, collected, row_no)`;
}

export interface ListedSpecialNotice extends SpecialNotice {
  /** 電子交付: the last step, and with what is fetched of it; null while it waits to be let go. */
  readonly delivery: { readonly step: string; readonly fetched: number; readonly parts: number } | null;
  readonly collectorName: string;
  readonly total: number;
}

export async function listSpecialNotices(
  tx: Tx,
  query: {
    readonly fiscalYear: number | null;
    readonly noticeId: string | null;
    readonly limit: number;
    readonly offset: number;
  },
): Promise<ListedSpecialNotice[]> {
  return tx<ListedSpecialNotice>`
    select n.notice_id as "noticeId", n.order_id as "orderId", n.designation_number as "designationNumber",
           n.fiscal_year as "fiscalYear", n.sequence_no as "sequenceNo", n.persons, n.total_yen as "totalYen", n.pages,
           n.package_sha256 as "packageSha256", n.package_bytes as "packageBytes", n.package_ref as "packageRef",
           n.employees_sha256 as "employeesSha256", n.employees_ref as "employeesRef",
           n.channel, n.numbers_printed as "numbersPrinted", n.issued_on::text as "issuedOn", c.name as "collectorName",
           (select jsonb_build_object('step', s.step, 'parts', case when f.notice_id is null then 1 else 2 end,
                     'fetched', (select count(distinct x.part) from resident_tax.special_notice_fetch x where x.notice_id = n.notice_id))
              from resident_tax.special_notice_step s left join resident_tax.special_notice_files f using (notice_id)
             where s.notice_id = n.notice_id order by s.step_no desc limit 1) as delivery, count(*) over ()::int as total
      from resident_tax.special_notice n join resident_tax.special_collector c using (designation_number)
     where (${query.fiscalYear}::int is null or n.fiscal_year = ${query.fiscalYear})
       and (${query.noticeId}::uuid is null or n.notice_id = ${query.noticeId})
     order by n.designation_number, n.sequence_no limit ${query.limit} offset ${query.offset}`;
}

export async function personsOfNotice(tx: Tx, noticeId: string): Promise<string[]> {
  const rows = await tx<{ id: string }>`
    select person_id as id from resident_tax.special_notice_person where notice_id = ${noticeId} order by row_no`;
  return rows.map((row) => row.id);
}
