import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { openGcm, sealGcm } from '../crypto/aead.ts';
import { hkdfSha256, hmacSha256, sha256 } from '../crypto/digest.ts';
import { err, ok, type Result } from '../result/result.ts';
import type { PartitionShape } from './shape.ts';

/** Part of a table's rows. `name`: keyed digest of its content, so that equal parts are stored once and tell nothing. */
export interface Chunk {
  readonly name: string;
  readonly rows: number;
}
export interface TableCopy {
  /** `prefectural_juki.identification` */
  readonly table: string;
  readonly columns: readonly string[];
  /** Unnamed in backups of earlier releases. */
  readonly partitionOf?: PartitionShape | null;
  readonly rows: number;
  /** SHA-256 over the rows as copied, hexadecimal. */
  readonly digest: string;
  readonly chunks: readonly Chunk[];
}
export type BackupKind = 'full' | 'incremental';

/** What a backup consists of. It names every part itself: an incremental one needs its generation's parts, not its manifests. */
export interface Manifest {
  readonly backupId: string;
  /** `tokyo/prefectural-juki` */
  readonly instance: string;
  readonly kind: BackupKind;
  /** The full backup that began the folder of parts. */
  readonly generation: string;
  readonly takenAt: string;
  readonly takenOn: string;
  /** `set/number checksum` of each applied migration: rows fit only the schema that they were copied from. */
  readonly migrations: readonly string[];
  readonly tables: readonly TableCopy[];
  /** Name and last value, a bigint as text. */
  readonly sequences: readonly { readonly name: string; readonly value: string }[];
  /** Bytes that this backup added. */
  readonly added: number;
}
/** What may be told of a backup without its key: counts, no row. */
export interface Verified {
  readonly backupId: string;
  readonly instance: string;
  readonly kind: BackupKind;
  readonly takenOn: string;
  readonly verifiedAt: string;
  readonly tables: number;
  readonly rows: number;
  readonly added: number;
  /** Of the manifest's file; a verification of another one counts for nothing. */
  readonly manifestDigest: string;
}

/** A restore for practice. `differing`: tables that did not come back as they were. */
export interface Drill {
  readonly drillId: string;
  readonly backupId: string;
  readonly instance: string;
  readonly drilledOn: string;
  readonly tables: number;
  readonly rows: number;
  readonly differing: readonly string[];
}

export type StoreFault = 'part-missing' | 'part-changed' | 'no-such-backup';

/**
 * Backups of one instance in one folder: parts under `<generation>/`, `<id>.manifest`, and `<id>.verified.json` once it was read
 * back equal. All but the last is encrypted under the organisation's backup key, which stands apart from folder and database.
 */
export class BackupStore {
  readonly #folder: string;
  readonly #nameKey: Buffer;
  readonly #cipherKey: Buffer;
  readonly #sync: boolean;

  /**
   * @param key 32 bytes
   * @param options `sync`: each file is on the disk before it counts; off only where a power cut costs nothing (tests)
   */
  constructor(folder: string, key: Uint8Array, options: { readonly sync?: boolean } = {}) {
    this.#folder = folder;
    this.#sync = options.sync ?? true;
    this.#nameKey = hkdfSha256(key, 'musubi backup', 'part-name', 32);
    this.#cipherKey = hkdfSha256(key, 'musubi backup', 'part-cipher', 32);
  }

