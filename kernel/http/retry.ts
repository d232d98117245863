import type { MachineClock } from '../clocks/clock.ts';
import type { Random } from '../random/random.ts';

/** Milliseconds before try `attempt` (1 = the first repeat): anywhere between 0 and a ceiling that doubles (full jitter). */
export function backoffMs(attempt: number, baseMs: number, ceilingMs: number, random: Random): number {
  return random.below(Math.min(ceilingMs, baseMs * 2 ** (attempt - 1)) + 1);
}

/**
 * Stops calling a peer that fails: after `threshold` failures in a row it is left alone for `restMs`, then one call goes
 * through as a probe, and its outcome decides.
 */
export class Breaker {
  #failures = 0;
  #openedAt: Temporal.Instant | undefined;
  #probing = false;
  readonly #clock: MachineClock;
  readonly #threshold: number;
  readonly #restMs: number;

  constructor(clock: MachineClock, threshold: number, restMs: number) {
    this.#clock = clock;
    this.#threshold = threshold;
    this.#restMs = restMs;
  }

  /** May a call go out now? Whoever gets `true` must report `succeeded` or `failed`. */
  admits(): boolean {
    if (this.#openedAt === undefined) return true;
    const rested = this.#clock.now().since(this.#openedAt).total('milliseconds') >= this.#restMs;
    if (!rested || this.#probing) return false;
    this.#probing = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openedAt = undefined;
    this.#probing = false;
  }

  failed(): void {
    this.#failures += 1;
    this.#probing = false;
    if (this.#failures >= this.#threshold) this.#openedAt = this.#clock.now();
  }
}
