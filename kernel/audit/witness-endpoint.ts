import { z } from 'zod';

/**
 * What crosses between a log and its witness. The semantics are C2SP tlog-witness; the carrier is JSON, as on every
 * other connection between organisations, and the client certificate names the sender.
 */
export const addCheckpointRequest = z.strictObject({
  /** Size of the last checkpoint that this witness cosigned, as far as the log knows; 0 at first contact. */
  oldSize: z.number().int().nonnegative(),
  /** RFC 6962 consistency proof from oldSize, base64; empty from size 0. */
  proof: z.array(z.base64().length(44)).max(63),
  checkpoint: z.string().max(20_000),
});
export type AddCheckpointRequest = z.infer<typeof addCheckpointRequest>;

export const addCheckpointResponse = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('cosigned'), line: z.string().max(1_000) }),
  /** The witness stands at another size: try again from there. */
  z.strictObject({ outcome: z.literal('other-size'), size: z.number().int().nonnegative() }),
  z.strictObject({ outcome: z.enum(['unknown-log', 'bad-signature', 'bad-request', 'inconsistent']) }),
]);
export type AddCheckpointResponse = z.infer<typeof addCheckpointResponse>;

/** The HTTP status that C2SP tlog-witness gives each outcome. */
export const statusOf = {
  cosigned: 200,
  'other-size': 409,
  'unknown-log': 404,
  'bad-signature': 403,
  'bad-request': 400,
  inconsistent: 422,
} as const satisfies Record<AddCheckpointResponse['outcome'], number>;
