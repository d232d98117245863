import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Outbox } from '@musubi/kernel/streams/outbox.ts';
import type { Vault } from '@musubi/kernel/vault/vault.ts';

export interface Deps extends ActDeps {
  readonly vault: Vault;
  readonly outbox: Outbox;
  /** This instance, `organisation/system`. */
  readonly self: string;
  readonly nationalJuki: string;
  /** 区市町村CS of each municipality code; the only ones whose notices are taken. */
  readonly municipalities: Readonly<Record<string, string>>;
}
