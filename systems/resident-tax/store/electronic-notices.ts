import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';

/** `payer`: 特別徴収義務者用. `employees`: 納税義務者用. */
export type NoticePart = 'payer' | 'employees';
export type NoticeStep = 'released' | 'sent' | 'refused' | 'recall-ordered' | 'recalled';

export interface StepOfNotice {
  readonly step: NoticeStep;
  readonly by: string;
  readonly note: string | null;
  /** With `recalled`: whether any of it had been fetched before. */
  readonly fetched: boolean | null;
  readonly onDay: string;
}
export interface FetchOfNotice {
  readonly part: NoticePart;
  readonly by: string;
  /** ISO instant. */
  readonly at: string;
}

/** A notice as data and what became of it. */
export interface ElectronicNotice {
  readonly noticeId: string;
  readonly orderId: string;
  readonly orderedBy: string;
  readonly collectorName: string;
  readonly designationNumber: string;
  readonly fiscalYear: number;
  readonly sequenceNo: number;
  /** Earlier numbers of the payer's year that were called back before anybody fetched them. */
  readonly withdrawn: readonly number[];
  readonly persons: number;
  readonly issuedOn: string;
  readonly packageRef: SealedId;
  /** Corporate Number of the payer; null where it is known by its name alone, and can be sent nothing. */
  readonly payerNumber: string | null;
  readonly files: number | null;
  readonly filesRef: SealedId | null;
  readonly passwordsRef: SealedId | null;
  readonly paperRows: readonly number[];
  /** First to last. */
  readonly steps: readonly StepOfNotice[];
  readonly fetches: readonly FetchOfNotice[];
}

/** 受給者番号 that more than one of a payer's people bear: a file named by it would be nobody's for certain (T03). */
export async function ambiguousRecipients(
  tx: Tx,
  fiscalYear: number,
  designationNumber: string,
): Promise<ReadonlySet<string>> {
  const rows = await tx<{ number: string }>`
    select r.recipient_number as number
      from resident_tax.special_collector c
      join resident_tax.report r on c.payer_key = coalesce(r.payer_number, 'name:' || r.payer_name)
      join resident_tax.report_state s on s.report_id = r.report_id and s.state = 'linked'
     where c.designation_number = ${designationNumber} and r.kind = 'salary-payment-report' and r.income_year = ${fiscalYear - 1}
       and r.recipient_number is not null
     group by 1 having count(distinct s.person_id) > 1`;
  return new Set(rows.map(({ number }) => number));
}

export async function insertFiles(
  tx: Tx,
  f: {
    readonly noticeId: string;
    readonly files: number;
    readonly sha256: Uint8Array;
    readonly filesRef: string;
    readonly passwordsRef: string;
    readonly paperRows: readonly number[];
  },
): Promise<void> {
  await tx`
    insert into resident_tax.special_notice_files (notice_id, files, files_sha256, files_ref, passwords_ref, paper_rows, event_id)
    values (${f.noticeId}, ${f.files}, ${f.sha256}, ${f.filesRef}, ${f.passwordsRef}, ${f.paperRows}::int[], ${tx.eventId})`;
}

