import { json, type Tx } from '@musubi/kernel/db/sql.ts';

/** 二重登録: a record that ended because its person has another one, or the taking back of such an end. */
export interface DuplicateLink {
  /** The change that ended the record or brought it back. */
  readonly changeId: string;
  readonly kind: 'merged' | 'undone';
  readonly personId: string;
  /** 住民票コード of the record that stays. */
  readonly survivorCode: string;
  /** Null where that one is of another prefecture. */
  readonly survivorPersonId: string | null;
  /** ISO day. */
  readonly changedOn: string;
}

export async function insertDuplicateLinks(
  tx: Tx,
  links: readonly DuplicateLink[],
  at: Temporal.Instant,
): Promise<void> {
  if (links.length === 0) return;
  await tx`
    insert into prefectural_juki.duplicate_link
      (change_id, kind, person_id, survivor_code, survivor_person_id, changed_on, noted_at, event_id)
    select "changeId", kind, "personId", "survivorCode", "survivorPersonId", "changedOn", ${at}::timestamptz, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(links)}) as l("changeId" uuid, kind text, "personId" uuid, "survivorCode" text,
        "survivorPersonId" uuid, "changedOn" date)`;
}

/** For which record each of these ended, where that was not taken back. */
export async function standingLinks(tx: Tx, personIds: readonly string[]): Promise<Map<string, DuplicateLink>> {
  const rows = await tx<DuplicateLink>`
    select distinct on (person_id) change_id as "changeId", kind, person_id as "personId", survivor_code as "survivorCode",
           survivor_person_id as "survivorPersonId", changed_on::text as "changedOn"
      from prefectural_juki.duplicate_link where person_id = any(${personIds}::uuid[])
     order by person_id, noted_at desc, change_id desc`;
  return new Map(rows.flatMap((link) => (link.kind === 'merged' ? [[link.personId, link] as const] : [])));
}

/** A link as the page of one of its two records shows it. */
export interface SeenLink extends Pick<DuplicateLink, 'kind' | 'changedOn'> {
  /** Whether the record of the page is the one that ended or the one that stayed. */
  readonly side: 'ended' | 'stayed';
  /** 住民票コード of the other record. */
  readonly otherCode: string;
  /** Null where the other one is of another prefecture. */
  readonly otherPersonId: string | null;
}

/** All that was linked with a record and taken back, in its order. */
export const linksOf = (tx: Tx, personId: string): Promise<SeenLink[]> =>
  tx<SeenLink>`
    select l.kind, l.changed_on::text as "changedOn",
           case when l.person_id = ${personId}::uuid then 'ended' else 'stayed' end as side,
           case when l.person_id = ${personId}::uuid then l.survivor_code
                else (select lpad(i.resident_record_code::text, 11, '0') from prefectural_juki.identification i
                       where i.person_id = l.person_id) end as "otherCode",
           case when l.person_id = ${personId}::uuid then l.survivor_person_id else l.person_id end as "otherPersonId"
      from prefectural_juki.duplicate_link l
     where l.person_id = ${personId}::uuid or l.survivor_person_id = ${personId}::uuid
     order by l.noted_at, l.change_id`;
