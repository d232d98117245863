import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { LocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import type { Party, PartyId } from '@musubi/kernel/pki/party.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import type { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';

/** What the acts of the portal need. Built in `main.ts`. */
export interface Deps extends ActDeps {
  readonly sealed: SealedStore;
  readonly identity: Pick<Identity, 'organisation' | 'system' | 'signing' | 'encryption'>;
  /** Which municipality a receiving system stands for: `meguro/resident-tax` → 131105. */
  readonly destinations: ReadonlyMap<PartyId, LocalGovernmentCode>;
}

/** What the endpoints need besides. */
export interface PeerDeps extends Deps {
  readonly trust: Trust;
  certificateOf(peer: Party, purpose: 'encryption'): Promise<readonly Buffer[]>;
}
