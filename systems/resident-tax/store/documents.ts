import type { Tx } from '@musubi/kernel/db/sql.ts';

export type DocumentKind = 'tax-notice' | 'change-notice' | 'reduction-notice';

export interface RegisteredDocument {
  readonly kind: DocumentKind;
  readonly documentId: string;
  readonly fiscalYear: number;
  readonly assessmentId: string;
  readonly personId: string;
  readonly orderId: string | null;
  /** Place among the documents of its order: n of N. */
  readonly position: number | null;
  /** Part of the order's print files on which it stands, and the page of it; null: made by itself. */
  readonly partNo: number | null;
  readonly firstPage: number | null;
  readonly pages: number;
  readonly subjectCheck: string;
  readonly amountYen: number;
  /** Of what it says, as sealed (`service/notices/content.ts`). */
  readonly sha256: Buffer;
  readonly sizeBytes: number;
  readonly sealedRef: string;
  readonly otherShapes: number;
  readonly issuedOn: string;
}

/** Numbers of a year are given one after another; the last one given, 0 at first. Call first, it is the lock too. */
export async function lockSerials(tx: Tx, fiscalYear: number): Promise<number> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`resident-tax document ${fiscalYear}`}, 0))`;
  const [row] = await tx<{ last: number }>`
    select coalesce(max(serial), 0)::int as last from resident_tax.document where fiscal_year = ${fiscalYear}`;
  return row?.last ?? 0;
}

/**
 * Fixes which notices an order makes: levies in force (the newest decided of the person) that are not yet notified and are paid by
 * slip in whole or in part, or take the place of one that was notified; in the order of the post.
 */
export async function coverUnnotified(tx: Tx, orderId: string, fiscalYear: number): Promise<number> {
  const rows = await tx`
    insert into resident_tax.batch_order_item (order_id, ord, item_id, event_id)
    select ${orderId}::uuid, row_number() over (order by s.postal_code nulls last, s.address_key, a.person_id), a.assessment_id, ${tx.eventId}::uuid
      from resident_tax.assessment a
      join resident_tax.assessment_decision d using (assessment_id)
      join resident_tax.person p using (person_id)
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
     where a.fiscal_year = ${fiscalYear}
       and (a.collection in ('ordinary', 'pension', 'mixed') or exists (select 1 from resident_tax.document o
             where o.person_id = a.person_id and o.fiscal_year = a.fiscal_year and o.reduction_id is null))
       and not exists (select 1 from resident_tax.assessment n join resident_tax.assessment_decision using (assessment_id)
                        where n.person_id = a.person_id and n.fiscal_year = a.fiscal_year and n.version > a.version)
       and not exists (select 1 from resident_tax.document x where x.assessment_id = a.assessment_id and x.reduction_id is null)
    returning 1`;
  return rows.length;
}

export async function insertDocument(
  tx: Tx,
  document: Omit<RegisteredDocument, 'sha256' | 'issuedOn'> & {
    readonly serial: number;
    /** The remission that this tells of. */
    readonly reductionId: string | null;
    readonly sha256: Uint8Array;
    readonly issuedOn: Temporal.PlainDate;
    readonly issuedAt: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.document (document_id, kind, fiscal_year, serial, assessment_id, person_id, order_id, position, part_no, first_page,
      pages, subject_check, amount_yen, sha256, size_bytes, sealed_ref, other_shapes, reduction_id, issued_on, issued_at,
      event_id)
    values (${document.documentId}, ${document.kind}, ${document.fiscalYear}, ${document.serial}, ${document.assessmentId},
      ${document.personId}, ${document.orderId}, ${document.position}, ${document.partNo}, ${document.firstPage},
      ${document.pages}, ${document.subjectCheck}, ${document.amountYen}, ${document.sha256}, ${document.sizeBytes}, ${document.sealedRef}, ${document.otherShapes},
      ${document.reductionId}, ${document.issuedOn}, ${document.issuedAt}, ${tx.eventId})`;
}

export async function findDocuments(
  tx: Tx,
  where: {
    readonly documentId?: string;
    readonly assessmentId?: string;
    readonly orderId?: string;
    readonly partNo?: number;
    readonly limit?: number;
  },
): Promise<RegisteredDocument[]> {
  return tx<RegisteredDocument>`
    select document_id as "documentId", kind, fiscal_year as "fiscalYear", assessment_id as "assessmentId", person_id as "personId",
           order_id as "orderId", position, part_no as "partNo", first_page as "firstPage", pages, subject_check as "subjectCheck", amount_yen as "amountYen", sha256,
           size_bytes as "sizeBytes", sealed_ref as "sealedRef", other_shapes as "otherShapes", issued_on::text as "issuedOn"
      from resident_tax.document
     where (${where.documentId ?? null}::text is null or document_id = ${where.documentId ?? null})
       and (${where.assessmentId ?? null}::uuid is null or assessment_id = ${where.assessmentId ?? null})
       and (${where.orderId ?? null}::uuid is null or order_id = ${where.orderId ?? null})
       and (${where.partNo ?? null}::int is null or part_no = ${where.partNo ?? null})
     order by position nulls last, document_id limit ${where.limit ?? 100}`;
}

