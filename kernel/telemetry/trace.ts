import type { Random } from '../random/random.ts';

/** Where in a chain of requests we are. @source W3C Trace Context (Recommendation, 2021), version 00 */
export interface Trace {
  /** 32 hex digits, the same for the whole chain. */
  readonly traceId: string;
  /** 16 hex digits: this step. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export const newTrace = (random: Random): Trace => ({
  traceId: notZero(random, 16),
  spanId: notZero(random, 8),
  sampled: true,
});

/** The next step of the same chain. */
export const childOf = (trace: Trace, random: Random): Trace => ({ ...trace, spanId: notZero(random, 8) });

export const formatTraceparent = (trace: Trace): string =>
  `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? '01' : '00'}`;

/** Undefined for what is no header of version 00 (or a later one that begins like it): the receiver then begins anew. */
export function parseTraceparent(header: string | undefined): Trace | undefined {
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(header ?? '');
  if (!match) return undefined;
  const [, version, traceId, spanId, flags, more] = match;
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId!) || /^0+$/.test(spanId!)) return undefined;
  return { traceId: traceId!, spanId: spanId!, sampled: (Number.parseInt(flags!, 16) & 1) === 1 };
}

/** For a request that came in: continues the sender's chain, or begins one. */
export function continueTrace(header: string | undefined, random: Random): Trace {
  const sender = parseTraceparent(header);
  return sender === undefined ? newTrace(random) : childOf(sender, random);
}

function notZero(random: Random, length: number): string {
  for (;;) {
    const id = hex(random.bytes(length));
    if (!/^0+$/.test(id)) return id;
  }
}
