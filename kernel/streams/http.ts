import { z } from 'zod';
import type { PeerClient } from '../http/client.ts';
import { defineEndpoint } from '../http/endpoint.ts';
import { type Route, route } from '../http/server.ts';
import { ok } from '../result/result.ts';
import type { Inbox } from './inbox.ts';
import type { Transport } from './ports.ts';

const maxEnvelope = 16_777_216;

/** Where envelopes arrive. Not "idempotent" in the sense of request keys: the numbers inside are what makes it safe to repeat. */
export const deliverEndpoint = defineEndpoint({
  id: 'streams.deliver',
  method: 'POST',
  path: '/streams',
  request: z.strictObject({ envelope: z.string().max(maxEnvelope) }),
  response: z.strictObject({ answer: z.string() }),
  right: ['streams', 'inbox', 'update'],
  maxBodyBytes: maxEnvelope + 1_024,
});

/** For the list of routes of an instance that receives streams. */
export const deliverRoute = (inbox: Inbox): Route =>
  route(deliverEndpoint, async ({ actor, body }) => {
    const { organisation, system, certificate } = actor;
    return ok({ answer: await inbox.receive({ organisation, system, certificate }, body.envelope) });
  });

export function httpTransport(client: PeerClient): Transport {
  return {
    async send(receiver, envelope, signal) {
      const answered = await client.call(deliverEndpoint, receiver, {}, { envelope }, { signal });
      if (!answered.ok) throw new Error(`no answer: ${answered.error}`);
      return answered.value.answer;
    },
  };
}
