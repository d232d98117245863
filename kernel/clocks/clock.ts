/** The date that the law sees; the town's conductor moves it. Due dates, fiscal year, age, retention, answer terms. */
export interface CivilClock {
  today(): Temporal.PlainDate;
}

/** The moment it happened; nobody moves it. TLS, permits, tokens, leases, idle locks, checkpoints, partitions. */
export interface MachineClock {
  now(): Temporal.Instant;
}

export const systemMachineClock: MachineClock = { now: () => Temporal.Now.instant() };

/** The civil date of an installation in real use: today in Tokyo. */
export const tokyoCivilClock: CivilClock = { today: () => Temporal.Now.plainDateISO('Asia/Tokyo') };

/** For tests: moves one second per reading, so that no two moments are equal. */
export function tickingClock(start: string): MachineClock {
  let at = Temporal.Instant.from(start);
  return {
    now() {
      const reading = at;
      at = at.add({ seconds: 1 });
      return reading;
    },
  };
}

/** A civil date that stands still until it is moved. Tests and the town only. */
export class SettableCivilClock implements CivilClock {
  #today: Temporal.PlainDate;
  constructor(today: Temporal.PlainDate | string) {
    this.#today = Temporal.PlainDate.from(today);
  }
  today(): Temporal.PlainDate {
    return this.#today;
  }
  set(today: Temporal.PlainDate | string): void {
    this.#today = Temporal.PlainDate.from(today);
  }
}
