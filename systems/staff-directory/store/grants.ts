import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface Grant {
  readonly grantId: string;
  readonly staffId: string;
  readonly system: string;
  readonly role: string;
  /** First and last day, ISO. */
  readonly validFrom: string;
  readonly validUntil: string;
  readonly revoked: boolean;
}

export const grantsOf = (tx: Tx, staffId: string): Promise<Grant[]> => tx<Grant>`
  select g.grant_id as "grantId", g.staff_id as "staffId", g.system, g.role, g.valid_from::text as "validFrom",
         g.valid_until::text as "validUntil", r.grant_id is not null as revoked
    from staff_directory.grant_given g left join staff_directory.grant_revoked r using (grant_id)
   where g.staff_id = ${staffId} order by g.system, g.role, g.valid_from`;

export async function findGrant(tx: Tx, grantId: string): Promise<Grant | undefined> {
  const rows = await tx<Grant>`
    select g.grant_id as "grantId", g.staff_id as "staffId", g.system, g.role, g.valid_from::text as "validFrom",
           g.valid_until::text as "validUntil", r.grant_id is not null as revoked
      from staff_directory.grant_given g left join staff_directory.grant_revoked r using (grant_id)
     where g.grant_id = ${grantId}::uuid`;
  return rows[0];
}

export async function insertGrant(
  tx: Tx,
  grant: Omit<Grant, 'revoked'>,
  given: { readonly approvalId: string | null; readonly by: string; readonly at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into staff_directory.grant_given
      (grant_id, approval_id, staff_id, system, role, valid_from, valid_until, given_by, given_at, event_id)
    values (${grant.grantId}, ${given.approvalId}, ${grant.staffId}, ${grant.system}, ${grant.role}, ${grant.validFrom},
      ${grant.validUntil}, ${given.by}, ${given.at}, ${tx.eventId})`;
}

export async function insertRevocation(
  tx: Tx,
  revocation: {
    readonly grantId: string;
    readonly because: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`insert into staff_directory.grant_revoked (grant_id, because, revoked_by, revoked_at, event_id)
    values (${revocation.grantId}, ${revocation.because}, ${revocation.by}, ${revocation.at}, ${tx.eventId})`;
}
