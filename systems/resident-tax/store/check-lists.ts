import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { CheckAnswer, CheckRule } from '../domain/check-rules.ts';

/**
 * How much of everything a list rests on there is now. Facts are only added, so the same counts mean the same contents: register and
 * restrictions, documents and whom they are about, what clerks settled and denied, levies.
 */
export async function basisOf(tx: Tx): Promise<string> {
  const [row] = await tx<{ basis: string }>`
    select format('register %s, documents %s, settlements %s, denials %s, levies %s',
             (select count(*) from resident_tax.person_state), (select count(*) from resident_tax.match_step),
             (select count(*) from resident_tax.report_settlement), (select count(*) from resident_tax.dependant_denial_step), (select count(*) from resident_tax.assessment)) as basis`;
  return row!.basis;
}

/** One list of a year at a time. */
export async function lockCheckLists(tx: Tx, fiscalYear: number): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`check lists ${fiscalYear}`}, 0))`;
}

interface Terms {
  readonly fiscalYear: number;
  /** 扶養親族等の合計所得金額の限度, yen. */
  readonly incomeLimit: number;
  /** 配偶者特別控除 ends above this total income, yen. */
  readonly spouseLimit: number;
}

/** Makes the list of all rules in one statement. @returns how many findings there are, by rule */
export async function insertCheckList(
  tx: Tx,
  list: Terms & {
    readonly checkListId: string;
    readonly basis: string;
    readonly madeBy: string;
    readonly madeAt: Temporal.Instant;
  },
): Promise<Map<CheckRule, number>> {
  const incomeYear = list.fiscalYear - 1;
  const rows = await tx<{ rule: CheckRule; n: number }>`
    with standing as materialized (
      select r.report_id, r.kind, r.payer_number, r.payer_name, r.columns, s.person_id
        from resident_tax.report_state s join resident_tax.report r using (report_id)
       where s.state = 'linked' and r.income_year = ${incomeYear} and r.submission_kind <> 'cancellation'),
    claim as materialized (
      select st.person_id as taxpayer, r.person_id as relative, r.kind, min(st.report_id::text)::uuid as report_id
        from standing st join resident_tax.report_relative r using (report_id)
       where r.person_id is not null
         -- A relative whose deduction was denied is claimed no more.
         and not exists (select 1 from resident_tax.dependant_denial d
                          where d.report_id = r.report_id and d.relative_no = r.relative_no
                            and 'decided' = (select k.step from resident_tax.dependant_denial_step k
                                              where k.denial_id = d.denial_id order by k.step_no desc limit 1))
       group by 1, 2, 3),
    levy as (
      select a.person_id, a.total_income_yen from resident_tax.assessment a
       where a.fiscal_year = ${list.fiscalYear}
         and not exists (select 1 from resident_tax.assessment n where n.previous_id = a.assessment_id)),
    finding as (
      select 'dependant-claimed-twice' as rule, c.taxpayer as person_id, o.taxpayer as other_id, array[c.report_id, o.report_id] as report_ids
        from claim c join claim o on o.relative = c.relative and o.taxpayer > c.taxpayer
      union all
      select 'dependant-has-income', c.taxpayer, c.relative, array[c.report_id]
        from claim c join levy l on l.person_id = c.relative where l.total_income_yen > ${list.incomeLimit}::bigint and c.kind <> 'spouse'
      union all
      -- A spouse above the limit may still be deducted in part; above what gives nothing it is an error.
      select 'dependant-has-income', c.taxpayer, c.relative, array[c.report_id]
        from claim c join levy l on l.person_id = c.relative where l.total_income_yen > ${list.spouseLimit}::bigint and c.kind = 'spouse'
      union all
      select 'dependant-claims-dependants', c.taxpayer, c.relative, array[c.report_id, o.report_id]
        from claim c join claim o on o.taxpayer = c.relative
       where c.kind <> 'spouse' and o.kind <> 'spouse' and o.relative <> c.taxpayer and c.relative <> c.taxpayer
      union all
      select 'claims-oneself', c.taxpayer, null, array[c.report_id] from claim c where c.relative = c.taxpayer
      union all
      select 'wrong-age-of-dependant', c.taxpayer, c.relative, array[c.report_id]
        from claim c join resident_tax.person p on p.person_id = c.relative
        join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
       -- Born on 1 January: a year older on 31 December (年齢計算ニ関スル法律).
       where (c.kind = 'young') <> (s.birth_date > make_date(${incomeYear}::int - 15, 1, 1)) and c.kind <> 'spouse'
      union all
      select 'two-main-payers', st.person_id, null, array_agg(st.report_id order by st.report_id)
        from standing st
       where st.kind = 'salary-payment-report' and coalesce(st.columns->>'secondaryWithholding', 'false') <> 'true'
         and coalesce(st.columns->>'employmentChange', 'none') = 'none'
       group by st.person_id having count(distinct coalesce(st.payer_number, st.payer_name)) > 1
      union all
      select 'gone-before-levy-date', st.person_id, null, array_agg(st.report_id order by st.report_id)
        from standing st join resident_tax.person p using (person_id)
        join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
       where s.removed_on < make_date(${list.fiscalYear}::int, 1, 1) group by st.person_id),
    numbered as (
      select row_number() over (order by rule, person_id, other_id)::int as finding_no, * from finding),
    list as (
      insert into resident_tax.check_list (check_list_id, fiscal_year, basis, finding_count, made_by, made_at, event_id)
      select ${list.checkListId}, ${list.fiscalYear}, ${list.basis}, (select count(*) from numbered), ${list.madeBy}, ${list.madeAt}, ${tx.eventId}::uuid
      returning 1),
    written as (
      insert into resident_tax.check_finding (check_list_id, finding_no, rule, person_id, other_id, report_ids, event_id)
      select ${list.checkListId}, finding_no, rule, person_id, other_id, report_ids, ${tx.eventId}::uuid from numbered, list
      returning rule)
    select rule, count(*)::int as n from written group by rule order by rule`;
  return new Map(rows.map(({ rule, n }) => [rule, n]));
}

export interface CheckList {
  readonly checkListId: string;
  readonly fiscalYear: number;
  readonly basis: string;
  readonly findings: number;
  readonly answered: number;
  readonly madeBy: string;
  readonly madeAt: Temporal.Instant;
}

/** The newest list of the year. */
export async function newestCheckList(tx: Tx, fiscalYear: number): Promise<CheckList | undefined> {
  const [row] = await tx<Omit<CheckList, 'madeAt'> & { madeAt: string }>`
    select l.check_list_id as "checkListId", l.fiscal_year as "fiscalYear", l.basis, l.finding_count as findings, l.made_by as "madeBy",
           (select count(*)::int from resident_tax.check_answer a where a.check_list_id = l.check_list_id) as answered,
           to_json(l.made_at)#>>'{}' as "madeAt"
      from resident_tax.check_list l where l.fiscal_year = ${fiscalYear} order by l.made_at desc, l.check_list_id desc limit 1`;
  return row && { ...row, madeAt: Temporal.Instant.from(row.madeAt) };
}

export interface Finding {
  readonly findingNo: number;
  readonly rule: CheckRule;
  readonly personId: string;
  readonly name: string;
  readonly otherId: string | null;
  readonly otherName: string | null;
  readonly reportIds: readonly string[];
  readonly answer: CheckAnswer | null;
  readonly note: string | null;
  readonly answeredBy: string | null;
}

/** Findings of a list by number, cut on the server. */
export async function findingsOf(
  tx: Tx,
  query: {
    readonly checkListId: string;
    readonly rule: string | null;
    readonly state: string | null;
    readonly limit: number;
    readonly offset: number;
  },
): Promise<{ readonly rows: Finding[]; readonly total: number }> {
  const rows = await tx<Finding & { total: number }>`
    select f.finding_no as "findingNo", f.rule, f.person_id as "personId", s.name, f.other_id as "otherId", os.name as "otherName",
           f.report_ids::text[] as "reportIds", a.answer, a.note, a.answered_by as "answeredBy", count(*) over ()::int as total
      from resident_tax.check_finding f
      join resident_tax.person p on p.person_id = f.person_id
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
      left join resident_tax.person o on o.person_id = f.other_id
      left join resident_tax.person_state os on os.person_id = o.person_id and os.version = o.current_version
      left join resident_tax.check_answer a using (check_list_id, finding_no)
     where f.check_list_id = ${query.checkListId} and (${query.rule}::text is null or f.rule = ${query.rule})
       and (${query.state}::text is null or (${query.state} = 'open') = (a.answer is null))
     order by f.finding_no limit ${query.limit} offset ${query.offset}`;
  return { rows: rows.map(({ total: _total, ...row }) => row), total: rows[0]?.total ?? 0 };
}

/** @returns whether it was entered: a finding is answered once, and only one that is there */
export async function insertAnswer(
  tx: Tx,
  answer: {
    readonly checkListId: string;
    readonly findingNo: number;
    readonly answer: CheckAnswer;
    readonly note: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<{ readonly personId: string } | undefined> {
  const [row] = await tx<{ personId: string }>`
    with added as (
      insert into resident_tax.check_answer (check_list_id, finding_no, answer, note, answered_by, answered_at, event_id)
      select check_list_id, finding_no, ${answer.answer}, ${answer.note}, ${answer.by}, ${answer.at}::timestamptz, ${tx.eventId}::uuid
        from resident_tax.check_finding where check_list_id = ${answer.checkListId} and finding_no = ${answer.findingNo}
      on conflict do nothing returning check_list_id, finding_no)
    select person_id as "personId" from added join resident_tax.check_finding using (check_list_id, finding_no)`;
  return row;
}
