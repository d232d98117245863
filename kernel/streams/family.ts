import type { z } from 'zod';

/**
 * A kind of messages, defined once in contracts/ and used by both ends. A stream is (receiver, family).
 * `single` families carry one act at a time, `bulk` families what a batch run sends; they never share a stream, so
 * that a night's batch cannot delay a clerk's act. The schema only checks, it transforms nothing.
 */
export interface Family<M> {
  /** `juki.resident-change` */
  readonly name: string;
  readonly class: 'single' | 'bulk';
  readonly schema: z.ZodType<M>;
}

export const defineFamily = <M>(family: Family<M>): Family<M> => family;
