import { createHmac } from 'node:crypto';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { subjectCheckCode } from '@musubi/kernel/documents/typesetter.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { imageUpdate } from '../rights.ts';
import {
  type Document,
  findDocument,
  imageOfDigest,
  insertDocumentImage,
  insertImage,
  lockDocument,
  undrawnDocuments,
} from '../store/documents.ts';
import { filedContent, formContentOf } from './content.ts';
import { type FormContent, formPage } from './form-page.ts';

export const drawer: Actor = { kind: 'job', name: 'tax-documents.draw' };
const drawnAtOnce = 20;

/**
 * IMG-F1: draws the document as its form shows it, twice: whole, and with the number boxes black. Both are sealed; the same content is
 * the same object. A character that no font draws is not replaced: the document stands in the list of those that wait for a clerk.
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
    const whole = await setPage(deps, document, content, true);
    const blacked = await setPage(deps, document, content, false);
    if (!whole.ok || !blacked.ok) {
      const undrawable = whole.ok ? [] : whole.error;
      await insertDocumentImage(tx, { documentId, imageId: null, undrawable });
      tx.record({
        event: 'tax-document.undrawable',
        subject: documentId,
        facts: ['tax_documents.document_image'],
        detail: { places: undrawable.join(' ') },
      });
      return ok('undrawable');
    }
    const { imageId, isNew } = await store(tx, deps, whole.value, blacked.value.pdf);
    await insertDocumentImage(tx, { documentId, imageId, undrawable: [] });
    tx.record({
      event: 'tax-document.drawn',
      subject: documentId,
      items: [document.kind],
      facts: ['tax_documents.document_image', ...(isNew ? ['tax_documents.image'] : [])],
      detail: { pages: whole.value.pages },
    });
    return ok('drawn');
  },
});

interface SetPage {
  readonly pdf: Uint8Array;
  readonly pages: number;
}

/** The same document gives the same bytes; the error names the places that cannot be drawn. */
async function setPage(
  deps: Deps,
  document: Document,
  content: FormContent,
  numbersShown: boolean,
): Promise<Result<SetPage, readonly string[]>> {
  const documentId = `${document.receptionNumber}-${document.rowNumber}`;
  const set = await deps.typesetter.render({
    template: 'filed-document.typ',
    data: formPage(content, numbersShown),
    documentId,
    subjectCheck: subjectCheckCode(deps.imageKey, documentId, document.name),
    title: content.title,
    issuedAt: Temporal.Instant.from(document.receivedAt),
    otherShapes: 'flag',
  });
  if (set.ok) return ok(set.value);
  return err([...new Set(set.error.characters.map(({ path }) => path))]);
}

async function store(
  tx: Tx,
  deps: Deps,
  whole: SetPage,
  blacked: Uint8Array,
): Promise<{ readonly imageId: string; readonly isNew: boolean }> {
  const digest = createHmac('sha256', deps.imageKey).update(whole.pdf).digest();
  const known = await imageOfDigest(tx, digest);
  if (known !== undefined) return { imageId: known, isNew: false };
  const options = { kind: 'tax-document-image', retentionClass: 'tax-7y', purpose: 'tax-documents/draw' };
  const imageId = deps.newId();
  await insertImage(tx, {
    imageId,
    digest,
    sealedRef: (await deps.sealed.seal(tx, whole.pdf, options)).ref,
    blackedRef: (await deps.sealed.seal(tx, blacked, options)).ref,
    pages: whole.pages,
    sizeBytes: whole.pdf.length,
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
