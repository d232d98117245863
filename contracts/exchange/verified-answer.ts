import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { askAnotherBody } from './endpoints.ts';
import { permit as permitSchema, provisionEvidence } from './messages.ts';
import { messageTypes, readSigned } from './signed.ts';

export interface VerifiedAnswer {
  readonly answer: ResponseOf<typeof askAnotherBody>;
  /** Row of the permission list, from the permit. */
  readonly ground: string;
}

/**
 * Whether the provider's signed evidence and the network's permit are about this very answer. Nothing is shown or stored of one that
 * does not verify.
 *
 * @param signer instance that signs for the provider that was asked; undefined where none is known, and then nothing verifies
 * @law 番号利用法 第19条第8号
 */
export function verifiedAnswer(
  ask: RequestOf<typeof askAnotherBody>,
  answer: ResponseOf<typeof askAnotherBody>,
  by: {
    readonly trust: Trust;
    readonly at: Temporal.Instant;
    /** Instance that signs permits. */
    readonly network: string;
    readonly signer: string | undefined;
  },
): Result<VerifiedAnswer, 'answer-not-verified'> {
  const evidence = readSigned(answer.evidence, messageTypes.provision, provisionEvidence, by.trust, by.at);
  const permit = readSigned(answer.permit, messageTypes.permit, permitSchema, by.trust, by.at);
  if (!evidence.ok || !permit.ok) return err('answer-not-verified');
  const { payload: e } = evidence.value;
  const { payload: p } = permit.value;
  const belongs =
    partyId(evidence.value.signer) === by.signer &&
    partyId(permit.value.signer) === by.network &&
    e.permit === permit.value.digest &&
    [e.permitNumber, p.permitNumber].every((n) => n === answer.permitNumber) &&
    [e.inquiryNumber, p.inquiryNumber].every((n) => n === answer.inquiryNumber) &&
    e.result === answer.result &&
    p.provider === ask.provider &&
    answer.requestId === ask.requestId &&
    answer.asker.caseReference === ask.asker.caseReference &&
    Object.keys(answer.items).every((item) => ask.items.includes(item));
  if (enforced('exchange.answer-binding') && !belongs) return err('answer-not-verified');
  return ok({ answer, ground: `番号利用法 第19条第8号 照会許可用照合リスト ${p.listVersion} ${p.listRow}` });
}
