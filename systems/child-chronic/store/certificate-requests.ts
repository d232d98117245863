import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface CertificateRequest {
  readonly inquiryRequestId: string;
  readonly reason: string;
  readonly askedBy: string;
  readonly askedOn: string;
}

/** What the applicant was asked for, the newest first. */
export async function certificateRequests(tx: Tx, caseId: string): Promise<CertificateRequest[]> {
  return tx<CertificateRequest>`
    select inquiry_request_id as "inquiryRequestId", reason, asked_by as "askedBy", asked_on::text as "askedOn"
      from child_chronic.certificate_request where case_id = ${caseId} order by asked_at desc`;
}

/** False where it was asked on this inquiry before. */
export async function insertCertificateRequest(
  tx: Tx,
  row: Omit<CertificateRequest, 'askedOn'> & {
    readonly id: string;
    readonly caseId: string;
    readonly on: Temporal.PlainDate;
    readonly at: Temporal.Instant;
  },
): Promise<boolean> {
  const made = await tx`
    insert into child_chronic.certificate_request
      (certificate_request_id, case_id, inquiry_request_id, reason, asked_by, asked_on, asked_at, event_id)
    values (${row.id}, ${row.caseId}, ${row.inquiryRequestId}, ${row.reason}, ${row.askedBy}, ${row.on}, ${row.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return made.length === 1;
}
