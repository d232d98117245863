import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Outbox } from '@musubi/kernel/streams/outbox.ts';
import type { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Vault } from '@musubi/kernel/vault/vault.ts';

export interface Deps extends ActDeps {
  readonly vault: Vault;
  /** Lists and results of bulk orders, keys of outputs, keys of media. */
  readonly sealed: SealedStore;
  readonly outbox: Outbox;
  /** This instance, `organisation/system`. */
  readonly self: string;
  readonly nationalJuki: string;
  /** 区市町村CS of each municipality code; the only ones whose notices are taken. */
  readonly municipalities: Readonly<Record<string, string>>;
  /** 附票連携システム of the prefecture, which alone may ask for a number of a person abroad. */
  readonly fuhyoLink?: string | undefined;
  /** Such a number is pushed into the open inquiry instead of being answered at once (requirement 003 A20). */
  readonly linksNumbers?: boolean;
}
