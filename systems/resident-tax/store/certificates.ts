import { json, type Tx } from '@musubi/kernel/db/sql.ts';

/** A levy in force, with what decides whether a certificate may be issued of it. */
export interface LevyInForce {
  readonly assessmentId: string;
  readonly personId: string;
  readonly fiscalYear: number;
  readonly status: 'not-taxable' | 'exempt' | 'per-capita-only' | 'taxed';
  /** A newer version is drafted and not decided. */
  readonly underCorrection: boolean;
}

/** The newest levy of the person's year that was decided by then; undefined where there is none (未申告). */
export async function levyInForce(
  tx: Tx,
  personId: string,
  fiscalYear: number,
  until: Temporal.Instant | null = null,
): Promise<LevyInForce | undefined> {
  const [row] = await tx<LevyInForce>`
    select a.assessment_id as "assessmentId", a.person_id as "personId", a.fiscal_year as "fiscalYear", a.status,
           exists (select 1 from resident_tax.assessment n
                    where n.person_id = a.person_id and n.fiscal_year = a.fiscal_year and n.version > a.version
                      and (${until}::timestamptz is null or n.drafted_at <= ${until})) as "underCorrection"
      from resident_tax.assessment a join resident_tax.assessment_decision d using (assessment_id)
     where a.person_id = ${personId} and a.fiscal_year = ${fiscalYear}
       and (${until}::timestamptz is null or d.decided_at <= ${until})
     order by a.version desc limit 1`;
  return row;
}

/** Years of which the person has a decided levy, the newest first. */
export async function yearsOf(tx: Tx, personId: string): Promise<number[]> {
  const rows = await tx<{ year: number }>`
    select distinct a.fiscal_year as year from resident_tax.assessment a join resident_tax.assessment_decision using (assessment_id)
     where a.person_id = ${personId} order by 1 desc`;
  return rows.map(({ year }) => year);
}

export async function nextCertificateSerial(tx: Tx): Promise<number> {
  const [row] = await tx<{ n: number }>`select nextval('resident_tax.certificate_serial')::int as n`;
  if (row === undefined) throw new Error('a sequence without a value');
  return row.n;
}

export interface StoredIssue {
  readonly issueId: string;
  readonly documentNo: string;
  readonly kind: 'levy' | 'exempt';
  readonly fiscalYear: number;
  readonly assessmentId: string;
  readonly personId: string;
  readonly personVersion: number;
  readonly levyDateVersion: number;
  readonly addressShown: boolean;
  readonly issuer: { readonly ward: string; readonly title: string; readonly name: string };
  readonly form: string;
  readonly requester: 'self' | 'agent' | 'household' | 'public-body';
  readonly identifiedBy: 'individual-number-card' | 'licence' | 'passport' | 'two-documents' | 'official-letter';
  readonly purpose: string;
  readonly copies: number;
  readonly feeYen: number;
  readonly feeWaiver: 'public-use' | 'public-assistance' | null;
  readonly pages: number;
  readonly subjectCheck: string;
  readonly sha256: Uint8Array;
  readonly sizeBytes: number;
  readonly sealedRef: string;
  readonly issuedBy: string;
  readonly issuedOn: string;
  readonly issuedAt: string;
}

export async function insertIssue(tx: Tx, issue: StoredIssue): Promise<void> {
  await tx`
    insert into resident_tax.certificate_issue (issue_id, document_no, kind, fiscal_year, assessment_id, person_id, person_version,
      levy_date_version, address_shown, issuer, form, requester, identified_by, purpose, copies, fee_yen, fee_waiver, pages,
      subject_check, sha256, size_bytes, sealed_ref, issued_by, issued_on, issued_at, event_id)
    values (${issue.issueId}, ${issue.documentNo}, ${issue.kind}, ${issue.fiscalYear}, ${issue.assessmentId}, ${issue.personId},
      ${issue.personVersion}, ${issue.levyDateVersion}, ${issue.addressShown}, ${json(issue.issuer)}, ${issue.form}, ${issue.requester},
      ${issue.identifiedBy}, ${issue.purpose}, ${issue.copies}, ${issue.feeYen}, ${issue.feeWaiver}, ${issue.pages},
      ${issue.subjectCheck}, ${issue.sha256}, ${issue.sizeBytes}, ${issue.sealedRef}, ${issue.issuedBy}, ${issue.issuedOn}::date,
      ${issue.issuedAt}::timestamptz, ${tx.eventId})`;
}

