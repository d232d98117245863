import type { InquiryStatement } from '@musubi/contracts/exchange/messages.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';

/** Who asked inside the body, kept as the platform told it and given back with the answer. */
export interface InsideAsker {
  readonly system: string;
  /** Absent for scheduled work. */
  readonly staffId?: string | undefined;
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

/** False where this system has used the request id before; two at once: the second waits for the first. */
export async function insertInquiry(
  tx: Tx,
  i: Omit<OwnInquiry, 'askedAt'> & { readonly said: InquiryStatement; readonly at: Temporal.Instant },
): Promise<boolean> {
  const rows = await tx`
    insert into intermediate_server.inquiry
      (inquiry_number, asking_system, request_id, request_digest, asker, org_person_number, procedure, information_code, items,
       condition, provider, statement, asked_at, event_id)
    values (${i.inquiryNumber}, ${i.askingSystem}, ${i.requestId}, ${i.requestDigest}, ${json(i.asker)}, ${i.orgPersonNumber},
       ${i.said.procedure}, ${i.said.informationCode}, ${i.said.items}, ${json(i.said.condition)}, ${i.said.provider},
       ${i.statement}, ${i.at}, ${tx.eventId})
    on conflict (asking_system, request_id) do nothing returning 1`;
  return rows.length === 1;
}

export async function findByRequest(tx: Tx, askingSystem: string, requestId: string): Promise<OwnInquiry | undefined> {
  const [row] = await tx<OwnInquiry>`
    select inquiry_number as "inquiryNumber", asking_system as "askingSystem", request_id as "requestId",
           request_digest as "requestDigest", asker, org_person_number as "orgPersonNumber", statement, asked_at as "askedAt"
      from intermediate_server.inquiry where asking_system = ${askingSystem} and request_id = ${requestId}`;
  return row;
}

export async function findByNumber(tx: Tx, inquiryNumber: string): Promise<OwnInquiry | undefined> {
  const [row] = await tx<OwnInquiry>`
    select inquiry_number as "inquiryNumber", asking_system as "askingSystem", request_id as "requestId",
           request_digest as "requestDigest", asker, org_person_number as "orgPersonNumber", statement, asked_at as "askedAt"
      from intermediate_server.inquiry where inquiry_number = ${inquiryNumber}`;
  return row;
}

export async function insertKey(tx: Tx, inquiryNumber: string, day: Temporal.PlainDate, sealed: Buffer): Promise<void> {
  await tx`
    insert into intermediate_server.inquiry_key (inquiry_number, key_day, sealed_key)
    values (${inquiryNumber}, ${day}::date, ${sealed})`;
}

/** Two answers at once are taken one after the other (a row lock would need the right to update). */
export async function lockKey(tx: Tx, inquiryNumber: string): Promise<{ day: string; sealed: Buffer } | undefined> {
  // Sent together; the second statement starts, and takes its snapshot, when the lock is there.
  const [, [row]] = await Promise.all([
    tx`select pg_advisory_xact_lock(hashtextextended(${inquiryNumber}::text, 5))`,
    tx<{ day: string; sealed: Buffer }>`
      select key_day::text as day, sealed_key as sealed from intermediate_server.inquiry_key
       where inquiry_number = ${inquiryNumber}`,
  ]);
  return row;
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

export async function stateOf(tx: Tx, inquiryNumber: string): Promise<InquiryState> {
  const [[answered], [refused], [held]] = await Promise.all([
    tx<StoredResult>`
    select permit_number as "permitNumber", result, valid_from::text as "validFrom", items, evidence, permit, answered_at as at
      from intermediate_server.inquiry_result where inquiry_number = ${inquiryNumber}`,
    tx<{ refusal: string }>`
    select refusal from intermediate_server.inquiry_refused where inquiry_number = ${inquiryNumber}`,
    tx<{ permitNumber: string; permit: string; evidence: string; at: string }>`
    select permit_number as "permitNumber", permit, evidence, held_at as at
      from intermediate_server.inquiry_held where inquiry_number = ${inquiryNumber}`,
  ]);
  if (answered) return { state: 'answered', ...answered };
  if (refused) return { state: 'refused', ...refused };
  return held ? { state: 'held', ...held } : { state: 'open' };
}

/** Held inquiries without an answer, oldest first. */
export async function waitingInquiries(tx: Tx, limit: number): Promise<string[]> {
  const rows = await tx<{ inquiryNumber: string }>`
    select h.inquiry_number as "inquiryNumber" from intermediate_server.inquiry_held h
     where not exists (select 1 from intermediate_server.inquiry_result r where r.inquiry_number = h.inquiry_number)
       and not exists (select 1 from intermediate_server.inquiry_refused r where r.inquiry_number = h.inquiry_number)
     order by h.held_at limit ${limit}`;
  return rows.map((row) => row.inquiryNumber);
}
