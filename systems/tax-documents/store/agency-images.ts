import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';

export interface AgencyImage {
  readonly imageId: string;
  readonly incomeYear: number;
  readonly returnNumber: string;
  readonly pages: number;
  readonly sealedRef: SealedId;
  readonly receivedAt: Temporal.Instant;
}

/** Whether it is there already. Who would keep the same image waits. */
export async function isImageKept(tx: Tx, imageId: string): Promise<boolean> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`agency image ${imageId}`}, 0))`;
  return (await tx`select 1 from tax_documents.agency_image where image_id = ${imageId}`).length === 1;
}

export async function insertAgencyImage(tx: Tx, i: AgencyImage): Promise<void> {
  await tx`
    insert into tax_documents.agency_image (image_id, income_year, return_no, pages, sealed_ref, received_at, event_id)
    values (${i.imageId}, ${i.incomeYear}, ${i.returnNumber}, ${i.pages}, ${i.sealedRef}, ${i.receivedAt}, ${tx.eventId})`;
}

/** The scans of the return that this document is, oldest first. */
export async function imagesOfDocument(tx: Tx, documentId: string): Promise<AgencyImage[]> {
  const rows = await tx<Omit<AgencyImage, 'receivedAt'> & { receivedAt: string }>`
    select a.image_id as "imageId", a.income_year as "incomeYear", a.return_no as "returnNumber", a.pages, a.sealed_ref as "sealedRef",
           to_json(a.received_at)#>>'{}' as "receivedAt"
      from tax_documents.document d
      join tax_documents.agency_image a on a.return_no = d.return_no and a.income_year = d.income_year
     where d.document_id = ${documentId} and d.kind = 'tax-return' order by a.received_at, a.image_id`;
  return rows.map((row) => ({ ...row, receivedAt: Temporal.Instant.from(row.receivedAt) }));
}

export interface AgencyImageState {
  readonly images: number;
  /** Their return has not come. */
  readonly alone: number;
}

export async function agencyImageState(tx: Tx): Promise<AgencyImageState> {
  const [row] = await tx<AgencyImageState>`
    select count(*)::int as images,
           count(*) filter (where not exists (select 1 from tax_documents.document d where d.return_no = a.return_no
             and d.income_year = a.income_year and d.kind = 'tax-return'))::int as alone
      from tax_documents.agency_image a`;
  return row ?? { images: 0, alone: 0 };
}
