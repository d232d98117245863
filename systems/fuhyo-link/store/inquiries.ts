import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface Inquiry {
  readonly inquiryId: string;
  readonly asker: string;
  readonly requester: string;
  readonly task: string;
  readonly document: string;
  readonly keyKind: 'code' | 'four-items';
  readonly wantsNumber: boolean;
  readonly wantsCode: boolean;
  readonly requestDigest: Uint8Array;
  readonly outcome: 'identified' | 'not-identified';
  readonly supplementId: string | null;
}

/** Waits for its turn on the inquiry, then reads it. */
export async function lockInquiry(tx: Tx, inquiryId: string): Promise<Inquiry | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended('fuhyo-inquiry:' || ${inquiryId}::text, 0))`;
  const [row] = await tx<Inquiry & object>`
    select inquiry_id as "inquiryId", asker, requester, task, document, key_kind as "keyKind", wants_number as "wantsNumber",
           wants_code as "wantsCode", request_digest as "requestDigest", outcome, supplement_id as "supplementId"
      from fuhyo_link.inquiry where inquiry_id = ${inquiryId}`;
  return row;
}

export async function insertInquiry(tx: Tx, i: Inquiry, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into fuhyo_link.inquiry (inquiry_id, asker, requester, task, document, key_kind, wants_number, wants_code, request_digest,
      outcome, supplement_id, opened_at, event_id)
    values (${i.inquiryId}, ${i.asker}, ${i.requester}, ${i.task}, ${i.document}, ${i.keyKind}, ${i.wantsNumber}, ${i.wantsCode},
      ${i.requestDigest}, ${i.outcome}, ${i.supplementId}, ${at}, ${tx.eventId})`;
}

export type NumberStep = 'awaited' | 'kept' | 'given' | 'erased' | 'refused';

export async function insertStep(
  tx: Tx,
  s: {
    readonly stepId: string;
    readonly inquiryId: string;
    readonly step: NumberStep;
    readonly word?: string;
    readonly keptUntil?: Temporal.Instant;
  },
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into fuhyo_link.number_step (step_id, inquiry_id, step, word, kept_until, stepped_at, event_id)
    values (${s.stepId}, ${s.inquiryId}, ${s.step}, ${s.word ?? null}, ${s.keptUntil ?? null}, ${at}, ${tx.eventId})`;
}

/** The steps that were taken for an inquiry's number. */
export async function stepsOf(tx: Tx, inquiryId: string): Promise<ReadonlySet<NumberStep>> {
  const rows = await tx<{ step: NumberStep }>`
    select distinct step from fuhyo_link.number_step where inquiry_id = ${inquiryId}`;
  return new Set(rows.map((r) => r.step));
}

/** Inquiries whose number is over its time and whose erasure is not yet on record. */
export async function overdueNumbers(tx: Tx, at: Temporal.Instant, limit: number): Promise<string[]> {
  const rows = await tx<{ inquiryId: string }>`
    select k.inquiry_id as "inquiryId" from fuhyo_link.number_step k
     where k.step = 'kept' and k.kept_until <= ${at}
       and not exists (select from fuhyo_link.number_step e where e.inquiry_id = k.inquiry_id and e.step = 'erased')
     order by k.kept_until limit ${limit}`;
  return rows.map((r) => r.inquiryId);
}

export interface KeepingLine {
  readonly inquiryId: string;
  readonly asker: string;
  readonly task: string;
  readonly document: string;
  readonly openedAt: Temporal.Instant;
  readonly keptUntil: Temporal.Instant | undefined;
  readonly given: number;
  readonly state: 'awaited' | 'kept' | 'erased' | 'refused';
  /** Why it was refused or erased. */
  readonly word: string | null;
}

/** The monitor of the temporary area: steps and moments, no numbers and no persons. Newest first. */
export async function listKeeping(
  tx: Tx,
  { open, offset, limit }: { readonly open: boolean; readonly offset: number; readonly limit: number },
): Promise<{ rows: KeepingLine[]; total: number }> {
  const rows = await tx<
    Omit<KeepingLine, 'openedAt' | 'keptUntil'> & { openedAt: string; keptUntil: string | null; total: number }
  >`
    with line as (
      select i.inquiry_id, i.asker, i.task, i.document, i.opened_at,
             (select to_json(s.kept_until)#>>'{}' from fuhyo_link.number_step s where s.inquiry_id = i.inquiry_id and s.step = 'kept') as kept_until,
             (select count(*)::int from fuhyo_link.number_step s where s.inquiry_id = i.inquiry_id and s.step = 'given') as given,
             last.step, last.word
        from fuhyo_link.inquiry i
        cross join lateral (select s.step, s.word from fuhyo_link.number_step s
           where s.inquiry_id = i.inquiry_id and s.step <> 'given'
           order by array_position('{erased,kept,refused,awaited}', s.step), s.stepped_at desc limit 1) as last)
    select inquiry_id as "inquiryId", asker, task, document, to_json(opened_at)#>>'{}' as "openedAt", kept_until as "keptUntil", given,
           step as state, word, count(*) over ()::int as total
      from line where not ${open} or step in ('awaited', 'kept')
     order by opened_at desc, inquiry_id offset ${offset} limit ${limit}`;
  return {
    rows: rows.map(({ total: _, ...r }) => ({
      ...r,
      openedAt: Temporal.Instant.from(r.openedAt),
      keptUntil: r.keptUntil === null ? undefined : Temporal.Instant.from(r.keptUntil),
    })),
    total: rows[0]?.total ?? 0,
  };
}
