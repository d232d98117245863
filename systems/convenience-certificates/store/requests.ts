import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface NewRequest {
  readonly requestId: string;
  readonly fingerprint: Uint8Array;
  readonly kioskId: string;
  readonly certType: string;
  readonly taxYear: number;
  readonly copies: number;
  readonly certSerial: string;
  readonly orgPersonNumber: string | null;
  readonly receivedAt: Temporal.Instant;
}

/** False where a request of that id is known; two at once, one waits for the other's commit and gets false. */
export async function insertRequest(tx: Tx, request: NewRequest): Promise<boolean> {
  const rows = await tx`
    insert into convenience_certificates.request (request_id, fingerprint, kiosk_id, cert_type, tax_year, copies, cert_serial,
      org_person_number, received_at, event_id)
    values (${request.requestId}, ${request.fingerprint}, ${request.kioskId}, ${request.certType}, ${request.taxYear},
      ${request.copies}, ${request.certSerial}, ${request.orgPersonNumber}, ${request.receivedAt}, ${tx.eventId})
    on conflict (request_id) do nothing returning 1`;
  return rows.length === 1;
}

export interface KnownRequest {
  readonly requestId: string;
  readonly fingerprint: Uint8Array;
  readonly copies: number;
  readonly taxYear: number;
  readonly certSerial: string;
  readonly orgPersonNumber: string | null;
  readonly receivedAt: string;
  readonly result: string | null;
  readonly reason: string | null;
}
export async function findRequest(tx: Tx, requestId: string): Promise<KnownRequest | undefined> {
  const [row] = await tx<KnownRequest>`
    select r.request_id as "requestId", r.fingerprint, r.copies, r.tax_year as "taxYear", r.cert_serial as "certSerial",
           r.org_person_number as "orgPersonNumber", to_json(r.received_at)#>>'{}' as "receivedAt", e.result, e.reason
      from convenience_certificates.request r left join convenience_certificates.request_end e using (request_id)
     where r.request_id = ${requestId}`;
  return row;
}

/** Whoever ends a request holds its turn. */
export async function lockRequest(tx: Tx, requestId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`kofu request ${requestId}`}, 0))`;
}

export async function endRequest(
  tx: Tx,
  end: {
    readonly requestId: string;
    readonly result: string;
    readonly reason: string;
    readonly tookMs: number;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into convenience_certificates.request_end (request_id, result, reason, took_ms, ended_at, event_id)
    values (${end.requestId}, ${end.result}, ${end.reason}, ${end.tookMs}, ${end.at}, ${tx.eventId})`;
}

export async function nextSerial(tx: Tx): Promise<number> {
  const [row] = await tx<{ n: number }>`select nextval('convenience_certificates.document_serial')::int as n`;
  if (row === undefined) throw new Error('a sequence without a value');
  return row.n;
}

export interface StoredDocument {
  readonly requestId: string;
  readonly documentNo: string;
  readonly orgPersonNumber: string;
  readonly recordId: string;
  readonly pages: number;
  readonly feeYen: number;
  readonly subjectCheck: string;
  readonly sha256: Uint8Array;
  readonly sealedRef: string;
  readonly issuedAt: string;
}
export async function insertDocument(tx: Tx, document: StoredDocument): Promise<void> {
  await tx`
    insert into convenience_certificates.document (request_id, document_no, org_person_number, record_id, pages, fee_yen, subject_check,
      sha256, sealed_ref, issued_at, event_id)
    values (${document.requestId}, ${document.documentNo}, ${document.orgPersonNumber}, ${document.recordId}, ${document.pages},
      ${document.feeYen}, ${document.subjectCheck}, ${document.sha256}, ${document.sealedRef}, ${document.issuedAt}::timestamptz,
      ${tx.eventId})`;
}

