import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { DeniedRelative } from '../domain/dependant-denial.ts';

export type DenialStep = 'proposed' | 'decided' | 'rejected' | 'cancelled';
export type NoticeStep = 'made' | 'approved' | 'received' | 'returned';
export type DenialReason =
  | 'income-over-limit'
  | 'claimed-by-other'
  | 'separate-livelihood'
  | 'not-a-relative'
  | 'family-employee';

/** A relative whom a linked document names, seen from either end. */
export interface DependantLink {
  readonly reportId: string;
  readonly relativeNo: number;
  readonly kind: 'spouse' | 'dependant' | 'young';
  readonly documentKind: string;
  readonly payerName: string;
  readonly incomeYear: number;
  readonly taxpayerId: string;
  readonly taxpayerName: string;
  readonly relativeName: string | null;
  readonly relativeBornOn: string | null;
  readonly relativeId: string | null;
  readonly residence: string | null;
  readonly numberRef: string | null;
  /** The newest denial that was not rejected or cancelled. */
  readonly denialId: string | null;
  readonly denialStep: DenialStep | null;
}

/**
 * Links of a person in the documents that count: whom the person's documents name (`claims`), and whose documents name the person. Newest
 * year first.
 */
export async function dependantLinks(
  tx: Tx,
  by: { readonly personId?: string; readonly reportId?: string; readonly relativeNo?: number },
): Promise<DependantLink[]> {
  return tx<DependantLink>`
    select x.report_id as "reportId", x.relative_no as "relativeNo", x.kind, r.kind as "documentKind", r.payer_name as "payerName",
           r.income_year as "incomeYear", s.person_id as "taxpayerId", ts.name as "taxpayerName", coalesce(rs.name, x.name) as "relativeName",
           coalesce(rs.birth_date, x.born_on)::text as "relativeBornOn", x.person_id as "relativeId", x.residence,
           x.number_ref as "numberRef", d.denial_id as "denialId", d.step as "denialStep"
      from resident_tax.report_relative x
      join resident_tax.report r using (report_id)
      join resident_tax.report_state s using (report_id)
      join resident_tax.person t on t.person_id = s.person_id
      join resident_tax.person_state ts on ts.person_id = t.person_id and ts.version = t.current_version
      left join resident_tax.person p on p.person_id = x.person_id
      left join resident_tax.person_state rs on rs.person_id = p.person_id and rs.version = p.current_version
      left join lateral (
        select n.denial_id, last.step
          from resident_tax.dependant_denial n
          cross join lateral (select step from resident_tax.dependant_denial_step k where k.denial_id = n.denial_id order by step_no desc limit 1) last
         where n.report_id = x.report_id and n.relative_no = x.relative_no and last.step in ('proposed', 'decided')
         limit 1) d on true
     where s.state = 'linked' and r.submission_kind <> 'cancellation'
       and not exists (select 1 from resident_tax.report_supersession g where g.report_id = r.report_id)
       and (${by.personId ?? null}::uuid is null or s.person_id = ${by.personId ?? null} or x.person_id = ${by.personId ?? null})
       and (${by.reportId ?? null}::uuid is null or (x.report_id = ${by.reportId ?? null} and x.relative_no = ${by.relativeNo ?? 0}))
     order by r.income_year desc, x.report_id, x.relative_no limit 200`;
}

export interface NewDenial extends DeniedRelative {
  readonly denialId: string;
  readonly personId: string;
  readonly fiscalYear: number;
  readonly reportId: string;
  readonly relativeNo: number;
  readonly reason: DenialReason;
  readonly note: string;
}
export interface StepOfDenial {
  readonly step: DenialStep;
  readonly by: string;
  readonly note: string | null;
  readonly onDay: string;
}
export interface Denial extends NewDenial {
  readonly taxpayerName: string;
  readonly relativeName: string | null;
  readonly steps: readonly StepOfDenial[];
  /** Where it stands in files to the tax agency. */
  readonly told: readonly { readonly kind: 'denied' | 'withdrawn'; readonly month: string }[];
}

/** Waits for its turn on the relative of a document. */
export const lockRelative = (tx: Tx, reportId: string, relativeNo: number): Promise<unknown> =>
  tx`select pg_advisory_xact_lock(hashtextextended(${`relative ${reportId} ${relativeNo}`}, 0))`;

export async function insertDenial(tx: Tx, d: NewDenial): Promise<void> {
  await tx`
    insert into resident_tax.dependant_denial (denial_id, person_id, fiscal_year, report_id, relative_no, head, disability, under_23, abroad,
      reason, note, event_id)
    values (${d.denialId}, ${d.personId}, ${d.fiscalYear}, ${d.reportId}, ${d.relativeNo}, ${d.head}, ${d.disability}, ${d.under23},
      ${d.abroad}, ${d.reason}, ${d.note}, ${tx.eventId})`;
}

