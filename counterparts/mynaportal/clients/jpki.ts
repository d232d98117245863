import {
  type CardAssertion,
  cardAuthorities,
  certificateStatus,
  linkCardHolder,
} from '@musubi/contracts/portal/card.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/** The authority whose cards sign people in (DER); undefined while jpki cannot be reached. */
export async function userAuthority(peers: PeerClient, jpki: string): Promise<Buffer | undefined> {
  const answer = await peers.call(cardAuthorities, jpki, {}, {});
  return answer.ok ? Buffer.from(answer.value.userAuthentication, 'base64') : undefined;
}

/** The authority whose cards sign applications (DER). */
export async function signatureAuthority(peers: PeerClient, jpki: string): Promise<Buffer | undefined> {
  const answer = await peers.call(cardAuthorities, jpki, {}, {});
  return answer.ok ? Buffer.from(answer.value.signature, 'base64') : undefined;
}

/** What jpki says of a serial now. No answer is no permission. */
export async function statusOf(
  peers: PeerClient,
  jpki: string,
  serial: string,
  kind: 'user-authentication' | 'signature' = 'user-authentication',
): Promise<'good' | 'revoked' | 'unknown' | 'unavailable'> {
  const answer = await peers.call(certificateStatus, jpki, {}, { kind, serial });
  return answer.ok ? answer.value.state : 'unavailable';
}

export async function askForLinkage(
  peers: PeerClient,
  jpki: string,
  request: { readonly requestId: string; readonly assertion: CardAssertion; readonly processingNumber: string },
): Promise<Result<null, 'no-such-person' | 'linkage-unavailable'>> {
  const answer = await peers.call(linkCardHolder, jpki, {}, request);
  if (answer.ok) return ok(null);
  return err(answer.error === 'no-such-person' ? answer.error : 'linkage-unavailable');
}
