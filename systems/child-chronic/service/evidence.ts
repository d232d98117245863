import { permit as permitSchema, provisionEvidence } from '@musubi/contracts/exchange/messages.ts';
import { messageTypes, readSigned } from '@musubi/contracts/exchange/signed.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { findEvidence, type StoredEvidence } from '../store/inquiries.ts';

export interface EvidenceView extends StoredEvidence {
  /** Signatures, and that evidence and permit are of one another and of this inquiry. */
  readonly standing: 'holds' | 'does-not-hold';
  readonly signer: string | undefined;
  readonly permitSigner: string | undefined;
  readonly answerDigest: string | undefined;
}

/**
 * Reads the provider's signed evidence and the permit, and checks them anew as of the moment when they were received: a
 * certificate that has ended since takes nothing from them. Without the answer itself they still prove what was provided.
 */
export const readEvidence = act('child-chronic.read-evidence', {
  right: ['child-chronic', 'case', 'read'],
  subjectOf: (query: { readonly caseId: string }) => query.caseId,
  async run(
    tx,
    { trust, settings }: Deps,
    query: { readonly caseId: string; readonly requestId: string },
  ): Promise<Result<EvidenceView, 'no-evidence'>> {
    const stored = await findEvidence(tx, query);
    if (!stored) return err('no-evidence');
    const at = Temporal.Instant.from(stored.receivedAt);
    const evidence = readSigned(stored.evidence, messageTypes.provision, provisionEvidence, trust, at);
    const permit = readSigned(stored.permit, messageTypes.permit, permitSchema, trust, at);
    const signer = evidence.ok ? partyId(evidence.value.signer) : undefined;
    const permitSigner = permit.ok ? partyId(permit.value.signer) : undefined;
    const holds =
      evidence.ok &&
      permit.ok &&
      signer === settings.providers.find((p) => p.organisation === stored.provider)?.signer &&
      permitSigner === settings.network &&
      evidence.value.payload.permit === permit.value.digest &&
      evidence.value.payload.inquiryNumber === stored.inquiryNumber &&
      permit.value.payload.permitNumber === stored.permitNumber &&
      evidence.value.payload.result === stored.result;
    tx.record({
      event: 'evidence.read',
      subject: query.caseId,
      ground: stored.ground,
      detail: { request: query.requestId, holds },
    });
    return ok({
      ...stored,
      standing: holds ? 'holds' : 'does-not-hold',
      signer,
      permitSigner,
      answerDigest: evidence.ok ? evidence.value.payload.answer : undefined,
    });
  },
});
