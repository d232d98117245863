/** How many inquiries may be under way at once, in all and to one provider, and how many may wait for their turn. */
export interface Capacity {
  readonly underWay: number;
  /** Less than all, so that one slow provider leaves room for the others. */
  readonly perProvider: number;
  readonly waiting: number;
}
/** All inquiries go over one line of 32 connections to the network: one provider that is slow must not hold them all. */
export const usualCapacity: Capacity = { underWay: 64, perProvider: 24, waiting: 10_000 };

/** Of an inquiry before any was measured, milliseconds. */
const firstGuessMs = 200;

/** Counts what is under way in this process; who is not let in gives way at once and waits nowhere. */
export class Gate {
  readonly capacity: Capacity;
  #underWay = 0;
  readonly #at = new Map<string, number>();
  #averageMs = firstGuessMs;
  #turnedAway = 0;

  constructor(capacity: Capacity = usualCapacity) {
    this.capacity = capacity;
  }

  get underWay(): number {
    return this.#underWay;
  }
  /** Of an inquiry lately, milliseconds. */
  get averageMs(): number {
    return this.#averageMs;
  }
  /** Not let in since the start of the process. */
  get turnedAway(): number {
    return this.#turnedAway;
  }

  /** What to call at the end with the milliseconds it took; undefined where there is no room. */
  enter(provider: string): ((tookMs: number) => void) | undefined {
    const there = this.#at.get(provider) ?? 0;
    if (this.#underWay >= this.capacity.underWay || there >= this.capacity.perProvider) {
      this.#turnedAway += 1;
      return undefined;
    }
    this.#underWay += 1;
    this.#at.set(provider, there + 1);
    return (tookMs) => {
      this.#underWay -= 1;
      this.#at.set(provider, this.#at.get(provider)! - 1);
      this.#averageMs += (tookMs - this.#averageMs) / 16;
    };
  }
}