export interface OrderTotals {
  readonly documents: number;
  readonly pages: number;
  readonly totalYen: number;
}
export async function totalsOfOrder(tx: Tx, orderId: string): Promise<OrderTotals> {
  const [row] = await tx<OrderTotals>`
    select count(*)::int as documents, coalesce(sum(pages), 0)::int as pages, coalesce(sum(amount_yen), 0)::bigint as "totalYen"
      from resident_tax.document where order_id = ${orderId}`;
  return row ?? { documents: 0, pages: 0, totalYen: 0 };
}

/** Who gets a part: the printing contractor, or nobody outside the office. */
export type PartHandling = 'contractor' | 'office';
export interface PrintFile extends OrderTotals {
  readonly partNo: number;
  readonly handling: PartHandling;
  readonly firstPosition: number;
  readonly lastPosition: number;
  readonly sha256: Buffer;
  readonly sizeBytes: number;
  readonly sealedRef: string;
}
export async function insertPrintFile(
  tx: Tx,
  orderId: string,
  file: Omit<PrintFile, 'sha256'> & { readonly sha256: Uint8Array; readonly madeAt: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into resident_tax.print_file (order_id, part_no, handling, first_position, last_position, documents, pages, total_yen, sha256,
      size_bytes, sealed_ref, made_at, event_id)
    values (${orderId}, ${file.partNo}, ${file.handling}, ${file.firstPosition}, ${file.lastPosition}, ${file.documents}, ${file.pages},
      ${file.totalYen}, ${file.sha256}, ${file.sizeBytes}, ${file.sealedRef}, ${file.madeAt}, ${tx.eventId})`;
}
export async function printFilesOf(tx: Tx, orderId: string): Promise<PrintFile[]> {
  return tx<PrintFile>`
    select part_no as "partNo", handling, first_position as "firstPosition", last_position as "lastPosition", documents, pages,
           total_yen as "totalYen", sha256, size_bytes as "sizeBytes", sealed_ref as "sealedRef"
      from resident_tax.print_file where order_id = ${orderId} order by part_no`;
}

export interface ListedDocument {
  readonly documentId: string;
  readonly kind: DocumentKind;
  readonly personId: string;
  readonly name: string;
  readonly addresseeNumber: string;
  readonly amountYen: number;
  readonly pages: number;
  readonly position: number | null;
  readonly issuedOn: string;
  readonly otherShapes: number;
  readonly total: number;
}
export async function listDocuments(
  tx: Tx,
  query: {
    readonly fiscalYear: number;
    readonly orderId: string | null;
    readonly limit: number;
    readonly offset: number;
  },
): Promise<ListedDocument[]> {
  return tx<ListedDocument>`
    select d.document_id as "documentId", d.kind, d.person_id as "personId", s.name, p.addressee_number as "addresseeNumber",
           d.amount_yen as "amountYen", d.pages, d.position, d.issued_on::text as "issuedOn", d.other_shapes as "otherShapes",
           count(*) over ()::int as total
      from resident_tax.document d
      join resident_tax.person p using (person_id)
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
     where d.fiscal_year = ${query.fiscalYear} and (${query.orderId}::uuid is null or d.order_id = ${query.orderId})
     order by d.document_id limit ${query.limit} offset ${query.offset}`;
}

/** The levy of the person's year that was notified last; undefined where none was. */
export async function lastNotified(tx: Tx, personId: string, fiscalYear: number): Promise<string | undefined> {
  const [row] = await tx<{ id: string }>`
    select assessment_id as id from resident_tax.document
     where person_id = ${personId} and fiscal_year = ${fiscalYear} and reduction_id is null order by serial desc limit 1`;
  return row?.id;
}

/** The notice of a remission, where it was made. */
export async function noticeOfReduction(tx: Tx, draftId: string): Promise<string | undefined> {
  const [row] = await tx<{ id: string }>`
    select document_id as id from resident_tax.document where reduction_id = ${draftId}`;
  return row?.id;
}
