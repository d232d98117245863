import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';

/** What a system's own log says of the people of contractors in one month. Counts alone: no person, no operator. */
export const useFigure = z.strictObject({
  system: z.string().regex(/^[a-z][a-z0-9-]{1,40}$/),
  /** 2026-05 */
  month: z.string().regex(/^20[0-9]{2}-(0[1-9]|1[0-2])$/),
  recordAccesses: z.int().min(0),
  searches: z.int().min(0),
  signIns: z.int().min(0),
});
export type UseFigure = z.infer<typeof useFigure>;

/** Told by each system of the organisation; the latest of a month counts, so that a repeat changes nothing. */
export const reportUseFigure = defineEndpoint({
  id: 'governance.report-use-figure',
  method: 'POST',
  path: '/use-figures',
  request: useFigure,
  response: z.strictObject({ taken: z.literal(true) }),
  errors: { 'wrong-system': { status: 403, title: '自らのシステムの件数だけを報告できます' } },
  right: ['governance', 'use-figure', 'update'],
});
