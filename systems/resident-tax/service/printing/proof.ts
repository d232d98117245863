import { noticeFace, probeFaces } from '@musubi/contracts/printing/face.ts';
import { type PrintedDocument, writePrintPart } from '@musubi/contracts/printing/package.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { type PrintableDocument, subjectCheckCode, type TypesetPart } from '@musubi/kernel/documents/typesetter.ts';
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
    const faces = probeFaces(probes);
    const sheets: PrintableDocument[] = [];
    for (const [i, face] of faces.entries()) {
      const sheet = await deps.typesetter.check({
        data: { position: i + 1, of: probes, name: registered(face.name) },
        documentId: face.documentId,
        subjectCheck: subjectCheckCode(deps.subjectCheckKey, face.documentId, 'probe'),
        expectedPages: 1,
      });
      // A probe holds the hard characters on purpose: fonts that lack one are no fonts for notices (INC-31).
      if (!sheet.ok) return err('unprintable-character');
      sheets.push(sheet.value);
    }
    const { pdf, ...set } = await deps.typesetter.renderPart({
      template: 'print-probe.typ',
      title: '試し刷り',
      issuedAt: deps.machineClock.now(),
      documents: sheets,
    });
    const documents = faces.map((face, i): PrintedDocument => {
      const { documentId, subjectCheck } = face;
      const { firstPage, pages } = set.documents[i] as TypesetPart['documents'][number];
      const sha256 = sha256Of(Buffer.from(JSON.stringify(face)));
      return { position: i + 1, documentId, firstPage, pages, subjectCheck, amountYen: 0, sha256, face };
    });
    const content = writePrintPart({ form: noticeFace, pdf, documents });
    const part = { no: 1, sha256: sha256Of(content), documents: probes, sealedRef: await sealPart(tx, deps, content) };
    const jobId = deps.newId();
    const { pages } = set;
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
