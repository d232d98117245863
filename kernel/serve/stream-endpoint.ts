import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint.ts';

/** Carries one envelope of a stream and brings the receiver's answer (design §4.0). */
export const deliverEnvelope = defineEndpoint({
  id: 'streams.deliver',
  method: 'POST',
  path: '/streams/envelopes',
  right: ['streams', 'inbox', 'update'],
  request: z.strictObject({ envelope: z.string().min(1) }),
  response: z.strictObject({ answer: z.string() }),
  maxBodyBytes: 8 * 1_048_576,
});
