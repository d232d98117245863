import type { TestDatabase } from '@musubi/kernel/db/testing.ts';

export interface Violation {
  readonly kind: /** Its act was acknowledged, and the message is not applied. */
    | 'lost'
    | 'doubled'
    /** Applied before an earlier one of its subject. */
    | 'out-of-order'
    /** Applied although nobody sent it. */
    | 'invented'
    /** The receiver's numbers have a hole. */
    | 'gap'
    /** The sender does not know that it was applied. */
    | 'not-settled'
    /** A fact without the event of its act in the log. */
    | 'without-event';
  readonly messageId: string | null;
  readonly number: number | null;
}

const sentQuery = `
  select message_id as "messageId", entered::int8 as entered, number::int8 as number, subject, state
    from streams.outgoing order by entered`;

/**
 * stream-violations: what the sender committed ($1, as JSON) against what the receiver applied. $2 are the messages whose
 * acts were acknowledged; those that are not even among the sent ones are lost too.
 */
const violationsQuery = `
  with sent as (
    select s."messageId" as message_id, s.entered, s.number, s.subject, s.state
      from jsonb_to_recordset($1::jsonb) as s ("messageId" uuid, entered bigint, number bigint, subject text, state text)
  ), applied as (
    select f.id, f.number, f.subject, f.event_id, i.message_id
      from probe.fact f left join streams.incoming i on (i.sender, i.family, i.number) = (f.sender, f.family, f.number)
  ), ordered as (
    select a.message_id, a.number, s.entered, lag(s.entered) over (partition by s.subject order by a.id) as before
      from applied a join sent s using (message_id)
  ), logged as (
    select event_id from audit.intake_event union all select event_id from audit.entry
  )
  select 'lost' as kind, k.message_id as "messageId", null::bigint as number
    from unnest($2::uuid[]) as k (message_id) where not exists (select from sent s where s.message_id = k.message_id)
  union all
  select 'lost', s.message_id, s.number from sent s where not exists (select from applied a where a.message_id = s.message_id)
  union all
  select 'doubled', a.message_id, a.number from applied a group by a.message_id, a.number having count(*) > 1
  union all
  select 'out-of-order', o.message_id, o.number from ordered o where o.before > o.entered
  union all
  select 'invented', a.message_id, a.number from applied a where not exists (select from sent s where s.message_id = a.message_id)
  union all
  select 'gap', i.message_id, i.number
    from (select message_id, number, row_number() over (order by number) as place from streams.incoming) i where i.number <> i.place
  union all
  select 'not-settled', s.message_id, s.number from sent s where s.state <> 'applied'
  union all
  select 'without-event', a.message_id, a.number from applied a where not exists (select from logged l where l.event_id = a.event_id)
  order by 1, 3`;

/** Searches both databases for a message that was lost, doubled or out of order; empty where the promise was kept. */
export async function findViolations(
  sender: TestDatabase,
  receiver: TestDatabase,
  acknowledged: readonly string[],
): Promise<readonly Violation[]> {
  const sent = await sender.owner(sentQuery);
  return receiver.owner<Violation & Record<string, unknown>>(violationsQuery, [JSON.stringify(sent), acknowledged]);
}
