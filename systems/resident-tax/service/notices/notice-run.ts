import { createHash } from 'node:crypto';
import { noticeFace } from '@musubi/contracts/printing/face.ts';
import { writePrintPart } from '@musubi/contracts/printing/package.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { BatchDefinition, Reject } from '@musubi/kernel/jobs/definition.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import { itemsAfter, listOrders } from '../../store/batch-orders.ts';
import * as store from '../../store/documents.ts';
import { batchWork } from '../assessment/functions.ts';
import type { OrderParams } from '../assessment/run.ts';
import { setTogether } from './content.ts';
import { faceOf } from './face.ts';
import { type DraftNotice, draftNotice, keepNotice, type MadeNotice, storedFaceOf } from './make-notice.ts';
import type { NoticeDeps } from './notice-deps.ts';

/** Notices in one part: what a printer reconciles by hand, and what is lost of a run that is killed. */
export const noticesPerPart = 100;

/**
 * 納税通知書の一括作成: the notices of the levies in force that were not notified, in parts as the printing contractor gets them: one file a
 * part, set in one go, with its plan and control totals; registered with it or not at all. What cannot be printed exactly is in the reject
 * list and in no part. Whose address is left out stands in a part of its own, which stays in the office.
 * @law 地方税法 第319条の2
 */
export const noticeRun: BatchDefinition<NoticeDeps, OrderParams> = {
  name: 'resident-tax.notices',
  right: batchWork,
  steps: [
    {
      name: 'set',
      async total(tx, _deps, { orderId, fiscalYear }) {
        return ok(await store.coverUnnotified(tx, orderId, fiscalYear));
      },
      async chunk(tx, deps, { params, cursor }) {
        const { orderId, fiscalYear } = params;
        const [order] = await listOrders(tx, { orderId });
        if (order === undefined) return err('no-such-order');
        // The moment of the order, so that a part begun anew has the same bytes (of levies charged before; a number of a slip is drawn once).
        const issuedAt = Temporal.Instant.from(order.orderedAt);
        const items = await itemsAfter(tx, orderId, Number(cursor ?? 0), noticesPerPart);
        let serial = await store.lockSerials(tx, fiscalYear);
        const rejects: Reject[] = [];
        const drafts: DraftNotice[] = [];
        const facts = new Set<string>();
        for (const { ord, itemId } of items) {
          const place = {
            assessmentId: itemId,
            serial: serial + 1,
            orderId,
            position: ord,
            otherShapes: 'refuse',
          } as const;
          const draft = await draftNotice(tx, deps, place, issuedAt);
          if (draft.ok) {
            serial += 1;
            drafts.push(draft.value);
          } else {
            const { word, field } = draft.error;
            for (const table of draft.error.facts ?? []) facts.add(table);
            rejects.push({ rowNumber: ord, code: word, ref: itemId, ...(field === undefined ? {} : { field }) });
          }
        }
        const made: MadeNotice[] = [];
        for (const handling of ['contractor', 'office'] as const) {
          const own = drafts.filter(({ hidden }) => hidden === (handling === 'office'));
          if (own.length > 0) made.push(...(await makePart(tx, deps, { orderId, handling }, own)));
        }
        for (const one of made) for (const table of one.facts) facts.add(table);
        const subjects = made.map(({ personId }) => personId);
        tx.record({
          event: 'notice.issued',
          ground: '地方税法 第319条の2',
          subjects,
          facts: [...facts, ...(made.length > 0 ? ['resident_tax.print_file'] : [])],
          detail: { order: orderId, issued: subjects.length, rejected: rejects.length },
        });
        return ok({
          next: items.length < noticesPerPart ? null : `${items.at(-1)?.ord ?? 0}`,
          in: items.length,
          out: subjects.length,
          rejects,
        });
      },
    },
  ],
};

/** One part: its file, its plan, and the notices that stand in it. */
async function makePart(
  tx: Tx,
  deps: NoticeDeps,
  { orderId, handling }: { readonly orderId: string; readonly handling: store.PartHandling },
  drafts: readonly DraftNotice[],
): Promise<readonly MadeNotice[]> {
  const partNo = (await store.printFilesOf(tx, orderId)).length + 1;
  const set = await setTogether(deps.typesetter, drafts);
  const made: MadeNotice[] = [];
  const documents = [];
  for (const [i, draft] of drafts.entries()) {
    const sheets = set.documents[i];
    if (sheets === undefined) throw new Error('a notice without its sheets');
    const one = await keepNotice(tx, deps, draft, { partNo, ...sheets });
    const { row, person, hidden } = draft;
    const of = { ...row, ...sheets };
    const face = faceOf(of, hidden ? undefined : storedFaceOf(person));
    documents.push({ ...of, position: row.position ?? 0, sha256: one.sha256.toString('hex'), face });
    made.push(one);
  }
  const file = writePrintPart({ form: noticeFace, pdf: set.pdf, documents });
  const { ref } = await deps.sealed.seal(tx, file, {
    kind: 'print-file',
    retentionClass: 'tax-7y',
    purpose: 'resident-tax/print-file',
  });
  await store.insertPrintFile(tx, orderId, {
    partNo,
    handling,
    firstPosition: documents[0]?.position ?? 0,
    lastPosition: documents.at(-1)?.position ?? 0,
    documents: documents.length,
    pages: set.pages,
    totalYen: documents.reduce((sum, document) => sum + document.amountYen, 0),
    sha256: createHash('sha256').update(file).digest(),
    sizeBytes: file.length,
    sealedRef: ref,
    madeAt: deps.machineClock.now(),
  });
  return made;
}
