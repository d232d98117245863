import { verify, X509Certificate } from 'node:crypto';
import {
  type LinkageRequest,
  linkageRequestEnvelope,
  requestLinkageCode,
} from '@musubi/contracts/exchange/endpoints.ts';
import { signMessage } from '@musubi/contracts/exchange/signed.ts';
import type { CardAssertion, linkCardHolder as endpoint } from '@musubi/contracts/portal/card.ts';
import { readChallenge } from '@musubi/contracts/portal/card-file.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { fingerprint, sha256, sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { RequestOf, WordOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { findByFingerprint } from '../store/cards.ts';

type Command = RequestOf<typeof endpoint>;
type Word = WordOf<typeof endpoint>;

/** Minutes for which a holder's assertion may be brought here. */
const minutes = 10;

const acceptRequest = act('jpki.accept-linkage', {
  right: ['jpki', 'linkage', 'update'],
  async run(tx, deps: Deps, command: Command, actor): Promise<Result<{ residentRecordCode: string }, Word>> {
    const at = deps.machineClock.now();
    if (!assertionStands(command.assertion, at)) return err('assertion-refused');
    const der = Buffer.from(command.assertion.certificate, 'base64');
    const found = await findByFingerprint(tx, sha256Hex(der), at);
    if (found === undefined) return err('assertion-refused');
    if (found.revoked || !found.validNow) return err('certificate-not-valid');

    const digest = fingerprint(command.assertion.challenge);
    const number = sha256(command.processingNumber);
    const inserted = await tx`
      insert into jpki.card_linkage (request_id, serial, assertion_digest, processing_number, accepted_at, event_id)
      values (${command.requestId}, ${found.serial}, ${digest}, ${number}, ${at}, ${tx.eventId})
      on conflict do nothing returning 1`;
    const same = await tx`
      select 1 from jpki.card_linkage where request_id = ${command.requestId} and serial = ${found.serial}
         and assertion_digest = ${digest} and processing_number = ${number}`;
    if (same.length === 0) return err('assertion-used');
    tx.record({
      event: inserted.length === 1 ? 'linkage.passed-on' : 'linkage.passed-on-again',
      subject: found.holderId,
      ...(inserted.length === 1 ? { facts: ['jpki.card_linkage'] } : {}),
      ground: '番号利用法第21条',
      items: ['residentRecordCode'],
      recipient: 'national-juki',
      detail: { serial: found.serial, ...(actor.kind === 'system' ? { asker: actor.organisation } : {}) },
    });
    return ok({ residentRecordCode: found.residentRecordCode });
  },
});

/** Form, time and signature; whether the certificate is ours and stands says the register. */
function assertionStands({ certificate, challenge, signature }: CardAssertion, at: Temporal.Instant): boolean {
  const read = readChallenge(challenge);
  if (read === undefined) return false;
  const until = Temporal.Instant.from(read.until);
  const early = Temporal.Instant.compare(until, at.add({ minutes })) > 0;
  const late = Temporal.Instant.compare(at, until.add({ minutes })) > 0;
  if (early || late) return false;
  try {
    const { publicKey } = new X509Certificate(Buffer.from(certificate, 'base64'));
    return (
      publicKey.asymmetricKeyType === 'rsa' &&
      verify('sha256', Buffer.from(challenge), publicKey, Buffer.from(signature, 'base64'))
    );
  } catch {
    return false;
  }
}

/** What the way to national-juki needs. */
export interface LinkageWay {
  readonly host: Pick<Host, 'identity' | 'peers' | 'certificateOf'>;
  /** `jlis/national-juki` */
  readonly nationalJuki: string;
}

/**
 * Serial → Resident Record Code → national-juki (design §4.2). Nothing comes back but that it was accepted; the code of the
 * linkage goes from the root process to the portal.
 *
 * @law 番号利用法 第21条, 同施行令 第20条
 */
export async function linkCardHolder(
  deps: Deps,
  { host, nationalJuki }: LinkageWay,
  actor: Actor,
  command: Command,
): Promise<Result<{ accepted: true }, Word | 'not-authorised'>> {
  const accepted = await acceptRequest(deps, actor, command);
  if (!accepted.ok) return accepted;
  const { requestId, processingNumber } = command;
  const [organisation = '', system = ''] = nationalJuki.split('/');
  const [leaf] = await host.certificateOf({ organisation, system }, 'encryption');
  const inner: LinkageRequest = { processingNumber, residentRecordCode: accepted.value.residentRecordCode };
  const sealed = sealJwe({
    recipient: new X509Certificate(leaf!).publicKey,
    typ: 'musubi-linkage-request',
    plaintext: Buffer.from(canonicalJson(inner)),
  });
  const envelope = linkageRequestEnvelope.parse({ v: 1, requestId, sealed, processingNumber });
  const request = signMessage(host.identity, 'musubi-linkage-request-envelope', envelope);
  const asked = await host.peers.call(requestLinkageCode, nationalJuki, {}, { requestId, request });
  if (asked.ok) return ok({ accepted: true });
  return err(
    asked.error === 'processing-number-invalid' || asked.error === 'no-such-person' ? asked.error : 'unavailable',
  );
}
