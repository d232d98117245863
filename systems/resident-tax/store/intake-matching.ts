import { copyRows, copyTied } from '@musubi/kernel/audit/copy-tied.ts';
import { momentInJson, type Tie } from '@musubi/kernel/audit/tied-rows.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { Candidate, RegisteredIdentity } from '../domain/matching.ts';
import type { DocumentKind } from './intake-reports.ts';

/** Registered persons with all that was ever recorded of their names and addresses. `numberDigest` is the number's reference. */
export async function identitiesOf(
  tx: Tx,
  by: { readonly personIds: readonly string[]; readonly nameKeys: readonly string[] },
): Promise<RegisteredIdentity<string>[]> {
  const rows = await tx<{
    personId: string;
    numberRef: string;
    nameKey: string;
    nameKeys: string[];
    bornOn: string;
    addressKey: string;
    addressKeys: string[];
  }>`
    with wanted as (
      select unnest(${by.personIds}::uuid[]) as person_id
      union select person_id from resident_tax.person_state where name_key = any (${by.nameKeys}::text[]))
    select p.person_id as "personId", c.number_ref as "numberRef", c.name_key as "nameKey", c.birth_date::text as "bornOn",
           c.address_key as "addressKey", array_agg(distinct s.name_key) as "nameKeys", array_agg(distinct s.address_key) as "addressKeys"
      from wanted w join resident_tax.person p using (person_id)
      join resident_tax.person_state c on c.person_id = p.person_id and c.version = p.current_version
      join resident_tax.person_state s on s.person_id = p.person_id
     group by p.person_id, c.number_ref, c.name_key, c.birth_date, c.address_key order by p.person_id`;
  return rows.map((r) => ({
    personId: r.personId,
    numberDigest: r.numberRef,
    nameKey: r.nameKey,
    otherNameKeys: r.nameKeys.filter((key) => key !== r.nameKey),
    bornOn: Temporal.PlainDate.from(r.bornOn),
    addressKey: r.addressKey,
    formerAddressKeys: r.addressKeys.filter((key) => key !== r.addressKey),
  }));
}

export type MatchState =
  | 'linked'
  | 'candidates'
  | 'none'
  | 'awaiting-second'
  | 'not-resident'
  | 'rejected'
  | 'superseded'
  | 'forwarding'
  | 'forwarded';
export type Step =
  | 'compared'
  | 'link-proposed'
  | 'proposal-returned'
  | 'linked'
  | 'not-resident'
  | 'rejected'
  | 'superseded'
  | 'forwarding-listed'
  | 'forwarding-withdrawn'
  | 'forwarded'
  | 'forwarding-returned';

export interface ReportState {
  readonly reportId: string;
  readonly state: MatchState;
  readonly personId: string | null;
  readonly lastStep: number;
  readonly round: number;
}

/** Waits for its turn on the report. Read in this statement alone: a second clerk sees what the first one did. */
export async function lockReportState(tx: Tx, reportId: string): Promise<ReportState | undefined> {
  await tx`select 1 from resident_tax.report_state where report_id = ${reportId} for update`;
  return readReportState(tx, reportId);
}

export async function readReportState(tx: Tx, reportId: string): Promise<ReportState | undefined> {
  const [row] = await tx<ReportState>`
    select report_id as "reportId", state, person_id as "personId", last_step as "lastStep", round
      from resident_tax.report_state where report_id = ${reportId}`;
  return row;
}

export interface NewStep {
  readonly reportId: string;
  readonly step: Step;
  readonly decidedBy: string;
  readonly personId: string | null;
  readonly reasonCode: string;
  readonly note?: string | undefined;
  readonly approvalId?: string | undefined;
}

/** Adds a step and moves the state that is read for lists; both or neither. A report's first step makes its state. */
export async function addStep(
  tx: Tx,
  step: NewStep,
  state: MatchState,
  round: number,
  at: Temporal.Instant,
): Promise<void> {
  await addSteps(tx, [{ ...step, state, round }], at);
}

