import { createHash, randomFillSync } from 'node:crypto';

/** Randomness is handed in. Keys and nonces come from `systemRandom`; tests and the town use `seededRandom`. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** A whole number, 0 <= n < `below` (1 to 2^32), without modulo bias. */
  below(below: number): number;
}

function fromBytes(bytes: (length: number) => Uint8Array): Random {
  return {
    bytes,
    below(below) {
      if (!Number.isInteger(below) || below < 1 || below > 2 ** 32) throw new RangeError('below: 1 to 2^32');
      const limit = 2 ** 32 - (2 ** 32 % below);
      for (;;) {
        const b = bytes(4);
        const value = new DataView(b.buffer, b.byteOffset, 4).getUint32(0);
        if (value < limit) return value % below;
      }
    },
  };
}

export const systemRandom: Random = fromBytes((length) => randomFillSync(new Uint8Array(length)));

/** The same bytes for the same seed, for ever: SHA-256(seed, counter). Never for keys of real data. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  let pool = new Uint8Array(0);
  return fromBytes((length) => {
    const out = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (pool.length === 0) pool = new Uint8Array(createHash('sha256').update(`${seed}\0${counter++}`).digest());
      const take = Math.min(pool.length, length - filled);
      out.set(pool.subarray(0, take), filled);
      pool = pool.subarray(take);
      filled += take;
    }
    return out;
  });
}
