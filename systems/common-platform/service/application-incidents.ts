import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { erasedAtPortal } from '../clients/portal.ts';
import type { Deps } from '../deps.ts';
import {
  type ApplicationIncident,
  applicationIncidents,
  insertIncidentClose,
  insertIncidents,
  newestIncident,
} from '../store/application-incidents.ts';

export type { ApplicationIncident };

const newest = look('common-platform.newest-application-incident', {
  right: ['common-platform', 'application-intake', 'update'],
  run: (tx, _deps: Deps, _query: object) => newestIncident(tx),
});

const note = act('common-platform.note-application-incidents', {
  right: ['common-platform', 'application-intake', 'update'],
  async run(
    tx,
    deps: Deps,
    {
      erased,
    }: {
      readonly erased: readonly Pick<ApplicationIncident, 'receiptNumber' | 'procedure' | 'acceptedAt' | 'erasedOn'>[];
    },
  ): Promise<Result<number, never>> {
    const noted = await insertIncidents(tx, erased, deps.civilClock.today(), deps.machineClock.now());
    tx.record({
      event: 'application-incidents.found',
      facts: noted > 0 ? ['common_platform.application_incident'] : [],
      detail: { incidents: noted },
    });
    return ok(noted);
  },
});

/**
 * 引き取れなかった申請: what the portal erased because we did not fetch it within five open days becomes an incident here, for the clerk who
 * has to tell the applicant and the business. The receipt number is all that is left.
 *
 * @source requirements 002 AC-11
 * @returns how many are new; undefined while the portal cannot be reached
 */
export async function findApplicationIncidents(
  deps: Deps,
  actor: Actor,
): Promise<Result<number | undefined, 'not-authorised'>> {
  const { portal } = deps.settings;
  if (portal === undefined) return ok(0);
  const after = await newest(deps, actor, {});
  if (!after.ok) return after;
  const erased = await erasedAtPortal(deps.peers, portal, after.value);
  if (erased === undefined || erased.length === 0) return ok(erased?.length);
  return note(deps, actor, { erased });
}

export const readApplicationIncidents = act('common-platform.list-application-incidents', {
  right: ['common-platform', 'application-incident', 'read'],
  async run(tx, _deps: Deps, query: { readonly open?: boolean; readonly offset: number; readonly limit: number }) {
    const found = await applicationIncidents(tx, query);
    tx.record({ event: 'application-incidents.listed', detail: { count: found.rows.length } });
    return ok(found);
  },
});

/** 対応の記録: who took it up and what was done; once. */
export const closeApplicationIncident = act('common-platform.close-application-incident', {
  right: ['common-platform', 'application-incident', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly receiptNumber: string; readonly done: string },
    actor,
  ): Promise<Result<null, 'not-staff' | 'done-missing' | 'no-such-incident' | 'closed-before'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const done = command.done.trim().slice(0, 500);
    if (done === '') return err('done-missing');
    const { receiptNumber } = command;
    const closed = await insertIncidentClose(tx, {
      receiptNumber,
      done,
      by: actor.staffId,
      at: deps.machineClock.now(),
    });
    if (closed !== 'closed') return err(closed === 'none' ? 'no-such-incident' : 'closed-before');
    tx.record({
      event: 'application-incident.closed',
      facts: ['common_platform.application_incident_close'],
      detail: { receipt: receiptNumber },
    });
    return ok(null);
  },
});
