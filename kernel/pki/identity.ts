import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { generateP256 } from '../crypto/p256.ts';
import type { Party, Purpose } from './party.ts';

/** A private key and the chain that names its holder: leaf first, then the issuing authority (DER). */
export interface KeyAndChain {
  readonly key: KeyObject;
  readonly chain: readonly Buffer[];
}

/** What an instance is on the network. One key per purpose; `log` signs checkpoints (Ed25519), the others are P-256. */
export interface Identity extends Party, Readonly<Record<Purpose, KeyAndChain>> {}

export const newKeyFor = (purpose: Purpose): KeyObject =>
  purpose === 'log' ? generateKeyPairSync('ed25519').privateKey : generateP256().privateKey;

/** Hexadecimal, 16 bytes from a cryptographic source, positive. @source RFC 5280 §4.1.2.2 */
export function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString('hex');
}

export function pemOf(der: Uint8Array, label = 'CERTIFICATE'): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** Certificates of a PEM text, in order (DER). */
export const derOf = (pem: string): Buffer[] =>
  [...pem.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)].map((match) =>
    Buffer.from(match[1]!, 'base64'),
  );

export const keyPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** Writes whole or not at all, readable by the owner alone, and on disk before it returns. */
export async function writePrivately(file: string, content: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await chmod(path.dirname(file), 0o700);
  const draft = `${file}.${randomBytes(4).toString('hex')}.new`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

/** Undefined where there is none yet. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export const readKey = (pem: string): KeyObject => createPrivateKey(pem);
