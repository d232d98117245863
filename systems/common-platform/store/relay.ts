import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface BindingRow {
  readonly code: string;
  readonly ground: string;
}

/** Rows of 業務 × 事務 that hold on this day for these codes. */
export async function bindingsInForce(
  tx: Tx,
  query: { system: string; kind: 'ask' | 'lodge'; codes: readonly string[]; on: Temporal.PlainDate },
): Promise<BindingRow[]> {
  return tx<BindingRow>`
    select code, ground from common_platform.task_binding
     where system = ${query.system} and kind = ${query.kind} and code = any (${query.codes}::text[])
       and valid_from <= ${query.on} and (valid_until is null or valid_until >= ${query.on})`;
}

/** `bound`: the business has rows of its clerks. `may`: this clerk has one for the code today. */
export async function userBindingOf(
  tx: Tx,
  query: { system: string; staffId: string | undefined; code: string; on: Temporal.PlainDate },
): Promise<{ readonly bound: boolean; readonly may: boolean }> {
  const [row] = await tx<{ bound: boolean; may: boolean }>`
    select exists (select 1 from common_platform.user_binding where system = ${query.system}) as bound,
           exists (select 1 from common_platform.user_binding b
                    where system = ${query.system} and staff_id = ${query.staffId ?? null} and code = ${query.code}
                      and valid_from <= ${query.on} and (valid_until is null or valid_until >= ${query.on})
                      and not exists (select 1 from common_platform.user_binding_end e
                                       where e.user_binding_id = b.user_binding_id and e.ended_on <= ${query.on})) as may`;
  return row!;
}

