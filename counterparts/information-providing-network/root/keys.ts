import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readdir, unlink } from 'node:fs/promises';
import path from 'node:path';

/**
 * Where the root process's keys come from; an HSM stands behind the same operations. K_root and the pseudonym key never
 * rotate; the key of one body may get further versions, and codes of all versions that exist are understood.
 */
export interface RootKeys {
  /** 32 bytes. */
  rootKey(): Promise<Uint8Array>;
  /** 32 bytes. */
  pseudonymKey(): Promise<Uint8Array>;
  /** Versions of a body's key, ascending, from 1; makes version 1 where there is none. At most 255. */
  versions(organisation: string): Promise<readonly number[]>;
  /** 64 bytes, or undefined where that version does not exist. */
  bodyKey(organisation: string, version: number): Promise<Uint8Array | undefined>;
  /** Makes the next version of a body's key and gives its number. */
  rotate(organisation: string): Promise<number>;
}

/** Files of raw bytes, readable by the owner of the process alone (0600, folder 0700); refuses one that others may read. */
export async function fileRootKeys(directory: string): Promise<RootKeys> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const held = new Map<string, Uint8Array>();

  const read = async (name: string, length: number): Promise<Uint8Array | undefined> => {
    const known = held.get(name);
    if (known) return known;
    const file = await open(path.join(directory, name), 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (file === undefined) return undefined;
    try {
      const { mode } = await file.stat();
      if (process.platform !== 'win32' && (mode & 0o077) !== 0)
        throw new Error(`key file ${name} is readable by others`);
      const bytes = await file.readFile();
      if (bytes.length !== length) throw new Error(`key file ${name} has a wrong length`);
      held.set(name, bytes);
      return bytes;
    } finally {
      await file.close();
    }
  };
  const make = async (name: string, length: number): Promise<void> => {
    const draft = path.join(directory, `.${randomBytes(8).toString('hex')}`);
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(randomBytes(length));
      await file.sync();
    } finally {
      await file.close();
    }
    try {
      // A link appears whole or not at all, and fails where another process was first.
      await link(draft, path.join(directory, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      await unlink(draft);
    }
  };
  const readOrMake = async (name: string, length: number): Promise<Uint8Array> => {
    const there = await read(name, length);
    if (there) return there;
    await make(name, length);
    return (await read(name, length))!;
  };
  const bodyFile = (organisation: string, version: number): string => {
    if (!/^[a-z0-9-]{1,63}$/.test(organisation)) throw new TypeError('an organisation is a DNS label');
    return `body.${organisation}.v${version}.key`;
  };
  const versions = async (organisation: string): Promise<readonly number[]> => {
    const found = (await readdir(directory)).flatMap((name) => {
      const match = /^body\.([a-z0-9-]+)\.v([1-9][0-9]{0,2})\.key$/.exec(name);
      return match?.[1] === organisation ? [Number(match[2])] : [];
    });
    return found.sort((a, b) => a - b);
  };
  return {
    rootKey: () => readOrMake('root.key', 32),
    pseudonymKey: () => readOrMake('pseudonym.key', 32),
    async versions(organisation) {
      const found = await versions(organisation);
      if (found.length > 0) return found;
      await make(bodyFile(organisation, 1), 64);
      return versions(organisation);
    },
    bodyKey: (organisation, version) => read(bodyFile(organisation, version), 64),
    async rotate(organisation) {
      const next = ((await versions(organisation)).at(-1) ?? 0) + 1;
      if (next > 255) throw new Error('a body’s key has at most 255 versions');
      await make(bodyFile(organisation, next), 64);
      return next;
    },
  };
}
