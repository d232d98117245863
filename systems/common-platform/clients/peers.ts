import {
  askAnotherBody,
  beginLinkage,
  linkageStatus,
  lodgeCopies,
  requestLinkageCode,
} from '@musubi/contracts/exchange/endpoints.ts';
import { endLinkage } from '@musubi/contracts/exchange/linkage-life.ts';
import { provisionsOfPerson } from '@musubi/contracts/platform/corrections.ts';
import { answerTransfer } from '@musubi/contracts/platform/transfers.ts';
import type { CallError, PeerClient } from '@musubi/kernel/http/client.ts';
import type { AnyEndpoint, ParamsOf, RequestOf, ResponseOf, WordOf } from '@musubi/kernel/http/endpoint.ts';
import { err, type Result } from '@musubi/kernel/result/result.ts';

/** An inquiry passes three bodies and may wait for each of them. */
const inquiryTimeoutMs = 30_000;

type Answer<E extends typeof askAnotherBody | typeof lodgeCopies> = Promise<Result<ResponseOf<E>, CallError<E>>>;

export const askServer = (
  peers: PeerClient,
  server: string,
  body: RequestOf<typeof askAnotherBody>,
): Answer<typeof askAnotherBody> =>
  peers.call(askAnotherBody, server, {}, body, {
    timeoutMs: inquiryTimeoutMs,
    ...keyOf(askAnotherBody, body.requestId),
  });

export const lodgeAtServer = (
  peers: PeerClient,
  server: string,
  body: RequestOf<typeof lodgeCopies>,
): Answer<typeof lodgeCopies> =>
  peers.call(lodgeCopies, server, {}, body, { timeoutMs: inquiryTimeoutMs, ...keyOf(lodgeCopies, body.batchId) });

export const beginAtServer = (peers: PeerClient, server: string, body: RequestOf<typeof beginLinkage>) =>
  peers.call(beginLinkage, server, {}, body, keyOf(beginLinkage, body.requestId));

export const statusAtServer = (peers: PeerClient, server: string, orgPersonNumbers: string[]) =>
  peers.call(linkageStatus, server, {}, { orgPersonNumbers });

export const requestCode = (peers: PeerClient, via: string, body: RequestOf<typeof requestLinkageCode>) =>
  peers.call(requestLinkageCode, via, {}, body, keyOf(requestLinkageCode, body.requestId));

/** Where the contract asks for a request key, the message's own id is it: a repeat is the same request. */
const keyOf = (endpoint: { readonly idempotent: boolean }, key: string) =>
  endpoint.idempotent ? { idempotencyKey: key } : {};

export const provisionsAtServer = (peers: PeerClient, server: string, body: RequestOf<typeof provisionsOfPerson>) =>
  peers.call(provisionsOfPerson, server, {}, body);

export const askSource = (peers: PeerClient, source: string, body: RequestOf<typeof answerTransfer>) =>
  peers.call(answerTransfer, source, {}, body, { timeoutMs: inquiryTimeoutMs });

export const endAtServer = (peers: PeerClient, server: string, body: RequestOf<typeof endLinkage>) =>
  peers.call(endLinkage, server, {}, body, keyOf(endLinkage, body.requestId));

/** Any other request of a business, as it is; a word that its contract does not know is a line or a server that is down. */
export async function passToServer<E extends AnyEndpoint>(
  peers: PeerClient,
  server: string,
  endpoint: E,
  body: RequestOf<E>,
): Promise<Result<ResponseOf<E>, WordOf<E> | 'internal-error'>> {
  const answer = await peers.call(endpoint, server, {} as ParamsOf<E>, body, { timeoutMs: inquiryTimeoutMs });
  if (answer.ok) return answer;
  return err(Object.hasOwn(endpoint.errors, answer.error) ? (answer.error as WordOf<E>) : 'internal-error');
}
