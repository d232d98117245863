import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Chunk } from './store.ts';

const smallest = 256 * 1024;
const largest = 4 * 1024 * 1024;
/** One row in so many ends a part, by its content: a row that comes in between moves one boundary, not all that follow. */
const oneIn = 1024;
const newline = 0x0a;

/** What becomes of the rows of one table on their way into parts. */
export interface CopiedRows {
  readonly chunks: readonly Chunk[];
  readonly rows: number;
  readonly digest: string;
  readonly added: number;
}

/**
 * Cuts a COPY text stream at rows into parts and hands each on. A raw newline ends a row: within values it is escaped.
 */
export async function inChunks(
  stream: AsyncIterable<Uint8Array>,
  put: (content: Buffer) => Promise<{ readonly name: string; readonly added: number }>,
): Promise<CopiedRows> {
  const hash = createHash('sha256');
  const chunks: Chunk[] = [];
  let [rows, rowsHere, added, length] = [0, 0, 0, 0];
  let parts: Buffer[] = [];
  let rest = Buffer.alloc(0);
  const close = async (): Promise<void> => {
    if (rowsHere === 0) return;
    const done = await put(Buffer.concat(parts));
    chunks.push({ name: done.name, rows: rowsHere });
    added += done.added;
    [parts, rowsHere, length] = [[], 0, 0];
  };
  for await (const piece of stream) {
    hash.update(piece);
    let data = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece]);
    for (let end = data.indexOf(newline); end >= 0; end = data.indexOf(newline)) {
      const row = data.subarray(0, end + 1);
      data = data.subarray(end + 1);
      parts.push(row);
      rows++;
      rowsHere++;
      length += row.length;
      if (length >= largest || (length >= smallest && crc32(row) % oneIn === 0)) await close();
    }
    rest = data;
  }
  if (rest.length > 0) throw new Error('backup: a copy ended within a row');
  await close();
  return { chunks, rows, digest: hash.digest('hex'), added };
}