/**
 * The first step of reports that the same act wrote, and where each stands by it.
 * @returns what ties the steps to the event: its `batches`
 */
export async function addFirstSteps(
  tx: Tx,
  steps: readonly (NewStep & { readonly state: MatchState; readonly round: number })[],
  on: Temporal.Instant,
): Promise<Tie> {
  const at = momentInJson(on);
  const tied = await copyTied(
    tx,
    'resident_tax.match_step',
    ['report_id', 'step_no'],
    steps.map((s) => ({
      report_id: s.reportId,
      step_no: 1,
      step: s.step,
      decided_by: s.decidedBy,
      person_id: s.personId,
      reason_code: s.reasonCode,
      note: s.note ?? null,
      approval_id: s.approvalId ?? null,
      at,
    })),
  );
  await copyRows(
    tx,
    'resident_tax.report_state',
    steps.map((s) => ({
      report_id: s.reportId,
      state: s.state,
      person_id: statePerson(s),
      last_step: 1,
      round: s.round,
      changed_at: at,
    })),
  );
  return tied;
}

/** A report points at a person only where it is that person's, or is about to be. */
const statePerson = (s: { readonly state: MatchState; readonly personId: string | null }): string | null =>
  ['linked', 'awaiting-second', 'superseded'].includes(s.state) ? s.personId : null;

export async function addSteps(
  tx: Tx,
  steps: readonly (NewStep & { readonly state: MatchState; readonly round: number })[],
  at: Temporal.Instant,
): Promise<void> {
  const rows = steps.map((s) => ({ ...s, statePersonId: statePerson(s) }));
  await tx`
    insert into resident_tax.match_step (report_id, step_no, step, decided_by, person_id, reason_code, note, approval_id, at, event_id)
    select "reportId", coalesce((select max(m.step_no) from resident_tax.match_step m where m.report_id = "reportId"), 0) + 1, step,
           "decidedBy", "personId", "reasonCode", note, "approvalId", ${at}::timestamptz, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows)}::jsonb) as s("reportId" uuid, step text, "decidedBy" text, "personId" uuid,
        "reasonCode" text, note text, "approvalId" uuid)`;
  await tx`
    insert into resident_tax.report_state (report_id, state, person_id, last_step, round, changed_at)
    select "reportId", state, "statePersonId", (select max(m.step_no) from resident_tax.match_step m where m.report_id = "reportId"),
           round, ${at}::timestamptz
      from jsonb_to_recordset(${json(rows)}::jsonb) as s("reportId" uuid, state text, "statePersonId" uuid, round int)
    on conflict (report_id) do update set state = excluded.state, person_id = excluded.person_id, last_step = excluded.last_step,
      round = excluded.round, changed_at = excluded.changed_at`;
}

export async function addCandidates(
  tx: Tx,
  candidates: readonly {
    readonly candidateId: string;
    readonly reportId: string;
    readonly round: number;
    readonly rank: number;
    readonly candidate: Candidate<string>;
  }[],
): Promise<void> {
  if (candidates.length === 0) return;
  const rows = candidates.map(({ candidate, ...rest }) => ({ ...rest, ...candidate }));
  await tx`
    insert into resident_tax.match_candidate (candidate_id, report_id, round, rank, person_id, agrees, differs, event_id)
    select "candidateId", "reportId", round, rank, "personId", array(select jsonb_array_elements_text(agrees)),
           array(select jsonb_array_elements_text(differs)), ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows)}::jsonb) as c("candidateId" uuid, "reportId" uuid, round int, rank int, "personId" uuid,
        agrees jsonb, differs jsonb)`;
}

export async function candidatesOf(tx: Tx, reportId: string, round: number): Promise<Candidate<string>[]> {
  return tx<Candidate<string>>`
    select person_id as "personId", agrees, differs from resident_tax.match_candidate
     where report_id = ${reportId} and round = ${round} order by rank`;
}

