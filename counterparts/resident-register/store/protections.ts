import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { ProtectionStep } from '../domain/protections.ts';

export interface NewProtection {
  readonly protectionId: string;
  readonly applicationId: string;
  readonly personId: string;
  readonly receivedFrom: 'applicant' | 'municipality';
  readonly ground: 'domestic-violence' | 'stalking' | 'child-abuse' | 'other';
  readonly opposingParty: string;
  readonly consultedBody: string;
  readonly appliedOn: string;
  readonly filedBy: string;
}

export async function insertProtection(tx: Tx, p: NewProtection, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into resident_register.protection (protection_id, application_id, person_id, received_from, ground, opposing_party,
      consulted_body, applied_on, filed_by, filed_at, event_id)
    values (${p.protectionId}, ${p.applicationId}, ${p.personId}, ${p.receivedFrom}, ${p.ground}, ${p.opposingParty},
      ${p.consultedBody}, ${p.appliedOn}, ${p.filedBy}, ${at}, ${tx.eventId})`;
}

export interface Protection extends NewProtection {
  readonly name: string;
  readonly nameKana: string;
  readonly steps: readonly (ProtectionStep & {
    readonly decidedBy: string;
    readonly approvedBy: string | null;
    readonly decidedOn: string;
    readonly note: string;
  })[];
}

/** All applications of a person or one of them, oldest first, each with its steps. Call under the person's lock to decide on it. */
export async function protectionsOf(
  tx: Tx,
  about: { readonly personId: string } | { readonly protectionId: string },
): Promise<Protection[]> {
  const personId = 'personId' in about ? about.personId : null;
  const protectionId = 'protectionId' in about ? about.protectionId : null;
  return tx<Protection & object>`
    select p.protection_id as "protectionId", p.application_id as "applicationId", p.person_id as "personId",
           p.received_from as "receivedFrom", p.ground, p.opposing_party as "opposingParty", p.consulted_body as "consultedBody",
           p.applied_on::text as "appliedOn", p.filed_by as "filedBy", r.name, r.name_kana as "nameKana",
           coalesce((select jsonb_agg(jsonb_build_object('kind', s.kind, 'untilOn', s.until_on, 'decidedBy', s.decided_by,
                       'approvedBy', s.approved_by, 'decidedOn', s.decided_on, 'note', s.note) order by s.step)
                       from resident_register.protection_step s where s.protection_id = p.protection_id), '[]') as steps
      from resident_register.protection p join resident_register.resident r using (person_id)
     where (${personId}::uuid is null or p.person_id = ${personId}::uuid)
       and (${protectionId}::uuid is null or p.protection_id = ${protectionId}::uuid)
     order by p.applied_on, p.filed_at, p.protection_id`;
}

export interface ProtectionLine {
  readonly protectionId: string;
  readonly personId: string;
  readonly name: string;
  readonly nameKana: string;
  readonly ground: NewProtection['ground'];
  readonly appliedOn: string;
  readonly state: 'provisional' | 'granted' | 'refused' | 'ended';
  readonly untilOn: string | null;
  /** Receivers that have not yet confirmed the last change of this person. */
  readonly unconfirmed: readonly string[];
}

/** Lines of the list of protected persons. `dueBy`: those granted whose last day is that day or before. */
export async function listProtections(
  tx: Tx,
  q: {
    readonly state: 'standing' | 'provisional' | 'due' | 'over' | null;
    readonly dueBy: string;
    readonly offset: number;
    readonly limit: number;
  },
): Promise<{ rows: ProtectionLine[]; total: number }> {
  const rows = await tx<ProtectionLine & { total: number }>`
    with last as (
      select distinct on (protection_id) protection_id, kind, until_on from resident_register.protection_step
       order by protection_id, step desc),
    line as (
      select p.*, case when l.kind is null then 'provisional' when l.kind in ('granted', 'extended') then 'granted' else l.kind end as state,
             l.until_on
        from resident_register.protection p left join last l using (protection_id))
    select l.protection_id as "protectionId", l.person_id as "personId", r.name, r.name_kana as "nameKana", l.ground,
           l.applied_on::text as "appliedOn", l.state, l.until_on::text as "untilOn",
           array(select distinct o.receiver from streams.outgoing o
                  where o.subject = l.person_id::text and o.state in ('waiting', 'numbered', 'parking', 'parked') order by 1) as unconfirmed,
           count(*) over ()::int as total
      from line l join resident_register.resident r using (person_id)
     where case ${q.state}::text
             when 'standing' then l.state in ('provisional', 'granted')
             when 'provisional' then l.state = 'provisional'
             when 'due' then l.state = 'granted' and l.until_on <= ${q.dueBy}::date
             when 'over' then l.state in ('refused', 'ended')
             else true end
     order by l.until_on nulls first, l.applied_on, l.protection_id offset ${q.offset} limit ${q.limit}`;
  return { rows, total: rows[0]?.total ?? 0 };
}

export interface NewStep {
  readonly protectionId: string;
  readonly step: number;
  readonly kind: ProtectionStep['kind'];
  readonly untilOn: string | null;
  readonly note: string;
  readonly decidedBy: string;
  readonly approvedBy: string | null;
  readonly decidedOn: string;
}

export async function insertStep(tx: Tx, s: NewStep, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into resident_register.protection_step (protection_id, step, kind, until_on, note, decided_by, approved_by, decided_on, at,
      event_id)
    values (${s.protectionId}, ${s.step}, ${s.kind}, ${s.untilOn}, ${s.note}, ${s.decidedBy}, ${s.approvedBy}, ${s.decidedOn}, ${at},
      ${tx.eventId})`;
}

