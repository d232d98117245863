import { askAnotherBody, deferredInquiry } from '@musubi/contracts/exchange/endpoints.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { RequestOf } from '@musubi/kernel/http/endpoint.ts';

/** Asks another body through the organisation's own platform; the whole chain answers within this time, or does not. */
export const askThroughPlatform = (
  peers: Pick<PeerClient, 'call'>,
  platform: string,
  body: RequestOf<typeof askAnotherBody>,
) =>
  peers.call(askAnotherBody, platform, {}, body, {
    timeoutMs: 45_000,
    ...(askAnotherBody.idempotent ? { idempotencyKey: body.requestId } : {}),
  });

/** The number and likely time of an inquiry that waits for its turn. */
export const askTurn = (peers: Pick<PeerClient, 'call'>, platform: string, body: RequestOf<typeof deferredInquiry>) =>
  peers.call(deferredInquiry, platform, {}, body, { timeoutMs: 10_000 });