export async function addDenialStep(
  tx: Tx,
  denialId: string,
  s: Pick<StepOfDenial, 'step' | 'by' | 'onDay'> & { readonly note?: string | null },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into resident_tax.dependant_denial_step (denial_id, step_no, step, by, note, on_day, at, event_id)
    select ${denialId}::uuid, coalesce(max(step_no), 0) + 1, ${s.step}, ${s.by}, ${s.note ?? null}, ${s.onDay}::date, ${at}::timestamptz,
           ${tx.eventId}::uuid
      from resident_tax.dependant_denial_step where denial_id = ${denialId}`;
}

/** Denials with their steps, those of the newest step first. */
export async function denialsWhere(
  tx: Tx,
  by: { readonly denialId?: string; readonly step?: string | null; readonly limit: number; readonly offset: number },
): Promise<{ readonly rows: Denial[]; readonly total: number }> {
  const rows = await tx<Denial & { total: number }>`
    select d.denial_id as "denialId", d.person_id as "personId", d.fiscal_year as "fiscalYear", d.report_id as "reportId",
           d.relative_no as "relativeNo", d.head, d.disability, d.under_23 as "under23", d.abroad, d.reason, d.note,
           s.name as "taxpayerName", coalesce(rs.name, x.name) as "relativeName", k.steps,
           coalesce((select jsonb_agg(jsonb_build_object('kind', i.kind, 'month', to_char(n.month, 'YYYY-MM')) order by n.month)
                       from resident_tax.denial_notice_item i join resident_tax.denial_notice n using (notice_id)
                      where i.denial_id = d.denial_id and not exists (select from resident_tax.denial_notice_step z
                             where z.notice_id = n.notice_id and z.step = 'returned')), '[]') as told,
           count(*) over ()::int as total
      from resident_tax.dependant_denial d
      join resident_tax.report_relative x using (report_id, relative_no)
      join resident_tax.person p on p.person_id = d.person_id
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
      left join resident_tax.person o on o.person_id = x.person_id
      left join resident_tax.person_state rs on rs.person_id = o.person_id and rs.version = o.current_version
      cross join lateral (
        select jsonb_agg(jsonb_build_object('step', t.step, 'by', t.by, 'note', t.note, 'onDay', t.on_day) order by t.step_no) as steps,
               max(t.at) as at, (array_agg(t.step order by t.step_no desc))[1] as last
          from resident_tax.dependant_denial_step t where t.denial_id = d.denial_id) k
     where (${by.denialId ?? null}::uuid is null or d.denial_id = ${by.denialId ?? null})
       and (${by.step ?? null}::text is null or k.last = ${by.step ?? null})
     order by k.at desc, d.denial_id limit ${by.limit} offset ${by.offset}`;
  return { rows: rows.map(({ total: _total, ...row }) => row), total: rows[0]?.total ?? 0 };
}

/** Waits for its turn on the denial. */
export async function lockDenial(tx: Tx, denialId: string): Promise<Denial | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`denial ${denialId}`}, 0))`;
  return (await denialsWhere(tx, { denialId, limit: 1, offset: 0 })).rows[0];
}

/** One file a month: who makes one waits for whoever makes another. */
export const lockDenialNotices = (tx: Tx): Promise<unknown> =>
  tx`select pg_advisory_xact_lock(hashtextextended('denial notices', 0))`;

/** What the tax agency is to be told of a relative, without the numbers, which stand in the vault. */
export interface ToTell {
  readonly denialId: string;
  readonly kind: 'denied' | 'withdrawn';
  readonly fiscalYear: number;
  readonly personId: string;
  readonly personNumberRef: string;
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly address: string;
  readonly relativeName: string | null;
  readonly relativeNumberRef: string | null;
  readonly head: DeniedRelative['head'];
  readonly reason: DenialReason;
  readonly decidedOn: string;
}

/**
 * What was decided up to a day and not told yet: denials that stand on that day, and denials that were told and stand no more. A denial
 * that was taken back before anybody was told of it is nobody's business.
 */
