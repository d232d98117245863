import type { Tx } from '../db/sql.ts';

/** One event of the log about a person: who did what, on what ground, and to whom something went. */
export interface UseLine {
  readonly at: Temporal.Instant;
  readonly act: string;
  readonly event: string;
  /** `staff`, `system`, `resident`, `job`. */
  readonly by: string;
  /** The system that acted, where one did. */
  readonly system: string | null;
  readonly ground: string | null;
  readonly items: readonly string[];
  readonly recipient: string | null;
  readonly refused: boolean;
}

/**
 * What this system's own log says of a person, newest first. Names of staff are not among it: the person learns what was done,
 * when and by which office; who it was is for the office that answers for it.
 */
export async function usesOf(tx: Tx, personId: string, limit: number): Promise<UseLine[]> {
  const rows = await tx<Omit<UseLine, 'at'> & { readonly at: string }>`
  select b ->> 'at' as at, b ->> 'act' as act, b ->> 'event' as event, b -> 'actor' ->> 'kind' as by,
         b -> 'actor' ->> 'system' as system, b ->> 'ground' as ground, b ->> 'recipient' as recipient,
         coalesce((select array_agg(i) from jsonb_array_elements_text(b -> 'items') as i), '{}') as items,
         coalesce(b ->> 'outcome' = 'refused', false) as refused
    from (select distinct event_id from audit.subject where subject = ${personId} and role in ('subject', 'member')) s
    cross join lateral (
      select e.body::jsonb as b from audit.entry e where e.event_id = s.event_id
      union all
      select i.body::jsonb from audit.intake_event i where i.event_id = s.event_id) x
   order by (b ->> 'at')::timestamptz desc, act limit ${limit}`;
  return rows.map((row) => ({ ...row, at: Temporal.Instant.from(row.at) }));
}