export async function findIssue(tx: Tx, documentNo: string): Promise<StoredIssue | undefined> {
  const [row] = await tx<StoredIssue>`
    select issue_id as "issueId", document_no as "documentNo", kind, fiscal_year as "fiscalYear", assessment_id as "assessmentId",
           person_id as "personId", person_version as "personVersion", levy_date_version as "levyDateVersion",
           address_shown as "addressShown", issuer, form, requester, identified_by as "identifiedBy", purpose, copies,
           fee_yen as "feeYen", fee_waiver as "feeWaiver", pages, subject_check as "subjectCheck", sha256, size_bytes as "sizeBytes",
           sealed_ref as "sealedRef", issued_by as "issuedBy", issued_on::text as "issuedOn", to_json(issued_at)#>>'{}' as "issuedAt"
      from resident_tax.certificate_issue where document_no = ${documentNo}`;
  return row;
}

export async function insertReprint(
  tx: Tx,
  reprint: { readonly issueId: string; readonly reason: string; readonly by: string; readonly at: Temporal.Instant },
): Promise<number> {
  await tx`select pg_advisory_xact_lock(hashtextextended('certificate reprint ' || ${reprint.issueId}, 0))`;
  const [row] = await tx<{ no: number }>`
    insert into resident_tax.certificate_reprint (issue_id, reprint_no, reason, printed_by, printed_at, event_id)
    select ${reprint.issueId}::uuid, coalesce(max(reprint_no), 0) + 1, ${reprint.reason}, ${reprint.by}, ${reprint.at}, ${tx.eventId}::uuid
      from resident_tax.certificate_reprint where issue_id = ${reprint.issueId} returning reprint_no as no`;
  return row?.no ?? 0;
}

