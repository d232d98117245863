import type { PermissionRow } from '@musubi/contracts/exchange/messages.ts';
import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import type { PartyId } from '@musubi/kernel/pki/party.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import type { DayKeys } from './keys.ts';
import type { KnownLists } from './store/lists.ts';

export interface Deps extends ActDeps {
  /** This organisation's id. */
  readonly self: string;
  readonly identity: Identity;
  readonly trust: Trust;
  readonly peers: PeerClient;
  /** The network: the only peer that inquiries go to and that permits come from. */
  readonly network: PartyId;
  readonly portal: PartyId;
  /** Kind of each body of the exchange, as the list's rows mean it. */
  readonly kinds: ReadonlyMap<string, PermissionRow['askerKind']>;
  /** Information code → the business system that may lodge it. */
  readonly owners: ReadonlyMap<string, string>;
  /** 事務手続コード → the business system that may ask under it. */
  readonly askers: ReadonlyMap<string, string>;
  readonly dayKeys: DayKeys;
  /** Versions of the list as they were read before. */
  readonly lists: KnownLists;
}
