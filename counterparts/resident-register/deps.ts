import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Outbox } from '@musubi/kernel/streams/outbox.ts';
import type { Vault } from '@musubi/kernel/vault/vault.ts';

export interface Deps extends ActDeps {
  readonly vault: Vault;
  readonly outbox: Outbox;
  /** This instance, `organisation/system`. */
  readonly self: string;
  readonly municipalityCode: string;
  readonly municipalJuki: string;
  /** Absent in a ward whose platform is not part of the town. */
  readonly commonPlatform: string | undefined;
}
