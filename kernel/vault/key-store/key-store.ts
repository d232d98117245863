/** What is erased together: one key a unit. `object:<ref>`, `person:<internal id>`, `month:<retention class>:<yyyy-mm>`. */
export type KeyUnit = `object:${string}` | `person:${string}` | `month:${string}`;

export interface KeyErasure {
  readonly erasedAt: Temporal.Instant;
  /** Day on which the last backup that holds the key expires; the day of erasure where none does. */
  readonly backupsUntilOn: Temporal.PlainDate;
}

export interface KeyStoreBackup {
  readonly file: string;
  readonly takenAt: Temporal.Instant;
  /** Last day on which it is kept. */
  readonly expiresOn: Temporal.PlainDate;
}

/**
 * Keys of erasable things, apart from the database that holds the things (design §3, Erasure). Its own short backup cycle;
 * a key that was erased never comes back under its unit's name.
 */
export interface KeyStore {
  /** The unit's key (32 bytes), made on disk before it is given. `erased` where the unit was erased. */
  obtain(unit: KeyUnit): Promise<Uint8Array | 'erased'>;
  find(unit: KeyUnit): Promise<Uint8Array | 'erased' | undefined>;
  /** Safe to repeat: the first erasure counts. Also for a unit without a key: then it can never get one. */
  erase(unit: KeyUnit, at: Temporal.Instant, on: Temporal.PlainDate): Promise<KeyErasure>;
}

/** What a key store needs done each day; `kernel/serve/housekeeping.ts` does it. */
export interface KeyStoreUpkeep {
  /** The day's backup; undefined where it was taken already, by whichever instance of the organisation came first. */
  backupOfDay(at: Temporal.Instant, on: Temporal.PlainDate): Promise<KeyStoreBackup | undefined>;
  /** Deletes the backups whose last day is over; gives their files. */
  expireBackups(today: Temporal.PlainDate): Promise<string[]>;
}
