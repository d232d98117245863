import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';

export interface NewDocument {
  readonly documentId: string;
  readonly kind: string;
  readonly incomeYear: number;
  readonly receptionNumber: string;
  readonly rowNumber: number;
  readonly returnNumber: string | null;
  readonly payerName: string;
  readonly name: string;
  readonly kana: string;
  readonly bornOn: string | null;
  readonly nameKey: string;
  readonly kanaKey: string;
  readonly contentRef: SealedId;
  readonly receivedAt: Temporal.Instant;
}

/** Makes those who bring or draw the same document wait for each other. */
export async function lockDocument(tx: Tx, documentId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`tax document ${documentId}`}, 0))`;
}

export async function isKnown(tx: Tx, documentId: string): Promise<boolean> {
  return (await tx`select 1 from tax_documents.document where document_id = ${documentId}`).length === 1;
}

export async function insertDocument(tx: Tx, d: NewDocument): Promise<void> {
  await tx`
    insert into tax_documents.document (document_id, kind, income_year, reception_no, row_number, return_no, payer_name, name, kana,
      born_on, name_key, kana_key, content_ref, received_at, event_id)
    values (${d.documentId}, ${d.kind}, ${d.incomeYear}, ${d.receptionNumber}, ${d.rowNumber}, ${d.returnNumber}, ${d.payerName}, ${d.name}, ${d.kana},
      ${d.bornOn}, ${d.nameKey}, ${d.kanaKey}, ${d.contentRef}, ${d.receivedAt}, ${tx.eventId})`;
}

export interface Document {
  readonly documentId: string;
  readonly kind: string;
  readonly incomeYear: number;
  readonly receptionNumber: string;
  readonly rowNumber: number;
  readonly payerName: string;
  readonly name: string;
  readonly kana: string;
  readonly bornOn: string | null;
  readonly contentRef: SealedId;
  readonly receivedAt: string;
  readonly imageId: string | null;
  readonly sealedRef: SealedId | null;
  readonly pages: number | null;
  /** Null: not drawn yet. */
  readonly undrawable: readonly string[] | null;
}

export async function findDocument(tx: Tx, documentId: string): Promise<Document | undefined> {
  const [row] = await tx<Document>`
    select d.document_id as "documentId", d.kind, d.income_year as "incomeYear", d.reception_no as "receptionNumber",
           d.row_number as "rowNumber", d.payer_name as "payerName", d.name, d.kana, d.born_on::text as "bornOn", d.content_ref as "contentRef",
           to_json(d.received_at)#>>'{}' as "receivedAt", i.image_id as "imageId", i.sealed_ref as "sealedRef",
           i.pages, m.undrawable
      from tax_documents.document d
      left join tax_documents.document_image m using (document_id)
      left join tax_documents.image i using (image_id)
     where d.document_id = ${documentId}`;
  return row;
}

/** Documents without an image, in the order in which they came; those that another process draws are passed over. */
export async function undrawnDocuments(tx: Tx, limit: number): Promise<string[]> {
  const rows = await tx<{ id: string }>`
    select d.document_id as id from tax_documents.document d
     where not exists (select 1 from tax_documents.document_image m where m.document_id = d.document_id)
     order by d.received_at, d.document_id limit ${limit}`;
  return rows.map(({ id }) => id);
}

export interface DrawnImage {
  readonly imageId: string;
  readonly digest: Uint8Array;
  readonly sealedRef: SealedId;
  readonly pages: number;
  readonly sizeBytes: number;
  readonly drawnAt: Temporal.Instant;
}

/** The object that holds this content already. Who would store the same content waits. */
export async function imageOfDigest(tx: Tx, digest: Uint8Array): Promise<string | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`tax image ${Buffer.from(digest).toString('hex')}`}, 0))`;
  const [row] = await tx<{ id: string }>`select image_id as id from tax_documents.image where digest = ${digest}`;
  return row?.id;
}

export async function insertImage(tx: Tx, image: DrawnImage): Promise<void> {
  await tx`
    insert into tax_documents.image (image_id, digest, sealed_ref, pages, size_bytes, drawn_at, event_id)
    values (${image.imageId}, ${image.digest}, ${image.sealedRef}, ${image.pages}, ${image.sizeBytes},
      ${image.drawnAt}, ${tx.eventId})`;
}

