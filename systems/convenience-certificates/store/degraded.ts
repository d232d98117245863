import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface DegradedSwitch {
  readonly switchNo: number;
  readonly on: boolean;
  readonly reason: string;
  readonly switchedBy: string;
  readonly switchedAt: string;
}

/** One switch at a time; call first. */
export async function lockSwitch(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('degraded operation', 0))`;
}

export async function currentSwitch(tx: Tx): Promise<DegradedSwitch | undefined> {
  const [row] = await tx<DegradedSwitch>`
    select switch_no as "switchNo", on_ as "on", reason, switched_by as "switchedBy", to_json(switched_at)#>>'{}' as "switchedAt"
      from convenience_certificates.degraded_switch order by switch_no desc limit 1`;
  return row;
}

export async function insertSwitch(
  tx: Tx,
  next: {
    readonly switchNo: number;
    readonly on: boolean;
    readonly reason: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into convenience_certificates.degraded_switch (switch_no, on_, reason, switched_by, switched_at, event_id)
    values (${next.switchNo}, ${next.on}, ${next.reason}, ${next.by}, ${next.at}, ${tx.eventId})`;
}

export interface DegradedIssue {
  readonly issueId: string;
  readonly documentNo: string;
  readonly switchNo: number;
  readonly orgPersonNumber: string;
  readonly recordId: string;
  readonly copies: number;
  readonly feeYen: number;
  readonly identifiedBy: string;
  readonly pages: number;
  readonly subjectCheck: string;
  readonly sha256: Uint8Array;
  readonly sealedRef: string;
  readonly issuedBy: string;
  readonly issuedAt: string;
}

export async function insertDegradedIssue(tx: Tx, issue: DegradedIssue): Promise<void> {
  await tx`
    insert into convenience_certificates.degraded_issue (issue_id, document_no, switch_no, org_person_number, record_id, copies, fee_yen,
      identified_by, pages, subject_check, sha256, sealed_ref, issued_by, issued_at, event_id)
    values (${issue.issueId}, ${issue.documentNo}, ${issue.switchNo}, ${issue.orgPersonNumber}, ${issue.recordId}, ${issue.copies},
      ${issue.feeYen}, ${issue.identifiedBy}, ${issue.pages}, ${issue.subjectCheck}, ${issue.sha256}, ${issue.sealedRef},
      ${issue.issuedBy}, ${issue.issuedAt}::timestamptz, ${tx.eventId})`;
}

export async function findDegradedIssue(tx: Tx, documentNo: string): Promise<DegradedIssue | undefined> {
  const [row] = await tx<DegradedIssue>`
    select issue_id as "issueId", document_no as "documentNo", switch_no as "switchNo", org_person_number as "orgPersonNumber",
           record_id as "recordId", copies, fee_yen as "feeYen", identified_by as "identifiedBy", pages, subject_check as "subjectCheck",
           sha256, sealed_ref as "sealedRef", issued_by as "issuedBy", to_json(issued_at)#>>'{}' as "issuedAt"
      from convenience_certificates.degraded_issue where document_no = ${documentNo}`;
  return row;
}

export interface ListedDegradedIssue {
  readonly documentNo: string;
  readonly copies: number;
  readonly feeYen: number;
  readonly issuedBy: string;
  readonly issuedAt: string;
}
export async function listDegradedIssues(tx: Tx, limit: number): Promise<ListedDegradedIssue[]> {
  return tx<ListedDegradedIssue>`
    select document_no as "documentNo", copies, fee_yen as "feeYen", issued_by as "issuedBy", to_json(issued_at)#>>'{}' as "issuedAt"
      from convenience_certificates.degraded_issue order by issued_at desc limit ${limit}`;
}
