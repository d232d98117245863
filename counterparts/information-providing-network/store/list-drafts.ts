import type { PermissionRow } from '@musubi/contracts/exchange/messages.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface NewDraft {
  readonly draftId: string;
  readonly version: string;
  readonly publishedOn: string;
  readonly rows: readonly PermissionRow[];
  readonly reason: string;
  readonly approvalId: string;
}

export interface ListDraft extends NewDraft {
  readonly draftedBy: string;
  readonly draftedAt: string;
  readonly decision: 'approved' | 'rejected' | null;
  readonly decidedBy: string | null;
}

export async function insertDraft(tx: Tx, d: NewDraft, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into information_providing_network.list_draft
      (draft_id, version, published_on, rows, reason, approval_id, drafted_at, event_id)
    values (${d.draftId}, ${d.version}, ${d.publishedOn}::date, ${json(d.rows)}, ${d.reason}, ${d.approvalId}, ${at}, ${tx.eventId})`;
}

/** Newest first; one where its id is given. */
export const listDrafts = (tx: Tx, draftId: string | null): Promise<ListDraft[]> => tx<ListDraft>`
  select d.draft_id as "draftId", d.version, d.published_on::text as "publishedOn", d.rows, d.reason, d.approval_id as "approvalId",
         r.requested_by as "draftedBy", d.drafted_at as "draftedAt", c.decision, c.decided_by as "decidedBy"
    from information_providing_network.list_draft as d
    join approvals.request as r using (approval_id) left join approvals.decision as c using (approval_id)
   where ${draftId}::uuid is null or d.draft_id = ${draftId}::uuid
   order by d.drafted_at desc limit 50`;