  /** @returns the part's name and how many bytes were added: none where it is there already */
  async put(generation: string, content: Uint8Array): Promise<{ readonly name: string; readonly added: number }> {
    const name = hmacSha256(this.#nameKey, content).toString('hex');
    const file = this.#part(generation, name);
    if (await exists(file)) return { name, added: 0 };
    const sealed = sealGcm(this.#cipherKey, zstdCompressSync(content), Buffer.from(`part ${generation} ${name}`));
    await this.#write(file, sealed);
    return { name, added: sealed.byteLength };
  }

  async get(generation: string, name: string): Promise<Result<Buffer, StoreFault>> {
    const sealed = await readFile(this.#part(generation, name)).catch(() => undefined);
    if (sealed === undefined) return err('part-missing');
    const opened = openGcm(this.#cipherKey, sealed, Buffer.from(`part ${generation} ${name}`));
    if (!opened.ok) return err('part-changed');
    const content = zstdDecompressSync(opened.value);
    return hmacSha256(this.#nameKey, content).toString('hex') === name ? ok(content) : err('part-changed');
  }

  async putManifest(manifest: Manifest): Promise<void> {
    const content = zstdCompressSync(Buffer.from(JSON.stringify(manifest)));
    const aad = Buffer.from(`manifest ${manifest.backupId}`);
    await this.#write(this.#file(`${manifest.backupId}.manifest`), sealGcm(this.#cipherKey, content, aad));
  }

  async manifest(
    backupId: string,
  ): Promise<Result<{ readonly manifest: Manifest; readonly digest: string }, StoreFault>> {
    const sealed = await readFile(this.#file(`${backupId}.manifest`)).catch(() => undefined);
    if (sealed === undefined) return err('no-such-backup');
    const opened = openGcm(this.#cipherKey, sealed, Buffer.from(`manifest ${backupId}`));
    if (!opened.ok) return err('part-changed');
    const manifest = JSON.parse(zstdDecompressSync(opened.value).toString('utf8')) as Manifest;
    return ok({ manifest, digest: sha256(sealed).toString('hex') });
  }

  /** Every manifest that opens, oldest first, with its verification where it stands. */
  async list(): Promise<readonly { readonly manifest: Manifest; readonly verified: Verified | undefined }[]> {
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => name.endsWith('.manifest'));
    const found: { manifest: Manifest; verified: Verified | undefined }[] = [];
    for (const name of names) {
      const backupId = name.slice(0, -'.manifest'.length);
      const read = await this.manifest(backupId);
      if (!read.ok) continue;
      const note = await this.verification(backupId);
      found.push({
        manifest: read.value.manifest,
        verified: note?.manifestDigest === read.value.digest ? note : undefined,
      });
    }
    return found.toSorted((a, b) => (a.manifest.takenAt < b.manifest.takenAt ? -1 : 1));
  }

  async markVerified(verified: Verified): Promise<void> {
    await this.#write(this.#file(`${verified.backupId}.verified.json`), Buffer.from(JSON.stringify(verified)));
  }

  async noteDrill(drill: Drill): Promise<void> {
    await this.#write(this.#file(`${drill.drillId}.drill.json`), Buffer.from(JSON.stringify(drill)));
  }

  async verification(backupId: string): Promise<Verified | undefined> {
    const text = await readFile(this.#file(`${backupId}.verified.json`), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as Verified);
  }

  /** Takes a backup and its verification away, then the parts that no other one names. */
  async remove(backupIds: readonly string[]): Promise<void> {
    for (const id of backupIds)
      for (const name of [`${id}.manifest`, `${id}.verified.json`]) await rm(this.#file(name), { force: true });
    const needed = new Set(
      (await this.list()).flatMap(({ manifest }) =>
        manifest.tables.flatMap((t) => t.chunks.map((c) => this.#part(manifest.generation, c.name))),
      ),
    );
    for (const entry of await readdir(this.#folder, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const directory = this.#file(entry.name);
      const parts = await readdir(directory);
      const gone = parts.filter((part) => !needed.has(path.join(directory, part)));
      for (const part of gone) await rm(path.join(directory, part));
      if (gone.length === parts.length) await rm(directory, { recursive: true });
    }
  }

  /** On disk whole or not at all. */
  async #write(file: string, content: Uint8Array): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${randomBytes(6).toString('hex')}.part`;
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      if (this.#sync) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  }

  #file(name: string): string {
    return path.join(this.#folder, name);
  }
  #part(generation: string, name: string): string {
    return path.join(this.#folder, generation, name);
  }
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
