import type { Sql } from '../db/sql.ts';
import { type Hash, rootOf, type SubtreeSource } from './merkle.ts';

/** Hashes in a full tile. @source C2SP tlog-tiles */
export const tileWidth = 256;

/** Thrown where a tile does not hold what the tree's size promises: the log is damaged. */
export class TileMissing extends Error {
  readonly level: number;
  readonly tileIndex: number;
  constructor(level: number, tileIndex: number) {
    super(`tile ${tileIndex} of level ${level} is missing or too short`);
    this.level = level;
    this.tileIndex = tileIndex;
  }
}

/** Reads complete subtrees from the tiles of the database; keeps the tiles it read, so make one per piece of work. */
export function tileSource(tx: Sql): SubtreeSource {
  const read = new Map<string, Promise<Buffer>>();
  const tile = (level: number, index: number): Promise<Buffer> => {
    const key = `${level}/${index}`;
    let found = read.get(key);
    if (!found) {
      found = tx<{
        hashes: Buffer;
      }>`select hashes from audit.tile where level = ${level} and tile_index = ${index}`.then(
        (rows) => rows[0]?.hashes ?? Buffer.alloc(0),
      );
      read.set(key, found);
    }
    return found;
  };
  return async (height, index): Promise<Hash> => {
    const level = Math.floor(height / 8);
    const count = 2 ** (height % 8);
    const first = index * count;
    const tileIndex = Math.floor(first / tileWidth);
    const offset = (first % tileWidth) * 32;
    const hashes = (await tile(level, tileIndex)).subarray(offset, offset + count * 32);
    if (hashes.length !== count * 32) throw new TileMissing(level, tileIndex);
    return rootOf(hashesIn(hashes));
  };
}

export const hashesIn = (bytes: Buffer): Hash[] =>
  Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(i * 32, i * 32 + 32));