export async function addSupersessions(
  tx: Tx,
  pairs: readonly { readonly reportId: string; readonly byReportId: string }[],
): Promise<void> {
  await tx`
    insert into resident_tax.report_supersession (report_id, by_report_id, event_id)
    select "reportId", "byReportId", ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(pairs)}::jsonb) as p("reportId" uuid, "byReportId" uuid)`;
}

export interface StepLine {
  readonly step: Step;
  readonly decidedBy: string;
  readonly personId: string | null;
  readonly reasonCode: string;
  readonly note: string | null;
  readonly approvalId: string | null;
  readonly at: Temporal.Instant;
}

export async function stepsOf(tx: Tx, reportId: string): Promise<StepLine[]> {
  const rows = await tx<Omit<StepLine, 'at'> & { at: string }>`
    select step, decided_by as "decidedBy", person_id as "personId", reason_code as "reasonCode", note, approval_id as "approvalId",
           to_json(at)#>>'{}' as at
      from resident_tax.match_step where report_id = ${reportId} order by step_no`;
  return rows.map((r) => ({ ...r, at: Temporal.Instant.from(r.at) }));
}

export interface WorkLine {
  readonly reportId: string;
  readonly kind: DocumentKind;
  readonly state: MatchState;
  readonly reasonCode: string;
  readonly receptionNumber: string;
  readonly rowNumber: number;
  readonly incomeYear: number;
  readonly name: string;
  readonly kana: string;
  readonly bornOn: string | null;
  readonly payerName: string;
  readonly candidates: number;
  readonly since: Temporal.Instant;
}

export const workSorts = ['reception', 'kana', 'payer', 'since'] as const;
export type WorkSort = (typeof workSorts)[number];

export interface WorkQuery {
  /** null: all that is open. */
  readonly state: string | null;
  readonly reasonCode: string | null;
  readonly kana: string | null;
  readonly payer: string | null;
  readonly sort: WorkSort;
  readonly descending: boolean;
  readonly limit: number;
  readonly offset: number;
}

/** 突合作業一覧: reports that wait for a person's decision. */
export async function workLines(tx: Tx, q: WorkQuery): Promise<{ readonly rows: WorkLine[]; readonly total: number }> {
  const like = (text: string | null): string | null =>
    text === null ? null : `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const rows = await tx<Omit<WorkLine, 'since'> & { since: string; total: number }>`
    with line as (
      select r.report_id as "reportId", r.kind, s.state, m.reason_code as "reasonCode", i.reception_no as "receptionNumber",
             r.row_number as "rowNumber", r.income_year as "incomeYear", r.name, r.kana, r.born_on::text as "bornOn",
             r.payer_name as "payerName", to_json(s.changed_at)#>>'{}' as since,
             (select count(*)::int from resident_tax.match_candidate c where c.report_id = r.report_id and c.round = s.round) as candidates
        from resident_tax.report_state s join resident_tax.report r using (report_id) join resident_tax.intake i using (intake_id)
        join resident_tax.match_step m on m.report_id = s.report_id and m.step_no = s.last_step
       where s.state in ('candidates', 'none', 'awaiting-second')
         and (${q.state}::text is null or s.state = ${q.state})
         and (${like(q.kana)}::text is null or r.kana like ${like(q.kana)})
         and (${like(q.payer)}::text is null or r.payer_name like ${like(q.payer)}))
    select *, count(*) over ()::int as total from line
     where (${q.reasonCode}::text is null or "reasonCode" = ${q.reasonCode})
     order by
       case when not ${q.descending} then case ${q.sort} when 'kana' then kana when 'payer' then "payerName" when 'since' then since else "receptionNumber" end end,
       case when ${q.descending} then case ${q.sort} when 'kana' then kana when 'payer' then "payerName" when 'since' then since else "receptionNumber" end end desc,
       "rowNumber", "reportId"
     limit ${q.limit} offset ${q.offset}`;
  return {
    rows: rows.map(({ total: _total, ...line }) => ({ ...line, since: Temporal.Instant.from(line.since) })),
    total: rows[0]?.total ?? 0,
  };
}
