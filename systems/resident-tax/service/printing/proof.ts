import { noticeFace, probeFaces } from '@musubi/contracts/printing/face.ts';
import { type PrintedDocument, writePrintPart } from '@musubi/contracts/printing/package.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { subjectCheckCode } from '@musubi/kernel/documents/typesetter.ts';
import { registered } from '@musubi/kernel/documents/unprintable.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import * as store from '../../store/printing.ts';
import { nameOf } from '../assessment/functions.ts';
import { type PrintDeps, printUpdate } from './functions.ts';
import { manifestOf, sealPart, sha256Of } from './prepare-job.ts';

/** Probe records of a proof. */
export const probes = 20;

/**
 * 試し刷り of the form in use: probe records without anybody's data, every box another text. Before it was read back without a difference and
 * passed by a second person, no run is printed on that form (INC-30).
 */
export const prepareProof = act('resident-tax.prepare-proof', {
  right: printUpdate,
  async run(tx, deps: PrintDeps, _command: undefined, actor) {
    const documents: PrintedDocument[] = [];
    for (const [i, face] of probeFaces(probes).entries()) {
      const set = await deps.typesetter.render({
        template: 'print-probe.typ',
        data: { position: i + 1, of: probes, name: registered(face.name) },
        documentId: face.documentId,
        subjectCheck: subjectCheckCode(deps.subjectCheckKey, face.documentId, 'probe'),
        title: '試し刷り',
        issuedAt: deps.machineClock.now(),
        otherShapes: 'refuse',
      });
      // A probe holds the hard characters on purpose: fonts that lack one are no fonts for notices (INC-31).
      if (!set.ok) return err('unprintable-character');
      const { pdf, pages } = set.value;
      documents.push({
        position: i + 1,
        documentId: face.documentId,
        pages,
        subjectCheck: face.subjectCheck,
        amountYen: 0,
        sha256: sha256Of(pdf),
        pdf,
        face,
      });
    }
    const content = writePrintPart(documents, noticeFace);
    const part = { no: 1, sha256: sha256Of(content), documents: probes, sealedRef: await sealPart(tx, deps, content) };
    const jobId = deps.newId();
    const pages = documents.reduce((sum, one) => sum + one.pages, 0);
    const facts = await store.insertPrintJob(tx, {
      jobId,
      purpose: 'proof',
      orderId: null,
      printer: deps.printer,
      formId: noticeFace.id,
      formVersion: noticeFace.version,
      documents: probes,
      pages,
      totalYen: 0,
      manifest: manifestOf(deps, { jobId, purpose: 'proof', documents: probes, pages, parts: [part] }),
      approvalId: null,
      madeBy: nameOf(actor),
      madeOn: deps.civilClock.today(),
      parts: [part],
      heldBack: [],
    });
    tx.record({ event: 'proof.prepared', recipient: deps.printer, facts: [...facts], detail: { job: jobId, probes } });
    return ok({ jobId });
  },
});
