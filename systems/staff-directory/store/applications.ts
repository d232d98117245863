import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export type ApplicationKind = 'account' | 'grant' | 'terminal';

export interface StoredApplication {
  readonly approvalId: string;
  readonly kind: ApplicationKind;
  readonly payload: Record<string, unknown>;
  readonly reason: string;
  readonly appliedBy: string;
  /** Milliseconds since the epoch. */
  readonly appliedAtMs: number;
  readonly decision: 'approved' | 'rejected' | null;
  readonly decidedBy: string | null;
}

export async function insertApplication(
  tx: Tx,
  application: Pick<StoredApplication, 'approvalId' | 'kind' | 'reason' | 'appliedBy'> & {
    readonly payload: object;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into staff_directory.application (approval_id, kind, payload, reason, applied_by, applied_at, event_id)
    values (${application.approvalId}, ${application.kind}, ${json(application.payload)}, ${application.reason},
      ${application.appliedBy}, ${application.at}, ${tx.eventId})`;
}

export async function findApplication(tx: Tx, approvalId: string): Promise<StoredApplication | undefined> {
  const rows = await tx<StoredApplication>`
    select a.approval_id as "approvalId", a.kind, a.payload, a.reason, a.applied_by as "appliedBy",
           (extract(epoch from a.applied_at) * 1000)::bigint as "appliedAtMs", d.decision, d.decided_by as "decidedBy"
      from staff_directory.application a left join approvals.decision d using (approval_id)
     where a.approval_id = ${approvalId}::uuid`;
  return rows[0];
}

/** Undecided first, then the newest. */
export const listApplications = (tx: Tx, limit: number): Promise<StoredApplication[]> => tx<StoredApplication>`
  select a.approval_id as "approvalId", a.kind, a.payload, a.reason, a.applied_by as "appliedBy",
         (extract(epoch from a.applied_at) * 1000)::bigint as "appliedAtMs", d.decision, d.decided_by as "decidedBy"
    from staff_directory.application a left join approvals.decision d using (approval_id)
   order by d.decision is not null, a.applied_at desc limit ${limit}`;
