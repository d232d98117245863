import { json, type Tx } from '@musubi/kernel/db/sql.ts';

/** Whatever concerns the insurer's files goes one after another. */
export async function lockPensionFiles(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('resident-tax pension files', 0))`;
}

export interface StoredSubject {
  readonly pensionNumber: string;
  readonly pensionCode: string;
  readonly name: string;
  readonly kana: string;
  readonly bornOn: string;
  readonly address: string;
  readonly annualYen: number;
  readonly careWithheld: boolean;
}

/** @returns the subjects that were not known of the year */
export async function insertSubjects(
  tx: Tx,
  fiscalYear: number,
  fileName: string,
  rows: readonly StoredSubject[],
  at: Temporal.Instant,
): Promise<StoredSubject[]> {
  const added = await tx<{ pensionNumber: string; pensionCode: string }>`
    insert into resident_tax.pension_subject (fiscal_year, pension_number, pension_code, name, kana, born_on, address, annual_yen,
      care_withheld, file_name, received_at, event_id)
    select ${fiscalYear}, r."pensionNumber", r."pensionCode", r.name, r.kana, r."bornOn", r.address, r."annualYen", r."careWithheld",
           ${fileName}, ${at}::timestamptz, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows)}::jsonb) as r("pensionNumber" text, "pensionCode" text, name text, kana text, "bornOn" date,
             address text, "annualYen" bigint, "careWithheld" boolean)
    on conflict do nothing returning pension_number as "pensionNumber", pension_code as "pensionCode"`;
  const fresh = new Set(added.map((row) => `${row.pensionNumber} ${row.pensionCode}`));
  return rows.filter((row) => fresh.has(`${row.pensionNumber} ${row.pensionCode}`));
}

/** Persons by name key and birth date: who is exactly one, and has no other pension of the year, can be linked. */
export async function personsNamed(
  tx: Tx,
  wanted: readonly { readonly nameKey: string; readonly bornOn: string }[],
): Promise<
  { readonly nameKey: string; readonly bornOn: string; readonly personId: string; readonly addressKey: string | null }[]
> {
  return tx<{ nameKey: string; bornOn: string; personId: string; addressKey: string | null }>`
    select s.name_key as "nameKey", s.birth_date::text as "bornOn", p.person_id as "personId", s.address_key as "addressKey"
      from jsonb_to_recordset(${json(wanted)}::jsonb) as w("nameKey" text, "bornOn" date)
      join resident_tax.person_state s on s.name_key = w."nameKey" and s.birth_date = w."bornOn"
      join resident_tax.person p on p.person_id = s.person_id and s.version = p.current_version`;
}

export async function insertSubjectLinks(
  tx: Tx,
  fiscalYear: number,
  rows: readonly { readonly pensionNumber: string; readonly pensionCode: string; readonly personId: string }[],
  by: string,
  at: Temporal.Instant,
): Promise<number> {
  const added = await tx`
    insert into resident_tax.pension_subject_link (fiscal_year, pension_number, pension_code, person_id, linked_by, linked_at, event_id)
    select ${fiscalYear}, r."pensionNumber", r."pensionCode", r."personId", ${by}, ${at}::timestamptz, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows)}::jsonb) as r("pensionNumber" text, "pensionCode" text, "personId" uuid)
    on conflict do nothing returning 1`;
  return added.length;
}

export interface WantedOrder {
  readonly personId: string;
  readonly pensionNumber: string;
  readonly pensionCode: string;
  readonly noticeNumber: string;
  readonly month: string;
  readonly amountYen: number;
  /** What the insurer was last asked for the month; null where nothing was. */
  readonly askedYen: number | null;
}

/** What each linked person's pension charges ask of the insurer now, month by month, beside what was last asked. */
export async function chargedMonths(tx: Tx, fiscalYear: number): Promise<WantedOrder[]> {
  return tx<WantedOrder>`
    select c.person_id as "personId", l.pension_number as "pensionNumber", l.pension_code as "pensionCode",
           n.notice_number as "noticeNumber",
           to_char(make_date(case when c.instalment >= 4 then c.fiscal_year else c.fiscal_year + 1 end, c.instalment, 1), 'YYYY-MM') as month,
           r.amount_yen as "amountYen", a.amount_yen as "askedYen"
      from resident_tax.charge c
      join lateral (select x.amount_yen from resident_tax.charge_revision x
                     where x.charge_id = c.charge_id order by x.revision desc limit 1) r on true
      join resident_tax.pension_subject_link l on l.person_id = c.person_id and l.fiscal_year = c.fiscal_year
      join resident_tax.notice_number n on n.person_id = c.person_id and n.fiscal_year = c.fiscal_year
      left join lateral (select w.amount_yen from resident_tax.pension_file_row w
                           join resident_tax.pension_file f on f.file_name = w.file_name and f.kind = 'orders'
                          where w.person_id = c.person_id
                            and w.month = to_char(make_date(case when c.instalment >= 4 then c.fiscal_year else c.fiscal_year + 1 end, c.instalment, 1), 'YYYY-MM')
                            and not exists (select 1 from resident_tax.pension_file_refused u where u.file_name = w.file_name and u.row_no = w.row_no)
                          order by f.made_on desc, f.number desc limit 1) a on true
     where c.fiscal_year = ${fiscalYear} and c.method = 'pension'
     order by c.person_id, month`;
}

/** The year's tax of each person who is collected from a pension: what 仮徴収 of the next year rests on. */
export async function pensionYearTax(tx: Tx, fiscalYear: number): Promise<Map<string, number>> {
  const rows = await tx<{ personId: string; yen: number }>`
    select a.person_id as "personId", a.annual_yen as yen
      from resident_tax.assessment a join resident_tax.charging using (assessment_id)
     where a.fiscal_year = ${fiscalYear} and a.collection = 'pension'
       and not exists (select 1 from resident_tax.pension_stop s where s.person_id = a.person_id and s.fiscal_year = a.fiscal_year)
       and not exists (select 1 from resident_tax.assessment n join resident_tax.assessment_decision using (assessment_id)
                        where n.person_id = a.person_id and n.fiscal_year = a.fiscal_year and n.version > a.version)`;
  return new Map(rows.map((row) => [row.personId, row.yen]));
}

/** Who is collected from a pension and died or left since, with the levy in force. */
export async function gonePensioners(
  tx: Tx,
  fiscalYear: number,
): Promise<{ readonly personId: string; readonly assessmentId: string; readonly reason: string }[]> {
  return tx<{ personId: string; assessmentId: string; reason: string }>`
    select a.person_id as "personId", a.assessment_id as "assessmentId", s.reason
      from resident_tax.assessment a
      join resident_tax.charging using (assessment_id)
      join resident_tax.person p using (person_id)
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
     where a.fiscal_year = ${fiscalYear} and a.collection = 'pension' and s.removed_on is not null
       and not exists (select 1 from resident_tax.pension_stop x where x.person_id = a.person_id and x.fiscal_year = a.fiscal_year)
       and not exists (select 1 from resident_tax.assessment n join resident_tax.assessment_decision using (assessment_id)
                        where n.person_id = a.person_id and n.fiscal_year = a.fiscal_year and n.version > a.version)
     order by a.person_id`;
}

export interface PensionStopRow {
  readonly personId: string;
  readonly fiscalYear: number;
  readonly fromMonth: string;
  readonly reason: 'death' | 'moved-out' | 'levy-changed' | 'care-stopped' | 'other';
  readonly assessmentId: string;
}

export async function insertStop(
  tx: Tx,
  row: PensionStopRow & { readonly decidedBy: string; readonly decidedOn: Temporal.PlainDate },
): Promise<void> {
  await tx`
    insert into resident_tax.pension_stop (person_id, fiscal_year, from_month, reason, assessment_id, decided_by, decided_on, event_id)
    values (${row.personId}, ${row.fiscalYear}, ${row.fromMonth}, ${row.reason}, ${row.assessmentId}, ${row.decidedBy},
      ${row.decidedOn}, ${tx.eventId})`;
}

export interface StopToSend extends PensionStopRow {
  readonly pensionNumber: string;
  readonly pensionCode: string;
  readonly noticeNumber: string;
}

/** Stops that stand in no file yet, of persons of whom something was ordered from that month on. */
export async function stopsToSend(tx: Tx): Promise<StopToSend[]> {
  return tx<StopToSend>`
    select s.person_id as "personId", s.fiscal_year as "fiscalYear", s.from_month as "fromMonth", s.reason,
           s.assessment_id as "assessmentId", l.pension_number as "pensionNumber", l.pension_code as "pensionCode",
           n.notice_number as "noticeNumber"
      from resident_tax.pension_stop s
      join resident_tax.pension_subject_link l using (person_id, fiscal_year)
      join resident_tax.notice_number n using (person_id, fiscal_year)
     where not exists (select 1 from resident_tax.pension_file_row w join resident_tax.pension_file f using (file_name)
                        where f.kind = 'stops' and w.person_id = s.person_id and f.fiscal_year = s.fiscal_year)
       and exists (select 1 from resident_tax.pension_file_row w join resident_tax.pension_file f using (file_name)
                    where f.kind = 'orders' and w.person_id = s.person_id and w.month >= s.from_month and w.amount_yen > 0)
     order by s.fiscal_year, s.person_id`;
}

export interface PensionFileRow {
  readonly personId: string;
  readonly pensionNumber: string;
  readonly pensionCode: string;
  readonly noticeNumber: string;
  readonly month: string;
  readonly amountYen: number;
}

export async function nextFileNumber(tx: Tx, kind: 'orders' | 'stops', fiscalYear: number): Promise<number> {
  const [row] = await tx<{ last: number }>`
    select coalesce(max(number), 0)::int as last from resident_tax.pension_file where kind = ${kind} and fiscal_year = ${fiscalYear}`;
  return (row?.last ?? 0) + 1;
}

/** Whether orders of the year were put into a file in this month already. */
export async function orderedInMonth(tx: Tx, fiscalYear: number, on: Temporal.PlainDate): Promise<boolean> {
  const rows = await tx`
    select 1 from resident_tax.pension_file where kind = 'orders' and fiscal_year = ${fiscalYear}
       and date_trunc('month', made_on::timestamp) = date_trunc('month', ${on}::date::timestamp)`;
  return rows.length > 0;
}

export async function insertFile(
  tx: Tx,
  file: {
    readonly fileName: string;
    readonly kind: 'orders' | 'stops';
    readonly fiscalYear: number;
    readonly number: number;
    readonly records: number;
    readonly persons: number;
    readonly totalYen: number;
    readonly sha256: Uint8Array;
    readonly sealedRef: string;
    readonly madeOn: Temporal.PlainDate;
  },
  rows: readonly PensionFileRow[],
): Promise<void> {
  await tx`
    insert into resident_tax.pension_file (file_name, kind, fiscal_year, number, records, persons, total_yen, sha256, sealed_ref,
      made_on, event_id)
    values (${file.fileName}, ${file.kind}, ${file.fiscalYear}, ${file.number}, ${file.records}, ${file.persons}, ${file.totalYen},
      ${file.sha256}, ${file.sealedRef}, ${file.madeOn}, ${tx.eventId})`;
  await tx`
    insert into resident_tax.pension_file_row (file_name, row_no, person_id, pension_number, pension_code, notice_number, month,
      amount_yen, event_id)
    select ${file.fileName}, r.no, r."personId", r."pensionNumber", r."pensionCode", r."noticeNumber", r.month, r."amountYen",
           ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows.map((row, i) => ({ ...row, no: i + 1 })))}::jsonb) as r(no int, "personId" uuid,
             "pensionNumber" text, "pensionCode" text, "noticeNumber" text, month text, "amountYen" bigint)`;
}

export interface PensionFileState {
  readonly fileName: string;
  readonly kind: 'orders' | 'stops';
  readonly fiscalYear: number;
  readonly number: number;
  readonly records: number;
  readonly persons: number;
  readonly totalYen: number;
  readonly sha256: Buffer;
  readonly sealedRef: string;
  readonly madeOn: string;
  readonly receivedOn: string | null;
  readonly refused: number;
  readonly attempts: number;
  readonly lastWord: string | null;
  /** The earliest month that the file speaks of. */
  readonly firstMonth: string;
}

/** Files of a year, or those alone that have no receipt; the oldest first. */
export async function filesOf(
  tx: Tx,
  of: { readonly fiscalYear?: number; readonly unreceived?: boolean },
): Promise<PensionFileState[]> {
  return tx<PensionFileState>`
    select f.file_name as "fileName", f.kind, f.fiscal_year as "fiscalYear", f.number, f.records, f.persons, f.total_yen as "totalYen",
           f.sha256, f.sealed_ref as "sealedRef", f.made_on::text as "madeOn", r.received_on::text as "receivedOn",
           (select count(*)::int from resident_tax.pension_file_refused x where x.file_name = f.file_name) as refused,
           (select count(*)::int from resident_tax.pension_file_attempt x where x.file_name = f.file_name) as attempts,
           (select x.word from resident_tax.pension_file_attempt x where x.file_name = f.file_name order by x.attempt_no desc limit 1) as "lastWord",
           (select min(x.month) from resident_tax.pension_file_row x where x.file_name = f.file_name) as "firstMonth"
      from resident_tax.pension_file f left join resident_tax.pension_file_receipt r using (file_name)
     where (${of.fiscalYear ?? null}::int is null or f.fiscal_year = ${of.fiscalYear ?? null})
       and (not ${of.unreceived ?? false}::boolean or r.file_name is null)
     order by f.made_on, f.kind, f.number`;
}

export async function insertAttempt(tx: Tx, fileName: string, word: string, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into resident_tax.pension_file_attempt (file_name, attempt_no, word, at, event_id)
    select ${fileName}, coalesce(max(attempt_no), 0) + 1, ${word}, ${at}::timestamptz, ${tx.eventId}::uuid
      from resident_tax.pension_file_attempt where file_name = ${fileName}`;
}

