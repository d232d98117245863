import { createCipheriv, createDecipheriv } from 'node:crypto';

/** Content bytes a chunk: 1 MiB. */
export const CHUNK_BYTES = 1 << 20;
const TAG = 16;

/**
 * One chunk of an object under the object's own data key. The nonce is the chunk's place and whether it is the last
 * (as in STREAM: Hoang, Reyhanitabar, Rogaway, Vizár 2015), so chunks cannot change places, be left out or be cut off.
 */
export function sealChunk(key: Uint8Array, ref: string, no: number, last: boolean, content: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(no, last), { authTagLength: TAG });
  cipher.setAAD(Buffer.from(ref));
  return Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

/** @returns undefined where key, object, place or bytes are not the ones it was sealed with */
export function openChunk(
  key: Uint8Array,
  ref: string,
  no: number,
  last: boolean,
  sealed: Uint8Array,
): Buffer | undefined {
  if (sealed.length < TAG) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(no, last), { authTagLength: TAG });
  decipher.setAAD(Buffer.from(ref));
  decipher.setAuthTag(sealed.subarray(-TAG));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function nonceOf(no: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(no, 7);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

/** Cuts any stream into whole chunks; the last one is marked, and an empty content is one empty chunk. */
export async function* inChunks(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<{ readonly no: number; readonly last: boolean; readonly bytes: Buffer }> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  let no = 0;
  for await (const part of content) {
    let rest = part;
    // A full chunk waits until more comes: only then is it known not to be the last.
    while (length + rest.length > CHUNK_BYTES) {
      const take = CHUNK_BYTES - length;
      yield { no: no++, last: false, bytes: Buffer.concat([...waiting, rest.subarray(0, take)]) };
      rest = rest.subarray(take);
      waiting = [];
      length = 0;
    }
    if (rest.length > 0) waiting.push(Uint8Array.from(rest));
    length += rest.length;
  }
  yield { no, last: true, bytes: Buffer.concat(waiting) };
}
