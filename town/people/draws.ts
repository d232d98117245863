import { createHash } from 'node:crypto';
import type { Random } from '@musubi/kernel/random/random.ts';

/** Randomness for invented people: the same for the same seed, and fast enough for millions of them. */
export interface Draws extends Random {
  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean;
  /** A whole number, both bounds included. */
  between(least: number, most: number): number;
  pick<T>(items: readonly T[]): T;
}

/**
 * sfc32 (a counter-based generator of PractRand), started from SHA-256 of the seed. One start per household, so that a
 * household can be made without those before it. Never for keys.
 */
export function drawsOf(seed: string): Draws {
  const digest = createHash('sha256').update(seed).digest();
  let a = digest.readUInt32LE(0) | 0;
  let b = digest.readUInt32LE(4) | 0;
  let c = digest.readUInt32LE(8) | 0;
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  const below = (limit: number): number => {
    if (!Number.isInteger(limit) || limit < 1 || limit > 2 ** 32) throw new RangeError('below: 1 to 2^32');
    const fair = 2 ** 32 - (2 ** 32 % limit);
    for (;;) {
      const value = next();
      if (value < fair) return value % limit;
    }
  };
  return {
    below,
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
    chance: (percent) => below(10_000) < percent * 100,
    between: (least, most) => least + below(most - least + 1),
    pick: (items) => items[below(items.length)]!,
  };
}
