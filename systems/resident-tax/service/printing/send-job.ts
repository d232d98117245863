import { checkApproval, decideApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { sendPrintJob } from '../../clients/printing.ts';
import * as store from '../../store/printing.ts';
import { insertReturn } from '../../store/returned-mail.ts';
import { nameOf } from '../assessment/functions.ts';
import { guardedOf } from '../persons/guarded.ts';
import { type PrintDeps, printApproval, printUpdate } from './functions.ts';
import { printApprovalKind, printPayload, reasonToHold, sha256Of } from './prepare-job.ts';

/** 出力の承認 by a second person. */
export const decidePrintJob = act('resident-tax.decide-print-job', {
  right: printApproval,
  async run(
    tx,
    deps: PrintDeps,
    { jobId, decision }: { readonly jobId: string; readonly decision: 'approved' | 'rejected' },
    actor,
  ) {
    const job = await store.lockPrintJob(tx, jobId);
    if (job === undefined || job.approvalId === null) return err('no-such-job');
    const decided = await decideApproval(tx, deps, { approvalId: job.approvalId, decision, by: nameOf(actor) });
    if (!decided.ok) return decided;
    tx.record({ event: `print-job.${decision}`, facts: ['approvals.decision'], detail: { job: jobId } });
    return ok(undefined);
  },
});

const approvalOf = (job: store.PrintJob, parts: readonly store.PrintJobPart[]) => ({
  approvalId: job.approvalId ?? '',
  kind: printApprovalKind,
  payload: printPayload(job, { id: job.formId, version: job.formVersion }, parts),
});

interface Ready {
  readonly job: store.PrintJob;
  readonly parts: readonly { readonly no: number; readonly content: Uint8Array }[];
}

/** Everything that a transfer needs, checked; nothing has left yet. */
const ready = act('resident-tax.ready-print-job', {
  right: printUpdate,
  async run(tx, deps: PrintDeps, command: { readonly jobId: string; readonly guarded: ReadonlySet<string> }) {
    const job = await store.lockPrintJob(tx, command.jobId);
    if (job === undefined) return err('no-such-job');
    if (job.sentOn !== null) return err('already-sent');
    const parts = await store.partsOfJob(tx, job.jobId);
    if (job.orderId !== null) {
      const allowed = await checkApproval(tx, deps, approvalOf(job, parts));
      if (enforced('media.approval') && !allowed.ok) return allowed;
      if (await store.wasOrderSent(tx, job.orderId)) return err('already-sent');
      if (!(await store.hasPassedProof(tx, job))) return err('no-passed-proof');
      const held = new Set((await store.heldBackOf(tx, job.jobId)).map((one) => one.documentId));
      const since = (await store.postedDocuments(tx, job.orderId)).filter(
        (one) => !held.has(one.documentId) && reasonToHold(one, command.guarded) !== undefined,
      );
      // What is no longer to go out is pulled out by preparing the job anew; this one never goes.
      if (since.length > 0) return err('addresses-changed-since');
    }
    const contents: Ready['parts'][number][] = [];
    for (const part of parts) {
      const opened = await deps.sealed.open(tx, part.sealedRef as SealedId, 'resident-tax/print-job');
      if (!opened.ok) return err('document-erased');
      if (sha256Of(opened.value) !== part.sha256) return err('document-altered');
      contents.push({ no: part.no, content: opened.value });
    }
    const subjects = job.orderId === null ? [] : await personsIn(tx, job);
    tx.record({
      event: 'print-job.sending',
      ground: '番号利用法 第10条, 地方税法 第319条の2',
      recipient: job.printer,
      subjects,
      items: ['通知書'],
      detail: { job: job.jobId, documents: job.documents },
    });
    return ok<Ready>({ job, parts: contents });
  },
});

async function personsIn(tx: Tx, job: store.PrintJob): Promise<readonly string[]> {
  const held = new Set((await store.heldBackOf(tx, job.jobId)).map((one) => one.documentId));
  const posted = await store.postedDocuments(tx, job.orderId ?? '');
  return posted.filter((one) => !held.has(one.documentId)).map((one) => one.personId);
}

const noteSent = act('resident-tax.note-print-job-sent', {
  right: printUpdate,
  async run(tx, deps: PrintDeps, command: { readonly jobId: string; readonly receipt: string }, actor) {
    const job = await store.lockPrintJob(tx, command.jobId);
    if (job === undefined) return err('no-such-job');
    if (job.sentOn !== null) return err('already-sent');
    const by = nameOf(actor);
    const on = deps.civilClock.today();
    if (job.orderId !== null) {
      const used = await useApproval(tx, deps, { ...approvalOf(job, await store.partsOfJob(tx, job.jobId)), by });
      if (enforced('media.approval') && !used.ok) return used;
    }
    await store.insertSent(tx, { jobId: job.jobId, orderId: job.orderId, receipt: command.receipt, by, on });
    // What was pulled out reached nobody: it waits with what comes back by mail, until it is handed over.
    const heldBack = await store.heldBackOf(tx, job.jobId);
    for (const { documentId } of heldBack)
      await insertReturn(tx, { returnId: deps.newId(), documentId, reason: 'held-back', on, by });
    tx.record({
      event: 'print-job.sent',
      recipient: job.printer,
      facts: [
        'resident_tax.print_job_sent',
        ...(job.orderId === null ? [] : ['approvals.execution']),
        ...(heldBack.length > 0 ? ['resident_tax.returned_mail'] : []),
      ],
      detail: { job: job.jobId, documents: job.documents, heldBack: heldBack.length },
    });
    return ok({ jobId: job.jobId });
  },
});

const personsOfJob = act('resident-tax.read-persons-of-print-job', {
  right: printUpdate,
  async run(tx, _deps: PrintDeps, { jobId }: { readonly jobId: string }) {
    const [job] = await store.listPrintJobs(tx, { jobId });
    if (job === undefined) return err('no-such-job');
    const posted = job.orderId === null ? [] : await store.postedDocuments(tx, job.orderId);
    tx.record({ event: 'print-run.read', detail: { job: jobId, documents: posted.length } });
    return ok(posted.map((one) => one.orgPersonNumber));
  },
});

/**
 * Hands a job to the contractor: only what a second person approved, as it was approved, on a form whose proof passed, and to nobody who
 * came under protection meanwhile. Without the contractor's receipt nothing was sent; the same job is then sent again.
 */
export async function sendJob(
  deps: PrintDeps,
  actor: Actor,
  { jobId }: { readonly jobId: string },
): Promise<Result<{ readonly jobId: string }, string>> {
  const persons = await personsOfJob(deps, actor, { jobId });
  if (!persons.ok) return persons;
  const guarded = await guardedOf(deps, persons.value);
  if (!guarded.ok) return guarded;
  const prepared = await ready(deps, actor, { jobId, guarded: guarded.value });
  if (!prepared.ok) return prepared;
  const { job, parts } = prepared.value;
  const sent = await sendPrintJob(deps, { jobId, manifest: job.manifest, parts }, deps.machineClock.now());
  return sent.ok ? noteSent(deps, actor, { jobId, receipt: sent.value }) : sent;
}
