import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { certificateReason } from '../domain/certificate-reason.ts';
import { findCase, lockCase } from '../store/cases.ts';
import { insertCertificateRequest } from '../store/certificate-requests.ts';
import { inquiries } from '../store/inquiries.ts';

/**
 * 課税証明書の提出を求める: only where the network could not give the information, with the inquiry that ended so. An inquiry serves one
 * request.
 * @source 001 I-B1-S1-02, scenario 14
 */
export const requestCertificate = act('child-chronic.request-certificate', {
  right: ['child-chronic', 'inquiry', 'update'],
  async run(
    tx,
    deps: Deps,
    { caseId }: { caseId: string },
    actor,
  ): Promise<Result<{ reason: string }, 'not-staff' | 'no-such-case' | 'network-first' | 'already-requested'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    await lockCase(tx, caseId);
    if (!(await findCase(tx, { caseId }))) return err('no-such-case');
    const why = certificateReason(await inquiries(tx, { caseId }));
    if (why === undefined) return err('network-first');
    const made = await insertCertificateRequest(tx, {
      id: deps.newId(),
      caseId,
      inquiryRequestId: why.requestId,
      reason: why.reason,
      askedBy: actor.staffId,
      on: deps.civilClock.today(),
      at: deps.machineClock.now(),
    });
    if (!made) return err('already-requested');
    tx.record({
      event: 'certificate.requested',
      subject: caseId,
      facts: ['child_chronic.certificate_request'],
      detail: { inquiry: why.requestId, reason: why.reason },
    });
    return ok({ reason: why.reason });
  },
});
