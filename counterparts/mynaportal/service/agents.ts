import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type AgencyState, agencyState } from '../domain/agency.ts';
import {
  type AgentGrant,
  type AgentScope,
  type AgentUse,
  grants,
  insertAcceptance,
  insertConfirmation,
  insertEnd,
  insertGrant,
  insertUse,
  lockGrant,
  usesOf,
} from '../store/agents.ts';

export type { AgentScope, AgentUse };
export const agentScopes = ['records', 'information', 'notices'] as const satisfies readonly AgentScope[];

/** Days for which an invitation can be taken and confirmed, and the longest a grant lasts. */
export const agentTerms = { invitationDays: 7, longestDays: 366 };

export interface GrantLine extends AgentGrant {
  readonly state: AgencyState;
}
const line =
  (deps: Deps) =>
  (g: AgentGrant): GrantLine => ({ ...g, state: agencyState(g, deps.machineClock.now(), deps.civilClock.today()) });

const own = (actor: Actor, accountId: string): boolean => actor.kind === 'resident' && actor.subject === accountId;

/**
 * Whose affairs an actor may look at: their own, or those of somebody who made them agent for just this, today. An agent's look is
 * a fact beside the act, which the principal sees.
 *
 * @returns undefined where neither; `agent` names the grant
 */
export async function mayLook(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  { accountId, scope, grantId }: { readonly accountId: string; readonly scope: AgentScope; readonly grantId?: string },
): Promise<{ readonly agent?: string } | undefined> {
  if (own(actor, accountId)) return {};
  if (grantId === undefined || actor.kind !== 'resident') return undefined;
  await lockGrant(tx, grantId);
  const [grant] = (await grants(tx, { grantId })).map(line(deps));
  const stands =
    grant?.principal === accountId &&
    grant.agent === actor.subject &&
    grant.state === 'in-force' &&
    grant.scopes.includes(scope);
  if (!stands) return undefined;
  await insertUse(tx, { useId: deps.newId(), grantId, scope, at: deps.machineClock.now() });
  return { agent: grantId };
}

/** What an event says of an agent's look. */
export const byAgent = (by: { readonly agent?: string } | undefined) =>
  by?.agent === undefined
    ? { facts: [], detail: {} }
    : { facts: ['mynaportal.agent_use'], detail: { agent: by.agent } };

/** Whose agent the actor is by this grant, today; undefined where it is none of theirs. */
export const principalBehind = look('mynaportal.principal-behind-grant', {
  right: ['mynaportal', 'agent', 'read'],
  async run(tx, deps: Deps, { grantId }: { grantId: string }, actor): Promise<GrantLine | undefined> {
    const [grant] = (await grants(tx, { grantId })).map(line(deps));
    const held = actor.kind === 'resident' && grant?.agent === actor.subject && grant.state === 'in-force';
    return held ? grant : undefined;
  },
});

export interface Offer {
  readonly accountId: string;
  readonly scopes: readonly AgentScope[];
  readonly validFrom: string;
  readonly validUntil: string;
}

/** 代理人への委任. The invitation is told once; only its digest is kept. */
export const offerAgency = act('mynaportal.offer-agency', {
  right: ['mynaportal', 'agent', 'update'],
  async run(
    tx,
    deps: Deps,
    offer: Offer,
    actor,
  ): Promise<Result<{ grantId: string; invitation: string }, 'not-yours' | 'not-a-period' | 'nothing-granted'>> {
    if (!own(actor, offer.accountId)) return err('not-yours');
    const today = deps.civilClock.today();
    const from = Temporal.PlainDate.from(offer.validFrom);
    const until = Temporal.PlainDate.from(offer.validUntil);
    const days = from.until(until).days;
    if (Temporal.PlainDate.compare(from, today) < 0 || days < 0 || days > agentTerms.longestDays)
      return err('not-a-period');
    const scopes = agentScopes.filter((scope) => offer.scopes.includes(scope));
    if (scopes.length === 0) return err('nothing-granted');
    const at = deps.machineClock.now();
    const grantId = deps.newId();
    const invitation = Buffer.from(deps.random.bytes(15)).toString('base64url');
    await insertGrant(tx, {
      grantId,
      principal: offer.accountId,
      scopes,
      codeDigest: sha256(invitation),
      at,
      offeredUntil: at.add({ hours: 24 * agentTerms.invitationDays }),
      validFrom: offer.validFrom,
      validUntil: offer.validUntil,
    });
    tx.record({
      event: 'agency.offered',
      subject: offer.accountId,
      facts: ['mynaportal.agent_grant'],
      detail: { grant: grantId, scopes: scopes.join(' '), from: offer.validFrom, until: offer.validUntil },
    });
    return ok({ grantId, invitation });
  },
});