/** @returns whether it was the first receipt of the file */
export async function insertReceipt(
  tx: Tx,
  fileName: string,
  receipt: { readonly signed: string; readonly receivedOn: string; readonly at: Temporal.Instant },
  refused: readonly { readonly record: number; readonly word: string }[],
): Promise<boolean> {
  const added = await tx`
    insert into resident_tax.pension_file_receipt (file_name, receipt, received_on, at, event_id)
    values (${fileName}, ${receipt.signed}, ${receipt.receivedOn}::date, ${receipt.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  if (added.length === 0) return false;
  await tx`
    insert into resident_tax.pension_file_refused (file_name, row_no, word, event_id)
    select ${fileName}, r.record, r.word, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(refused)}::jsonb) as r(record int, word text)`;
  return true;
}

/** @returns how many months were not known */
export async function insertResults(
  tx: Tx,
  fileName: string,
  rows: readonly {
    readonly noticeNumber: string;
    readonly month: string;
    readonly orderedYen: number;
    readonly withheldYen: number;
    readonly reason: string;
  }[],
): Promise<number> {
  const added = await tx`
    insert into resident_tax.pension_result (notice_number, month, ordered_yen, withheld_yen, reason, file_name, event_id)
    select r."noticeNumber", r.month, r."orderedYen", r."withheldYen", r.reason, ${fileName}, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows)}::jsonb)
        as r("noticeNumber" text, month text, "orderedYen" bigint, "withheldYen" bigint, reason text)
    on conflict do nothing returning 1`;
  return added.length;
}

export interface UnstoppedPerson {
  readonly personId: string;
  readonly name: string;
  readonly fromMonth: string;
  readonly amountYen: number;
  readonly state: 'not-sent' | 'not-received' | 'refused';
}

/** Stops that the insurer has not confirmed, with what it keeps back in the first month if nothing happens (INC-25). */
export async function unconfirmedStops(tx: Tx): Promise<UnstoppedPerson[]> {
  return tx<UnstoppedPerson>`
    select s.person_id as "personId", t.name, s.from_month as "fromMonth",
           (select coalesce(sum(o.amount_yen), 0)::bigint from (
              select distinct on (w.month) w.month, w.amount_yen from resident_tax.pension_file_row w
                join resident_tax.pension_file g on g.file_name = w.file_name and g.kind = 'orders'
               where w.person_id = s.person_id and w.month = s.from_month order by w.month, g.number desc) o) as "amountYen",
           case when f.file_name is null then 'not-sent' when r.file_name is null then 'not-received' else 'refused' end as state
      from resident_tax.pension_stop s
      join resident_tax.person p using (person_id)
      join resident_tax.person_state t on t.person_id = p.person_id and t.version = p.current_version
      left join lateral (select w.file_name, w.row_no from resident_tax.pension_file_row w
                           join resident_tax.pension_file g on g.file_name = w.file_name and g.kind = 'stops' and g.fiscal_year = s.fiscal_year
                          where w.person_id = s.person_id limit 1) f on true
      left join resident_tax.pension_file_receipt r on r.file_name = f.file_name
     where (r.file_name is null or exists (select 1 from resident_tax.pension_file_refused x
                                            where x.file_name = f.file_name and x.row_no = f.row_no))
       and exists (select 1 from resident_tax.pension_file_row w join resident_tax.pension_file g on g.file_name = w.file_name
                    where g.kind = 'orders' and w.person_id = s.person_id and w.month >= s.from_month and w.amount_yen > 0)
     order by s.from_month, s.person_id`;
}

export async function unlinkedSubjects(
  tx: Tx,
  fiscalYear: number,
  limit: number,
): Promise<(StoredSubject & { readonly total: number })[]> {
  return tx<StoredSubject & { total: number }>`
    select s.pension_number as "pensionNumber", s.pension_code as "pensionCode", s.name, s.kana, s.born_on::text as "bornOn", s.address,
           s.annual_yen as "annualYen", s.care_withheld as "careWithheld", count(*) over ()::int as total
      from resident_tax.pension_subject s
     where s.fiscal_year = ${fiscalYear}
       and not exists (select 1 from resident_tax.pension_subject_link l where l.fiscal_year = s.fiscal_year
                        and l.pension_number = s.pension_number and l.pension_code = s.pension_code)
     order by s.kana, s.pension_number limit ${limit}`;
}

/** Charges of the year that pensions bear, as they stand: what the insurer's file must equal (002 AC-13). */
export async function pensionTotalsOf(
  tx: Tx,
  fiscalYear: number,
): Promise<{ readonly persons: number; readonly totalYen: number }> {
  const [row] = await tx<{ persons: number; totalYen: number }>`
    select count(distinct c.person_id)::int as persons, coalesce(sum(r.amount_yen), 0)::bigint as "totalYen"
      from resident_tax.charge c
      join lateral (select x.amount_yen from resident_tax.charge_revision x
                     where x.charge_id = c.charge_id order by x.revision desc limit 1) r on true
     where c.fiscal_year = ${fiscalYear} and c.method = 'pension' and c.instalment in (10, 12, 2) and r.amount_yen > 0`;
  return row ?? { persons: 0, totalYen: 0 };
}

/** What the insurer was last asked for these months, person by person. */
export async function askedFor(
  tx: Tx,
  months: readonly string[],
): Promise<{ readonly personId: string; readonly month: string; readonly amountYen: number }[]> {
  return tx<{ personId: string; month: string; amountYen: number }>`
    select distinct on (w.person_id, w.month) w.person_id as "personId", w.month, w.amount_yen as "amountYen"
      from resident_tax.pension_file_row w join resident_tax.pension_file f on f.file_name = w.file_name and f.kind = 'orders'
     where w.month = any (${months}::text[])
       and not exists (select 1 from resident_tax.pension_file_refused u where u.file_name = w.file_name and u.row_no = w.row_no)
     order by w.person_id, w.month, f.made_on desc, f.number desc`;
}
