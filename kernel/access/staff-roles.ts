import type { CivilClock, MachineClock } from '../clocks/clock.ts';
import type { Tx } from '../db/sql.ts';
import { type GrantRow, type StaffRoles, standingRoles } from './rights.ts';
import { checkSession, type SessionState } from './session.ts';

type Row = SessionState & { readonly grants: readonly GrantRow[] };

/**
 * Roles for `createRights`: one statement an act, in the act's own transaction. A session that ended, fell idle or ran
 * out has none; nor has a grant that is revoked or not of today, nor any while the person's rights are held.
 */
export function staffRoles(clocks: {
  readonly machineClock: MachineClock;
  readonly civilClock: CivilClock;
}): StaffRoles {
  return {
    async rolesOf(tx: Tx, actor) {
      const rows = await tx<Row>`
        select s.last_seen_at as "lastSeenAt", s.idle_seconds as "idleSeconds", s.expires_at as "expiresAt",
               s.account_until::text as "accountUntil", s.ended_because as "endedBecause",
               coalesce((select jsonb_agg(jsonb_build_object('role', g.role, 'validFrom', g.valid_from,
                                 'validUntil', g.valid_until, 'revoked', r.grant_id is not null))
                           from access.grant_given g left join access.grant_revoked r using (grant_id)
                          where g.staff_id = s.staff_id and not exists (
                            select 1 from access.rights_held h left join access.rights_released e using (hold_id)
                             where h.staff_id = s.staff_id and e.hold_id is null)), '[]') as grants
          from access.session s
         where s.session_id = ${actor.sessionId}::uuid and s.staff_id = ${actor.staffId}`;
      const session = rows[0];
      const today = clocks.civilClock.today();
      if (!checkSession(session, clocks.machineClock.now(), today).ok) return [];
      return standingRoles(session?.grants ?? [], today);
    },
  };
}
