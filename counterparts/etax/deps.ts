import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import type { Party } from '@musubi/kernel/pki/party.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import type { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';

export interface Deps extends ActDeps {
  readonly sealed: SealedStore;
  readonly identity: Pick<Identity, 'signing' | 'encryption'>;
  readonly trust: Trust;
  certificateOf(peer: Party, purpose: 'encryption'): Promise<readonly Buffer[]>;
  /** Municipality code → the system that speaks for it: `131105` → `meguro/resident-tax`. */
  readonly municipalities: Readonly<Record<string, string>>;
}
