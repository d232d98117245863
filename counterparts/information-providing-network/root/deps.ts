import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import type { PartyId } from '@musubi/kernel/pki/party.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import type { RootKeys } from './keys.ts';

export interface Deps extends ActDeps {
  readonly identity: Identity;
  readonly trust: Trust;
  readonly peers: PeerClient;
  readonly keys: RootKeys;
  /** The network whose processing numbers count. */
  readonly network: PartyId;
  /** Bodies that have linkage codes at all. */
  readonly organisations: ReadonlySet<string>;
}
