import type { Investigation, InvestigationFinding } from '@musubi/contracts/juki/investigations.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export async function insertInvestigation(
  tx: Tx,
  asked: Investigation,
  by: string,
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into municipal_juki.investigation (investigation_id, resident_record_code, asked_by, asked_on, answer_by, claims, received_at, event_id)
    values (${asked.investigationId}, ${asked.residentRecordCode}, ${by}, ${asked.askedOn}, ${asked.answerBy}, ${json(asked.claims)}, ${at}, ${tx.eventId})`;
}

export interface InvestigationLine {
  readonly investigationId: string;
  readonly residentRecordCode: string;
  readonly askedBy: string;
  readonly askedOn: string;
  readonly answerBy: string;
  readonly claims: Investigation['claims'];
  readonly finding: InvestigationFinding | null;
  readonly answeredBy: string | null;
}

/** The earliest day first; without `all` only what waits for an answer. */
export async function listInvestigations(
  tx: Tx,
  q: {
    readonly all: boolean;
    readonly offset: number;
    readonly limit: number;
    readonly investigationId?: string | undefined;
  },
): Promise<{ rows: InvestigationLine[]; total: number }> {
  const only = q.investigationId ?? null;
  const rows = await tx<InvestigationLine & { total: number }>`
    select i.investigation_id as "investigationId", i.resident_record_code as "residentRecordCode", i.asked_by as "askedBy",
           i.asked_on::text as "askedOn", i.answer_by::text as "answerBy", i.claims, a.finding, a.answered_by as "answeredBy",
           count(*) over ()::int as total
      from municipal_juki.investigation i left join municipal_juki.investigation_answer a using (investigation_id)
     where (${q.all}::boolean or a.investigation_id is null) and (${only}::uuid is null or i.investigation_id = ${only}::uuid)
     order by i.answer_by, i.investigation_id offset ${q.offset} limit ${q.limit}`;
  return { rows, total: rows[0]?.total ?? 0 };
}

/** False where somebody else answered first. */
export async function insertAnswer(
  tx: Tx,
  a: {
    readonly investigationId: string;
    readonly finding: InvestigationFinding;
    readonly note: string;
    readonly foundOn: Temporal.PlainDate;
    readonly by: string;
  },
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into municipal_juki.investigation_answer (investigation_id, finding, note, found_on, answered_by, answered_at, event_id)
    values (${a.investigationId}, ${a.finding}, ${a.note}, ${a.foundOn}, ${a.by}, ${at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}