export async function findDocument(
  tx: Tx,
  requestId: string,
): Promise<(StoredDocument & { readonly fiscalYear: number; readonly version: string }) | undefined> {
  const [row] = await tx<StoredDocument & { fiscalYear: number; version: string }>`
    select d.request_id as "requestId", d.document_no as "documentNo", d.org_person_number as "orgPersonNumber",
           d.record_id as "recordId", d.pages, d.fee_yen as "feeYen", d.subject_check as "subjectCheck", d.sha256,
           d.sealed_ref as "sealedRef", to_json(d.issued_at)#>>'{}' as "issuedAt", c.fiscal_year as "fiscalYear", c.version
      from convenience_certificates.document d join convenience_certificates.certificate_record c using (record_id)
     where d.request_id = ${requestId}`;
  return row;
}

export async function findOutcome(
  tx: Tx,
  requestId: string,
): Promise<{ readonly outcome: string; readonly feeYen: number } | undefined> {
  const [row] = await tx<{ outcome: string; feeYen: number }>`
    select outcome, fee_yen as "feeYen" from convenience_certificates.outcome where request_id = ${requestId}`;
  return row;
}

export async function insertOutcome(
  tx: Tx,
  outcome: {
    readonly requestId: string;
    readonly outcome: string;
    readonly feeYen: number;
    readonly printedAt: string | null;
    readonly civilOn: Temporal.PlainDate;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into convenience_certificates.outcome (request_id, outcome, fee_yen, printed_at, civil_on, told_at, event_id)
    values (${outcome.requestId}, ${outcome.outcome}, ${outcome.feeYen}, ${outcome.printedAt}::timestamptz, ${outcome.civilOn},
      ${outcome.at}, ${tx.eventId})`;
}

export interface SettledKind {
  readonly certType: '04';
  readonly count: number;
  readonly copies: number;
  readonly feeYen: number;
}
/** What was printed on a day, by kind. */
export async function settlementOf(tx: Tx, date: Temporal.PlainDate): Promise<SettledKind[]> {
  return tx<SettledKind>`
    select r.cert_type as "certType", count(*)::int as count, sum(r.copies)::int as copies, sum(o.fee_yen)::int as "feeYen"
      from convenience_certificates.outcome o join convenience_certificates.request r using (request_id)
     where o.outcome = 'printed' and o.civil_on = ${date} group by r.cert_type order by 1`;
}

export interface ListedRequest {
  readonly requestId: string;
  readonly kioskId: string;
  readonly taxYear: number;
  readonly copies: number;
  readonly result: string | null;
  readonly reason: string | null;
  readonly tookMs: number | null;
  readonly documentNo: string | null;
  readonly outcome: string | null;
  readonly receivedAt: string;
  readonly total: number;
}
/** `open`: a document without its outcome since that moment (未確定). */
export async function listRequests(
  tx: Tx,
  query: { readonly openSince: Temporal.Instant | null; readonly limit: number; readonly offset: number },
): Promise<ListedRequest[]> {
  return tx<ListedRequest>`
    select r.request_id as "requestId", r.kiosk_id as "kioskId", r.tax_year as "taxYear", r.copies, e.result, e.reason,
           e.took_ms as "tookMs", d.document_no as "documentNo", o.outcome, to_json(r.received_at)#>>'{}' as "receivedAt",
           count(*) over ()::int as total
      from convenience_certificates.request r
      left join convenience_certificates.request_end e using (request_id)
      left join convenience_certificates.document d using (request_id)
      left join convenience_certificates.outcome o using (request_id)
     where ${query.openSince}::timestamptz is null
        or (d.issued_at < ${query.openSince}::timestamptz and o.request_id is null)
     order by r.received_at desc, r.request_id limit ${query.limit} offset ${query.offset}`;
}

/** Slowest answer of the last hour, milliseconds. */
export async function slowestSince(tx: Tx, since: Temporal.Instant): Promise<number> {
  const [row] = await tx<{ ms: number }>`
    select coalesce(max(took_ms), 0)::int as ms from convenience_certificates.request_end where ended_at >= ${since}`;
  return row?.ms ?? 0;
}
