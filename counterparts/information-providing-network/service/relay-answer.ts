import { type InquiryRefusal, inquiryRefusals, provisionEvidence } from '@musubi/contracts/exchange/messages.ts';
import { messageTypes, readSigned, sealedTypes } from '@musubi/contracts/exchange/signed.ts';
import { decodeBase64url } from '@musubi/kernel/crypto/base64url.ts';
import { sha256Base64url } from '@musubi/kernel/crypto/digest.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { findInquiry, insertOutcome } from '../store/records.ts';

export interface Answered {
  readonly evidence: string;
  readonly answer: string;
}

interface Command {
  readonly inquiryNumber: string;
  /** What the provider said, or the word with which the way to it ended. */
  readonly said: Answered | { readonly refusal: string };
}

/**
 * Takes what the provider said, keeps the record of it and passes it on unread. What is not sealed, or does not belong to
 * the permit, goes no further.
 */
export const relayAnswer = act('inquiry.relay-answer', {
  right: ['information-providing-network', 'inquiry', 'update'],
  shares: () => true,
  async run(
    tx,
    deps: Deps,
    { inquiryNumber, said }: Command,
  ): Promise<Result<Answered | { refusal: InquiryRefusal }, never>> {
    const inquiry = await findInquiry(tx, inquiryNumber);
    if (inquiry === undefined) throw new Error('an answer without an inquiry');
    const at = deps.machineClock.now();
    const checked =
      'refusal' in said ? err(refusalWord(said.refusal)) : belongs(deps, inquiry, inquiryNumber, said, at);
    const outcome = checked.ok
      ? ({ kind: 'answered', result: checked.value, evidence: (said as Answered).evidence } as const)
      : ({ kind: 'refused', refusal: checked.error } as const);
    await insertOutcome(tx, inquiryNumber, deps.newId(), outcome, at);
    tx.record({
      event: checked.ok ? 'inquiry.answered' : 'inquiry.not-answered',
      recipient: inquiry.asker,
      facts: ['information_providing_network.outcome'],
      detail: {
        inquiryNumber,
        permitNumber: inquiry.permitNumber,
        ...(checked.ok ? { result: checked.value } : { refusal: checked.error }),
      },
    });
    return ok(checked.ok ? (said as Answered) : { refusal: checked.error });
  },
});

const words: ReadonlySet<string> = new Set(inquiryRefusals);
const refusalWord = (word: string): InquiryRefusal =>
  words.has(word) ? (word as InquiryRefusal) : 'provider-unavailable';

function belongs(
  deps: Deps,
  inquiry: { readonly provider: string; readonly permit: string; readonly permitNumber: string },
  inquiryNumber: string,
  { evidence, answer }: Answered,
  at: Temporal.Instant,
): Result<string, 'answer-not-verified'> {
  if (enforced('exchange.middle-cannot-read') && answer !== '' && !isSealedAnswer(answer))
    return err('answer-not-verified');
  const signed = readSigned(evidence, messageTypes.provision, provisionEvidence, deps.trust, at);
  if (!signed.ok || deps.bodies.get(inquiry.provider)?.ims !== partyId(signed.value.signer))
    return err('answer-not-verified');
  const { payload } = signed.value;
  const fits =
    payload.inquiryNumber === inquiryNumber &&
    payload.permitNumber === inquiry.permitNumber &&
    payload.permit === sha256Base64url(inquiry.permit) &&
    payload.answer === sha256Base64url(answer);
  return fits ? ok(payload.result) : err('answer-not-verified');
}

/** A compact JWE of the exchange's profile by its form: that is all that can be seen of it here. */
export function isSealedAnswer(answer: string): boolean {
  const parts = answer.split('.');
  if (parts.length !== 5 || parts[1] !== '') return false;
  const header = decodeBase64url(parts[0]!);
  if (!header.ok) return false;
  try {
    const { alg, enc, typ } = JSON.parse(header.value.toString('utf8')) as Record<string, unknown>;
    return alg === 'ECDH-ES' && enc === 'A256GCM' && typ === sealedTypes.answer;
  } catch {
    return false;
  }
}
