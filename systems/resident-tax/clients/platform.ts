import { askAnotherBody } from '@musubi/contracts/exchange/endpoints.ts';
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