/** False where the row stands already. */
export async function insertUserBinding(
  tx: Tx,
  row: {
    id: string;
    system: string;
    staffId: string;
    code: string;
    validFrom: string;
    validUntil: string | null;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into common_platform.user_binding (user_binding_id, system, staff_id, code, valid_from, valid_until, event_id)
    values (${row.id}, ${row.system}, ${row.staffId}, ${row.code}, ${row.validFrom}, ${row.validUntil}::date, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}

/** False where the row stands already. */
export async function insertTaskBinding(
  tx: Tx,
  row: {
    id: string;
    system: string;
    kind: string;
    code: string;
    ground: string;
    validFrom: string;
    validUntil: string | null;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into common_platform.task_binding (task_binding_id, system, kind, code, ground, valid_from, valid_until, event_id)
    values (${row.id}, ${row.system}, ${row.kind}, ${row.code}, ${row.ground}, ${row.validFrom}, ${row.validUntil}::date,
      ${tx.eventId})
    on conflict (system, kind, code, valid_from) do nothing returning 1`;
  return rows.length === 1;
}

/** Notes what is asked. For a repeat it says whether the first was the same. */
export async function noteInquiry(
  tx: Tx,
  row: {
    requestId: string;
    system: string;
    personId: string;
    procedure: string;
    informationCode: string;
    provider: string;
    asked: Buffer;
    on: Temporal.PlainDate;
    at: Temporal.Instant;
  },
): Promise<'new' | 'repeated' | 'other-content'> {
  const made = await tx`
    insert into common_platform.relayed_inquiry
      (request_id, system, person_id, procedure, information_code, provider, asked, asked_on, asked_at, event_id)
    values (${row.requestId}, ${row.system}, ${row.personId}, ${row.procedure}, ${row.informationCode}, ${row.provider},
      ${row.asked}, ${row.on}, ${row.at}, ${tx.eventId})
    on conflict (request_id) do nothing returning 1`;
  if (made.length === 1) return 'new';
  const [first] = await tx<{ system: string; asked: Buffer }>`
    select system, asked from common_platform.relayed_inquiry where request_id = ${row.requestId}`;
  return first?.system === row.system && row.asked.equals(first.asked) ? 'repeated' : 'other-content';
}

/** Whether this system asked it here. */
export async function isInquiryOf(tx: Tx, requestId: string, system: string): Promise<boolean> {
  const rows =
    await tx`select 1 from common_platform.relayed_inquiry where request_id = ${requestId} and system = ${system}`;
  return rows.length > 0;
}

export async function insertAnswer(
  tx: Tx,
  row: {
    answerId: string;
    requestId: string;
    result: string | null;
    refusal: string | null;
    inquiryNumber: string | null;
    permitNumber: string | null;
    evidenceSha256: Buffer | null;
    at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into common_platform.relayed_answer
      (answer_id, request_id, result, refusal, inquiry_number, permit_number, evidence_sha256, answered_at, event_id)
    values (${row.answerId}, ${row.requestId}, ${row.result}, ${row.refusal}, ${row.inquiryNumber}::uuid,
      ${row.permitNumber}::uuid, ${row.evidenceSha256}::bytea, ${row.at}, ${tx.eventId})`;
}

export interface HeldBack {
  readonly row: number;
  readonly code: string;
}

/** Notes a batch once; a repeat holds back exactly the rows that the first try held back, so that what goes on stays the same. */
export async function noteBatch(
  tx: Tx,
  row: {
    batchId: string;
    system: string;
    rows: number;
    heldBack: readonly HeldBack[];
    on: Temporal.PlainDate;
    at: Temporal.Instant;
  },
): Promise<{
  readonly isNew: boolean;
  readonly system: string;
  readonly rows: number;
  readonly heldBack: readonly HeldBack[];
}> {
  const made = await tx`
    insert into common_platform.relayed_batch (batch_id, system, rows, held_back, received_on, received_at, event_id)
    values (${row.batchId}, ${row.system}, ${row.rows}, ${json(row.heldBack)}, ${row.on}, ${row.at}, ${tx.eventId})
    on conflict (batch_id) do nothing returning 1`;
  if (made.length === 1) return { isNew: true, ...row };
  const [first] = await tx<{ system: string; rows: number; heldBack: HeldBack[] }>`
    select system, rows, held_back as "heldBack" from common_platform.relayed_batch where batch_id = ${row.batchId}`;
  if (!first) throw new Error('a batch vanished between insert and read');
  return { isNew: false, ...first };
}

export async function insertBatchOutcome(
  tx: Tx,
  row: {
    outcomeId: string;
    batchId: string;
    accepted: number | null;
    rejected: number | null;
    refusal: string | null;
    at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into common_platform.relayed_batch_outcome (outcome_id, batch_id, accepted, rejected, refusal, answered_at, event_id)
    values (${row.outcomeId}, ${row.batchId}, ${row.accepted}::integer, ${row.rejected}::integer, ${row.refusal}, ${row.at},
      ${tx.eventId})`;
}

export interface RelayedCopy {
  readonly personId: string;
  readonly informationCode: string;
  readonly condition: unknown;
  readonly validFrom: string;
  /** null ends the copy. */
  readonly items: unknown;
}

/** Which copies went through for whom, so that a correction can end exactly those; of the content only whether there was one. */
export async function noteRelayedCopies(
  tx: Tx,
  batchId: string,
  system: string,
  copies: readonly RelayedCopy[],
): Promise<void> {
  if (copies.length === 0) return;
  const rows = copies.map((c) => ({
    person: c.personId,
    code: c.informationCode,
    condition: c.condition,
    validFrom: c.validFrom,
    ended: c.items === null,
  }));
  await tx`
    insert into common_platform.relayed_copy (person_id, system, information_code, condition, valid_from, batch_id, ended)
    select distinct on (r.person, r.code, r.condition, r."validFrom")
           r.person, ${system}::text, r.code, r.condition, r."validFrom", ${batchId}::uuid, r.ended
      from jsonb_to_recordset(${json(rows)}) as r(person uuid, code text, condition jsonb, "validFrom" date, ended boolean)
    on conflict (person_id, system, information_code, condition, valid_from)
      do update set batch_id = excluded.batch_id, ended = excluded.ended`;
}
