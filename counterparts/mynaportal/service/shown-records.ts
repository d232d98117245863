import type { PersonRecord } from '@musubi/contracts/portal/records.ts';
import type { MachineClock } from '@musubi/kernel/clocks/clock.ts';
import type { Exchange } from '../domain/pairs.ts';

/** What the bodies told in one session. It is never written anywhere. */
export interface Shown {
  readonly accountId: string;
  readonly from: string;
  readonly until: string;
  readonly exchanges: readonly Exchange<PersonRecord>[];
  /** Bodies that did not answer, or whose answer could not be read. */
  readonly silent: readonly string[];
  readonly askedAt: Temporal.Instant;
}

/** Minutes for which an answer serves the pages of its session; then the bodies are asked anew. */
const minutes = 10;
const most = 2_000;

/** Answers by session, in this process's memory alone, so that a detail page need not ask every body again. */
export class ShownRecords {
  readonly #clock: MachineClock;
  readonly #bySession = new Map<string, Shown>();

  constructor(clock: MachineClock) {
    this.#clock = clock;
  }
  keep(sessionId: string, shown: Shown): void {
    this.#bySession.delete(sessionId);
    if (this.#bySession.size >= most) this.#bySession.delete(this.#bySession.keys().next().value!);
    this.#bySession.set(sessionId, shown);
  }
  find(sessionId: string): Shown | undefined {
    const now = this.#clock.now();
    // Oldest first: what has run out goes, whoever asks.
    for (const [id, { askedAt }] of this.#bySession) {
      if (Temporal.Instant.compare(now, askedAt.add({ minutes })) < 0) break;
      this.#bySession.delete(id);
    }
    return this.#bySession.get(sessionId);
  }
  forget(sessionId: string): void {
    this.#bySession.delete(sessionId);
  }
}