export async function insertDocumentImage(
  tx: Tx,
  of: { readonly documentId: string; readonly imageId: string | null; readonly undrawable: readonly string[] },
): Promise<void> {
  await tx`
    insert into tax_documents.document_image (document_id, image_id, undrawable, event_id)
    values (${of.documentId}, ${of.imageId}, ${of.undrawable}::text[], ${tx.eventId})`;
}

export interface DocumentQuery {
  readonly name: string | null;
  readonly kana: string | null;
  readonly bornOn: string | null;
  readonly receptionNumber: string | null;
  readonly incomeYear: number | null;
  /** Left out: of any kind. */
  readonly kind?: string | null;
}

export type DocumentLine = Pick<
  Document,
  | 'contentRef'
  | 'documentId'
  | 'kind'
  | 'incomeYear'
  | 'receptionNumber'
  | 'rowNumber'
  | 'payerName'
  | 'name'
  | 'kana'
  | 'bornOn'
> & { readonly state: 'drawn' | 'waiting' | 'undrawable' };

/** What is given must all agree; kana from its beginning. Newest year first. */
export async function searchDocuments(tx: Tx, by: DocumentQuery, limit: number): Promise<DocumentLine[]> {
  const kana = by.kana === null ? null : `${by.kana.replaceAll(/[\\%_]/g, '\\$&')}%`;
  return tx<DocumentLine>`
    select d.document_id as "documentId", d.kind, d.income_year as "incomeYear", d.reception_no as "receptionNumber",
           d.row_number as "rowNumber", d.payer_name as "payerName", d.name, d.kana, d.born_on::text as "bornOn",
           d.content_ref as "contentRef",
           case when m.document_id is null then 'waiting' when m.image_id is null then 'undrawable' else 'drawn' end as state
      from tax_documents.document d left join tax_documents.document_image m using (document_id)
     where (${by.name}::text is null or d.name_key = ${by.name}) and (${kana}::text is null or d.kana_key like ${kana})
       and (${by.bornOn}::date is null or d.born_on = ${by.bornOn}::date)
       and (${by.receptionNumber}::text is null or d.reception_no = ${by.receptionNumber})
       and (${by.incomeYear}::int is null or d.income_year = ${by.incomeYear})
       and (${by.kind ?? null}::text is null or d.kind = ${by.kind ?? null})
     order by d.income_year desc, d.kana_key, d.reception_no, d.row_number limit ${limit}`;
}

export interface Look {
  readonly lookId: string;
  readonly documentId: string;
  readonly purpose: string;
  readonly lookedBy: string;
  readonly lookedAt: Temporal.Instant;
}

export async function insertLook(tx: Tx, look: Look): Promise<void> {
  await tx`
    insert into tax_documents.number_look (look_id, document_id, purpose, looked_by, looked_at, event_id)
    values (${look.lookId}, ${look.documentId}, ${look.purpose}, ${look.lookedBy}, ${look.lookedAt}, ${tx.eventId})`;
}

/** Who opened the numbers of a document, newest first. */
export async function looksOf(tx: Tx, documentId: string): Promise<Look[]> {
  const rows = await tx<Omit<Look, 'lookedAt'> & { lookedAt: string }>`
    select look_id as "lookId", document_id as "documentId", purpose, looked_by as "lookedBy", to_json(looked_at)#>>'{}' as "lookedAt"
      from tax_documents.number_look where document_id = ${documentId} order by looked_at desc, look_id limit 50`;
  return rows.map((row) => ({ ...row, lookedAt: Temporal.Instant.from(row.lookedAt) }));
}

export interface ImageState {
  readonly documents: number;
  readonly waiting: number;
  readonly undrawable: number;
  readonly images: number;
}

/** How many documents there are, and what became of them. */
export async function imageState(tx: Tx): Promise<ImageState> {
  const [row] = await tx<ImageState>`
    select count(*)::int as documents, count(*) filter (where m.document_id is null)::int as waiting,
           count(*) filter (where m.document_id is not null and m.image_id is null)::int as undrawable,
           (select count(*)::int from tax_documents.image) as images
      from tax_documents.document d left join tax_documents.document_image m using (document_id)`;
  return row ?? { documents: 0, waiting: 0, undrawable: 0, images: 0 };
}
