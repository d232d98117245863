import {
  type InquiryRefusal,
  type InquiryStatement,
  inquiryStatement,
  type Permit,
  type ProvisionEvidence,
  permit as permitSchema,
  provisionEvidence,
} from '@musubi/contracts/exchange/messages.ts';
import { messageTypes, opens, readSigned, type Signed } from '@musubi/contracts/exchange/signed.ts';
import { sha256Base64url } from '@musubi/kernel/crypto/digest.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import type { VerifiedParty } from '@musubi/kernel/pki/trust.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';

type Verifier = Pick<Deps, 'trust' | 'network' | 'self' | 'kinds'>;

/** A body's server signs for its own body and no other. */
const speaksFor = (signer: VerifiedParty, organisation: string): boolean =>
  signer.organisation === organisation && signer.system === 'intermediate-server';

/** The asker's S, verified here and not by the network's word: form, chain, signature, and that its own server signed it. */
export function verifyStatement(
  { trust, kinds }: Verifier,
  statement: string,
  at: Temporal.Instant,
): Result<Signed<InquiryStatement>, InquiryRefusal> {
  const signed = readSigned(statement, messageTypes.inquiry, inquiryStatement, trust, at);
  if (!signed.ok) return signed;
  const { payload, signer } = signed.value;
  if (enforced('exchange.signature-chain') && !(speaksFor(signer, payload.asker) && kinds.has(payload.asker)))
    return err('bad-signature');
  return signed;
}

/** Minutes that a permit may be open at most, whatever it says itself. */
const longestMinutes = 5;

/** That the network permits exactly this statement, to us, now, for the person behind this code. */
export function verifyPermit(
  { trust, network, self }: Verifier,
  statement: Signed<InquiryStatement>,
  given: { readonly permit: string; readonly linkageCode: string; readonly nonce: string },
  at: Temporal.Instant,
): Result<Signed<Permit>, InquiryRefusal> {
  const signed = readSigned(given.permit, messageTypes.permit, permitSchema, trust, at);
  if (!signed.ok) return signed;
  const { payload: permit, signer } = signed.value;
  if (enforced('exchange.permit-required') && partyId(signer) !== network) return err('bad-signature');
  const { payload: asked } = statement;
  if (permit.provider !== self || asked.provider !== self) return err('permit-not-for-you');
  const namesStatement = permit.statement === statement.digest && permit.inquiryNumber === asked.inquiryNumber;
  if (enforced('exchange.signature-chain') && !namesStatement) return err('permit-names-other-statement');
  const issued = Temporal.Instant.from(permit.issuedAt);
  const inTime =
    Temporal.Instant.compare(at, permit.acceptUntil) <= 0 &&
    Temporal.Instant.compare(permit.acceptUntil, issued.add({ minutes: longestMinutes })) <= 0;
  if (enforced('exchange.permit-in-time') && !inTime) return err('permit-expired');
  if (!opens(permit.subjectCommitment, given.nonce, given.linkageCode)) return err('commitment-mismatch');
  return signed;
}

export interface OwnStatement {
  readonly inquiryNumber: string;
  readonly provider: string;
  /** The compact text that we signed. */
  readonly statement: string;
}

/** On the asker's side: that permit and evidence belong to our own statement and to each other. */
export function verifyAnswer(
  { trust, network }: Verifier,
  own: OwnStatement,
  given: { readonly permit: string; readonly evidence: string; readonly answer: string },
  at: Temporal.Instant,
): Result<{ readonly permit: Signed<Permit>; readonly evidence: ProvisionEvidence }, 'answer-not-verified'> {
  const permit = readSigned(given.permit, messageTypes.permit, permitSchema, trust, at);
  const evidence = readSigned(given.evidence, messageTypes.provision, provisionEvidence, trust, at);
  if (!permit.ok || !evidence.ok) return err('answer-not-verified');
  const { payload: p } = permit.value;
  const { payload: e } = evidence.value;
  const permitIsOurs =
    partyId(permit.value.signer) === network &&
    p.inquiryNumber === own.inquiryNumber &&
    p.statement === sha256Base64url(own.statement) &&
    p.provider === own.provider;
  const evidenceFits =
    speaksFor(evidence.value.signer, own.provider) &&
    e.inquiryNumber === own.inquiryNumber &&
    e.permitNumber === p.permitNumber &&
    e.permit === permit.value.digest &&
    e.answer === sha256Base64url(given.answer);
  if (enforced('exchange.answer-binding') && !(permitIsOurs && evidenceFits)) return err('answer-not-verified');
  return ok({ permit: permit.value, evidence: e });
}
