import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface CertificateRow {
  readonly certificateId: string;
  readonly documentId: string | null;
  readonly personId: string;
  readonly persons: readonly string[];
  readonly requester: 'self' | 'household' | 'proxy' | 'third-party' | 'public-body';
  readonly requesterName: string;
  readonly purpose: string;
  readonly proof: string;
  readonly items: readonly string[];
  readonly result: 'issued' | 'refused';
  readonly why: string | null;
  readonly sealedRef: string | null;
  readonly sha256: Uint8Array | null;
  readonly pages: number | null;
  readonly feeYen: number;
  readonly issuedOn: string;
  readonly by: string;
}

export async function insertCertificate(tx: Tx, c: CertificateRow, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into resident_register.certificate (certificate_id, document_id, person_id, persons, requester, requester_name, purpose,
      proof, items, result, why, sealed_ref, sha256, pages, fee_yen, issued_on, by, at, event_id)
    values (${c.certificateId}, ${c.documentId}, ${c.personId}, ${c.persons}::uuid[], ${c.requester}, ${c.requesterName}, ${c.purpose},
      ${c.proof}, ${c.items}, ${c.result}, ${c.why}, ${c.sealedRef}, ${c.sha256}, ${c.pages}, ${c.feeYen}, ${c.issuedOn}, ${c.by}, ${at},
      ${tx.eventId})`;
}

export async function nextDocumentId(tx: Tx, year: number): Promise<string> {
  const [row] = await tx<{ n: number }>`select nextval('resident_register.certificate_seq')::int as n`;
  return `RRC-${year}-${`${row!.n}`.padStart(6, '0')}`;
}

export interface CertificateLine extends Omit<CertificateRow, 'sha256'> {
  readonly name: string;
  readonly sha256: Buffer | null;
  readonly at: Temporal.Instant;
}

/** Newest first. */
export async function listCertificates(
  tx: Tx,
  q: {
    readonly certificateId: string | null;
    readonly result: string | null;
    readonly offset: number;
    readonly limit: number;
  },
): Promise<{ rows: CertificateLine[]; total: number }> {
  const rows = await tx<Omit<CertificateLine, 'at'> & { at: string; total: number }>`
    select c.certificate_id as "certificateId", c.document_id as "documentId", c.person_id as "personId", c.persons, c.requester,
           c.requester_name as "requesterName", c.purpose, c.proof, c.items, c.result, c.why, c.sealed_ref as "sealedRef", c.sha256,
           c.pages, c.fee_yen as "feeYen", c.issued_on::text as "issuedOn", c.by, to_json(c.at)#>>'{}' as at, r.name,
           count(*) over ()::int as total
      from resident_register.certificate c join resident_register.resident r using (person_id)
     where (${q.certificateId}::uuid is null or c.certificate_id = ${q.certificateId}::uuid)
       and (${q.result}::text is null or c.result = ${q.result}::text)
     order by c.at desc, c.certificate_id offset ${q.offset} limit ${q.limit}`;
  return { rows: rows.map((r) => ({ ...r, at: Temporal.Instant.from(r.at) })), total: rows[0]?.total ?? 0 };
}
