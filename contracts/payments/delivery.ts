import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { channels } from './files.ts';

/** How files of payments reach collections over the line: whole, as often as the sender likes; each counts once. */
export const deliverableChannels = z.enum(channels);

export const deliverPaymentFile = defineEndpoint({
  id: 'collections.deliver-file',
  method: 'POST',
  path: '/payment-files',
  right: ['collections', 'file', 'update'],
  maxBodyBytes: 48 * 1024 * 1024,
  request: z.strictObject({
    channel: deliverableChannels,
    /** Base64. */
    content: z.base64().max(44_000_000),
  }),
  response: z.discriminatedUnion('taken', [
    z.strictObject({
      taken: z.literal(true),
      fileId: z.uuid(),
      repeated: z.boolean(),
      records: z.int(),
      totalYen: z.int(),
      postedYen: z.int(),
      suspenseYen: z.int(),
      rejectedYen: z.int(),
      notedYen: z.int(),
    }),
    z.strictObject({
      taken: z.literal(false),
      faults: z.array(
        z.strictObject({
          rule: z.string(),
          row: z.int().optional(),
          field: z.string().optional(),
          message: z.string(),
        }),
      ),
    }),
  ]),
});
