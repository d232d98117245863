import { createHash } from 'node:crypto';
import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { orgPersonNumber } from './persons.ts';

/* 支援措置: what a system that prints addresses asks of its organisation's platform besides the stream of changes. */

/**
 * A business system → platform, just before an address leaves (a notice, a certificate, a list): who of these persons is under
 * address protection now. A system that gets no answer prints no address.
 */
export const askProtections = defineEndpoint({
  id: 'platform.ask-protections',
  method: 'POST',
  path: '/protections/ask',
  right: ['common-platform', 'protection', 'read'],
  request: z.strictObject({ system: z.string(), orgPersonNumbers: z.array(orgPersonNumber).min(1).max(500) }),
  response: z.strictObject({
    protected: z.array(orgPersonNumber),
    /** Numbers that the platform does not know: treat as protected. */
    unknown: z.array(orgPersonNumber),
    asOf: z.string(),
  }),
  errors: ['not-your-business'],
});

/**
 * A business system → platform, nightly: whether its own set of protected persons equals the platform's for it. Only count
 * and digest travel; a difference is an event and stands on the page of those who answer for 支援措置 (INC-46).
 */
export const compareProtections = defineEndpoint({
  id: 'platform.compare-protections',
  method: 'POST',
  path: '/protections/compare',
  right: ['common-platform', 'protection', 'read'],
  request: z.strictObject({
    system: z.string(),
    count: z.int().min(0),
    /** `protectionDigest` of the set. */
    digest: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  response: z.strictObject({ equal: z.boolean(), asOf: z.string() }),
  errors: ['not-your-business'],
});

/** SHA-256 (hex) over the organisation's numbers of the protected, sorted, one a line. */
export const protectionDigest = (orgPersonNumbers: readonly string[]): string =>
  createHash('sha256')
    .update([...orgPersonNumbers].sort().join('\n'))
    .digest('hex');
