import { signMessage } from '@musubi/contracts/exchange/signed.ts';
import {
  type erasePrintJob,
  type PrintReport,
  printErasureType,
  printReportType,
  type readPrintReport,
} from '@musubi/contracts/printing/jobs.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { ResponseOf, WordOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { compose } from '../domain/compose.ts';
import { countsOf } from '../domain/count.ts';
import * as store from '../store/jobs.ts';
import { customerOf, openParts } from './take-job.ts';

/** 作業報告: what was made of a job so far. Of a proof also what stands in each box on paper. */
export const report = act('printing.report', {
  right: ['printing', 'job', 'read'],
  async run(
    tx,
    deps: Deps,
    { jobId }: { readonly jobId: string },
    actor,
  ): Promise<Result<ResponseOf<typeof readPrintReport>, WordOf<typeof readPrintReport>>> {
    const job = await store.lockJob(tx, jobId, customerOf(actor));
    if (job === undefined) return err('no-such-job');
    const complete = (await store.countParts(tx, jobId)) === job.parts.length;
    const erased = (await store.findErasure(tx, jobId)) !== undefined;
    const counts = complete
      ? countsOf(job.documents, job.purpose, deps.manners)
      : { printed: 0, spoiled: 0, dispatched: 0 };
    const program = deps.manners.oldProgram ? job.formVersion - 1 : job.formVersion;
    const faces =
      complete && !erased && job.purpose === 'proof'
        ? openParts(deps, await store.contentsOf(tx, jobId)).flatMap(({ documents }) =>
            documents.map(({ position, face }) => ({ position, boxes: compose(face, program) })),
          )
        : [];
    const payload: PrintReport = {
      v: 1,
      jobId,
      state: erased
        ? 'erased'
        : !complete
          ? 'waiting-for-parts'
          : job.purpose === 'bulk' && counts.dispatched > 0
            ? 'dispatched'
            : 'printed',
      ...counts,
      faces,
      reportedAt: deps.machineClock.now().toString(),
    };
    tx.record({ event: 'job.reported', recipient: job.customer, detail: { job: jobId, ...counts } });
    return ok({ report: signMessage(deps.identity, printReportType, payload) });
  },
});

/** 消去: when the customer has closed the job. The same request again brings the same certificate. */
export const eraseJob = act('printing.erase-job', {
  right: ['printing', 'job', 'update'],
  async run(
    tx,
    deps: Deps,
    { jobId }: { readonly jobId: string },
    actor,
  ): Promise<Result<ResponseOf<typeof erasePrintJob>, WordOf<typeof erasePrintJob>>> {
    const job = await store.lockJob(tx, jobId, customerOf(actor));
    if (job === undefined) return err('no-such-job');
    const known = await store.findErasure(tx, jobId);
    if (known !== undefined) {
      tx.record({ event: 'job.erased-again', detail: { job: jobId } });
      return ok({ erasure: known });
    }
    if ((await store.countParts(tx, jobId)) < job.parts.length) return err('not-dispatched');
    const erasure = signMessage(deps.identity, printErasureType, {
      v: 1,
      jobId,
      parts: job.parts.length,
      erasedAt: deps.machineClock.now().toString(),
    });
    await store.erase(tx, jobId, erasure);
    tx.record({ event: 'job.erased', facts: ['printing.erasure'], detail: { job: jobId, parts: job.parts.length } });
    return ok({ erasure });
  },
});
