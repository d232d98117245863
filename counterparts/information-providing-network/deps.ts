import type { PermissionRow } from '@musubi/contracts/exchange/messages.ts';
import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import type { Party, PartyId, Purpose } from '@musubi/kernel/pki/party.ts';
import type { StatusWatch } from '@musubi/kernel/pki/status-watch.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import type { KnownLists } from './store/lists.ts';

export type BodyKind = PermissionRow['askerKind'];

export interface Body {
  readonly kind: BodyKind;
  /** The body's intermediate server. */
  readonly ims: PartyId;
}

export interface Deps extends ActDeps {
  readonly identity: Identity;
  readonly trust: Trust;
  readonly peers: PeerClient;
  /** What the authority says now of the certificates of those who ask. */
  readonly statuses: StatusWatch;
  /** Newest certificates of others, from the public repository, verified. */
  readonly certificateOf: (peer: Party, purpose: Exclude<Purpose, 'tls'>) => Promise<readonly Buffer[]>;
  /** The root process that turns linkage codes. */
  readonly root: PartyId;
  readonly portal: PartyId;
  readonly bodies: ReadonlyMap<string, Body>;
  /** 32 bytes; seals the pseudonyms of the records. */
  readonly recordKey: Uint8Array;
  /** Numbers of the inquiries that this process has on their way. */
  readonly underWay: Set<string>;
  /** Published versions as they were read before. */
  readonly lists: KnownLists;
}
