import { z } from 'zod';
import { defineFamily } from '../streams/family.ts';

/* staff-directory → every system of the same organisation: who may do what there, from when to when (design §6). */

export const staffId = z.string().regex(/^[a-z0-9][a-z0-9-]{1,62}$/);
export const roleId = z.string().regex(/^[a-z][a-z0-9-]*$/);
const because = z.string().regex(/^[a-z][a-z-]{1,40}$/);

/**
 * One change of the rights of one person at one system. A grant always ends: at its own date or with the fiscal year.
 * Messages of one person keep their order; a change is never edited, only followed by another.
 */
export const directoryGrant = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('granted'),
    grantId: z.uuid(),
    staffId,
    role: roleId,
    validFrom: z.iso.date(),
    /** Last day, included. */
    validUntil: z.iso.date(),
  }),
  z.strictObject({ kind: z.literal('revoked'), grantId: z.uuid(), staffId, because }),
  /** All rights of the person here rest until the release of the same hold; what stands now ends at once. */
  z.strictObject({ kind: z.literal('held'), holdId: z.uuid(), staffId, because }),
  z.strictObject({ kind: z.literal('released'), holdId: z.uuid(), staffId, because }),
  /** Sessions of the person that stand now end: suspension, retirement, lost terminal, sign-out everywhere. */
  z.strictObject({ kind: z.literal('sign-out'), orderId: z.uuid(), staffId, because }),
]);
export type DirectoryGrant = z.infer<typeof directoryGrant>;

export const directoryGrants = defineFamily<DirectoryGrant>({
  name: 'directory.grant',
  class: 'single',
  schema: directoryGrant,
});
