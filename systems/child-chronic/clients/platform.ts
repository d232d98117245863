import { askAnotherBody, deferredInquiry, lodgeCopies } from '@musubi/contracts/exchange/endpoints.ts';
import { registerPerson } from '@musubi/contracts/platform/persons.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { RequestOf } from '@musubi/kernel/http/endpoint.ts';

export const registerAtPlatform = (peers: PeerClient, platform: string, body: RequestOf<typeof registerPerson>) =>
  peers.call(registerPerson, platform, {}, body, keyOf(registerPerson, body.requestId));

/** The whole chain through two bodies and the network answers within this time, or does not. */
export const askThroughPlatform = (peers: PeerClient, platform: string, body: RequestOf<typeof askAnotherBody>) =>
  peers.call(askAnotherBody, platform, {}, body, { timeoutMs: 45_000, ...keyOf(askAnotherBody, body.requestId) });

/** The number and likely time of an inquiry that waits for its turn. */
export const askTurn = (peers: PeerClient, platform: string, body: RequestOf<typeof deferredInquiry>) =>
  peers.call(deferredInquiry, platform, {}, body, { timeoutMs: 10_000 });

const keyOf = (endpoint: { readonly idempotent: boolean }, key: string) =>
  endpoint.idempotent ? { idempotencyKey: key } : {};

export const lodgeThroughPlatform = (peers: PeerClient, platform: string, body: RequestOf<typeof lodgeCopies>) =>
  peers.call(lodgeCopies, platform, {}, body, { timeoutMs: 45_000, ...keyOf(lodgeCopies, body.batchId) });
