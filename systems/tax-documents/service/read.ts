import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Deps } from '../deps.ts';
import { documentRead, imageRead, numberRead } from '../rights.ts';
import { type AgencyImageState, agencyImageState, imagesOfDocument } from '../store/agency-images.ts';
import {
  type Document,
  type DocumentLine,
  type DocumentQuery,
  findDocument,
  type ImageState,
  imageState,
  insertLook,
  type Look,
  looksOf,
  searchDocuments,
} from '../store/documents.ts';
import { filedContent, formContentOf, linesOf } from './content.ts';
import { setPage } from './form-page.ts';

export type { DocumentLine, ImageState, Look };

export const mostFound = 100;
/** An image that was opened with its numbers closes by itself. */
const lookLasts = { minutes: 10 };

/** 資料検索: by the name on the document, kana, birth date, reception number; something must be given. */
export const findDocuments = act('tax-documents.find', {
  right: documentRead,
  async run(
    tx,
    _deps: Deps,
    query: DocumentQuery,
  ): Promise<Result<{ readonly rows: readonly DocumentLine[]; readonly more: boolean }, 'nothing-asked'>> {
    const by = searchable(query);
    if (by === undefined) return err('nothing-asked');
    const asked = Object.entries(query).flatMap(([name, value]) => (value === null ? [] : [name]));
    const found = await searchDocuments(tx, by, mostFound + 1);
    const rows = found.slice(0, mostFound);
    tx.record({
      event: 'tax-document.searched',
      subjects: rows.map(({ documentId }) => documentId),
      items: asked,
      detail: { found: rows.length },
    });
    return ok({ rows, more: found.length > mostFound });
  },
});

/** The query in the form in which names are kept; undefined where only a year or a kind is given, which would list the ward. */
export function searchable(query: DocumentQuery): DocumentQuery | undefined {
  const { name, kana, bornOn, receptionNumber } = query;
  if ([name, kana, bornOn, receptionNumber].every((value) => value === null)) return undefined;
  return {
    ...query,
    name: name === null ? null : kanjiSearchKey(name),
    kana: kana === null ? null : kanaSearchKey(kana),
  };
}

/** Counts for the first page. */
export const readState = look('tax-documents.read-state', {
  right: documentRead,
  run: async (tx, _deps: Deps, _query: undefined): Promise<ImageState & { readonly agency: AgencyImageState }> => ({
    ...(await imageState(tx)),
    agency: await agencyImageState(tx),
  }),
});

/** 資料画面: what was filed, line by line, beside its image; without any number. */
export const readDocument = act('tax-documents.read', {
  right: documentRead,
  async run(tx, deps: Deps, { documentId }: { readonly documentId: string }) {
    const document = await findDocument(tx, documentId);
    if (document === undefined) return err('no-such-document');
    const filed = await filedContent(tx, deps, document, 'tax-documents/read');
    if (filed === 'erased') return err('erased');
    const looks = await looksOf(tx, documentId);
    tx.record({ event: 'tax-document.read', subject: documentId, items: [document.kind] });
    return ok({
      document,
      address: filed.address,
      lines: linesOf(filed),
      relatives: filed.relatives.map(({ individualNumber, ...relative }) => ({
        ...relative,
        numbered: individualNumber !== null,
      })),
      numbered: filed.individualNumber !== null,
      looks,
      agencyImages: (await imagesOfDocument(tx, documentId)).map(({ imageId, pages, receivedAt }) => ({
        imageId,
        pages,
        receivedAt,
      })),
    });
  },
});

export type ImageRefusal = 'no-such-document' | 'not-drawn-yet' | 'cannot-be-drawn' | 'erased';

/** The image with black number boxes, for pages of this system. */
export const readImage = act('tax-documents.read-image', {
  right: documentRead,
  async run(tx, deps: Deps, { documentId }: { readonly documentId: string }) {
    return blackedImage(tx, deps, documentId);
  },
});

/** The same for the tax system, which says who of its staff looks. */
export const provideImage = act('tax-documents.provide-image', {
  right: imageRead,
  async run(
    tx,
    deps: Deps,
    { documentId, lookedAtBy }: { readonly documentId: string; readonly lookedAtBy: string },
    actor: Actor,
  ): Promise<
    Result<{ readonly pdf: string; readonly pages: number }, 'no-such-document' | 'not-drawn-yet' | 'cannot-be-drawn'>
  > {
    const image = await blackedImage(tx, deps, documentId, {
      lookedAtBy,
      ...(actor.kind === 'system' ? { recipient: `${actor.organisation}/${actor.system}` } : {}),
    });
    if (!image.ok) return err(image.error === 'erased' ? 'no-such-document' : image.error);
    return ok({ pdf: image.value.pdf.toString('base64'), pages: image.value.pages });
  },
});

