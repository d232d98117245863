import type { Tx } from '@musubi/kernel/db/sql.ts';

export async function insertIntakeCheck(
  tx: Tx,
  c: {
    readonly caseId: string;
    readonly receiptNumber: string;
    readonly formVersion: string;
    readonly numberDocument: string;
    readonly identityDocuments: readonly string[];
    readonly proxyAuthority: string | null;
    readonly by: string;
    readonly on: Temporal.PlainDate;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.intake_check (case_id, receipt_number, form_version, number_document, identity_documents,
      proxy_authority, checked_by, checked_on, event_id)
    values (${c.caseId}, ${c.receiptNumber}, ${c.formVersion}, ${c.numberDocument}, ${c.identityDocuments}::text[],
      ${c.proxyAuthority}, ${c.by}, ${c.on}, ${tx.eventId})`;
}

export interface IntakeCheck {
  readonly receiptNumber: string;
  readonly formVersion: string;
  readonly numberDocument: string;
  readonly identityDocuments: readonly string[];
  readonly proxyAuthority: string | null;
  readonly checkedBy: string;
}

export async function findIntakeCheck(tx: Tx, caseId: string): Promise<IntakeCheck | undefined> {
  const [row] = await tx<IntakeCheck>`
    select receipt_number as "receiptNumber", form_version as "formVersion", number_document as "numberDocument",
           identity_documents as "identityDocuments", proxy_authority as "proxyAuthority", checked_by as "checkedBy"
      from child_chronic.intake_check where case_id = ${caseId}`;
  return row;
}

/* ---- insurers and consents ---- */

export interface Insurer {
  readonly insurerCode: string;
  readonly name: string;
  readonly postalCode: string;
  readonly address: string;
}

export async function insertInsurer(
  tx: Tx,
  i: Insurer & { readonly rowId: string; readonly by: string; readonly at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into child_chronic.insurer (row_id, insurer_code, name, postal_code, address, registered_by, registered_at, event_id)
    values (${i.rowId}, ${i.insurerCode}, ${i.name}, ${i.postalCode}, ${i.address}, ${i.by}, ${i.at}, ${tx.eventId})`;
}

export async function insurers(tx: Tx, insurerCode: string | null = null): Promise<Insurer[]> {
  return tx<Insurer>`
    select distinct on (insurer_code) insurer_code as "insurerCode", name, postal_code as "postalCode", address
      from child_chronic.insurer where (${insurerCode}::text is null or insurer_code = ${insurerCode}::text)
     order by insurer_code, registered_at desc limit 500`;
}

export interface Consent {
  readonly consentId: string;
  readonly caseId: string;
  readonly insurerCode: string;
  readonly signer: 'applicant' | 'proxy';
  readonly signedOn: string;
  readonly receiptNumber: string;
  readonly recordedBy: string;
  readonly matchedBy: string | null;
}

export async function insertConsent(
  tx: Tx,
  c: Omit<Consent, 'matchedBy'> & { readonly at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into child_chronic.consent (consent_id, case_id, insurer_code, signer, signed_on, receipt_number, recorded_by, recorded_at,
      event_id)
    values (${c.consentId}, ${c.caseId}, ${c.insurerCode}, ${c.signer}, ${c.signedOn}, ${c.receiptNumber}, ${c.recordedBy}, ${c.at},
      ${tx.eventId})`;
}

/** Newest first. */
export async function consents(
  tx: Tx,
  by: { readonly caseId?: string; readonly consentId?: string },
): Promise<Consent[]> {
  const { caseId = null, consentId = null } = by;
  return tx<Consent>`
    select c.consent_id as "consentId", c.case_id as "caseId", c.insurer_code as "insurerCode", c.signer,
           c.signed_on::text as "signedOn", c.receipt_number as "receiptNumber", c.recorded_by as "recordedBy",
           m.matched_by as "matchedBy"
      from child_chronic.consent c left join child_chronic.consent_match m using (consent_id)
     where (${caseId}::uuid is null or c.case_id = ${caseId}::uuid)
       and (${consentId}::uuid is null or c.consent_id = ${consentId}::uuid)
     order by c.recorded_at desc limit 100`;
}

/** False where it was matched before. */
export async function insertConsentMatch(
  tx: Tx,
  consentId: string,
  by: string,
  at: Temporal.Instant,
): Promise<boolean> {
  const made = await tx`
    insert into child_chronic.consent_match (consent_id, matched_by, matched_at, event_id)
    values (${consentId}, ${by}, ${at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return made.length === 1;
}

/** The case that was opened with the papers of this receipt. */
export async function caseOfReceipt(tx: Tx, receiptNumber: string): Promise<string | undefined> {
  const [row] = await tx<{ caseId: string }>`
    select case_id as "caseId" from child_chronic.intake_check where receipt_number = ${receiptNumber}`;
  return row?.caseId;
}
