import type { SubmissionState, submissionStatus } from '@musubi/contracts/eltax/submission.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { WordOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { partsOf } from '../store/deliveries.ts';
import { findExamination, findSubmission } from '../store/receptions.ts';
import { payerOf } from './payer.ts';

/** 審査結果の照会 (ELT-F3): only of the caller's own filings. */
export const showSubmission = act('eltax.show-submission', {
  right: ['eltax', 'submission', 'read'],
  async run(
    tx,
    _deps: Deps,
    { submissionId }: { submissionId: string },
    actor,
  ): Promise<Result<SubmissionState, WordOf<typeof submissionStatus>>> {
    const caller = payerOf(actor);
    if (!caller.ok) return caller;
    const reception = await findSubmission(tx, caller.value, submissionId);
    if (reception === undefined) return err('no-such-submission');
    const examination = await findExamination(tx, reception.receptionId);
    const parts = await partsOf(tx, reception.receptionId);
    tx.record({ event: 'reception.shown', detail: { reception: reception.receptionNumber } });
    return ok({
      receipt: reception.receipt,
      state: examination?.result ?? 'received',
      reasons: (examination?.reasons ?? []).map(({ code, rows }) => ({ code, rows: [...rows] })),
      parts,
    });
  },
});