/** Draws the list of those whose last day has passed. */
export async function insertLiftList(
  tx: Tx,
  list: { readonly listId: string; readonly drawnOn: string; readonly expiresOn: string; readonly by: string },
  at: Temporal.Instant,
): Promise<number> {
  await tx`
    insert into resident_register.lift_list (list_id, drawn_on, expires_on, drawn_by, at, event_id)
    values (${list.listId}, ${list.drawnOn}, ${list.expiresOn}, ${list.by}, ${at}, ${tx.eventId})`;
  const rows = await tx`
    insert into resident_register.lift_row (list_id, protection_id, event_id)
    select ${list.listId}, protection_id, ${tx.eventId}::uuid
      from (select distinct on (protection_id) protection_id, kind, until_on from resident_register.protection_step
             order by protection_id, step desc) l
     where l.kind in ('granted', 'extended') and l.until_on < ${list.drawnOn}::date
    returning 1`;
  return rows.length;
}

export interface LiftList {
  readonly listId: string;
  readonly drawnOn: string;
  readonly expiresOn: string;
  readonly drawnBy: string;
  readonly rows: readonly {
    readonly protectionId: string;
    readonly personId: string;
    readonly name: string;
    readonly outcome: 'lifted' | 'refused' | null;
    readonly why: string | null;
  }[];
}

export async function findLiftList(tx: Tx, listId: string): Promise<LiftList | undefined> {
  const [list] = await tx<Omit<LiftList, 'rows'> & object>`
    select list_id as "listId", drawn_on::text as "drawnOn", expires_on::text as "expiresOn", drawn_by as "drawnBy"
      from resident_register.lift_list where list_id = ${listId}`;
  if (!list) return undefined;
  const rows = await tx<LiftList['rows'][number] & object>`
    select w.protection_id as "protectionId", p.person_id as "personId", r.name, o.outcome, o.why
      from resident_register.lift_row w join resident_register.protection p using (protection_id)
      join resident_register.resident r using (person_id)
      left join resident_register.lift_outcome o using (list_id, protection_id)
     where w.list_id = ${listId} order by r.kana_key, w.protection_id`;
  return { ...list, rows };
}

export async function listLiftLists(tx: Tx, limit: number): Promise<(Omit<LiftList, 'rows'> & { open: number })[]> {
  return tx<Omit<LiftList, 'rows'> & { open: number }>`
    select l.list_id as "listId", l.drawn_on::text as "drawnOn", l.expires_on::text as "expiresOn", l.drawn_by as "drawnBy",
           (select count(*)::int from resident_register.lift_row w where w.list_id = l.list_id and not exists
             (select 1 from resident_register.lift_outcome o where o.list_id = w.list_id and o.protection_id = w.protection_id)) as open
      from resident_register.lift_list l order by l.at desc limit ${limit}`;
}

/** False where the row was worked off before. */
export async function insertLiftOutcome(
  tx: Tx,
  o: {
    readonly listId: string;
    readonly protectionId: string;
    readonly outcome: 'lifted' | 'refused';
    readonly why: string;
    readonly by: string;
  },
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into resident_register.lift_outcome (list_id, protection_id, outcome, why, by, at, event_id)
    values (${o.listId}, ${o.protectionId}, ${o.outcome}, ${o.why}, ${o.by}, ${at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}
