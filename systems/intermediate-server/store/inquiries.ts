import type { InquiryStatement } from '@musubi/contracts/exchange/messages.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';

/** Who asked inside the body, kept as the platform told it and given back with the answer. */
export interface InsideAsker {
  readonly system: string;
  /** Absent for scheduled work. */
  readonly staffId?: string | undefined;
  readonly terminalId?: string | undefined;
  readonly caseReference: string;
}
type Value = string | number | boolean | null;

export interface OwnInquiry {
  readonly inquiryNumber: string;
  readonly askingSystem: string;
  readonly requestId: string;
  readonly requestDigest: Buffer;
  readonly asker: InsideAsker;
  readonly orgPersonNumber: string;
  readonly statement: string;
  readonly askedAt: string;
}

/** The private key of an inquiry, sealed under the key of its day. */
export interface SealedKey {
  readonly day: Temporal.PlainDate;
  readonly sealed: Buffer;
}

/**
 * The inquiry and its key, in one statement. False where this system has used the request id before; two at once: the second
 * waits for the first.
 */
export async function insertInquiry(
  tx: Tx,
  i: Omit<OwnInquiry, 'askedAt'> & {
    readonly said: InquiryStatement;
    readonly at: Temporal.Instant;
    readonly key: SealedKey;
  },
): Promise<boolean> {
  const rows = await tx`
    with sent as (
      insert into intermediate_server.inquiry
        (inquiry_number, asking_system, request_id, request_digest, asker, org_person_number, procedure, information_code, items,
         condition, provider, statement, asked_at, event_id)
      values (${i.inquiryNumber}::uuid, ${i.askingSystem}, ${i.requestId}::uuid, ${i.requestDigest}::bytea, ${json(i.asker)}::jsonb,
         ${i.orgPersonNumber}, ${i.said.procedure}, ${i.said.informationCode}, ${i.said.items}::text[],
         ${json(i.said.condition)}::jsonb, ${i.said.provider}, ${i.statement}, ${i.at}::timestamptz, ${tx.eventId}::uuid)
      on conflict (asking_system, request_id) do nothing returning inquiry_number)
    insert into intermediate_server.inquiry_key (inquiry_number, key_day, sealed_key)
    select inquiry_number, ${i.key.day}::date, ${i.key.sealed}::bytea from sent returning 1`;
  return rows.length === 1;
}

export async function findByRequest(tx: Tx, askingSystem: string, requestId: string): Promise<OwnInquiry | undefined> {
  const [row] = await tx<OwnInquiry>`
    select inquiry_number as "inquiryNumber", asking_system as "askingSystem", request_id as "requestId",
           request_digest as "requestDigest", asker, org_person_number as "orgPersonNumber", statement, asked_at as "askedAt"
      from intermediate_server.inquiry where asking_system = ${askingSystem} and request_id = ${requestId}`;
  return row;
}

/** An inquiry as it stands, with the key that is there as long as it is open. */
export interface Standing extends OwnInquiry {
  readonly state: InquiryState;
  readonly key: { readonly day: string; readonly sealed: Buffer } | undefined;
}

/** Two answers at once are taken one after the other (a row lock would need the right to update). */
export async function lockInquiry(tx: Tx, inquiryNumber: string): Promise<Standing | undefined> {
  // Sent together; the second statement starts, and takes its snapshot, when the lock is there.
  const [, standing] = await Promise.all([
    tx`select pg_advisory_xact_lock(hashtextextended(${inquiryNumber}::text, 5))`,
    standingOf(tx, inquiryNumber),
  ]);
  return standing;
}