export async function denialsToTell(tx: Tx, until: Temporal.PlainDate): Promise<ToTell[]> {
  return tx<ToTell>`
    with standing as (
      select d.denial_id, (array_agg(t.step order by t.step_no desc))[1] as step, max(t.on_day)::text as on_day
        from resident_tax.dependant_denial d join resident_tax.dependant_denial_step t using (denial_id)
       where t.on_day <= ${until}::date group by 1),
    told as (
      select i.denial_id, i.kind from resident_tax.denial_notice_item i
       where not exists (select from resident_tax.denial_notice_step z where z.notice_id = i.notice_id and z.step = 'returned'))
    select d.denial_id as "denialId", case g.step when 'decided' then 'denied' else 'withdrawn' end as kind, d.fiscal_year as "fiscalYear",
           d.person_id as "personId", s.number_ref as "personNumberRef", s.name, s.name_kana as "nameKana", s.birth_date::text as "birthDate",
           s.address, x.name as "relativeName", x.number_ref as "relativeNumberRef", d.head, d.reason, g.on_day as "decidedOn"
      from standing g
      join resident_tax.dependant_denial d using (denial_id)
      join resident_tax.report_relative x using (report_id, relative_no)
      join resident_tax.person p on p.person_id = d.person_id
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
     where case g.step
             when 'decided' then not exists (select from told t where t.denial_id = d.denial_id and t.kind = 'denied')
             when 'cancelled' then exists (select from told t where t.denial_id = d.denial_id and t.kind = 'denied')
                               and not exists (select from told t where t.denial_id = d.denial_id and t.kind = 'withdrawn')
             else false end
     order by d.person_id, d.denial_id`;
}

export interface StepOfNotice {
  readonly step: NoticeStep;
  readonly by: string;
  readonly note: string | null;
  readonly onDay: string;
}
export interface DenialNotice {
  readonly noticeId: string;
  /** `2026-07` */
  readonly month: string;
  readonly persons: number;
  readonly records: number;
  readonly fileSha256: string;
  readonly sealedRef: SealedId;
  readonly steps: readonly StepOfNotice[];
}

export async function insertDenialNotice(
  tx: Tx,
  n: Omit<DenialNotice, 'steps' | 'month'> & { readonly month: Temporal.PlainDate; readonly madeBy: string },
  items: readonly Pick<ToTell, 'denialId' | 'kind'>[],
): Promise<void> {
  await tx`
    insert into resident_tax.denial_notice (notice_id, month, persons, records, file_sha256, sealed_ref, made_by, event_id)
    values (${n.noticeId}, ${n.month}::date, ${n.persons}, ${n.records}, ${n.fileSha256}, ${n.sealedRef}, ${n.madeBy}, ${tx.eventId})`;
  await tx`
    insert into resident_tax.denial_notice_item (notice_id, denial_id, kind, event_id)
    select ${n.noticeId}::uuid, d, k, ${tx.eventId}::uuid
      from unnest(${items.map((i) => i.denialId)}::uuid[], ${items.map((i) => i.kind)}::text[]) as u(d, k)`;
}

export async function addNoticeStep(
  tx: Tx,
  noticeId: string,
  s: Pick<StepOfNotice, 'step' | 'by' | 'onDay'> & { readonly note?: string | null; readonly receipt?: string },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into resident_tax.denial_notice_step (notice_id, step_no, step, by, note, receipt, on_day, at, event_id)
    select ${noticeId}::uuid, coalesce(max(step_no), 0) + 1, ${s.step}, ${s.by}, ${s.note ?? null}, ${s.receipt ?? null}, ${s.onDay}::date,
           ${at}::timestamptz, ${tx.eventId}::uuid
      from resident_tax.denial_notice_step where notice_id = ${noticeId}`;
}

/** The newest month first. */
export async function denialNotices(
  tx: Tx,
  by: { readonly noticeId?: string; readonly step?: NoticeStep; readonly month?: string; readonly limit: number },
): Promise<DenialNotice[]> {
  return tx<DenialNotice>`
    select n.notice_id as "noticeId", to_char(n.month, 'YYYY-MM') as month, n.persons, n.records, n.file_sha256 as "fileSha256",
           n.sealed_ref as "sealedRef", k.steps
      from resident_tax.denial_notice n
      cross join lateral (
        select jsonb_agg(jsonb_build_object('step', t.step, 'by', t.by, 'note', t.note, 'onDay', t.on_day) order by t.step_no) as steps,
               (array_agg(t.step order by t.step_no desc))[1] as last
          from resident_tax.denial_notice_step t where t.notice_id = n.notice_id) k
     where (${by.noticeId ?? null}::uuid is null or n.notice_id = ${by.noticeId ?? null})
       and (${by.step ?? null}::text is null or k.last = ${by.step ?? null})
       and (${by.month ?? null}::text is null or to_char(n.month, 'YYYY-MM') = ${by.month ?? null})
     order by n.month desc, n.notice_id desc limit ${by.limit}`;
}

/** Waits for its turn on the file. */
export async function lockDenialNotice(tx: Tx, noticeId: string): Promise<DenialNotice | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`denial notice ${noticeId}`}, 0))`;
  const [found] = await denialNotices(tx, { noticeId, limit: 1 });
  return found;
}
