import { createHash } from 'node:crypto';
import { signMessage } from '@musubi/contracts/exchange/signed.ts';
import { type Form, noticeFace } from '@musubi/contracts/printing/face.ts';
import { type PrintManifest, printManifestType } from '@musubi/contracts/printing/jobs.ts';
import { type PrintedDocument, writePrintPart } from '@musubi/contracts/printing/package.ts';
import { requestApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { PrintableDocument, TypesetPart } from '@musubi/kernel/documents/typesetter.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { listOrders } from '../../store/batch-orders.ts';
import * as documents from '../../store/documents.ts';
import * as store from '../../store/printing.ts';
import { nameOf } from '../assessment/functions.ts';
import { type NoticeContent, readContent, setTogether } from '../notices/content.ts';
import { faceOf } from '../notices/face.ts';
import { guardedOf } from '../persons/guarded.ts';
import { type PrintDeps, printUpdate } from './functions.ts';

export const printApprovalKind = 'resident-tax.print-job';

/** 出力申請: everything that would leave, as data. */
export const printPayload = (
  job: Pick<store.NewPrintJob, 'jobId' | 'orderId' | 'printer' | 'documents' | 'pages' | 'totalYen'>,
  form: Form,
  parts: readonly store.PrintJobPart[],
): object => ({
  jobId: job.jobId,
  orderId: job.orderId,
  printer: job.printer,
  form: [form.id, form.version],
  documents: job.documents,
  pages: job.pages,
  totalYen: job.totalYen,
  parts: parts.map(({ no, sha256 }) => [no, sha256]),
});

export type PrepareRefusal =
  | 'no-such-run'
  | 'run-not-finished'
  | 'already-sent'
  | 'nothing-to-print'
  | 'document-erased';

const personsOfOrder = act('resident-tax.read-persons-of-print-run', {
  right: printUpdate,
  async run(tx, _deps: PrintDeps, { orderId }: { readonly orderId: string }) {
    const posted = await store.postedDocuments(tx, orderId);
    tx.record({ event: 'print-run.read', detail: { order: orderId, documents: posted.length } });
    return ok(posted.map((one) => one.orgPersonNumber));
  },
});

const prepare = act('resident-tax.prepare-print-job', {
  right: printUpdate,
  async run(
    tx,
    deps: PrintDeps,
    command: { readonly orderId: string; readonly guarded: ReadonlySet<string> },
    actor,
  ): Promise<
    Result<{ readonly jobId: string; readonly documents: number; readonly heldBack: number }, PrepareRefusal>
  > {
    const { orderId } = command;
    const posted = await store.postedDocuments(tx, orderId);
    const files = await documents.printFilesOf(tx, orderId);
    if (posted.length === 0) return err('no-such-run');
    const [order] = await listOrders(tx, { orderId });
    if (order?.state !== 'done') return err('run-not-finished');
    if (await store.wasOrderSent(tx, orderId)) return err('already-sent');
    const heldBack = posted.flatMap((one) => {
      const reason = reasonToHold(one, command.guarded);
      return reason === undefined ? [] : [{ documentId: one.documentId, reason }];
    });
    const out = new Set(heldBack.map((one) => one.documentId));
    const parts: store.PrintJobPart[] = [];
    const total = { documents: 0, pages: 0, yen: 0 };
    for (const file of files) {
      const part = await partOf(tx, deps, orderId, file, out);
      if (!part.ok) return part;
      if (part.value === undefined) continue;
      parts.push({ ...part.value, no: parts.length + 1 });
      total.documents += part.value.documents;
      total.pages += part.value.pages;
      total.yen += part.value.yen;
    }
    if (parts.length === 0) return err('nothing-to-print');
    const jobId = deps.newId();
    const by = nameOf(actor);
    const head = {
      jobId,
      orderId,
      printer: deps.printer,
      documents: total.documents,
      pages: total.pages,
      totalYen: total.yen,
    };
    const approvalId = await requestApproval(tx, deps, {
      kind: printApprovalKind,
      subject: jobId,
      payload: printPayload(head, noticeFace, parts),
      by,
    });
    const facts = await store.insertPrintJob(tx, {
      ...head,
      purpose: 'bulk',
      formId: noticeFace.id,
      formVersion: noticeFace.version,
      manifest: manifestOf(deps, { jobId, purpose: 'bulk', documents: head.documents, pages: head.pages, parts }),
      approvalId,
      madeBy: by,
      madeOn: deps.civilClock.today(),
      parts,
      heldBack,
    });
    tx.record({
      event: 'print-job.prepared',
      ground: '番号利用法 第10条, 地方税法 第319条の2',
      recipient: deps.printer,
      facts: [...facts, 'approvals.request'],
      detail: { job: jobId, order: orderId, documents: head.documents, heldBack: heldBack.length },
    });
    return ok({ jobId, documents: head.documents, heldBack: heldBack.length });
  },
});

/**
 * 出力申請: what of a run goes to the contractor. Whose address is protected now, or changed since the notice was set, is pulled out
 * (INC-35, 45); a second person approves the rest as it is.
 */
export async function preparePrintJob(deps: PrintDeps, actor: Actor, { orderId }: { readonly orderId: string }) {
  const persons = await personsOfOrder(deps, actor, { orderId });
  if (!persons.ok) return persons;
  const guarded = await guardedOf(deps, persons.value);
  return guarded.ok ? prepare(deps, actor, { orderId, guarded: guarded.value }) : guarded;
}

export function reasonToHold(posted: store.PostedDocument, guarded: ReadonlySet<string>): store.HeldReason | undefined {
  if (posted.addressProtected || guarded.has(posted.orgPersonNumber)) return 'address-protected';
  if (!posted.hasFace) return 'no-face';
  return posted.addressChanged ? 'address-changed' : undefined;
}

/** The part as it was made, or, where something of it is pulled out, one set without that; undefined where nothing of it leaves. */
async function partOf(
  tx: Tx,
  deps: PrintDeps,
  orderId: string,
  file: documents.PrintFile,
  out: ReadonlySet<string>,
): Promise<Result<(Omit<store.PrintJobPart, 'no'> & { pages: number; yen: number }) | undefined, 'document-erased'>> {
  const all = await documents.findDocuments(tx, { orderId, partNo: file.partNo, limit: file.documents });
  const kept = all.filter((one) => !out.has(one.documentId));
  if (kept.length === 0 || file.handling === 'office') return ok(undefined);
  const yen = kept.reduce((sum, one) => sum + one.amountYen, 0);
  if (kept.length === all.length) {
    const { sha256, sealedRef, pages } = file;
    return ok({ documents: kept.length, pages, yen, sha256: sha256.toString('hex'), sealedRef });
  }
  const set = await setAgain(tx, deps, kept);
  if (!set.ok) return set;
  const faces = await store.facesOf(
    tx,
    kept.map((one) => one.documentId),
  );
  const printed: PrintedDocument[] = kept.map((one, i) => {
    const of = { ...one, ...(set.value.documents[i] as TypesetPart['documents'][number]) };
    const face = faceOf(of, faces.get(one.documentId));
    return { ...of, position: one.position ?? 0, sha256: one.sha256.toString('hex'), face };
  });
  const content = writePrintPart({ form: noticeFace, pdf: set.value.pdf, documents: printed });
  const sealedRef = await sealPart(tx, deps, content);
  return ok({ documents: kept.length, pages: set.value.pages, yen, sha256: sha256Of(content), sealedRef });
}

/** The sheets of these notices in one file, from what each says. */
async function setAgain(
  tx: Tx,
  deps: PrintDeps,
  kept: readonly documents.RegisteredDocument[],
): Promise<Result<TypesetPart, 'document-erased'>> {
  const notices: { readonly content: NoticeContent; readonly document: PrintableDocument }[] = [];
  for (const one of kept) {
    const opened = await deps.sealed.open(tx, one.sealedRef as SealedId, 'resident-tax/print-job');
    if (!opened.ok) return err('document-erased');
    const content = readContent(opened.value);
    const checked = await deps.typesetter.check(content);
    if (!checked.ok) throw new Error('a notice that was printed once cannot be printed with these fonts');
    notices.push({ content, document: checked.value });
  }
  return ok(await setTogether(deps.typesetter, notices));
}

export const sha256Of = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

export async function sealPart(tx: Tx, deps: PrintDeps, content: Uint8Array): Promise<string> {
  const { ref } = await deps.sealed.seal(tx, content, {
    kind: 'print-part',
    retentionClass: 'tax-7y',
    purpose: 'resident-tax/print-job',
  });
  return ref;
}

/** Signed once and kept: sent again it is the same job. */
export const manifestOf = (
  deps: PrintDeps,
  of: Pick<PrintManifest, 'jobId' | 'purpose' | 'documents' | 'pages'> & {
    readonly parts: readonly store.PrintJobPart[];
  },
): string =>
  signMessage(deps.identity, printManifestType, {
    v: 1,
    jobId: of.jobId,
    purpose: of.purpose,
    form: noticeFace,
    documents: of.documents,
    pages: of.pages,
    parts: of.parts.map(({ no, sha256, documents: count }) => ({ no, sha256, documents: count })),
  } satisfies PrintManifest);
