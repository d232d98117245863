import type { Tx } from '@musubi/kernel/db/sql.ts';

export type AgentScope = 'records' | 'information' | 'notices';

export interface AgentGrant {
  readonly grantId: string;
  readonly principal: string;
  readonly agent: string | null;
  readonly scopes: readonly AgentScope[];
  readonly offeredAt: string;
  readonly offeredUntil: string;
  readonly validFrom: string;
  readonly validUntil: string;
  readonly checkNumber: string | null;
  readonly confirmedAt: string | null;
  readonly endedAt: string | null;
  readonly endedBy: 'principal' | 'agent' | null;
}

export interface AgentUse {
  readonly grantId: string;
  readonly scope: AgentScope;
  readonly usedAt: string;
}

export async function insertGrant(
  tx: Tx,
  g: {
    readonly grantId: string;
    readonly principal: string;
    readonly scopes: readonly AgentScope[];
    readonly codeDigest: Uint8Array;
    readonly at: Temporal.Instant;
    readonly offeredUntil: Temporal.Instant;
    readonly validFrom: string;
    readonly validUntil: string;
  },
): Promise<void> {
  await tx`
    insert into mynaportal.agent_grant
      (grant_id, principal, scopes, code_digest, offered_at, offered_until, valid_from, valid_until, event_id)
    values (${g.grantId}, ${g.principal}, ${g.scopes}::text[], ${g.codeDigest}, ${g.at}, ${g.offeredUntil}, ${g.validFrom}::date,
      ${g.validUntil}::date, ${tx.eventId})`;
}

/** Grants of a principal, to an agent, by id or by the digest of an invitation; the newest first. */
export async function grants(
  tx: Tx,
  by: {
    readonly principal?: string;
    readonly agent?: string;
    readonly grantId?: string;
    readonly codeDigest?: Uint8Array;
  },
): Promise<AgentGrant[]> {
  const { principal = null, agent = null, grantId = null, codeDigest = null } = by;
  return tx<AgentGrant>`
    select g.grant_id as "grantId", g.principal, a.agent, g.scopes, to_json(g.offered_at)#>>'{}' as "offeredAt",
           to_json(g.offered_until)#>>'{}' as "offeredUntil", g.valid_from::text as "validFrom", g.valid_until::text as "validUntil",
           a.check_number as "checkNumber", to_json(c.confirmed_at)#>>'{}' as "confirmedAt", to_json(e.ended_at)#>>'{}' as "endedAt",
           e.ended_by as "endedBy"
      from mynaportal.agent_grant g
      left join mynaportal.agent_acceptance a using (grant_id)
      left join mynaportal.agent_confirmation c using (grant_id)
      left join mynaportal.agent_end e using (grant_id)
     where (${principal}::uuid is null or g.principal = ${principal}::uuid)
       and (${agent}::uuid is null or a.agent = ${agent}::uuid)
       and (${grantId}::uuid is null or g.grant_id = ${grantId}::uuid)
       and (${codeDigest}::bytea is null or g.code_digest = ${codeDigest}::bytea)
     order by g.offered_at desc, g.grant_id limit 200`;
}

/** What happens to one grant happens one thing after the other. */
export async function lockGrant(tx: Tx, grantId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('mynaportal.agent ' || ${grantId}, 0))`;
}

export async function insertAcceptance(
  tx: Tx,
  a: { grantId: string; agent: string; checkNumber: string; at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into mynaportal.agent_acceptance (grant_id, agent, check_number, accepted_at, event_id)
    values (${a.grantId}, ${a.agent}, ${a.checkNumber}, ${a.at}, ${tx.eventId})`;
}

export async function insertConfirmation(tx: Tx, grantId: string, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into mynaportal.agent_confirmation (grant_id, confirmed_at, event_id) values (${grantId}, ${at}, ${tx.eventId})`;
}

export async function insertEnd(
  tx: Tx,
  grantId: string,
  by: 'principal' | 'agent',
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into mynaportal.agent_end (grant_id, ended_by, ended_at, event_id) values (${grantId}, ${by}, ${at}, ${tx.eventId})`;
}

export async function insertUse(
  tx: Tx,
  u: { useId: string; grantId: string; scope: AgentScope; at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into mynaportal.agent_use (use_id, grant_id, scope, used_at, event_id)
    values (${u.useId}, ${u.grantId}, ${u.scope}, ${u.at}, ${tx.eventId})`;
}

/** The latest uses of a principal's grants. */
export async function usesOf(
  tx: Tx,
  principal: string,
  page: { offset: number; limit: number },
): Promise<{ rows: AgentUse[]; total: number }> {
  const rows = await tx<AgentUse>`
    select u.grant_id as "grantId", u.scope, to_json(u.used_at)#>>'{}' as "usedAt"
      from mynaportal.agent_use u join mynaportal.agent_grant g using (grant_id)
     where g.principal = ${principal} order by u.used_at desc, u.use_id limit ${page.limit} offset ${page.offset}`;
  const [count] = await tx<{ n: number }>`
    select count(*)::int as n from mynaportal.agent_use u join mynaportal.agent_grant g using (grant_id) where g.principal = ${principal}`;
  return { rows, total: count!.n };
}