export async function standingOf(tx: Tx, inquiryNumber: string): Promise<Standing | undefined> {
  const [row] = await tx<OwnInquiry & StateColumns & { day: string | null; sealed: Buffer }>`
    select i.inquiry_number as "inquiryNumber", i.asking_system as "askingSystem", i.request_id as "requestId",
           i.request_digest as "requestDigest", i.asker, i.org_person_number as "orgPersonNumber", i.statement,
           i.asked_at as "askedAt", k.key_day::text as day, k.sealed_key as sealed,
           r.permit_number as "answeredPermit", r.result, r.valid_from::text as "validFrom", r.items, r.evidence, r.permit,
           r.answered_at as at, x.refusal, h.permit_number as "heldPermit", h.permit as "heldPermitText",
           h.evidence as "heldEvidence", h.held_at as "heldAt"
      from intermediate_server.inquiry as i
      left join intermediate_server.inquiry_key as k using (inquiry_number)
      left join intermediate_server.inquiry_result as r using (inquiry_number)
      left join intermediate_server.inquiry_refused as x using (inquiry_number)
      left join intermediate_server.inquiry_held as h using (inquiry_number)
     where i.inquiry_number = ${inquiryNumber}`;
  if (row === undefined) return undefined;
  return { ...row, state: stateIn(row), key: row.day === null ? undefined : { day: row.day, sealed: row.sealed } };
}

interface StateColumns {
  readonly answeredPermit: string | null;
  readonly result: string;
  readonly validFrom: string | null;
  readonly items: Readonly<Record<string, Value>>;
  readonly evidence: string;
  readonly permit: string;
  readonly at: string;
  readonly refusal: string | null;
  readonly heldPermit: string | null;
  readonly heldPermitText: string;
  readonly heldEvidence: string;
  readonly heldAt: string;
}

function stateIn(row: StateColumns): InquiryState {
  const { answeredPermit, result, validFrom, items, evidence, permit, at, refusal, heldPermit } = row;
  if (answeredPermit !== null)
    return { state: 'answered', permitNumber: answeredPermit, result, validFrom, items, evidence, permit, at };
  if (refusal !== null) return { state: 'refused', refusal };
  if (heldPermit === null) return { state: 'open' };
  return {
    state: 'held',
    permitNumber: heldPermit,
    permit: row.heldPermitText,
    evidence: row.heldEvidence,
    at: row.heldAt,
  };
}

export async function deleteKey(tx: Tx, inquiryNumber: string): Promise<void> {
  await tx`delete from intermediate_server.inquiry_key where inquiry_number = ${inquiryNumber}`;
}

export async function insertHeld(
  tx: Tx,
  h: {
    readonly inquiryNumber: string;
    readonly permitNumber: string;
    readonly permit: string;
    readonly evidence: string;
    readonly at: Temporal.Instant;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into intermediate_server.inquiry_held (inquiry_number, permit_number, permit, evidence, held_at, event_id)
    values (${h.inquiryNumber}, ${h.permitNumber}, ${h.permit}, ${h.evidence}, ${h.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}

export async function insertRefused(
  tx: Tx,
  inquiryNumber: string,
  refusal: string,
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into intermediate_server.inquiry_refused (inquiry_number, refusal, refused_at, event_id)
    values (${inquiryNumber}, ${refusal}, ${at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

/** Where an inquiry stands. */
export type InquiryState =
  | { readonly state: 'open' }
  | {
      readonly state: 'held';
      readonly permitNumber: string;
      readonly permit: string;
      readonly evidence: string;
      readonly at: string;
    }
  | { readonly state: 'refused'; readonly refusal: string }
  | ({ readonly state: 'answered' } & StoredResult);

export interface StoredResult {
  readonly permitNumber: string;
  readonly result: string;
  readonly validFrom: string | null;
  readonly items: Readonly<Record<string, Value>>;
  readonly evidence: string;
  readonly permit: string;
  readonly at: string;
}

/** Inquiries asked before a moment that have no end, held or not, in the order of their numbers. */
export async function waitingInquiries(
  tx: Tx,
  q: { readonly before: Temporal.Instant; readonly after: string; readonly limit: number },
): Promise<{ readonly inquiryNumber: string; readonly held: boolean }[]> {
  // The key is there as long as the inquiry has no end.
  return tx<{ inquiryNumber: string; held: boolean }>`
    select k.inquiry_number as "inquiryNumber",
           exists (select from intermediate_server.inquiry_held as h where h.inquiry_number = k.inquiry_number) as held
      from intermediate_server.inquiry_key as k join intermediate_server.inquiry as i using (inquiry_number)
     where k.inquiry_number > ${q.after} and i.asked_at < ${q.before}
     order by k.inquiry_number limit ${q.limit}`;
}
