import { randomBytes } from 'node:crypto';
import { readIfThere, writePrivately } from '@musubi/kernel/pki/identity.ts';

/** The key that seals pseudonyms in the records (32 bytes, file 0600); made at the first start. */
export async function recordKeyFrom(file: string): Promise<Uint8Array> {
  const there = await readIfThere(file);
  if (there !== undefined) {
    const key = Buffer.from(there.trim(), 'hex');
    if (key.length !== 32) throw new Error('the record key has a wrong length');
    return key;
  }
  const key = randomBytes(32);
  await writePrivately(file, `${key.toString('hex')}\n`);
  return key;
}
