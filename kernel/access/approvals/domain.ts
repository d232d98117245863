import { err, ok, type Result } from '../../result/result.ts';

export type Decision = 'approved' | 'rejected';

export interface Asked {
  readonly approvalId: string;
  readonly kind: string;
  readonly subject: string;
  readonly payloadDigest: Uint8Array;
  readonly requestedBy: string;
  readonly requestedAt: Temporal.Instant;
  readonly expiresAt: Temporal.Instant;
  readonly decision: Decision | undefined;
  readonly executed: boolean;
}

export type DecideError = 'already-decided' | 'expired' | 'approver-is-requester';
export type ExecuteError = 'not-approved' | 'rejected' | 'expired' | 'differs-from-approved' | 'already-used';

const isOver = (asked: Asked, at: Temporal.Instant): boolean => Temporal.Instant.compare(at, asked.expiresAt) >= 0;

/** Only what is open and in time is decided, and never by the person who asked. */
export function decide(asked: Asked, by: string, at: Temporal.Instant): Result<undefined, DecideError> {
  if (asked.decision !== undefined) return err('already-decided');
  if (isOver(asked, at)) return err('expired');
  return by === asked.requestedBy ? err('approver-is-requester') : ok(undefined);
}

/** What was approved is exactly what is carried out, once, before the request expires. */
export function mayExecute(
  asked: Asked,
  payloadDigest: Uint8Array,
  at: Temporal.Instant,
): Result<undefined, ExecuteError> {
  if (asked.decision === undefined) return err('not-approved');
  if (asked.decision === 'rejected') return err('rejected');
  if (asked.executed) return err('already-used');
  if (isOver(asked, at)) return err('expired');
  return Buffer.compare(payloadDigest, asked.payloadDigest) === 0 ? ok(undefined) : err('differs-from-approved');
}
