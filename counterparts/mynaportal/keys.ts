import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { readIfThere, writePrivately } from '@musubi/kernel/pki/identity.ts';

/** Keys of the portal beside its database (files 0600). */
export interface PortalKeys {
  /** Seals linkage codes: AES-256-SIV, 64 bytes. */
  readonly linkage: Uint8Array;
  /** Binds a challenge to this portal: HMAC-SHA-256, 32 bytes. */
  readonly challenge: Uint8Array;
}

/** Read, or made at the first start. */
export async function portalKeysFrom(directory: string): Promise<PortalKeys> {
  return {
    linkage: await keyFrom(path.join(directory, 'linkage-key'), 64),
    challenge: await keyFrom(path.join(directory, 'challenge-key'), 32),
  };
}

async function keyFrom(file: string, length: number): Promise<Uint8Array> {
  const there = await readIfThere(file);
  if (there !== undefined) {
    const key = Buffer.from(there.trim(), 'hex');
    if (key.length !== length) throw new Error(`${path.basename(file)} has a wrong length`);
    return key;
  }
  const key = randomBytes(length);
  await writePrivately(file, `${key.toString('hex')}\n`);
  return key;
}
