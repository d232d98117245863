import type { MachineClock } from '@musubi/kernel/clocks/clock.ts';

/** Minutes for which an answer serves the pages of its session; then the bodies are asked anew. */
const minutes = 10;
const most = 2_000;

interface Kept {
  /** Whose answers these are: the card holder's, or those of somebody for whom the card holder acts. */
  readonly accountId: string;
  readonly askedAt: Temporal.Instant;
}

/**
 * Answers by session and person, in this process's memory alone and never written anywhere, so that a detail page need not ask
 * every body again.
 */
export class SessionMemory<T extends Kept> {
  readonly #clock: MachineClock;
  readonly #kept = new Map<string, T>();

  constructor(clock: MachineClock) {
    this.#clock = clock;
  }
  keep(sessionId: string, told: T): void {
    const key = `${sessionId}/${told.accountId}`;
    this.#kept.delete(key);
    if (this.#kept.size >= most) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(key, told);
  }
  find(sessionId: string, accountId: string): T | undefined {
    const now = this.#clock.now();
    // Oldest first: what has run out goes, whoever asks.
    for (const [key, { askedAt }] of this.#kept) {
      if (Temporal.Instant.compare(now, askedAt.add({ minutes })) < 0) break;
      this.#kept.delete(key);
    }
    return this.#kept.get(`${sessionId}/${accountId}`);
  }
  forget(sessionId: string): void {
    for (const key of this.#kept.keys()) if (key.startsWith(`${sessionId}/`)) this.#kept.delete(key);
  }
}