/** False where it was handed over before. */
export async function insertHandover(
  tx: Tx,
  handover: { readonly issueId: string; readonly sheets: number; readonly by: string; readonly at: Temporal.Instant },
): Promise<boolean> {
  const rows = await tx`
    insert into resident_tax.certificate_handover (issue_id, sheets, handed_by, handed_at, event_id)
    values (${handover.issueId}, ${handover.sheets}, ${handover.by}, ${handover.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}

/** 発行台帳: of every channel, the newest first. */
export interface ListedIssue {
  readonly documentNo: string;
  readonly channel: 'counter' | 'store' | 'degraded-counter';
  readonly personId: string;
  readonly name: string;
  readonly fiscalYear: number;
  readonly copies: number;
  readonly feeYen: number;
  readonly reprints: number;
  readonly handedOver: boolean;
  readonly counted: boolean;
  readonly issuedAt: string;
  readonly total: number;
}
export async function listIssues(
  tx: Tx,
  query: { readonly personId: string | null; readonly limit: number; readonly offset: number },
): Promise<ListedIssue[]> {
  return tx<ListedIssue>`
    select x.*, s.name, count(*) over ()::int as total from (
      select i.document_no as "documentNo", 'counter' as channel, i.person_id as "personId", i.fiscal_year as "fiscalYear", i.copies,
             i.fee_yen as "feeYen", (select count(*)::int from resident_tax.certificate_reprint r where r.issue_id = i.issue_id) as reprints,
             exists (select 1 from resident_tax.certificate_handover h where h.issue_id = i.issue_id) as "handedOver", true as counted,
             to_json(i.issued_at)#>>'{}' as "issuedAt", i.issued_at as moment
        from resident_tax.certificate_issue i
      union all
      select e.document_no, e.channel, e.person_id, e.fiscal_year, e.copies, e.fee_yen, 0, true, e.counted,
             to_json(e.issued_at)#>>'{}', e.issued_at
        from resident_tax.certificate_issued_elsewhere e) x
      join resident_tax.person p on p.person_id = x."personId"
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
     where (${query.personId}::uuid is null or x."personId" = ${query.personId}::uuid)
     order by x.moment desc, x."documentNo" limit ${query.limit} offset ${query.offset}`;
}

export async function findOrgNumber(tx: Tx, personId: string): Promise<string | undefined> {
  const [row] = await tx<{ number: string }>`
    select org_person_number as number from resident_tax.person where person_id = ${personId}`;
  return row?.number;
}

export async function findPersonByOrgNumber(tx: Tx, orgPersonNumber: string): Promise<string | undefined> {
  const [row] = await tx<{ id: string }>`
    select person_id as id from resident_tax.person where org_person_number = ${orgPersonNumber}`;
  return row?.id;
}

/** Of which fiscal years certificates are published, by which facts a record counts. */
export interface RecordFacts {
  readonly personId: string;
  readonly orgPersonNumber: string;
  readonly addresseeNumber: string;
  readonly fiscalYear: number;
  readonly assessmentId: string;
  readonly personVersion: number;
  readonly restriction: '0' | '1' | '3' | '4' | '5';
}

/** As the facts stand now; what was published before is left out unless `all`. 0 comes last in the law's order of reasons. */
export async function recordFacts(
  tx: Tx,
  query: {
    readonly fiscalYears: readonly number[];
    readonly personId: string | null;
    readonly all: boolean;
    readonly limit: number;
  },
): Promise<RecordFacts[]> {
  return tx<RecordFacts>`
    select f.* from (
      select a.person_id as "personId", p.org_person_number as "orgPersonNumber", p.addressee_number as "addresseeNumber",
             a.fiscal_year as "fiscalYear", a.assessment_id as "assessmentId", p.current_version as "personVersion",
             case when s.status = 'removed' then '4' when s.address_protected then '1' when a.status = 'not-taxable' then '5'
                  when exists (select 1 from resident_tax.assessment n where n.previous_id = a.assessment_id) then '3' else '0'
             end as restriction
        from resident_tax.assessment a
        join resident_tax.assessment_decision d using (assessment_id)
        join resident_tax.person p on p.person_id = a.person_id
        join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
       where a.fiscal_year = any (${query.fiscalYears}::int[])
         and (${query.personId}::uuid is null or a.person_id = ${query.personId}::uuid)
         and not exists (select 1 from resident_tax.assessment n join resident_tax.assessment_decision using (assessment_id)
                          where n.person_id = a.person_id and n.fiscal_year = a.fiscal_year and n.version > a.version)) f
     where ${query.all}::boolean or not exists (
       select 1 from resident_tax.certificate_publication c
        where c.person_id = f."personId" and c.fiscal_year = f."fiscalYear" and c.assessment_id = f."assessmentId"
          and c.person_version = f."personVersion" and c.restriction = f.restriction
          and not exists (select 1 from resident_tax.certificate_publication l
                           where l.person_id = c.person_id and l.fiscal_year = c.fiscal_year and l.ordinal > c.ordinal))
     order by f."personId", f."fiscalYear" limit ${query.limit}`;
}

export interface Publication extends RecordFacts {
  readonly recordId: string;
  readonly messageId: string;
}
export async function insertPublications(tx: Tx, rows: readonly Publication[], at: Temporal.Instant): Promise<void> {
  await tx`
    insert into resident_tax.certificate_publication (record_id, person_id, fiscal_year, ordinal, assessment_id, person_version,
      restriction, message_id, published_at, event_id)
    select r."recordId", r."personId", r."fiscalYear",
           1 + coalesce((select max(c.ordinal) from resident_tax.certificate_publication c
                          where c.person_id = r."personId" and c.fiscal_year = r."fiscalYear"), 0),
           r."assessmentId", r."personVersion", r.restriction, r."messageId", ${at}::timestamptz, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(rows)}::jsonb) as r("recordId" uuid, "personId" uuid, "fiscalYear" int, "assessmentId" uuid,
        "personVersion" int, restriction text, "messageId" uuid)`;
}

/** One publisher at a time. */
export async function lockPublications(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('resident-tax certificate records', 0))`;
}

/** False where the issue is known. */
export async function insertIssuedElsewhere(
  tx: Tx,
  issue: {
    readonly issueId: string;
    readonly personId: string;
    readonly fiscalYear: number;
    readonly documentNo: string;
    readonly channel: string;
    readonly place: string;
    readonly copies: number;
    readonly feeYen: number;
    readonly counted: boolean;
    readonly issuedAt: string;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into resident_tax.certificate_issued_elsewhere (issue_id, person_id, fiscal_year, document_no, channel, place, copies,
      fee_yen, counted, issued_at, event_id)
    values (${issue.issueId}, ${issue.personId}, ${issue.fiscalYear}, ${issue.documentNo}, ${issue.channel}, ${issue.place},
      ${issue.copies}, ${issue.feeYen}, ${issue.counted}, ${issue.issuedAt}::timestamptz, ${tx.eventId})
    on conflict (issue_id) do nothing returning 1`;
  return rows.length === 1;
}
