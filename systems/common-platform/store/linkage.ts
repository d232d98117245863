import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { LinkageState } from '../domain/linkage.ts';

export interface Linkage {
  readonly personId: string;
  readonly state: LinkageState;
  readonly word: string | null;
  readonly acquiredOn: string | null;
  readonly tries: number;
  readonly requestedAt: string | null;
}

export const linkageChannel = 'common_platform_linkage';

/** Puts the person on the list of those who need a code. False where they stand there already, unless that ended in a refusal. */
export async function wantLinkage(tx: Tx, personId: string, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into common_platform.linkage (person_id, state, next_try_at) values (${personId}, 'wanted', ${at})
    on conflict (person_id) do update set state = 'wanted', word = null, tries = 0, next_try_at = excluded.next_try_at
      where linkage.state = 'refused'
    returning pg_notify(${linkageChannel}, '')`;
  return rows.length === 1;
}

/** Takes the person off the list: they ended in another. False where a code is held or nothing was wanted. */
export async function withdrawWanting(tx: Tx, personId: string): Promise<boolean> {
  const rows = await tx`
    update common_platform.linkage set state = 'refused', word = 'merged'
     where person_id = ${personId} and state in ('wanted', 'requested') returning 1`;
  return rows.length === 1;
}

export async function findLinkage(tx: Tx, personId: string): Promise<Linkage | undefined> {
  const [row] = await tx<Linkage>`
    select person_id as "personId", state, word, acquired_on::text as "acquiredOn", tries,
           to_json(requested_at)#>>'{}' as "requestedAt"
      from common_platform.linkage where person_id = ${personId}`;
  return row;
}

export interface DueLinkage {
  readonly personId: string;
  readonly orgPersonNumber: string;
  readonly state: 'wanted' | 'requested';
  readonly tries: number;
  readonly requestedAt: string | null;
}

/** Whose turn it is; nobody about whom a record is in doubt (INC-50). */
export async function dueLinkages(
  tx: Tx,
  query: { state: 'wanted' | 'requested'; at: Temporal.Instant; limit: number },
): Promise<DueLinkage[]> {
  return tx<DueLinkage>`
    select l.person_id as "personId", p.org_person_number as "orgPersonNumber", l.state, l.tries,
           to_json(l.requested_at)#>>'{}' as "requestedAt"
      from common_platform.linkage l join common_platform.person p using (person_id)
     where l.state = ${query.state} and l.next_try_at <= ${query.at}
       and exists (select 1 from common_platform.person_number n where n.person_id = l.person_id
                      and not exists (select 1 from common_platform.standing_disclaimer x
                                       where x.person_id = n.person_id and x.number_ref = n.number_ref))
       and not exists (select 1 from common_platform.linkage_end e join common_platform.linkage_end_work k using (end_id)
                        where e.person_id = l.person_id and k.state = 'due')
       and not exists (select 1 from common_platform.held_case c where c.candidate_id = l.person_id
                          and not exists (select 1 from common_platform.held_decision d where d.case_id = c.case_id))
     order by l.next_try_at, l.person_id limit ${query.limit}`;
}

/** Waits for its turn on the persons' rows and reads them anew; in one order everywhere, so that nobody waits in a circle. */
export async function lockLinkages(tx: Tx, personIds: readonly string[]): Promise<Linkage[]> {
  return tx<Linkage>`
    select person_id as "personId", state, word, acquired_on::text as "acquiredOn", tries,
           to_json(requested_at)#>>'{}' as "requestedAt"
      from common_platform.linkage where person_id = any (${personIds}::uuid[]) order by person_id for update`;
}

export interface Moved {
  readonly personId: string;
  readonly state: LinkageState;
  readonly word: string | null;
  readonly acquiredOn: string | null;
  readonly requestedAt: string | null;
  readonly tries: number;
  readonly nextTryAt: Temporal.Instant;
}

export async function moveLinkages(tx: Tx, rows: readonly Moved[]): Promise<void> {
  await tx`
    update common_platform.linkage l
       set state = r.state, word = r.word, acquired_on = r.acquired_on, tries = r.tries, requested_at = r.requested_at,
           next_try_at = r.next_try_at
      from unnest(${rows.map((r) => r.personId)}::uuid[], ${rows.map((r) => r.state)}::text[], ${rows.map((r) => r.word)}::text[],
                  ${rows.map((r) => r.acquiredOn)}::date[], ${rows.map((r) => r.tries)}::integer[],
                  ${rows.map((r) => r.requestedAt)}::timestamptz[], ${rows.map((r) => r.nextTryAt.toString())}::timestamptz[])
             as r(person_id, state, word, acquired_on, tries, requested_at, next_try_at)
     where l.person_id = r.person_id`;
}

export type LinkageStep = 'wanted' | 'requested' | 'accepted' | 'refused' | 'postponed' | 'held';

/** The same step of many persons. */
export async function insertSteps(
  tx: Tx,
  step: {
    readonly rows: readonly { readonly stepId: string; readonly personId: string }[];
    readonly step: LinkageStep;
    readonly word: string | null;
    readonly on: Temporal.PlainDate;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into common_platform.linkage_step (step_id, person_id, step, word, stepped_on, stepped_at, event_id)
    select r.step_id, r.person_id, ${step.step}::text, ${step.word}::text, ${step.on}::date, ${step.at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${step.rows.map((r) => r.stepId)}::uuid[], ${step.rows.map((r) => r.personId)}::uuid[]) as r(step_id, person_id)`;
}

export async function linkageSteps(
  tx: Tx,
  personId: string,
): Promise<{ step: LinkageStep; word: string | null; at: string }[]> {
  return tx<{ step: LinkageStep; word: string | null; at: string }>`
    select step, word, to_json(stepped_at)#>>'{}' as "at" from common_platform.linkage_step
     where person_id = ${personId} order by stepped_at desc limit 50`;
}

export interface Counts {
  readonly persons: number;
  readonly openCases: number;
  /** Persons of loads who were set aside. */
  readonly loadRejections: number;
  readonly wanted: number;
  readonly requested: number;
  readonly held: number;
  readonly refused: number;
  readonly inquiries: number;
  readonly refusedInquiries: number;
  readonly copiesAccepted: number;
  readonly copiesRejected: number;
}

export async function counts(tx: Tx): Promise<Counts> {
  const [row] = await tx<Counts>`
    select (select count(*) from common_platform.person) as persons,
           (select count(*) from common_platform.held_case c
             where not exists (select 1 from common_platform.held_decision d where d.case_id = c.case_id)) as "openCases",
           (select count(*) from common_platform.load_rejection) as "loadRejections",
           count(*) filter (where state = 'wanted') as wanted, count(*) filter (where state = 'requested') as requested,
           count(*) filter (where state = 'held') as held, count(*) filter (where state = 'refused') as refused,
           (select count(*) from common_platform.relayed_inquiry) as inquiries,
           (select count(*) from common_platform.relayed_answer where refusal is not null) as "refusedInquiries",
           (select coalesce(sum(accepted), 0)::bigint from common_platform.relayed_batch_outcome) as "copiesAccepted",
           (select coalesce(sum(rejected), 0)::bigint from common_platform.relayed_batch_outcome) as "copiesRejected"
      from common_platform.linkage`;
  return row!;
}
