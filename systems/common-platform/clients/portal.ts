import {
  endApplication,
  fetchApplication,
  listApplications,
  listErasedApplications,
  takeOverApplication,
} from '@musubi/contracts/portal/applications.ts';
import { cardAuthorities, certificateStatus } from '@musubi/contracts/portal/card.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { ResponseOf } from '@musubi/kernel/http/endpoint.ts';

type Waiting = ResponseOf<typeof listApplications>['applications'];

/** What waits for this organisation; undefined while the portal cannot be reached. */
export async function waitingAtPortal(peers: PeerClient, portal: string): Promise<Waiting | undefined> {
  const answer = await peers.call(listApplications, portal, {}, { limit: 50 });
  return answer.ok ? answer.value.applications : undefined;
}

type Erased = ResponseOf<typeof listErasedApplications>['applications'];

/** What the portal erased unfetched after this receipt number; undefined while it cannot be reached. */
export async function erasedAtPortal(
  peers: PeerClient,
  portal: string,
  after: string | null,
): Promise<Erased | undefined> {
  const answer = await peers.call(listErasedApplications, portal, {}, { after, limit: 100 });
  return answer.ok ? answer.value.applications : undefined;
}

export async function applicationAtPortal(
  peers: PeerClient,
  portal: string,
  receiptNumber: string,
): Promise<string | undefined> {
  const answer = await peers.call(fetchApplication, portal, {}, { receiptNumber });
  return answer.ok ? answer.value.envelope : undefined;
}

/** Whether the portal has erased it. */
export async function acknowledgeAtPortal(
  peers: PeerClient,
  portal: string,
  receiptNumber: string,
  status: '20' | '50',
): Promise<boolean> {
  return (await peers.call(takeOverApplication, portal, {}, { receiptNumber, status })).ok;
}

/** Whether the portal knows the end of an application. */
export async function endAtPortal(
  peers: PeerClient,
  portal: string,
  receiptNumber: string,
  status: '40' | '50',
): Promise<boolean> {
  return (await peers.call(endApplication, portal, {}, { receiptNumber, status })).ok;
}

/** The authority of signature certificates (DER). */
export async function cardAuthority(peers: PeerClient, jpki: string): Promise<Buffer | undefined> {
  const answer = await peers.call(cardAuthorities, jpki, {}, {});
  return answer.ok ? Buffer.from(answer.value.signature, 'base64') : undefined;
}

export async function cardStatus(
  peers: PeerClient,
  jpki: string,
  serial: string,
): Promise<'good' | 'revoked' | 'unknown' | undefined> {
  const answer = await peers.call(certificateStatus, jpki, {}, { kind: 'signature', serial });
  return answer.ok ? answer.value.state : undefined;
}
