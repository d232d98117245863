import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { OutsideReason } from '../domain/outside-number.ts';

/** False when the number is taken, here or as anybody's 宛名番号; draw another. */
export async function insertOutsideNumber(
  tx: Tx,
  row: { outsideNumber: string; on: Temporal.PlainDate; at: Temporal.Instant },
): Promise<boolean> {
  const made = await tx`
    insert into common_platform.outside_number (outside_number, given_on, given_at, event_id)
    select ${row.outsideNumber}, ${row.on}, ${row.at}, ${tx.eventId}
     where not exists (select 1 from common_platform.binding b where b.addressee_number = ${row.outsideNumber})
    on conflict do nothing returning 1`;
  return made.length === 1;
}

export interface OutsideStep {
  readonly outsideNumber: string;
  readonly personId: string;
  readonly step: 'begun' | 'ended';
  readonly why: OutsideReason;
  readonly system: string | null;
  readonly note: string | null;
  readonly municipalityCode: string | null;
  readonly by: string;
}

export async function insertOutsideStep(
  tx: Tx,
  row: OutsideStep & { stepId: string; on: Temporal.PlainDate; at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into common_platform.outside_step (step_id, outside_number, step_no, person_id, step, why, system, note, municipality_code,
      stepped_by, stepped_on, stepped_at, event_id)
    select ${row.stepId}, ${row.outsideNumber}, 1 + count(*), ${row.personId}, ${row.step}, ${row.why}, ${row.system}, ${row.note},
           ${row.municipalityCode}, ${row.by}, ${row.on}, ${row.at}, ${tx.eventId}
      from common_platform.outside_step where outside_number = ${row.outsideNumber}`;
}

export interface OutsideStanding extends OutsideStep {
  readonly stepNo: number;
}

/** Numbers of a person, or one number, as they stand now (`begun`) or last did (`ended`), the newest first. */
export async function outsideStandings(
  tx: Tx,
  of: { readonly personId: string } | { readonly outsideNumber: string },
): Promise<OutsideStanding[]> {
  const personId = 'personId' in of ? of.personId : null;
  const outsideNumber = 'outsideNumber' in of ? of.outsideNumber : null;
  return tx<OutsideStanding>`
    select outside_number as "outsideNumber", step_no as "stepNo", person_id as "personId", step, why, system, note,
           municipality_code as "municipalityCode", stepped_by as "by"
      from common_platform.outside_standing
     where (${personId}::uuid is null or person_id = ${personId}::uuid)
       and (${outsideNumber}::text is null or outside_number = ${outsideNumber})
     order by stepped_at desc, outside_number`;
}

/** What a merge took from the ended person: with the survivor now, or ended by it. */
export async function outsideTakenFrom(tx: Tx, endedId: string, survivorId: string): Promise<OutsideStanding[]> {
  return tx<OutsideStanding>`
    select o.outside_number as "outsideNumber", o.step_no as "stepNo", o.person_id as "personId", o.step, o.why, o.system, o.note,
           o.municipality_code as "municipalityCode", o.stepped_by as "by"
      from common_platform.outside_standing o
     where (o.person_id = ${endedId} and o.step = 'ended' and o.why = 'merged')
        or (o.person_id = ${survivorId} and o.why = 'merged' and exists (
             select 1 from common_platform.outside_step s where s.outside_number = o.outside_number and s.person_id = ${endedId}))`;
}

export async function statusOf(tx: Tx, personId: string): Promise<string | undefined> {
  const [row] = await tx<{ status: string }>`
    select status from common_platform.particulars where person_id = ${personId}`;
  return row?.status;
}

export interface OutsideLine {
  readonly outsideNumber: string;
  readonly personId: string;
  readonly orgPersonNumber: string;
  readonly name: string | null;
  readonly nameKana: string | null;
  readonly birthOn: string | null;
  readonly municipalityCode: string | null;
  readonly step: 'begun' | 'ended';
  readonly why: OutsideReason;
  readonly steppedOn: string;
}

/** By number, or by the beginning of name or reading; in order of the reading. */
export async function listOutside(
  tx: Tx,
  q: {
    readonly outsideNumber?: string | undefined;
    readonly nameKey?: string | undefined;
    readonly kanaKey?: string | undefined;
    readonly step?: 'begun' | 'ended' | undefined;
    readonly offset: number;
    readonly limit: number;
  },
): Promise<{ rows: OutsideLine[]; total: number }> {
  const { outsideNumber = null, nameKey = null, kanaKey = null, step = null } = q;
  const rows = await tx<OutsideLine & { total: number }>`
    select o.outside_number as "outsideNumber", o.person_id as "personId", p.org_person_number as "orgPersonNumber", d.name,
           d.name_kana as "nameKana", d.birth_on::text as "birthOn",
           (select s.municipality_code from common_platform.outside_step s
             where s.outside_number = o.outside_number and s.step = 'begun' order by s.step_no desc limit 1) as "municipalityCode",
           o.step, o.why, o.stepped_on::text as "steppedOn", count(*) over ()::int as total
      from common_platform.outside_standing o join common_platform.person p using (person_id)
           left join common_platform.particulars d using (person_id)
     where (${outsideNumber}::text is null or o.outside_number = ${outsideNumber})
       and (${step}::text is null or o.step = ${step})
       and (${nameKey}::text is null or starts_with(d.name_key, ${nameKey}) or starts_with(d.kana_key, ${kanaKey}))
     order by d.kana_key nulls last, o.outside_number limit ${q.limit} offset ${q.offset}`;
  return { rows: rows.map(({ total: _, ...row }) => row), total: rows[0]?.total ?? 0 };
}

export interface OutsideHistoryLine {
  readonly personId: string;
  readonly step: 'begun' | 'ended';
  readonly why: OutsideReason;
  readonly system: string | null;
  readonly note: string | null;
  readonly municipalityCode: string | null;
  readonly by: string;
  readonly on: string;
}

/** All that became of the number, the newest first. */
export async function outsideHistory(tx: Tx, outsideNumber: string): Promise<OutsideHistoryLine[]> {
  return tx<OutsideHistoryLine>`
    select person_id as "personId", step, why, system, note, municipality_code as "municipalityCode", stepped_by as "by",
           stepped_on::text as "on"
      from common_platform.outside_step where outside_number = ${outsideNumber} order by step_no desc`;
}
