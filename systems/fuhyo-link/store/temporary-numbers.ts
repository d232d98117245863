import { chmod, mkdir, open as openFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openGcm, sealGcm } from '@musubi/kernel/crypto/aead.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { fileKeyProvider } from '@musubi/kernel/vault/key-provider.ts';
import type { KeyUnit } from '@musubi/kernel/vault/key-store/key-store.ts';
import { SqliteKeyStore } from '@musubi/kernel/vault/key-store/sqlite-key-store.ts';

export interface TemporaryArea {
  /** Folder of its own: the area's database, its keys, and nothing else. */
  readonly directory: string;
  /** Folders of which the area must stand clear: vault keys, key store, data. */
  readonly apartFrom: readonly string[];
}

/** Longest keeping that the area takes (requirement 003 A10). */
export const longestKeepingHours = 30 * 24;

interface Row {
  readonly recipient: string;
  readonly kept_until: string;
  readonly sealed: Uint8Array | null;
}

/**
 * 一時保存領域: where an emigrant's number stands between the register's answer and the asker's receipt (requirement 003
 * §3.2.3, FPS-X2). A database of its own beside the supplement's, a key of its own for each row. The keys stand in a store
 * of which no backup is ever made: once one is erased, no copy of the database can be read any more, wherever it comes from.
 * A row cannot be changed: inquiry, recipient and end of keeping are bound to what is sealed.
 */
export class TemporaryNumbers implements Disposable {
  readonly #db: DatabaseSync;
  readonly #keys: SqliteKeyStore;

  private constructor(db: DatabaseSync, keys: SqliteKeyStore) {
    this.#db = db;
    this.#keys = keys;
  }

  /** Throws where the folder lies in one that it must stand clear of, or the reverse. */
  static async open({ directory, apartFrom }: TemporaryArea): Promise<TemporaryNumbers> {
    if (enforced('vault.separate-area') && apartFrom.some((other) => overlap(directory, other)))
      throw new Error('the temporary area must have a folder of its own');
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await chmod(directory, 0o700);
    const keys = await SqliteKeyStore.open({
      directory: path.join(directory, 'keys'),
      keys: await fileKeyProvider(path.join(directory, 'wrapping')),
      keepBackupDays: 1,
    });
    const file = path.join(directory, 'numbers.sqlite');
    await (await openFile(file, 'a', 0o600)).close();
    const db = new DatabaseSync(file);
    // A rollback journal and overwritten pages: what was erased leaves no copy in a file that lives on.
    db.exec(`pragma journal_mode = truncate; pragma synchronous = extra; pragma secure_delete = on; pragma busy_timeout = 10000;
      create table if not exists temporary_number (inquiry_id text primary key, recipient text not null, kept_until text not null,
        sealed blob) strict`);
    return new TemporaryNumbers(db, keys);
  }

  /** The first number of an inquiry counts; `ended` where it was erased: nothing comes back under its inquiry. */
  async putTemporary(
    inquiryId: string,
    recipient: string,
    number: IndividualNumber,
    keptUntil: Temporal.Instant,
  ): Promise<'kept' | 'already' | 'ended'> {
    const key = await this.#keys.obtain(unitOf(inquiryId));
    if (key === 'erased') return 'ended';
    const until = keptUntil.toString();
    const sealed = sealGcm(key, Buffer.from(number.digits()), identityOf(inquiryId, recipient, until));
    const { changes } = this.#db
      .prepare(
        'insert into temporary_number (inquiry_id, recipient, kept_until, sealed) values (?, ?, ?, ?) on conflict do nothing',
      )
      .run(inquiryId, recipient, until, sealed);
    return changes > 0 ? 'kept' : 'already';
  }

  /** Readable by its recipient until its end, and from that moment on by nobody, erased or not. */
  async readTemporary(
    inquiryId: string,
    recipient: string,
    at: Temporal.Instant,
  ): Promise<Result<{ readonly number: IndividualNumber; readonly keptUntil: Temporal.Instant }, 'not-kept'>> {
    const row = this.#row(inquiryId);
    if (!row?.sealed) return err('not-kept');
    const keptUntil = Temporal.Instant.from(row.kept_until);
    if (enforced('retention.temporary-number') && Temporal.Instant.compare(at, keptUntil) >= 0) return err('not-kept');
    const key = await this.#keys.find(unitOf(inquiryId));
    if (key === undefined || key === 'erased') return err('not-kept');
    const opened = openGcm(key, row.sealed, identityOf(inquiryId, recipient, row.kept_until));
    if (!opened.ok) return err('not-kept');
    const number = IndividualNumber.parse(Buffer.from(opened.value).toString());
    return number.ok ? ok({ number: number.value, keptUntil }) : err('not-kept');
  }

  /** The moment at which a kept number ends; undefined where none is kept. */
  keptUntil(inquiryId: string): Temporal.Instant | undefined {
    const row = this.#row(inquiryId);
    return row?.sealed ? Temporal.Instant.from(row.kept_until) : undefined;
  }

  /** Destroys the row's key, then its ciphertext. Safe to repeat, also for an inquiry without a number: it can never get one. */
  async eraseTemporary(inquiryId: string, at: Temporal.Instant): Promise<void> {
    await this.#keys.erase(unitOf(inquiryId), at, at.toZonedDateTimeISO('Asia/Tokyo').toPlainDate());
    this.#db.prepare('update temporary_number set sealed = null where inquiry_id = ?').run(inquiryId);
  }

  /** Inquiries whose time is over, also those of which the supplement's database never heard (a crash in between). */
  overdue(at: Temporal.Instant): string[] {
    const rows = this.#db
      .prepare('select inquiry_id as id, kept_until from temporary_number where sealed is not null')
      .all() as unknown as { id: string; kept_until: string }[];
    return rows.filter((r) => Temporal.Instant.compare(Temporal.Instant.from(r.kept_until), at) <= 0).map((r) => r.id);
  }

  [Symbol.dispose](): void {
    if (this.#db.isOpen) this.#db.close();
    this.#keys[Symbol.dispose]();
  }

  #row(inquiryId: string): Row | undefined {
    return this.#db
      .prepare('select recipient, kept_until, sealed from temporary_number where inquiry_id = ?')
      .get(inquiryId) as Row | undefined;
  }
}

const unitOf = (inquiryId: string): KeyUnit => `object:${inquiryId}`;
const identityOf = (...parts: readonly string[]): Buffer =>
  Buffer.from(JSON.stringify(['musubi/temporary-number/1', ...parts]));

function overlap(a: string, b: string): boolean {
  const inside = (child: string, parent: string): boolean => {
    const way = path.relative(parent, child);
    return way === '' || !(way.startsWith('..') || path.isAbsolute(way));
  };
  return inside(path.resolve(a), path.resolve(b)) || inside(path.resolve(b), path.resolve(a));
}
