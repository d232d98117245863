import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface Subject {
  readonly subjectId: string;
  readonly reference: string;
  readonly orgPersonNumber: string;
  readonly name: string;
  readonly nameKana: string;
  readonly birthOn: string;
  readonly addedOn: string;
  readonly endedOn: string | null;
}

/** False where the reference or the person stands on the list already. */
export async function insertSubject(
  tx: Tx,
  row: Omit<Subject, 'addedOn' | 'endedOn'> & {
    readonly by: string;
    readonly on: Temporal.PlainDate;
    readonly at: Temporal.Instant;
  },
): Promise<boolean> {
  const made = await tx`
    insert into ward_sections.subject (subject_id, reference, org_person_number, name, name_kana, birth_on, added_by, added_on,
      added_at, event_id)
    values (${row.subjectId}, ${row.reference}, ${row.orgPersonNumber}, ${row.name}, ${row.nameKana}, ${row.birthOn}, ${row.by},
      ${row.on}, ${row.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return made.length === 1;
}

export async function insertSubjectEnd(
  tx: Tx,
  row: {
    readonly subjectId: string;
    readonly by: string;
    readonly on: Temporal.PlainDate;
    readonly at: Temporal.Instant;
  },
): Promise<boolean> {
  const made = await tx`
    insert into ward_sections.subject_end (subject_id, ended_by, ended_on, ended_at, event_id)
    values (${row.subjectId}, ${row.by}, ${row.on}, ${row.at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return made.length === 1;
}

/** A page of the list in order of the reference, or one subject of it. */
export async function subjects(
  tx: Tx,
  query: { readonly subjectId?: string; readonly offset: number; readonly limit: number },
): Promise<{ rows: Subject[]; total: number }> {
  const { subjectId = null, offset, limit } = query;
  const rows = await tx<Subject & { total: number }>`
    select s.subject_id as "subjectId", s.reference, s.org_person_number as "orgPersonNumber", s.name, s.name_kana as "nameKana",
           s.birth_on::text as "birthOn", s.added_on::text as "addedOn", e.ended_on::text as "endedOn",
           count(*) over ()::int as total
      from ward_sections.subject s left join ward_sections.subject_end e using (subject_id)
     where ${subjectId}::uuid is null or s.subject_id = ${subjectId}::uuid
     order by s.reference limit ${limit} offset ${offset}`;
  return { rows: rows.map(({ total: _, ...row }) => row), total: rows[0]?.total ?? 0 };
}

export interface Question {
  readonly requestId: string;
  readonly subjectId: string;
  readonly task: string;
  readonly items: readonly string[];
  readonly askedBy: string;
  readonly terminal: string | null;
}

/** False for a repeat of the same request. */
export async function insertQuestion(
  tx: Tx,
  row: Question & { readonly on: Temporal.PlainDate; readonly at: Temporal.Instant },
): Promise<boolean> {
  const made = await tx`
    insert into ward_sections.question (request_id, subject_id, task, items, asked_by, terminal, asked_on, asked_at, event_id)
    values (${row.requestId}, ${row.subjectId}, ${row.task}, ${row.items}::text[], ${row.askedBy}, ${row.terminal}, ${row.on},
      ${row.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return made.length === 1;
}

export interface Answer {
  readonly state: 'answered' | 'nothing-held' | 'refused';
  readonly word: string | null;
  readonly ground: string | null;
  readonly items: Readonly<Record<string, string | number | boolean | null>>;
}

export async function insertAnswer(
  tx: Tx,
  row: Answer & { readonly requestId: string; readonly at: Temporal.Instant },
): Promise<boolean> {
  const made = await tx`
    insert into ward_sections.answer (request_id, state, word, ground, items, answered_at, event_id)
    values (${row.requestId}, ${row.state}, ${row.word}, ${row.ground}, ${json(row.items)}::jsonb, ${row.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return made.length === 1;
}

export type Asked = Question & { readonly askedAt: string } & { readonly answer: Answer | null };

/** What was asked about a subject and what came, the newest first. */
export async function questions(
  tx: Tx,
  query: { readonly subjectId?: string; readonly requestId?: string },
): Promise<Asked[]> {
  const { subjectId = null, requestId = null } = query;
  return tx<Asked>`
    select q.request_id as "requestId", q.subject_id as "subjectId", q.task, q.items, q.asked_by as "askedBy", q.terminal,
           to_json(q.asked_at)#>>'{}' as "askedAt",
           case when a.request_id is null then null
                else jsonb_build_object('state', a.state, 'word', a.word, 'ground', a.ground, 'items', a.items) end as answer
      from ward_sections.question q left join ward_sections.answer a using (request_id)
     where (${subjectId}::uuid is null or q.subject_id = ${subjectId}::uuid)
       and (${requestId}::uuid is null or q.request_id = ${requestId}::uuid)
     order by q.asked_at desc limit 50`;
}
