import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';

export interface ReturnImage {
  readonly imageId: string;
  readonly municipality: string;
  readonly incomeYear: number;
  readonly returnNumber: string;
  readonly pages: number;
  readonly sealedRef: SealedId;
}

/** Makes those who hand in, or speak of, the same image wait for each other. */
export async function lockImage(tx: Tx, imageId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`return image ${imageId}`}, 0))`;
}

export async function findImage(tx: Tx, imageId: string): Promise<ReturnImage | undefined> {
  const [row] = await tx<ReturnImage>`
    select image_id as "imageId", municipality, income_year as "incomeYear", return_no as "returnNumber", pages, sealed_ref as "sealedRef"
      from etax.return_image where image_id = ${imageId}`;
  return row;
}

export async function insertReturnImage(tx: Tx, i: ReturnImage, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into etax.return_image (image_id, municipality, income_year, return_no, pages, sealed_ref, handed_in_at, event_id)
    values (${i.imageId}, ${i.municipality}, ${i.incomeYear}, ${i.returnNumber}, ${i.pages}, ${i.sealedRef}, ${at}, ${tx.eventId})`;
}

/** Of which nothing was said yet. */
export async function waitingImages(tx: Tx, municipality: string, limit: number): Promise<string[]> {
  const rows = await tx<{ id: string }>`
    select i.image_id as id from etax.return_image i
     where i.municipality = ${municipality}
       and not exists (select 1 from etax.return_image_outcome o where o.image_id = i.image_id)
     order by i.handed_in_at, i.image_id limit ${limit}`;
  return rows.map(({ id }) => id);
}

export async function insertImageFetch(
  tx: Tx,
  fetch: { readonly fetchId: string; readonly imageId: string; readonly at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into etax.return_image_fetch (fetch_id, image_id, fetched_at, event_id)
    values (${fetch.fetchId}, ${fetch.imageId}, ${fetch.at}, ${tx.eventId})`;
}

export const wasFetched = async (tx: Tx, imageId: string): Promise<boolean> =>
  (await tx`select 1 from etax.return_image_fetch where image_id = ${imageId} limit 1`).length === 1;

export interface ImageOutcome {
  readonly outcome: 'received' | 'returned';
  readonly reason: string | null;
}

export async function imageOutcome(tx: Tx, imageId: string): Promise<ImageOutcome | undefined> {
  const [row] = await tx<ImageOutcome>`
    select outcome, reason from etax.return_image_outcome where image_id = ${imageId}`;
  return row;
}

export async function insertImageOutcome(
  tx: Tx,
  imageId: string,
  { outcome, reason }: ImageOutcome,
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into etax.return_image_outcome (image_id, outcome, reason, stated_at, event_id)
    values (${imageId}, ${outcome}, ${reason}, ${at}, ${tx.eventId})`;
}
