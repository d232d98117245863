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

export const systemRandom: Random = fromBytes(drawnAhead((bytes) => randomFillSync(bytes)));

/** Short pieces are cut from one of a few thousand bytes: asking the system for sixteen costs as much. No byte is given twice. */
function drawnAhead(fill: (bytes: Uint8Array) => Uint8Array): (length: number) => Uint8Array {
  const block = 4_096;
  const short = 64;
  let pool: Uint8Array = new Uint8Array(0);
  return (length) => {
    if (length > short) return fill(new Uint8Array(length));
    if (pool.length < length) pool = fill(new Uint8Array(block));
    const piece = pool.slice(0, length);
    pool.fill(0, 0, length);
    pool = pool.subarray(length);
    return piece;
  };
}

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
