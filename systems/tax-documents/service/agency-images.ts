import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import {
  type FetchedImage,
  fetchImage,
  type NationalTaxLine,
  stateImage,
  waitingImages,
} from '../clients/national-tax.ts';
import type { Deps } from '../deps.ts';
import { imageUpdate, numberRead } from '../rights.ts';
import { imagesOfDocument, insertAgencyImage, isImageKept } from '../store/agency-images.ts';
import { type OpenedImage, ownLook } from './read.ts';

export type { NationalTaxLine };

export const downloader: Actor = { kind: 'job', name: 'tax-documents.national-tax' };
const imagesAtOnce = 20;

/** Keeps one scan sealed; the same again is one. Its return may come before or after it. */
export const keepAgencyImage = act('tax-documents.keep-agency-image', {
  right: imageUpdate,
  async run(tx, deps: Deps, { cover, pdf }: FetchedImage): Promise<Result<null, never>> {
    const { imageId, incomeYear, returnNumber, pages } = cover;
    const again = await isImageKept(tx, imageId);
    if (!again) {
      const sealed = await deps.sealed.seal(tx, pdf, {
        kind: 'agency-image',
        retentionClass: 'tax-7y',
        keyUnit: { month: deps.civilClock.today().toPlainYearMonth() },
        purpose: 'tax-documents/agency-image',
      });
      const receivedAt = deps.machineClock.now();
      await insertAgencyImage(tx, { imageId, incomeYear, returnNumber, pages, sealedRef: sealed.ref, receivedAt });
    }
    tx.record({
      event: again ? 'agency-image.repeated' : 'agency-image.received',
      ground: '地方税法第325条',
      items: ['個人番号', '確定申告書のイメージ'],
      ...(again ? {} : { facts: ['tax_documents.agency_image'] }),
      detail: { image: imageId },
    });
    return ok(null);
  },
});

/**
 * 申告書イメージのダウンロード (NTL-F3): what waits is fetched, kept, and only then said to be received; what is not what the agency signed is
 * returned with a word. A line that breaks in between leaves it waiting.
 */
export async function downloadImages(
  deps: Deps,
  line: NationalTaxLine,
): Promise<{
  readonly kept: number;
  readonly returned: number;
  readonly faults: readonly string[];
  readonly more: boolean;
}> {
  const waiting = await waitingImages(line, imagesAtOnce);
  if (!waiting.ok) return { kept: 0, returned: 0, faults: [waiting.error], more: false };
  const faults: string[] = [];
  let [kept, returned] = [0, 0];
  for (const imageId of waiting.value) {
    const fetched = await fetchImage(line, imageId);
    if (!fetched.ok) {
      faults.push(`${imageId}: ${fetched.error}`);
      continue;
    }
    const image = fetched.value;
    if (image.ok) {
      const done = await keepAgencyImage(deps, downloader, image.value);
      if (!done.ok) {
        faults.push(`${imageId}: ${done.error}`);
        continue;
      }
      kept += 1;
    } else {
      returned += 1;
      faults.push(`${imageId}: ${image.error}`);
    }
    const stated = await stateImage(line, imageId, image.ok ? null : image.error);
    if (!stated.ok) faults.push(`${imageId}: ${stated.error}`);
  }
  return { kept, returned, faults, more: waiting.value.length === imagesAtOnce && faults.length === 0 };
}

/**
 * A scan cannot be blackened, because its boxes would have to be found in pixels: it opens only within a look at the numbers, for who stated
 * its purpose and while the look lasts.
 *
 * @law 番号利用法 第9条第1項, 第12条
 */
export const readAgencyImage = act('tax-documents.read-agency-image', {
  right: numberRead,
  async run(
    tx,
    deps: Deps,
    { documentId, lookId, imageId }: { readonly documentId: string; readonly lookId: string; readonly imageId: string },
    actor: Actor,
  ): Promise<Result<OpenedImage, 'look-over' | 'no-such-image' | 'erased'>> {
    if (!(await ownLook(tx, deps, actor, { documentId, lookId }))) return err('look-over');
    const image = (await imagesOfDocument(tx, documentId)).find((one) => one.imageId === imageId);
    if (image === undefined) return err('no-such-image');
    const opened = await deps.sealed.open(tx, image.sealedRef, 'tax-documents/numbers');
    if (!opened.ok) return err('erased');
    tx.record({
      event: 'tax-document.agency-image-read',
      subject: documentId,
      items: ['個人番号', '確定申告書のイメージ'],
      detail: { look: lookId, image: imageId },
    });
    return ok({ pdf: opened.value, pages: image.pages });
  },
});
