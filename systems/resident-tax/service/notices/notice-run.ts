import { createHash } from 'node:crypto';
import { noticeFace } from '@musubi/contracts/printing/face.ts';
import { type PrintedDocument, writePrintPart } from '@musubi/contracts/printing/package.ts';
import type { BatchDefinition, Reject } from '@musubi/kernel/jobs/definition.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { itemsAfter } from '../../store/batch-orders.ts';
import * as store from '../../store/documents.ts';
import { facesOf } from '../../store/printing.ts';
import { batchWork } from '../assessment/functions.ts';
import type { OrderParams } from '../assessment/run.ts';
import { faceOf } from './face.ts';
import { makeNotice } from './make-notice.ts';
import type { NoticeDeps } from './notice-deps.ts';

const noticesPerChunk = 10;
/** Documents in one print file: a part that a printer can reconcile by hand. */
const documentsPerFile = 100;

/**
 * 納税通知書の一括作成: a PDF for each levy in force that was not notified, then the print files with their control totals. What
 * cannot be printed exactly is in the reject list and in no print file.
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
        const items = await itemsAfter(tx, params.orderId, Number(cursor ?? 0), noticesPerChunk);
        let serial = await store.lockSerials(tx, params.fiscalYear);
        const rejects: Reject[] = [];
        const subjects: string[] = [];
        const facts = new Set<string>();
        for (const { ord, itemId } of items) {
          const made = await makeNotice(tx, deps, {
            assessmentId: itemId,
            serial: serial + 1,
            orderId: params.orderId,
            position: ord,
            otherShapes: 'refuse',
          });
          if (made.ok) {
            serial += 1;
            subjects.push(made.value.personId);
            for (const table of made.value.facts) facts.add(table);
          } else {
            const { word, field } = made.error;
            for (const table of made.error.facts ?? []) facts.add(table);
            rejects.push({ rowNumber: ord, code: word, ref: itemId, ...(field === undefined ? {} : { field }) });
          }
        }
        tx.record({
          event: 'notice.issued',
          ground: '地方税法 第319条の2',
          subjects,
          facts: [...facts],
          detail: { order: params.orderId, issued: subjects.length, rejected: rejects.length },
        });
        return ok({
          next: items.length < noticesPerChunk ? null : `${items.at(-1)?.ord ?? 0}`,
          in: items.length,
          out: subjects.length,
          rejects,
        });
      },
    },
    {
      name: 'print-file',
      async total(tx, _deps, { orderId }) {
        return ok((await store.totalsOfOrder(tx, orderId)).documents);
      },
      async chunk(tx, deps, { params, cursor, chunkNo }) {
        const documents = await store.findDocuments(tx, {
          orderId: params.orderId,
          afterPosition: Number(cursor ?? 0),
          limit: documentsPerFile,
        });
        const faces = await facesOf(
          tx,
          documents.map((document) => document.documentId),
        );
        const printed: PrintedDocument[] = [];
        for (const document of documents) {
          const opened = await deps.sealed.open(tx, document.sealedRef as SealedId, 'resident-tax/print-file');
          if (!opened.ok) return err('document-erased');
          const sha256 = createHash('sha256').update(opened.value).digest();
          if (!sha256.equals(document.sha256)) return err('document-altered');
          printed.push({
            ...document,
            position: document.position ?? 0,
            sha256: sha256.toString('hex'),
            pdf: opened.value,
            face: faceOf(document, faces.get(document.documentId)),
          });
        }
        if (printed.length > 0) {
          const file = writePrintPart(printed, noticeFace);
          const { ref } = await deps.sealed.seal(tx, file, {
            kind: 'print-file',
            retentionClass: 'tax-7y',
            purpose: 'resident-tax/print-file',
          });
          await store.insertPrintFile(tx, params.orderId, {
            partNo: chunkNo,
            firstPosition: printed[0]?.position ?? 0,
            lastPosition: printed.at(-1)?.position ?? 0,
            documents: printed.length,
            pages: printed.reduce((sum, document) => sum + document.pages, 0),
            totalYen: printed.reduce((sum, document) => sum + document.amountYen, 0),
            sha256: createHash('sha256').update(file).digest(),
            sizeBytes: file.length,
            sealedRef: ref,
            madeAt: deps.machineClock.now(),
          });
        }
        tx.record({
          event: 'print-file.made',
          subjects: documents.map((document) => document.personId),
          ...(printed.length > 0 ? { facts: ['resident_tax.print_file'] } : {}),
          detail: { order: params.orderId, part: chunkNo, documents: printed.length },
        });
        return ok({
          next: documents.length < documentsPerFile ? null : `${documents.at(-1)?.position ?? 0}`,
          in: printed.length,
          out: printed.length,
          rejects: [],
        });
      },
    },
  ],
};