export interface OpenedImage {
  readonly pdf: Buffer;
  readonly pages: number;
}

async function blackedImage(
  tx: Tx,
  deps: Deps,
  documentId: string,
  asked: { readonly lookedAtBy?: string; readonly recipient?: string } = {},
): Promise<Result<OpenedImage, ImageRefusal>> {
  const { recipient, ...detail } = asked;
  const found = await drawnDocument(tx, documentId);
  if (!found.ok) return found;
  const { document } = found.value;
  const filed = await filedContent(tx, deps, document, 'tax-documents/image');
  if (filed === 'erased') return err('erased');
  // Drawn for this look: nobody ever looks at most documents, and what would be kept is what the other image has already.
  const set = await setPage(deps, document, formContentOf(filed), !enforced('vault.no-number-on-screen'));
  if (!set.ok) return err('cannot-be-drawn');
  tx.record({
    event: 'tax-document.image-read',
    subject: documentId,
    items: [document.kind],
    ...(recipient === undefined ? {} : { recipient }),
    detail,
  });
  return ok({ pdf: Buffer.from(set.value.pdf), pages: set.value.pages });
}

interface Drawn {
  readonly document: Document;
  readonly sealedRef: SealedId;
  readonly pages: number;
}

async function drawnDocument(tx: Tx, documentId: string): Promise<Result<Drawn, Exclude<ImageRefusal, 'erased'>>> {
  const document = await findDocument(tx, documentId);
  if (document === undefined) return err('no-such-document');
  const { undrawable, sealedRef, pages } = document;
  if (undrawable === null) return err('not-drawn-yet');
  if (sealedRef === null || pages === null) return err('cannot-be-drawn');
  return ok({ document, sealedRef, pages });
}

/**
 * 個人番号欄の表示: opens the image with its numbers for this person and ten minutes. Says what for; stands in the log and beside the
 * document from then on.
 *
 * @law 番号利用法 第9条第1項, 第12条
 */
export const openNumbers = act('tax-documents.open-numbers', {
  right: numberRead,
  async run(
    tx,
    deps: Deps,
    { documentId, purpose }: { readonly documentId: string; readonly purpose: string },
    actor: Actor,
  ): Promise<Result<{ readonly lookId: string }, 'not-staff' | 'purpose-missing' | ImageRefusal>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const stated = purpose.trim();
    if (stated.length < 5 || stated.length > 200) return err('purpose-missing');
    const found = await drawnDocument(tx, documentId);
    // Where there is a scan of the agency, it can be looked at whether or not an image was drawn.
    if (!found.ok && (await imagesOfDocument(tx, documentId)).length === 0) return found;
    const lookId = deps.newId();
    const lookedAt = deps.machineClock.now();
    await insertLook(tx, { lookId, documentId, purpose: stated, lookedBy: actor.staffId, lookedAt });
    tx.record({
      event: 'tax-document.numbers-opened',
      ground: '番号利用法第9条第1項',
      subject: documentId,
      items: ['個人番号'],
      facts: ['tax_documents.number_look'],
    });
    return ok({ lookId });
  },
});

/** The image of a look: only for who opened it, and only while it lasts. */
export const readOpenedImage = act('tax-documents.read-opened-image', {
  right: numberRead,
  async run(
    tx,
    deps: Deps,
    { documentId, lookId }: { readonly documentId: string; readonly lookId: string },
    actor: Actor,
  ): Promise<Result<OpenedImage, 'look-over' | ImageRefusal>> {
    const found = await drawnDocument(tx, documentId);
    if (!found.ok) return found;
    if (!(await ownLook(tx, deps, actor, { documentId, lookId }))) return err('look-over');
    const image = await deps.sealed.open(tx, found.value.sealedRef, 'tax-documents/numbers');
    if (!image.ok) return image;
    tx.record({
      event: 'tax-document.numbers-read',
      subject: documentId,
      items: ['個人番号'],
      detail: { look: lookId },
    });
    return ok({ pdf: image.value, pages: found.value.pages });
  },
});

/** Whether this person opened the numbers of the document by this look, and it lasts. */
export async function ownLook(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  { documentId, lookId }: { readonly documentId: string; readonly lookId: string },
): Promise<boolean> {
  const opened = (await looksOf(tx, documentId)).find((one) => one.lookId === lookId);
  if (actor.kind !== 'staff' || opened?.lookedBy !== actor.staffId) return false;
  return Temporal.Instant.compare(deps.machineClock.now(), opened.lookedAt.add(lookLasts)) <= 0;
}
