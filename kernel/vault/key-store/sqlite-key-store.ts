import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { openGcm, sealGcm } from '../../crypto/aead.ts';
import { enforced } from '../../enforcement/enforcement.ts';
import { VaultFault } from '../fault.ts';
import { currentKeyVersion, type KeyProvider } from '../key-provider.ts';
import type { KeyErasure, KeyStore, KeyStoreBackup, KeyStoreUpkeep, KeyUnit } from './key-store.ts';

export interface SqliteKeyStoreConfig {
  /** Folder of its own: the store and its backups. Not under the database's data folder. */
  readonly directory: string;
  readonly keys: KeyProvider;
  /** Days that a backup is kept, 1 to 90. */
  readonly keepBackupDays: number;
}

interface UnitRow {
  readonly key_version: number | null;
  readonly wrapped: Uint8Array | null;
  readonly erased_at: string | null;
  readonly backups_until_on: string | null;
}

/**
 * The key store as one SQLite file of an organisation (docs/decisions/0003-key-store.md). Every write is on disk before it
 * answers; freed pages are overwritten; the keys in it are wrapped by the key provider's `key-store` key.
 */
export class SqliteKeyStore implements KeyStore, KeyStoreUpkeep, Disposable {
  readonly #db: DatabaseSync;
  readonly #config: SqliteKeyStoreConfig;
  readonly #wrapping = new Map<number, Uint8Array>();

  private constructor(db: DatabaseSync, config: SqliteKeyStoreConfig) {
    this.#db = db;
    this.#config = config;
  }

  static async open(config: SqliteKeyStoreConfig): Promise<SqliteKeyStore> {
    if (!(config.keepBackupDays >= 1 && config.keepBackupDays <= 90)) throw new RangeError('keepBackupDays: 1 to 90');
    await mkdir(config.directory, { recursive: true, mode: 0o700 });
    const file = path.join(config.directory, 'key-store.sqlite');
    await (await open(file, 'a', 0o600)).close();
    await chmod(file, 0o600);
    const db = new DatabaseSync(file);
    // A rollback journal, not a log: an erased key leaves no copy in a file that lives on.
    db.exec(`pragma journal_mode = truncate; pragma synchronous = extra; pragma secure_delete = on; pragma busy_timeout = 10000;
      create table if not exists unit (unit text primary key, key_version integer, wrapped blob, made_at text not null,
        erased_at text, backups_until_on text, check ((wrapped is null) = (erased_at is not null))) strict;
      create table if not exists backup (file text primary key, taken_at text not null, expires_on text not null, deleted integer not null default 0) strict`);
    return new SqliteKeyStore(db, config);
  }

  async obtain(unit: KeyUnit): Promise<Uint8Array | 'erased'> {
    const known = await this.find(unit);
    if (known !== undefined) return known;
    const version = await currentKeyVersion(this.#config.keys, 'key-store');
    const wrapped = sealGcm(await this.#wrappingKey(version), randomBytes(32), identityOf(unit, version));
    this.#db
      .prepare(
        `insert into unit (unit, key_version, wrapped, made_at) values (?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ')) on conflict do nothing`,
      )
      .run(unit, version, wrapped);
    // Read again: of two at once the first one's key counts.
    return (await this.find(unit))!;
  }

  async find(unit: KeyUnit): Promise<Uint8Array | 'erased' | undefined> {
    const row = this.#row(unit);
    if (!row) return undefined;
    if (row.wrapped === null || row.key_version === null) return 'erased';
    const opened = openGcm(await this.#wrappingKey(row.key_version), row.wrapped, identityOf(unit, row.key_version));
    if (!opened.ok) throw new VaultFault('cannot-open', unit);
    return opened.value;
  }

  async erase(unit: KeyUnit, at: Temporal.Instant, on: Temporal.PlainDate): Promise<KeyErasure> {
    this.#db.exec('begin immediate');
    try {
      const row = this.#row(unit);
      if (row?.erased_at == null && enforced('retention.key-erasure')) {
        // Every backup that is still kept may hold the key; one too many only moves the day back.
        const last = this.#db.prepare('select max(expires_on) as day from backup where deleted = 0').get() as {
          day: string | null;
        };
        const until = row !== undefined && last.day !== null && last.day > on.toString() ? last.day : on.toString();
        this.#db
          .prepare(`insert into unit (unit, made_at, erased_at, backups_until_on) values (?, ?, ?, ?) on conflict (unit) do update
            set key_version = null, wrapped = null, erased_at = excluded.erased_at, backups_until_on = excluded.backups_until_on`)
          .run(unit, at.toString(), at.toString(), until);
      }
      this.#db.exec('commit');
    } catch (error) {
      this.#db.exec('rollback');
      throw error;
    }
    const erased = this.#row(unit);
    return {
      erasedAt: erased?.erased_at ? Temporal.Instant.from(erased.erased_at) : at,
      backupsUntilOn: erased?.backups_until_on ? Temporal.PlainDate.from(erased.backups_until_on) : on,
    };
  }

  /** A copy of the store as it stands, kept for the configured days. */
  async backup(at: Temporal.Instant, on: Temporal.PlainDate): Promise<KeyStoreBackup> {
    const file = `key-store.${at.toString().replaceAll(/[^0-9TZ]/g, '')}.backup.sqlite`;
    const expiresOn = on.add({ days: this.#config.keepBackupDays });
    // Noted first: a copy that a crash left unfinished still counts as one that may hold keys.
    this.#db
      .prepare('insert into backup (file, taken_at, expires_on) values (?, ?, ?)')
      .run(file, at.toString(), expiresOn.toString());
    const target = path.join(this.#config.directory, file);
    await (await open(target, 'wx', 0o600)).close();
    await backup(this.#db, target);
    return { file, takenAt: at, expiresOn };
  }

  /** As `backup`, at most once for a day. The day is claimed in the store itself, which all instances of the house share. */
  async backupOfDay(at: Temporal.Instant, on: Temporal.PlainDate): Promise<KeyStoreBackup | undefined> {
    const taken = this.#db
      .prepare('select 1 from backup where expires_on = ?')
      .get(on.add({ days: this.#config.keepBackupDays }).toString());
    // Nothing is awaited between this look and the note that `backup` makes first.
    return taken === undefined ? this.backup(at, on) : undefined;
  }

  /** Deletes the backups whose last day is over; gives their files. */
  async expireBackups(today: Temporal.PlainDate): Promise<string[]> {
    const over = this.#db
      .prepare('select file from backup where deleted = 0 and expires_on < ? order by file')
      .all(today.toString()) as {
      file: string;
    }[];
    for (const { file } of over) {
      await rm(path.join(this.#config.directory, file), { force: true });
      this.#db.prepare('update backup set deleted = 1 where file = ?').run(file);
    }
    return over.map((o) => o.file);
  }

  [Symbol.dispose](): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #row(unit: KeyUnit): UnitRow | undefined {
    return this.#db
      .prepare('select key_version, wrapped, erased_at, backups_until_on from unit where unit = ?')
      .get(unit) as UnitRow | undefined;
  }

  async #wrappingKey(version: number): Promise<Uint8Array> {
    const known = this.#wrapping.get(version) ?? (await this.#config.keys.key('key-store', version));
    this.#wrapping.set(version, known);
    return known;
  }
}

const identityOf = (unit: KeyUnit, version: number): Buffer =>
  Buffer.from(JSON.stringify(['musubi/key-store/1', unit, version]));
