import { type ActDeps, type Actor, act } from '../db/act.ts';
import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import { handle, type Received } from '../streams/inbox.ts';
import { type DirectoryGrant, directoryGrants } from './directory-grant.ts';
import { endAll } from './session.ts';

type GrantError = 'not-our-directory' | 'no-such-grant' | 'no-such-hold' | 'grant-id-reused';

/** The system that alone may say who may do what in its organisation. */
export const directorySystem = 'staff-directory';

/** Applies one change of the directory's stream. Counts from its commit on: rights are read anew in every act. */
export function applyGrant(organisation: string) {
  return act('access.apply-grant', {
    right: ['access', 'grant', 'update'],
    async run(tx, deps: ActDeps, { message }: Received<DirectoryGrant>, actor): Promise<Result<null, GrantError>> {
      if (enforced('access.tenant-isolation') && !isOurDirectory(actor, organisation)) return err('not-our-directory');
      return applyChange(tx, deps, message);
    },
  });
}

/** Nobody but the directory of the own organisation, by its certificate. */
export const isOurDirectory = (actor: Actor, organisation: string): boolean =>
  actor.kind === 'system' && actor.organisation === organisation && actor.system === directorySystem;

/** The change itself, for the act above and for the directory's own database. The caller's act must not record. */
export async function applyChange(
  tx: Tx,
  deps: ActDeps,
  message: DirectoryGrant,
): Promise<Result<null, 'no-such-grant' | 'no-such-hold' | 'grant-id-reused'>> {
  const stored = await storeChange(tx, deps, message);
  if (!stored.ok) return stored;
  tx.record(stored.value);
  return ok(null);
}

/** Writes the change and gives its event. Call inside an act, which records. */
export async function storeChange(tx: Tx, { machineClock }: Pick<ActDeps, 'machineClock'>, message: DirectoryGrant) {
  const now = machineClock.now();
  const { staffId } = message;
  switch (message.kind) {
    case 'granted': {
      const rows = await tx`
        insert into access.grant_given (grant_id, staff_id, role, valid_from, valid_until, received_at, event_id)
        values (${message.grantId}, ${staffId}, ${message.role}, ${message.validFrom}, ${message.validUntil}, ${now}, ${tx.eventId})
        on conflict (grant_id) do nothing returning 1`;
      if (rows.length === 0) return err('grant-id-reused');
      const { grantId, role } = message;
      return ok({ event: 'grant.applied', facts: ['access.grant_given'], detail: { staffId, grantId, role } });
    }
    case 'revoked': {
      const { grantId, because } = message;
      const given = await tx`select 1 from access.grant_given where grant_id = ${grantId} and staff_id = ${staffId}`;
      if (given.length === 0) return err('no-such-grant');
      await tx`insert into access.grant_revoked (grant_id, because, received_at, event_id)
        values (${grantId}, ${because}, ${now}, ${tx.eventId}) on conflict (grant_id) do nothing`;
      return ok({ event: 'grant.revoked', facts: ['access.grant_revoked'], detail: { staffId, grantId, because } });
    }
    case 'held': {
      const { holdId, because } = message;
      await tx`insert into access.rights_held (hold_id, staff_id, because, received_at, event_id)
        values (${holdId}, ${staffId}, ${because}, ${now}, ${tx.eventId}) on conflict (hold_id) do nothing`;
      const ended = await endAll(tx, staffId, now, 'directory');
      return ok({ event: 'rights.held', facts: ['access.rights_held'], detail: { staffId, holdId, because, ended } });
    }
    case 'released': {
      const { holdId, because } = message;
      const held = await tx`select 1 from access.rights_held where hold_id = ${holdId} and staff_id = ${staffId}`;
      if (held.length === 0) return err('no-such-hold');
      await tx`insert into access.rights_released (hold_id, received_at, event_id)
        values (${holdId}, ${now}, ${tx.eventId}) on conflict (hold_id) do nothing`;
      return ok({ event: 'rights.released', facts: ['access.rights_released'], detail: { staffId, holdId, because } });
    }
    case 'sign-out': {
      const { orderId, because } = message;
      await tx`insert into access.sign_out_order (order_id, staff_id, because, received_at, event_id)
        values (${orderId}, ${staffId}, ${because}, ${now}, ${tx.eventId}) on conflict (order_id) do nothing`;
      const ended = await endAll(tx, staffId, now, 'directory');
      return ok({ event: 'sessions.ended', facts: ['access.sign_out_order'], detail: { staffId, because, ended } });
    }
  }
}

/** Stream handler of `directory.grant` for every system. */
export const grantHandler = (organisation: string) =>
  handle<ActDeps, DirectoryGrant, null, GrantError>(directoryGrants, applyGrant(organisation));
