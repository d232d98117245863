import { sha256Hex } from '../crypto/digest.ts';
import { askStatus } from './status.ts';

export type Standing = 'good' | 'revoked' | 'unknown' | 'no-answer';

export interface StatusWatch {
  /** What the authority said of this certificate within the last seconds. */
  standingOf(certificate: Uint8Array): Promise<Standing>;
}

export interface StatusWatchOptions {
  /** Seconds for which an answer, or that there was none, is taken as of now. */
  readonly freshSeconds?: number;
  /** Milliseconds that anybody waits for the authority. */
  readonly waitMs?: number;
  /** Certificates that are remembered. */
  readonly keep?: number;
}

/**
 * The state of certificates for whoever must not wait for the next revocation list, without asking for each message: one question
 * a certificate in some seconds, shared by all who wait for it. A revocation is final and never asked about again. Silence of the
 * authority is told as such: the lists, by which every connection is judged, go on to hold (decision 0007).
 */
export function createStatusWatch(
  by: Parameters<typeof askStatus>[0],
  { freshSeconds = 5, waitMs = 300, keep = 1_024 }: StatusWatchOptions = {},
): StatusWatch {
  const known = new Map<string, { readonly said: Promise<Standing>; until: Temporal.Instant | undefined }>();
  const ask = async (certificate: Uint8Array): Promise<Standing> => {
    const answer = await askStatus(by, certificate, { timeoutMs: waitMs });
    return answer.ok ? answer.value.status : 'no-answer';
  };
  return {
    standingOf(certificate) {
      const fingerprint = sha256Hex(certificate);
      const now = by.machineClock.now();
      const before = known.get(fingerprint);
      if (before !== undefined && (before.until === undefined || Temporal.Instant.compare(now, before.until) < 0))
        return before.said;
      if (before === undefined && known.size >= keep) known.delete(known.keys().next().value!);
      const said = ask(certificate);
      const entry = { said, until: now.add({ seconds: freshSeconds }) as Temporal.Instant | undefined };
      known.set(fingerprint, entry);
      return said.then((standing) => {
        if (standing === 'revoked') entry.until = undefined;
        return standing;
      });
    },
  };
}
