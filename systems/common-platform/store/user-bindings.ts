import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface UserBinding {
  readonly userBindingId: string;
  readonly system: string;
  readonly staffId: string;
  readonly code: string;
  readonly validFrom: string;
  readonly validUntil: string | null;
  readonly endedOn: string | null;
  readonly endReason: string | null;
  /** Who applied and who granted; rows of the configuration have neither. */
  readonly proposedBy: string | null;
  readonly decidedBy: string | null;
}

/** `inForce` alone, or all that ever were; by business, clerk and 事務. */
export async function userBindings(
  tx: Tx,
  query: {
    readonly system?: string;
    readonly userBindingId?: string;
    readonly inForceOn?: Temporal.PlainDate;
    readonly offset: number;
    readonly limit: number;
  },
): Promise<{ readonly rows: UserBinding[]; readonly total: number }> {
  const { system = null, userBindingId = null, inForceOn = null } = query;
  const rows = await tx<UserBinding & { total: number }>`
    select b.user_binding_id as "userBindingId", b.system, b.staff_id as "staffId", b.code, b.valid_from::text as "validFrom",
           b.valid_until::text as "validUntil", e.ended_on::text as "endedOn", e.reason as "endReason",
           p.proposed_by as "proposedBy", d.decided_by as "decidedBy", count(*) over ()::int as total
      from common_platform.user_binding b
      left join common_platform.user_binding_end e using (user_binding_id)
      left join common_platform.user_binding_decision d using (user_binding_id)
      left join common_platform.user_binding_proposal p on p.approval_id = d.approval_id
     where (${system}::text is null or b.system = ${system})
       and (${userBindingId}::uuid is null or b.user_binding_id = ${userBindingId}::uuid)
       and (${inForceOn}::date is null or (b.valid_from <= ${inForceOn}::date and coalesce(b.valid_until, 'infinity') >= ${inForceOn}::date
            and coalesce(e.ended_on, 'infinity') > ${inForceOn}::date))
     order by b.system, b.staff_id, b.code, b.valid_from desc offset ${query.offset} limit ${query.limit}`;
  return { rows: rows.map(({ total: _total, ...row }) => row), total: rows[0]?.total ?? 0 };
}

export interface BindingProposal {
  readonly approvalId: string;
  readonly system: string;
  readonly staffId: string;
  readonly code: string;
  readonly validFrom: string;
  readonly validUntil: string | null;
  readonly reason: string;
  readonly proposedBy: string;
  readonly proposedAt: string;
}

/** Not decided yet, the oldest first. */
export async function openBindingProposals(tx: Tx, approvalId: string | null = null): Promise<BindingProposal[]> {
  return tx<BindingProposal>`
    select approval_id as "approvalId", system, staff_id as "staffId", code, valid_from::text as "validFrom",
           valid_until::text as "validUntil", reason, proposed_by as "proposedBy", to_json(proposed_at)#>>'{}' as "proposedAt"
      from common_platform.user_binding_proposal p
     where (${approvalId}::uuid is null or approval_id = ${approvalId}::uuid)
       and not exists (select 1 from common_platform.user_binding_decision d where d.approval_id = p.approval_id)
     order by proposed_at limit 200`;
}

export async function insertBindingProposal(
  tx: Tx,
  p: Omit<BindingProposal, 'proposedAt'> & { readonly at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into common_platform.user_binding_proposal
      (approval_id, system, staff_id, code, valid_from, valid_until, reason, proposed_by, proposed_at, event_id)
    values (${p.approvalId}, ${p.system}, ${p.staffId}, ${p.code}, ${p.validFrom}, ${p.validUntil}::date, ${p.reason}, ${p.proposedBy},
      ${p.at}, ${tx.eventId})`;
}

export async function insertBindingDecision(
  tx: Tx,
  d: {
    readonly approvalId: string;
    readonly userBindingId: string | null;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into common_platform.user_binding_decision (approval_id, user_binding_id, decided_by, decided_at, event_id)
    values (${d.approvalId}, ${d.userBindingId}::uuid, ${d.by}, ${d.at}, ${tx.eventId})`;
}

/** False where it ended before. */
export async function insertBindingEnd(
  tx: Tx,
  e: {
    readonly userBindingId: string;
    readonly on: Temporal.PlainDate;
    readonly reason: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<boolean> {
  const made = await tx`
    insert into common_platform.user_binding_end (user_binding_id, ended_on, reason, ended_by, ended_at, event_id)
    values (${e.userBindingId}, ${e.on}, ${e.reason}, ${e.by}, ${e.at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return made.length === 1;
}
