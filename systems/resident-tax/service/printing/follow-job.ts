import { boxNames, differingBoxes, probeFaces } from '@musubi/contracts/printing/face.ts';
import type { PrintReport } from '@musubi/contracts/printing/jobs.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { askPrintReport, orderPrintErasure } from '../../clients/printing.ts';
import { countFaults } from '../../domain/print-counts.ts';
import * as store from '../../store/printing.ts';
import { nameOf } from '../assessment/functions.ts';
import { type PrintDeps, printApproval, printRead, printUpdate } from './functions.ts';
import { probes } from './proof.ts';

/** Words of what does not agree in a report; a proof's are the names of the boxes. */
function faultsOf(job: store.PrintJob, report: PrintReport): readonly string[] {
  if (job.purpose === 'bulk') return countFaults(job.documents, report);
  const printed = new Map(report.faces.map((face) => [face.position, face.boxes]));
  const wrong = new Set(
    probeFaces(probes).flatMap((wanted, i) =>
      differingBoxes(wanted, printed.get(i + 1) ?? {}).map((box) => boxNames[box]),
    ),
  );
  return [...(printed.size === probes ? [] : ['probes-missing']), ...wrong];
}

const noteReport = act('resident-tax.note-print-report', {
  right: printUpdate,
  async run(tx, deps: PrintDeps, command: { readonly report: PrintReport; readonly signed: string }) {
    const { report, signed } = command;
    const job = await store.lockPrintJob(tx, report.jobId);
    if (job === undefined || job.sentOn === null) return err('not-sent');
    if (job.endedOn !== null) return err('already-closed');
    const faults = faultsOf(job, report);
    await store.insertPrintReport(tx, {
      ...report,
      reportNo: (job.reportNo ?? 0) + 1,
      faults,
      signed,
      on: deps.civilClock.today(),
    });
    const { printed, spoiled, dispatched } = report;
    const kind = job.purpose === 'proof' ? 'proof' : 'print-report';
    tx.record({
      event: `${kind}.${faults.length > 0 ? 'failed' : 'agrees'}`,
      facts: ['resident_tax.print_job_report'],
      detail: { job: job.jobId, printed, spoiled, dispatched, faults: faults.length },
    });
    return ok({ faults });
  },
});

/** Reads the contractor's report of today and says what does not agree. */
export async function fetchReport(
  deps: PrintDeps,
  actor: Actor,
  { jobId }: { readonly jobId: string },
): Promise<Result<{ readonly faults: readonly string[] }, string>> {
  const told = await askPrintReport(deps, jobId, deps.machineClock.now());
  return told.ok ? noteReport(deps, actor, told.value) : told;
}

/** 試し刷りの合格 by a second person, from the reading without a difference. */
export const passProof = act('resident-tax.pass-proof', {
  right: printApproval,
  async run(tx, deps: PrintDeps, { jobId }: { readonly jobId: string }, actor) {
    const job = await store.lockPrintJob(tx, jobId);
    if (job === undefined || job.purpose !== 'proof') return err('no-such-job');
    if (job.endedOn !== null) return err('already-closed');
    if (job.madeBy === nameOf(actor)) return err('approver-is-requester');
    if (job.reportNo === null || job.reportState !== 'printed') return err('not-read-back');
    if ((job.faults ?? []).length > 0) return err('proof-differs');
    await store.insertJobEnd(tx, { jobId, reportNo: job.reportNo, by: nameOf(actor), on: deps.civilClock.today() });
    tx.record({
      event: 'proof.passed',
      facts: ['resident_tax.print_job_end'],
      detail: { job: jobId, form: job.formVersion },
    });
    return ok(undefined);
  },
});

const close = act('resident-tax.close-print-job', {
  right: printUpdate,
  async run(tx, deps: PrintDeps, { jobId }: { readonly jobId: string }, actor) {
    const job = await store.lockPrintJob(tx, jobId);
    if (job === undefined || job.purpose !== 'bulk') return err('no-such-job');
    if (job.endedOn !== null) return err('already-closed');
    if (job.reportNo === null || job.reportState !== 'dispatched') return err('not-dispatched');
    if (enforced('dispatch.lot-counts') && (job.faults ?? []).length > 0) return err('counts-differ');
    await store.insertJobEnd(tx, { jobId, reportNo: job.reportNo, by: nameOf(actor), on: deps.civilClock.today() });
    tx.record({
      event: 'print-job.closed',
      facts: ['resident_tax.print_job_end'],
      detail: { job: jobId, documents: job.documents },
    });
    return ok(undefined);
  },
});

const noteErasure = act('resident-tax.note-print-erasure', {
  right: printUpdate,
  async run(tx, _deps: PrintDeps, { jobId, signed }: { readonly jobId: string; readonly signed: string }) {
    const job = await store.lockPrintJob(tx, jobId);
    if (job === undefined || job.endedOn === null) return err('not-closed');
    if (job.erased) {
      tx.record({ event: 'print-job.erasure-known', detail: { job: jobId } });
      return ok(undefined);
    }
    await store.insertJobErasure(tx, jobId, signed);
    tx.record({
      event: 'print-job.erased',
      recipient: job.printer,
      facts: ['resident_tax.print_job_erasure'],
      detail: { job: jobId },
    });
    return ok(undefined);
  },
});

/** The erasure at the contractor after a job was closed; asked again until its certificate is here. */
export async function confirmErasure(
  deps: PrintDeps,
  actor: Actor,
  { jobId }: { readonly jobId: string },
): Promise<Result<undefined, string>> {
  const job = await readPrintJob(deps, actor, { jobId });
  if (!job.ok) return job;
  if (job.value.job.endedOn === null) return err('not-closed');
  const erased = await orderPrintErasure(deps, jobId, deps.machineClock.now());
  return erased.ok ? noteErasure(deps, actor, { jobId, signed: erased.value }) : erased;
}

/** 完了: printed less spoiled is dispatched, and dispatched is what was ordered; then the contractor erases. */
export async function closePrintJob(
  deps: PrintDeps,
  actor: Actor,
  command: { readonly jobId: string },
): Promise<Result<{ readonly erased: boolean }, string>> {
  const closed = await close(deps, actor, command);
  if (!closed.ok) return closed;
  return ok({ erased: (await confirmErasure(deps, actor, command)).ok });
}

/** Jobs, newest first: counts and states, nobody's notice. */
export const readPrintJobs = act('resident-tax.read-print-jobs', {
  right: printRead,
  async run(tx, _deps: PrintDeps, query: { readonly limit: number; readonly offset: number }) {
    const jobs = await store.listPrintJobs(tx, query);
    tx.record({ event: 'print-jobs.listed', detail: { shown: jobs.length } });
    return ok({ rows: jobs, total: jobs[0]?.total ?? 0 });
  },
});

/** One job with what was pulled out of it. */
export const readPrintJob = act('resident-tax.read-print-job', {
  right: printRead,
  async run(tx, _deps: PrintDeps, { jobId }: { readonly jobId: string }) {
    const [job] = await store.listPrintJobs(tx, { jobId });
    if (job === undefined) return err('no-such-job');
    const heldBack = await store.heldBackOf(tx, jobId);
    const parts = await store.partsOfJob(tx, jobId);
    tx.record({
      event: 'print-job.read',
      subjects: heldBack.map((one) => one.personId),
      detail: { job: jobId },
    });
    return ok({ job, heldBack, parts });
  },
});

export type { HeldBack, PrintJob } from '../../store/printing.ts';