/** The agent takes the invitation with a card of their own. It does not count before the principal has compared the check number. */
export const acceptAgency = act('mynaportal.accept-agency', {
  right: ['mynaportal', 'agent', 'update'],
  async run(
    tx,
    deps: Deps,
    { invitation }: { invitation: string },
    actor,
  ): Promise<Result<{ checkNumber: string }, 'no-such-invitation' | 'own-invitation'>> {
    if (actor.kind !== 'resident') return err('no-such-invitation');
    const [found] = await grants(tx, { codeDigest: sha256(invitation) });
    if (found === undefined) return err('no-such-invitation');
    await lockGrant(tx, found.grantId);
    const [grant] = (await grants(tx, { grantId: found.grantId })).map(line(deps));
    if (grant?.state !== 'offered') return err('no-such-invitation');
    if (grant.principal === actor.subject) return err('own-invitation');
    const checkNumber = String(deps.random.below(1_000_000)).padStart(6, '0');
    await insertAcceptance(tx, {
      grantId: grant.grantId,
      agent: actor.subject,
      checkNumber,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: 'agency.accepted',
      subjects: [grant.principal, actor.subject],
      facts: ['mynaportal.agent_acceptance'],
      detail: { grant: grant.grantId },
    });
    return ok({ checkNumber });
  },
});

export type AgencyChange = 'confirm' | 'end';

/** The principal confirms; either ends it, at once and for good. */
export const changeAgency = act('mynaportal.change-agency', {
  right: ['mynaportal', 'agent', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { grantId: string; change: AgencyChange; checkNumber?: string },
    actor,
  ): Promise<Result<null, 'no-such-grant' | 'check-number-differs'>> {
    if (actor.kind !== 'resident') return err('no-such-grant');
    await lockGrant(tx, command.grantId);
    const [grant] = (await grants(tx, { grantId: command.grantId })).map(line(deps));
    const role =
      grant?.principal === actor.subject ? 'principal' : grant?.agent === actor.subject ? 'agent' : undefined;
    if (grant === undefined || role === undefined) return err('no-such-grant');
    const at = deps.machineClock.now();
    if (command.change === 'confirm') {
      if (role !== 'principal' || grant.state !== 'to-confirm') return err('no-such-grant');
      if (command.checkNumber !== grant.checkNumber) return err('check-number-differs');
      await insertConfirmation(tx, grant.grantId, at);
      tx.record({
        event: 'agency.confirmed',
        subjects: [grant.principal, grant.agent!],
        facts: ['mynaportal.agent_confirmation'],
        detail: { grant: grant.grantId },
      });
      return ok(null);
    }
    if (grant.endedAt !== null) return err('no-such-grant');
    await insertEnd(tx, grant.grantId, role, at);
    // What the agent was shown is forgotten with it: the next page asks whether they may.
    tx.record({
      event: 'agency.ended',
      subjects: [grant.principal, ...(grant.agent === null ? [] : [grant.agent])],
      facts: ['mynaportal.agent_end'],
      detail: { grant: grant.grantId, by: role },
    });
    return ok(null);
  },
});

export interface Agencies {
  /** Given by the account. */
  readonly given: readonly GrantLine[];
  /** Held by the account, for others. The check number is shown until it is confirmed. */
  readonly held: readonly GrantLine[];
  readonly uses: { readonly rows: readonly AgentUse[]; readonly total: number };
}

/** Both sides of an account, and what its agents looked at. */
export const showAgencies = act('mynaportal.show-agencies', {
  right: ['mynaportal', 'agent', 'read'],
  async run(
    tx,
    deps: Deps,
    query: { accountId: string; offset: number; limit: number },
    actor,
  ): Promise<Result<Agencies, 'not-yours'>> {
    if (enforced('exchange.provision-record-disclosure') && !own(actor, query.accountId)) return err('not-yours');
    const [given, held] = [
      await grants(tx, { principal: query.accountId }),
      await grants(tx, { agent: query.accountId }),
    ];
    const uses = await usesOf(tx, query.accountId, query);
    tx.record({
      event: 'agencies.shown',
      subject: query.accountId,
      detail: { given: given.length, held: held.length },
    });
    return ok({ given: given.map(line(deps)), held: held.map(line(deps)), uses });
  },
});
