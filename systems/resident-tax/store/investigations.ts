import type { Tx } from '@musubi/kernel/db/sql.ts';
import { type NumberRef, numberRef } from '@musubi/kernel/vault/vault.ts';

export type Finding =
  | 'this-person'
  | 'taxable-here-registered-elsewhere'
  | 'taxed-elsewhere'
  | 'filed-in-error'
  | 'not-known'
  | 'no-answer';
export type InvestigationStep = 'drafted' | 'approved' | 'rejected' | 'sent' | 'answered' | 'withdrawn';

export interface NewInvestigation {
  readonly investigationId: string;
  readonly reportId: string;
  readonly channel: 'letter' | 'telephone';
  readonly addresseeKind: 'payer' | 'person';
  readonly addresseeName: string;
  readonly addresseeAddress: string | null;
  readonly question: string;
  readonly answerBy: string;
  readonly draftedBy: string;
  readonly draftedOn: string;
}

export interface StepOfInvestigation {
  readonly step: InvestigationStep;
  readonly finding: Finding | null;
  readonly municipalityCode: string | null;
  readonly note: string | null;
  readonly letterRef: string | null;
  readonly by: string;
  readonly onDay: string;
}

export interface Investigation extends NewInvestigation {
  /** First to last. */
  readonly steps: readonly StepOfInvestigation[];
}

export async function insertInvestigation(tx: Tx, i: NewInvestigation): Promise<void> {
  await tx`
    insert into resident_tax.investigation (investigation_id, report_id, channel, addressee_kind, addressee_name, addressee_address, question,
      answer_by, drafted_by, drafted_on, event_id)
    values (${i.investigationId}, ${i.reportId}, ${i.channel}, ${i.addresseeKind}, ${i.addresseeName}, ${i.addresseeAddress}, ${i.question},
      ${i.answerBy}, ${i.draftedBy}, ${i.draftedOn}, ${tx.eventId})`;
}

export async function addInvestigationStep(
  tx: Tx,
  investigationId: string,
  s: Pick<StepOfInvestigation, 'step' | 'by' | 'onDay'> & Partial<StepOfInvestigation>,
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into resident_tax.investigation_step (investigation_id, step_no, step, finding, municipality_code, note, letter_ref, by, on_day, at, event_id)
    select ${investigationId}::uuid, coalesce(max(step_no), 0) + 1, ${s.step}, ${s.finding ?? null}, ${s.municipalityCode ?? null},
           ${s.note ?? null}, ${s.letterRef ?? null}::uuid, ${s.by}, ${s.onDay}::date, ${at}::timestamptz, ${tx.eventId}::uuid
      from resident_tax.investigation_step where investigation_id = ${investigationId}`;
}

/** Waits for its turn on the inquiry. */
export async function lockInvestigation(tx: Tx, investigationId: string): Promise<Investigation | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`investigation ${investigationId}`}, 0))`;
  const [found] = await investigationsWhere(tx, { investigationId, reportId: null });
  return found;
}

export const investigationsOf = (tx: Tx, reportId: string): Promise<Investigation[]> =>
  investigationsWhere(tx, { investigationId: null, reportId });

async function investigationsWhere(
  tx: Tx,
  by: { readonly investigationId: string | null; readonly reportId: string | null },
): Promise<Investigation[]> {
  return tx<Investigation>`
    select i.investigation_id as "investigationId", i.report_id as "reportId", i.channel, i.addressee_kind as "addresseeKind",
           i.addressee_name as "addresseeName", i.addressee_address as "addresseeAddress", i.question, i.answer_by::text as "answerBy",
           i.drafted_by as "draftedBy", i.drafted_on::text as "draftedOn",
           (select jsonb_agg(jsonb_build_object('step', s.step, 'finding', s.finding, 'municipalityCode', s.municipality_code, 'note', s.note,
                     'letterRef', s.letter_ref, 'by', s.by, 'onDay', s.on_day) order by s.step_no)
              from resident_tax.investigation_step s where s.investigation_id = i.investigation_id) as steps
      from resident_tax.investigation i
     where (${by.investigationId}::uuid is null or i.investigation_id = ${by.investigationId})
       and (${by.reportId}::uuid is null or i.report_id = ${by.reportId})
     order by i.drafted_on, i.investigation_id`;
}

