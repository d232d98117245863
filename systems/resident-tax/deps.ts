import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { LocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import type { PartyId } from '@musubi/kernel/pki/party.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import type { Outbox } from '@musubi/kernel/streams/outbox.ts';
import type { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Vault } from '@musubi/kernel/vault/vault.ts';

/** What the acts of this system need. Built in `main.ts`, nowhere else. */
export interface Deps extends ActDeps {
  readonly vault: Vault;
  readonly sealed: SealedStore;
  readonly outbox: Outbox;
  /** The ward: reports for another one are rejected (W07). */
  readonly municipality: LocalGovernmentCode;
}

/** What loops and clients need besides: the way to other systems. */
export interface PeerDeps extends Deps {
  readonly peers: PeerClient;
  readonly identity: Pick<Identity, 'encryption'>;
  readonly trust: Trust;
  /** Instance id of the portal of the local taxes: `eltax/eltax`. */
  readonly eltax: PartyId;
}
