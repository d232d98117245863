import { type FiledDocument, taxDocumentFilings } from '@musubi/contracts/tax-documents/filing.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Peer } from '@musubi/kernel/streams/ports.ts';
import type { NumberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../../deps.ts';
import { insertFilings, lockFilings, type UnfiledDocument, unfiledDocuments } from '../../store/document-filings.ts';

export interface ImageDeps extends Deps {
  /** Instance id of the images of tax documents; without it nothing is handed over. */
  readonly taxDocuments: Peer | undefined;
}

export const imageJob: Actor = { kind: 'job', name: 'resident-tax.images' };
const documentsAtOnce = 200;

/**
 * Every accepted document goes to the images once, as it was filed, with its numbers (RTX-F2.8, IMG-F1).
 *
 * @law 番号利用法 第9条第1項; within the tax section, no provision to anybody
 */
export const handOverDocuments = act('resident-tax.hand-over-documents', {
  right: ['resident-tax', 'document-image', 'update'],
  async run(
    tx,
    deps: ImageDeps,
    { receiver }: { readonly receiver: Peer },
  ): Promise<Result<{ readonly handedOver: number }, never>> {
    await lockFilings(tx);
    const documents = await unfiledDocuments(tx, documentsAtOnce);
    if (documents.length > 0) {
      const messages = (await filedDocuments(tx, deps, documents, 'resident-tax/images')).map((message) => ({
        subject: message.documentId,
        message,
      }));
      const ids = await deps.outbox.enqueueMany(tx, receiver, taxDocumentFilings, messages);
      const rows = documents.map(({ reportId }, i) => ({ reportId, messageId: ids[i] ?? '' }));
      await insertFilings(tx, rows, deps.machineClock.now());
    }
    tx.record({
      event: 'documents.handed-over',
      recipient: receiver,
      subjects: documents.map(({ reportId }) => reportId),
      items: ['個人番号', '課税資料'],
      ...(documents.length > 0 ? { facts: ['resident_tax.document_filing'] } : {}),
      detail: { documents: documents.length },
    });
    return ok({ handedOver: documents.length });
  },
});

/** Documents as they were filed, with their numbers: for the ward's own images, and for the body where the person is taxed. */
export async function filedDocuments(
  tx: Tx,
  { vault }: Pick<Deps, 'vault'>,
  documents: readonly UnfiledDocument[],
  purpose: string,
): Promise<FiledDocument[]> {
  const refs = documents.flatMap(refsOf);
  const revealed = refs.length === 0 ? [] : await vault.revealMany(tx, refs, purpose);
  const digits = new Map(refs.map((ref, i) => [ref, revealed[i]?.digits() ?? null]));
  const numberOf = (ref: NumberRef | null): string | null => (ref === null ? null : (digits.get(ref) ?? null));
  return documents.map((document) => filingOf(document, numberOf));
}

const refsOf = ({ numberRef, payerNumberRef, relatives }: UnfiledDocument): NumberRef[] =>
  [numberRef, payerNumberRef, ...relatives.map((r) => r.numberRef)].filter((ref) => ref !== null);

function filingOf(
  { reportId, numberRef, payerName, payerNumber, payerNumberRef, relatives, referenceNo, ...document }: UnfiledDocument,
  numberOf: (ref: NumberRef | null) => string | null,
): FiledDocument {
  return {
    ...document,
    documentId: reportId,
    ...(document.kind === 'tax-return' && referenceNo !== null ? { returnNumber: referenceNo } : {}),
    payer: { name: payerName, corporateNumber: payerNumber, individualNumber: numberOf(payerNumberRef) },
    individualNumber: numberOf(numberRef),
    relatives: relatives.map(({ numberRef: ref, ...relative }) => ({ ...relative, individualNumber: numberOf(ref) })),
  };
}

/** One step of the loop. Nothing that waits is no event. */
export async function handOverNext(deps: ImageDeps): Promise<'more' | 'idle'> {
  if (deps.taxDocuments === undefined) return 'idle';
  const done = await handOverDocuments(deps, imageJob, { receiver: deps.taxDocuments });
  if (!done.ok) throw new Error(done.error);
  return done.value.handedOver === documentsAtOnce ? 'more' : 'idle';
}
