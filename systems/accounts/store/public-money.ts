import type { Tx } from '@musubi/kernel/db/sql.ts';

/** 利用の同意: the newest counts. */
export interface Consent {
  readonly consentId: string;
  readonly personNumber: string;
  readonly agreedOn: string;
  readonly evidence: string;
}
export async function consentOf(tx: Tx, personNumber: string): Promise<Consent | undefined> {
  const [row] = await tx<Consent>`
    select consent_id as "consentId", person_number as "personNumber", agreed_on::text as "agreedOn", evidence
      from accounts.public_money_consent where person_number = ${personNumber} order by agreed_on desc, consent_id desc limit 1`;
  return row;
}
export async function insertConsent(tx: Tx, c: Consent & { readonly by: string }): Promise<boolean> {
  const rows = await tx`
    insert into accounts.public_money_consent (consent_id, person_number, agreed_on, evidence, noted_by, event_id)
    values (${c.consentId}, ${c.personNumber}, ${c.agreedOn}::date, ${c.evidence}, ${c.by}, ${tx.eventId})
    on conflict (consent_id) do nothing returning consent_id`;
  return rows.length === 1;
}
export interface Inquiry {
  readonly requestId: string;
  readonly consentId: string;
  readonly personNumber: string;
  readonly inquiryNumber: string;
  readonly result: string;
  readonly mandateId: string | null;
}
export async function findInquiry(tx: Tx, requestId: string): Promise<Inquiry | undefined> {
  const [row] = await tx<Inquiry>`
    select request_id as "requestId", consent_id as "consentId", person_number as "personNumber", inquiry_number as "inquiryNumber",
           result, mandate_id as "mandateId"
      from accounts.public_money_inquiry where request_id = ${requestId}`;
  return row;
}
export async function insertInquiry(
  tx: Tx,
  i: Inquiry & { readonly sha256: Uint8Array; readonly by: string; readonly on: string },
): Promise<boolean> {
  const rows = await tx`
    insert into accounts.public_money_inquiry (request_id, consent_id, person_number, inquiry_number, result, sha256, mandate_id, asked_by,
      asked_on, event_id)
    values (${i.requestId}, ${i.consentId}, ${i.personNumber}, ${i.inquiryNumber}, ${i.result}, ${i.sha256}, ${i.mandateId}, ${i.by},
      ${i.on}::date, ${tx.eventId})
    on conflict (request_id) do nothing returning request_id`;
  return rows.length === 1;
}
