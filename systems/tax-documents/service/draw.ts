import { createHmac } from 'node:crypto';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { imageUpdate } from '../rights.ts';
import {
  findDocument,
  imageOfDigest,
  insertDocumentImage,
  insertImage,
  lockDocument,
  undrawnDocuments,
} from '../store/documents.ts';
import { filedContent, formContentOf } from './content.ts';
import { type SetPage, setPage } from './form-page.ts';

export const drawer: Actor = { kind: 'job', name: 'tax-documents.draw' };
const drawnAtOnce = 20;

/**
 * IMG-F1: draws the document as its form shows it and seals the image; the same content is the same object. A character that no font draws is not replaced: the document stands in the list of those that wait for a clerk.
 */
export const drawDocument = act('tax-documents.draw', {
  right: imageUpdate,
  async run(
    tx,
    deps: Deps,
    { documentId }: { readonly documentId: string },
  ): Promise<Result<'drawn' | 'undrawable' | 'known', 'no-such-document' | 'erased'>> {
    await lockDocument(tx, documentId);
    const document = await findDocument(tx, documentId);
    if (document === undefined) return err('no-such-document');
    if (document.undrawable !== null) {
      tx.record({ event: 'tax-document.drawn-before', subject: documentId });
      return ok('known');
    }
    const filed = await filedContent(tx, deps, document, 'tax-documents/draw');
    if (filed === 'erased') return err('erased');
    const content = formContentOf(filed);
    const drawn = await setPage(deps, document, content, true);
    if (!drawn.ok) {
      const undrawable = drawn.error;
      await insertDocumentImage(tx, { documentId, imageId: null, undrawable });
      tx.record({
        event: 'tax-document.undrawable',
        subject: documentId,
        facts: ['tax_documents.document_image'],
        detail: { places: undrawable.join(' ') },
      });
      return ok('undrawable');
    }
    const { imageId, isNew } = await store(tx, deps, drawn.value);
    await insertDocumentImage(tx, { documentId, imageId, undrawable: [] });
    tx.record({
      event: 'tax-document.drawn',
      subject: documentId,
      items: [document.kind],
      facts: ['tax_documents.document_image', ...(isNew ? ['tax_documents.image'] : [])],
      detail: { pages: drawn.value.pages },
    });
    return ok('drawn');
  },
});

async function store(
  tx: Tx,
  deps: Deps,
  { pdf, pages }: SetPage,
): Promise<{ readonly imageId: string; readonly isNew: boolean }> {
  const digest = createHmac('sha256', deps.imageKey).update(pdf).digest();
  const known = await imageOfDigest(tx, digest);
  if (known !== undefined) return { imageId: known, isNew: false };
  const options = {
    kind: 'tax-document-image',
    retentionClass: 'tax-7y',
    keyUnit: { month: deps.civilClock.today().toPlainYearMonth() },
    purpose: 'tax-documents/draw',
  };
  const imageId = deps.newId();
  await insertImage(tx, {
    imageId,
    digest,
    sealedRef: (await deps.sealed.seal(tx, pdf, options)).ref,
    pages,
    sizeBytes: pdf.length,
    drawnAt: deps.machineClock.now(),
  });
  return { imageId, isNew: true };
}

/** Ids alone, so that waiting leaves no trail in the log. */
const findUndrawn = look('tax-documents.find-undrawn', {
  right: imageUpdate,
  run: (tx, _deps: Deps, _command: undefined) => undrawnDocuments(tx, drawnAtOnce),
});

/** One step of the loop: an act a document, so that a broken one keeps no other back. */
export async function drawNext(deps: Deps): Promise<'more' | 'idle'> {
  const found = await findUndrawn(deps, drawer, undefined);
  if (!found.ok) throw new Error(found.error);
  for (const documentId of found.value) {
    const drawn = await drawDocument(deps, drawer, { documentId });
    if (!drawn.ok) throw new Error(`${documentId}: ${drawn.error}`);
  }
  return found.value.length === drawnAtOnce ? 'more' : 'idle';
}
