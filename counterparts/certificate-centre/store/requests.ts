import type { Tx } from '@musubi/kernel/db/sql.ts';

export async function insertChallenge(tx: Tx, digest: Uint8Array, at: Temporal.Instant): Promise<void> {
  await tx`insert into certificate_centre.challenge (digest, made_at, event_id) values (${digest}, ${at}, ${tx.eventId})`;
}
export async function isOurChallenge(tx: Tx, digest: Uint8Array): Promise<boolean> {
  return (await tx`select 1 from certificate_centre.challenge where digest = ${digest}`).length === 1;
}

export interface StoredRequest {
  readonly requestId: string;
  readonly kioskId: string;
  readonly municipality: string;
  readonly certType: string;
  readonly taxYear: string;
  readonly copies: number;
  readonly certSerial: string;
  readonly challenge: Uint8Array;
}

/** `known`: a request of that id; `used`: the card's assertion served another one. */
export async function insertRequest(
  tx: Tx,
  request: StoredRequest,
  checkedAt: Temporal.Instant,
): Promise<'inserted' | 'known' | 'used'> {
  const rows = await tx`
    insert into certificate_centre.request (request_id, kiosk_id, municipality, cert_type, tax_year, copies, cert_serial, challenge,
      checked_at, event_id)
    values (${request.requestId}, ${request.kioskId}, ${request.municipality}, ${request.certType}, ${request.taxYear},
      ${request.copies}, ${request.certSerial}, ${request.challenge}, ${checkedAt}, ${tx.eventId})
    on conflict do nothing returning 1`;
  if (rows.length === 1) return 'inserted';
  const known = await tx`select 1 from certificate_centre.request where request_id = ${request.requestId}`;
  return known.length === 1 ? 'known' : 'used';
}

export async function findRequest(tx: Tx, requestId: string): Promise<StoredRequest | undefined> {
  const [row] = await tx<StoredRequest>`
    select request_id as "requestId", kiosk_id as "kioskId", municipality, cert_type as "certType", tax_year as "taxYear", copies,
           cert_serial as "certSerial", challenge from certificate_centre.request where request_id = ${requestId}`;
  return row;
}

export interface StoredAnswer {
  readonly requestId: string;
  readonly documentNo: string;
  readonly feeYen: number;
}
/** A certificate that went through; a repeat of the body's answer changes nothing. */
export async function insertAnswer(tx: Tx, answer: StoredAnswer, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    insert into certificate_centre.answer (request_id, document_no, fee_yen, answered_at, event_id)
    values (${answer.requestId}, ${answer.documentNo}, ${answer.feeYen}, ${at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}
export async function findAnswer(tx: Tx, requestId: string): Promise<StoredAnswer | undefined> {
  const [row] = await tx<StoredAnswer>`
    select request_id as "requestId", document_no as "documentNo", fee_yen as "feeYen"
      from certificate_centre.answer where request_id = ${requestId}`;
  return row;
}

export async function insertOutcome(
  tx: Tx,
  outcome: { readonly requestId: string; readonly outcome: string; readonly feeYen: number },
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into certificate_centre.outcome (request_id, outcome, fee_yen, told_at, event_id)
    values (${outcome.requestId}, ${outcome.outcome}, ${outcome.feeYen}, ${at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}
export async function findOutcome(tx: Tx, requestId: string): Promise<string | undefined> {
  const [row] = await tx<{ outcome: string }>`
    select outcome from certificate_centre.outcome where request_id = ${requestId}`;
  return row?.outcome;
}
