import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Typesetter } from '@musubi/kernel/documents/typesetter.ts';
import type { Outbox } from '@musubi/kernel/streams/outbox.ts';
import type { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Vault } from '@musubi/kernel/vault/vault.ts';
import type { ResidentRow } from './store/residents.ts';

/** A version that was just written, with the one that stood before it (undefined for who was not in the register). */
export interface WrittenChange {
  readonly row: ResidentRow;
  readonly former: ResidentRow | undefined;
}

/**
 * Called in the transaction that wrote the changes, after rows and messages: other registers that follow this one
 * (戸籍の附票). Gives the fact tables it wrote, for the act's event.
 */
export type AfterChange = (tx: Tx, changes: readonly WrittenChange[]) => Promise<readonly string[]>;

export interface Deps extends ActDeps {
  readonly vault: Vault;
  readonly outbox: Outbox;
  /** This instance, `organisation/system`. */
  readonly self: string;
  readonly municipalityCode: string;
  readonly municipalJuki: string;
  /** Absent in a ward whose platform is not part of the town. */
  readonly commonPlatform: string | undefined;
  readonly afterChange?: AfterChange;
  readonly sealed: SealedStore;
  /** Made at the first document: most instances of a test print nothing. */
  typesetter(): Promise<Typesetter>;
  /** By which a paper's check code is made; kept with the instance, made at its first use. */
  subjectCheckKey(): Promise<Uint8Array>;
  /** Who certifies: 目黒区長. */
  readonly mayor: string;
}
