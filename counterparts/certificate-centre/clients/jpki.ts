import { cardAuthorities, certificateStatus } from '@musubi/contracts/portal/card.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';

/** The authority whose cards are taken (DER); undefined while jpki cannot be reached. */
export async function userAuthority(peers: PeerClient, jpki: string): Promise<Buffer | undefined> {
  const answer = await peers.call(cardAuthorities, jpki, {}, {});
  return answer.ok ? Buffer.from(answer.value.userAuthentication, 'base64') : undefined;
}

/** 有効性確認. No answer is no permission. */
export async function isGood(peers: PeerClient, jpki: string, serial: string): Promise<boolean> {
  const answer = await peers.call(certificateStatus, jpki, {}, { kind: 'user-authentication', serial });
  return answer.ok && answer.value.state === 'good';
}
