import path from 'node:path';
import { derOf, type Identity, keyPem, newKeyFor, pemOf, readIfThere, readKey, writePrivately } from './identity.ts';
import { makeRequest } from './issue.ts';
import { type Party, type Purpose, purposes } from './party.ts';

const keyFile = (directory: string, purpose: Purpose): string => path.join(directory, `${purpose}.key.pem`);
const chainFile = (directory: string, purpose: Purpose): string => path.join(directory, `${purpose}.chain.pem`);
const requestFile = (directory: string, purpose: Purpose): string => path.join(directory, `${purpose}.request.der`);

/** Undefined while one of the eight files is missing: not enrolled yet, or stopped half-way. */
export async function readIdentity(directory: string, party: Party): Promise<Identity | undefined> {
  const entries: [Purpose, Identity[Purpose]][] = [];
  for (const purpose of purposes) {
    const [key, chain] = await Promise.all([
      readIfThere(keyFile(directory, purpose)),
      readIfThere(chainFile(directory, purpose)),
    ]);
    if (key === undefined || chain === undefined) return undefined;
    entries.push([purpose, { key: readKey(key), chain: derOf(chain) }]);
  }
  return { ...party, ...(Object.fromEntries(entries) as Record<Purpose, Identity[Purpose]>) };
}

/** Keys 0600 in a directory 0700. */
export async function writeIdentity(directory: string, identity: Identity): Promise<void> {
  for (const purpose of purposes) {
    await writePrivately(keyFile(directory, purpose), keyPem(identity[purpose].key));
    await writeChain(directory, purpose, identity[purpose].chain);
  }
}

export const writeChain = (directory: string, purpose: Purpose, chain: readonly Uint8Array[]): Promise<void> =>
  writePrivately(chainFile(directory, purpose), chain.map((der) => pemOf(der)).join(''));

/**
 * Key and request of a purpose, made once and kept before anything is sent: after a crash the very same request goes out
 * again (a new one would differ, ECDSA signatures are random) and the one-time token still answers it.
 */
export async function keptRequest(directory: string, purpose: Purpose, party: Party): Promise<Buffer> {
  const kept = await readIfThere(requestFile(directory, purpose));
  if (kept !== undefined) return Buffer.from(kept, 'base64url');
  const key = newKeyFor(purpose);
  await writePrivately(keyFile(directory, purpose), keyPem(key));
  const request = await makeRequest(key, party);
  await writePrivately(requestFile(directory, purpose), request.toString('base64url'));
  return request;
}