export interface InvestigationLine {
  readonly investigationId: string;
  readonly reportId: string;
  readonly name: string;
  readonly payerName: string;
  readonly channel: NewInvestigation['channel'];
  readonly addresseeKind: NewInvestigation['addresseeKind'];
  readonly step: InvestigationStep;
  readonly answerBy: string;
  /** Sent, not answered, and the day is over. */
  readonly overdue: boolean;
}

export type InvestigationState = 'open' | 'overdue' | 'to-approve' | 'ended';

/** 照会一覧, the most urgent first. */
export async function investigationLines(
  tx: Tx,
  q: { readonly state: InvestigationState; readonly today: string; readonly limit: number; readonly offset: number },
): Promise<{ readonly rows: InvestigationLine[]; readonly total: number }> {
  const rows = await tx<InvestigationLine & { total: number }>`
    with line as (
      select i.investigation_id as "investigationId", i.report_id as "reportId", r.name, r.payer_name as "payerName", i.channel,
             i.addressee_kind as "addresseeKind", s.step, i.answer_by::text as "answerBy",
             s.step = 'sent' and i.answer_by < ${q.today}::date as overdue
        from resident_tax.investigation i join resident_tax.report r using (report_id)
        join lateral (select step from resident_tax.investigation_step s where s.investigation_id = i.investigation_id
                       order by step_no desc limit 1) s on true)
    select *, count(*) over ()::int as total from line
     where case ${q.state} when 'overdue' then overdue when 'to-approve' then step = 'drafted' and channel = 'letter'
                when 'ended' then step in ('answered', 'rejected', 'withdrawn') else step not in ('answered', 'rejected', 'withdrawn') end
     order by "answerBy", "investigationId" limit ${q.limit} offset ${q.offset}`;
  return { rows: rows.map(({ total: _total, ...line }) => line), total: rows[0]?.total ?? 0 };
}

export interface NetworkAnswer {
  readonly inquiryId: string;
  readonly askedBy: string;
  readonly askedAt: Temporal.Instant;
  readonly result: 'given' | 'not-identified' | 'failed' | null;
  readonly word: string | null;
  readonly name: string | null;
  readonly birthDate: string | null;
  readonly sex: 'male' | 'female' | 'other' | null;
  readonly address: string | null;
  readonly numberRef: NumberRef | null;
}

export async function insertNetworkInquiry(
  tx: Tx,
  i: {
    readonly inquiryId: string;
    readonly reportId: string;
    readonly name: string;
    readonly birthDate: string;
    readonly address: string;
    readonly askedBy: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.network_inquiry (inquiry_id, report_id, name, birth_date, address, asked_by, asked_at, event_id)
    values (${i.inquiryId}, ${i.reportId}, ${i.name}, ${i.birthDate}, ${i.address}, ${i.askedBy}, ${i.at}, ${tx.eventId})`;
}

export async function insertNetworkAnswer(
  tx: Tx,
  a: Omit<NetworkAnswer, 'askedBy' | 'askedAt'> & { readonly at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into resident_tax.network_answer (inquiry_id, result, word, name, birth_date, sex, address, number_ref, answered_at, event_id)
    values (${a.inquiryId}, ${a.result}, ${a.word}, ${a.name}, ${a.birthDate}, ${a.sex}, ${a.address}, ${a.numberRef}, ${a.at}, ${tx.eventId})`;
}

/** What the network was asked about a document, the latest first. */
export async function networkAnswersOf(tx: Tx, reportId: string): Promise<NetworkAnswer[]> {
  const rows = await tx<Omit<NetworkAnswer, 'askedAt' | 'numberRef'> & { askedAt: string; numberRef: string | null }>`
    select i.inquiry_id as "inquiryId", i.asked_by as "askedBy", to_json(i.asked_at)#>>'{}' as "askedAt", a.result, a.word, a.name,
           a.birth_date::text as "birthDate", a.sex, a.address, a.number_ref as "numberRef"
      from resident_tax.network_inquiry i left join resident_tax.network_answer a using (inquiry_id)
     where i.report_id = ${reportId} order by i.asked_at desc`;
  return rows.map((r) => ({
    ...r,
    askedAt: Temporal.Instant.from(r.askedAt),
    numberRef: r.numberRef === null ? null : numberRef(r.numberRef),
  }));
}
