import type { MachineClock } from '../clocks/clock.ts';
import { sha256Hex } from '../crypto/digest.ts';
import { readJws, signatureStands } from '../crypto/jws.ts';
import { enforced } from '../enforcement/enforcement.ts';
import type { PeerClient } from '../http/client.ts';
import type { Random } from '../random/random.ts';
import { err, ok, type Result } from '../result/result.ts';
import {
  type CertificateStatus,
  certificateStatus,
  certificateStatusType,
  pkiParty,
  statusEndpoint,
} from './contract.ts';
import { partyId } from './party.ts';
import type { Trust } from './trust.ts';

/** Seconds by which the authority's clock may differ. */
const toleranceSeconds = 60;

/**
 * Asks the authority for the state of a certificate at this moment. Revocation lists tell everyone within half a minute; this is
 * for whoever must know now. `no-answer` is no leave: the caller decides what it means.
 */
export async function askStatus(
  by: {
    readonly peers: PeerClient;
    readonly trust: Trust;
    readonly machineClock: MachineClock;
    readonly random: Random;
  },
  certificate: Uint8Array,
  options: { readonly timeoutMs?: number } = {},
): Promise<Result<CertificateStatus, 'no-answer' | 'answer-not-verified'>> {
  const asked = {
    fingerprint: sha256Hex(certificate),
    nonce: Buffer.from(by.random.bytes(16)).toString('base64url'),
  };
  const answer = await by.peers.call(statusEndpoint, partyId(pkiParty), {}, asked, options);
  if (!answer.ok) return err('no-answer');
  return readStatus(answer.value.status, asked, by.trust, by.machineClock.now());
}

/** The authority's own signature, to this question, of this minute. */
export function readStatus(
  compact: string,
  asked: { readonly fingerprint: string; readonly nonce: string },
  trust: Trust,
  at: Temporal.Instant,
): Result<CertificateStatus, 'answer-not-verified'> {
  const jws = readJws(compact, { typ: certificateStatusType });
  if (!jws.ok || !('x5c' in jws.value.signer)) return err('answer-not-verified');
  const signer = trust.verifyChain(jws.value.signer.x5c, 'signing', at);
  if (!signer.ok || partyId(signer.value) !== partyId(pkiParty)) return err('answer-not-verified');
  if (!signatureStands(jws.value, signer.value.certificate.publicKey)) return err('answer-not-verified');
  const read = certificateStatus.safeParse(jws.value.payload);
  if (!read.success) return err('answer-not-verified');
  const age = Math.abs(Temporal.Instant.from(read.data.at).until(at).total('seconds'));
  const isOurs = read.data.nonce === asked.nonce && read.data.fingerprint === asked.fingerprint;
  if (enforced('transport.revoked-certificate') && (!isOurs || age > toleranceSeconds))
    return err('answer-not-verified');
  return ok(read.data);
}
