import type { CertificateStatus } from '@musubi/kernel/pki/contract.ts';

type Status = CertificateStatus['status'];
export type StatusCount = Readonly<Record<Status, number>>;

/** Minutes that are kept: the operator's view looks back an hour. */
const keptMinutes = 120;

/**
 * How often which status was answered, by the minute, of this process: whoever operates sees the load, and a system that goes on asking
 * about what was revoked or never issued. Who asked about whom is nowhere.
 */
export class StatusCounts {
  readonly #minutes = new Map<number, Record<Status, number>>();

  add(status: Status, at: Temporal.Instant): void {
    const minute = minuteOf(at);
    let counts = this.#minutes.get(minute);
    if (counts === undefined) {
      counts = { good: 0, revoked: 0, unknown: 0 };
      this.#minutes.set(minute, counts);
      for (const old of this.#minutes.keys()) if (old < minute - keptMinutes) this.#minutes.delete(old);
    }
    counts[status] += 1;
  }

  /** Whole minutes, the one of `from` included. */
  since(from: Temporal.Instant): StatusCount {
    const sum = { good: 0, revoked: 0, unknown: 0 };
    for (const [minute, counts] of this.#minutes) {
      if (minute < minuteOf(from)) continue;
      sum.good += counts.good;
      sum.revoked += counts.revoked;
      sum.unknown += counts.unknown;
    }
    return sum;
  }
}

const minuteOf = (at: Temporal.Instant): number => Math.floor(at.epochMilliseconds / 60_000);