/** Waits for its turn on the notice. */
export async function lockElectronicNotice(tx: Tx, noticeId: string): Promise<ElectronicNotice | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`electronic notice ${noticeId}`}, 0))`;
  const [found] = await electronicNotices(tx, { noticeId, orderId: null });
  return found;
}

export async function electronicNotices(
  tx: Tx,
  where: { readonly noticeId: string | null; readonly orderId: string | null },
): Promise<ElectronicNotice[]> {
  return tx<ElectronicNotice>`
    select n.notice_id as "noticeId", n.order_id as "orderId", o.ordered_by as "orderedBy", c.name as "collectorName",
           n.designation_number as "designationNumber", n.fiscal_year as "fiscalYear", n.sequence_no as "sequenceNo", n.persons,
           to_jsonb(array(select w.sequence_no from resident_tax.special_notice w
                           where w.designation_number = n.designation_number and w.fiscal_year = n.fiscal_year
                             and w.sequence_no < n.sequence_no and resident_tax.is_withdrawn(w.notice_id) order by 1)) as withdrawn,
           n.issued_on::text as "issuedOn", n.package_ref as "packageRef",
           case when c.payer_key ~ '^[0-9]{13}$' then c.payer_key end as "payerNumber",
           f.files, f.files_ref as "filesRef", f.passwords_ref as "passwordsRef", to_jsonb(coalesce(f.paper_rows, '{}')) as "paperRows",
           coalesce((select jsonb_agg(jsonb_build_object('step', s.step, 'by', s.by, 'note', s.note, 'fetched', s.fetched,
                       'onDay', s.on_day::text) order by s.step_no)
                       from resident_tax.special_notice_step s where s.notice_id = n.notice_id), '[]') as steps,
           coalesce((select jsonb_agg(jsonb_build_object('part', x.part, 'by', x.fetched_by, 'at',
                       to_char(x.fetched_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) order by x.fetched_at)
                       from resident_tax.special_notice_fetch x where x.notice_id = n.notice_id), '[]') as fetches
      from resident_tax.special_notice n
      join resident_tax.special_collector c using (designation_number)
      join resident_tax.batch_order o using (order_id)
      left join resident_tax.special_notice_files f using (notice_id)
     where n.channel = 'electronic' and (${where.noticeId}::uuid is null or n.notice_id = ${where.noticeId})
       and (${where.orderId}::uuid is null or n.order_id = ${where.orderId})
     order by n.designation_number, n.sequence_no`;
}

/** Notices at one step, the longest waiting first; of those that were sent, whose parts were not all fetched and that can be fetched yet. */
export async function noticesAt(
  tx: Tx,
  step: 'released' | 'sent' | 'recall-ordered',
  sentSince: Temporal.PlainDate,
  limit: number,
): Promise<string[]> {
  const rows = await tx<{ id: string }>`
    select s.notice_id as id from resident_tax.special_notice_step s
      left join resident_tax.special_notice_files f using (notice_id)
     where s.step = ${step}
       and not exists (select 1 from resident_tax.special_notice_step n where n.notice_id = s.notice_id and n.step_no > s.step_no)
       and (${step} <> 'sent' or s.on_day >= ${sentSince}::date
             and (select count(distinct x.part) from resident_tax.special_notice_fetch x where x.notice_id = s.notice_id)
                 < case when f.notice_id is null then 1 else 2 end)
     order by s.at, s.notice_id limit ${limit}`;
  return rows.map(({ id }) => id);
}

export async function addStep(
  tx: Tx,
  noticeId: string,
  s: Pick<StepOfNotice, 'step' | 'by'> & Partial<Pick<StepOfNotice, 'note' | 'fetched'>>,
  on: Temporal.PlainDate,
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into resident_tax.special_notice_step (notice_id, step_no, step, by, note, fetched, on_day, at, event_id)
    select ${noticeId}::uuid, coalesce(max(step_no), 0) + 1, ${s.step}, ${s.by}, ${s.note ?? null}, ${s.fetched ?? null}::boolean,
           ${on}::date, ${at}::timestamptz, ${tx.eventId}::uuid
      from resident_tax.special_notice_step where notice_id = ${noticeId}`;
}

/** @returns how many were not known */
export async function insertFetches(tx: Tx, noticeId: string, fetches: readonly FetchOfNotice[]): Promise<number> {
  const rows = await tx`
    insert into resident_tax.special_notice_fetch (notice_id, part, fetched_by, fetched_at, event_id)
    select ${noticeId}::uuid, f.part, f.by, f.at, ${tx.eventId}::uuid
      from unnest(${fetches.map((f) => f.part)}::text[], ${fetches.map((f) => f.by)}::text[], ${fetches.map((f) => f.at)}::timestamptz[])
        as f(part, by, at)
    on conflict do nothing returning 1`;
  return rows.length;
}

/** One person of a notice, for the counter. */
export interface PersonOfNotice {
  readonly rowNo: number;
  readonly personId: string;
  readonly name: string;
  readonly recipientNumber: string | null;
  readonly orgPersonNumber: string;
}

export async function peopleOfNotice(tx: Tx, noticeId: string): Promise<PersonOfNotice[]> {
  return tx<PersonOfNotice>`
    select p.row_no as "rowNo", p.person_id as "personId", s.name, r.recipient_number as "recipientNumber",
           x.org_person_number as "orgPersonNumber"
      from resident_tax.special_notice_person p
      join resident_tax.person x using (person_id)
      join resident_tax.person_state s on s.person_id = x.person_id and s.version = x.current_version
      join resident_tax.report r using (report_id)
     where p.notice_id = ${noticeId} order by p.row_no`;
}

export async function insertPasswordGiven(
  tx: Tx,
  g: {
    readonly givenId: string;
    readonly noticeId: string;
    readonly rowNo: number;
    readonly personId: string;
    readonly evidence: string;
    readonly by: string;
    readonly on: Temporal.PlainDate;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.special_notice_password_given (given_id, notice_id, row_no, person_id, evidence, given_by, on_day, event_id)
    values (${g.givenId}, ${g.noticeId}, ${g.rowNo}, ${g.personId}, ${g.evidence}, ${g.by}, ${g.on}, ${tx.eventId})`;
}
