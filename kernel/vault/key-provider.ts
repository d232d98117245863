import { hash, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readdir, rm, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { VaultFault } from './fault.ts';

/** What a key is for. Each use has its own keys, numbered from 1. */
export type KeyUse = 'vault-cipher' | 'vault-digest' | 'key-store';

/**
 * Where keys come from: never from a database. The file provider below is one; an HSM or KMS stands behind the same four
 * operations by keeping keys wrapped and unwrapping them when the process starts (README, "HSM と KMS").
 */
export interface KeyProvider {
  /** Versions that exist, ascending. */
  versions(use: KeyUse): Promise<readonly number[]>;
  /** 32 bytes. Throws VaultFault `key-missing`. */
  key(use: KeyUse, version: number): Promise<Uint8Array>;
  /** Makes the next version. Two at once make one: both get the same number and the same key. */
  create(use: KeyUse, version: number): Promise<void>;
  /** Ends a version for ever; what was sealed under it alone cannot be opened again. */
  destroy(use: KeyUse, version: number): Promise<void>;
}

/**
 * Keys as files `<use>.v<version>.key` of 32 raw bytes, readable by the owner of the process alone (0600, folder 0700).
 * Refuses a file that others may read. For real use the folder is a mounted secret, backed up apart from the database.
 */
export async function fileKeyProvider(directory: string): Promise<KeyProvider> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const fileOf = (use: KeyUse, version: number): string => path.join(directory, `${use}.v${version}.key`);
  return {
    async versions(use) {
      const found = (await readdir(directory)).flatMap((name) => {
        const match = /^([a-z-]+)\.v([1-9][0-9]*)\.key$/.exec(name);
        return match?.[1] === use ? [Number(match[2])] : [];
      });
      return found.sort((a, b) => a - b);
    },
    async key(use, version) {
      const file = await open(fileOf(use, version), 'r').catch(() => {
        throw new VaultFault('key-missing', `${use}.v${version}`);
      });
      try {
        const { mode } = await file.stat();
        if (process.platform !== 'win32' && (mode & 0o077) !== 0)
          throw new VaultFault('key-file-readable-by-others', `${use}.v${version}`);
        const bytes = await file.readFile();
        if (bytes.length !== 32) throw new VaultFault('key-differs', `${use}.v${version}`);
        return bytes;
      } finally {
        await file.close();
      }
    },
    async create(use, version) {
      const temporary = path.join(directory, `.${use}.${randomBytes(8).toString('hex')}`);
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(randomBytes(32));
        await file.sync();
      } finally {
        await file.close();
      }
      try {
        // A link appears whole or not at all, and fails where another process was first.
        await link(temporary, fileOf(use, version));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      } finally {
        await unlink(temporary);
      }
    },
    async destroy(use, version) {
      const name = fileOf(use, version);
      const size = (await stat(name).catch(() => undefined))?.size;
      if (size === undefined) return;
      const file = await open(name, 'r+');
      await file.write(randomBytes(size), 0, size, 0);
      await file.sync();
      await file.close();
      await rm(name);
    },
  };
}

/** The newest version of a use; makes version 1 at the first start. */
export async function currentKeyVersion(keys: KeyProvider, use: KeyUse): Promise<number> {
  const newest = (await keys.versions(use)).at(-1);
  if (newest !== undefined) return newest;
  await keys.create(use, 1);
  return 1;
}

/** Eight bytes that tell two keys apart and say nothing about them. */
export const keyCheckValue = (use: KeyUse, key: Uint8Array): Buffer =>
  hash('sha256', Buffer.concat([Buffer.from(`musubi key check ${use}\0`), key]), 'buffer').subarray(0, 8);
