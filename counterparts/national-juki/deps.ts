import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Outbox } from '@musubi/kernel/streams/outbox.ts';
import type { Vault } from '@musubi/kernel/vault/vault.ts';

export interface Deps extends ActDeps {
  /** This instance, `organisation/system`. */
  readonly self: string;
  readonly vault: Vault;
  readonly outbox: Outbox;
}
