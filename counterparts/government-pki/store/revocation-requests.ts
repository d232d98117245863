import type { Tx } from '@musubi/kernel/db/sql.ts';

export const revocationReasons = ['key-compromise', 'affiliation-changed', 'superseded', 'cessation'] as const;
export type RevocationReason = (typeof revocationReasons)[number];

export interface NewRevocationRequest {
  readonly requestId: string;
  readonly organisation: string;
  readonly system: string;
  readonly serials: readonly string[];
  readonly reason: RevocationReason;
  readonly explanation: string;
  readonly approvalId: string;
}

export interface RevocationRequest extends NewRevocationRequest {
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly expiresAt: string;
  readonly decision: 'approved' | 'rejected' | null;
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
}

export async function insertRevocationRequest(tx: Tx, r: NewRevocationRequest, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into government_pki.revocation_request
      (request_id, organisation, system, serials, reason, explanation, approval_id, requested_at, event_id)
    values (${r.requestId}, ${r.organisation}, ${r.system}, ${[...r.serials]}::text[], ${r.reason}, ${r.explanation},
            ${r.approvalId}, ${at}, ${tx.eventId})`;
}

/** Those that wait first, then the newest; one where its id is given. */
export const revocationRequests = (
  tx: Tx,
  query: { readonly requestId?: string; readonly limit: number; readonly offset?: number },
): Promise<RevocationRequest[]> => tx<RevocationRequest>`
  select q.request_id as "requestId", q.organisation, q.system, q.serials, q.reason, q.explanation,
         q.approval_id as "approvalId", r.requested_by as "requestedBy", to_json(q.requested_at)#>>'{}' as "requestedAt",
         to_json(r.expires_at)#>>'{}' as "expiresAt", d.decision, d.decided_by as "decidedBy",
         to_json(d.decided_at)#>>'{}' as "decidedAt"
    from government_pki.revocation_request as q
    join approvals.request as r using (approval_id) left join approvals.decision as d using (approval_id)
   where ${query.requestId ?? null}::uuid is null or q.request_id = ${query.requestId ?? null}::uuid
   order by (d.decision is null) desc, q.requested_at desc limit ${query.limit} offset ${query.offset ?? 0}`;

export async function requestCounts(
  tx: Tx,
  at: Temporal.Instant,
): Promise<{ readonly all: number; readonly waiting: number }> {
  const [row] = await tx<{ all: number; waiting: number }>`
    select count(*)::int as all, (count(*) filter (where d.decision is null and r.expires_at > ${at}))::int as waiting
      from government_pki.revocation_request as q
      join approvals.request as r using (approval_id) left join approvals.decision as d using (approval_id)`;
  return row!;
}

/** Whether one of these waits for a decision already. */
export async function isAwaitingDecision(tx: Tx, serials: readonly string[], at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    select 1 from government_pki.revocation_request as q join approvals.request as r using (approval_id)
     where q.serials && ${[...serials]}::text[] and r.expires_at > ${at}
       and not exists (select 1 from approvals.decision d where d.approval_id = q.approval_id)`;
  return rows.length > 0;
}
