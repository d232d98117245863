import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Typesetter } from '@musubi/kernel/documents/typesetter.ts';
import type { Outbox } from '@musubi/kernel/streams/outbox.ts';
import type { Alarms, Peer } from '@musubi/kernel/streams/ports.ts';
import type { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';

/** What the acts of this system need. Built in `main.ts`, nowhere else. */
export interface Deps extends ActDeps {
  readonly sealed: SealedStore;
  readonly outbox: Outbox;
  readonly typesetter: Typesetter;
  /** Key of the check codes on the pages; 32 bytes, of this instance alone. */
  readonly subjectCheckKey: Uint8Array;
  /** Instance id of the ward's tax system. */
  readonly residentTax: Peer;
  /** 手数料, yen a sheet. */
  readonly feeYen: number;
}

/** Whether the tax system says that a record counts; `unreachable` where it says nothing. */
export type ConfirmRecord = (record: {
  readonly orgPersonNumber: string;
  readonly fiscalYear: number;
  readonly version: string;
}) => Promise<'counts' | 'stale' | 'unreachable'>;

/** What the answer to a store needs besides. */
export interface StoreDeps extends Deps {
  readonly confirm: ConfirmRecord;
  readonly alarms: Alarms;
  /** An answer later than this is thrown away (N05). */
  readonly limitMs: number;
  /** False in a town alone: requests are taken at night, too. */
  readonly keepsServiceHours: boolean;
}
