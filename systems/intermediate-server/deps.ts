import type { PermissionRow } from '@musubi/contracts/exchange/messages.ts';
import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import type { PartyId } from '@musubi/kernel/pki/party.ts';
import type { StatusWatch } from '@musubi/kernel/pki/status-watch.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import type { Result } from '@musubi/kernel/result/result.ts';
import type { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Gate } from './domain/gate.ts';
import type { UnderWay } from './domain/under-way.ts';
import type { DayKeys } from './keys.ts';
import type { NetworkState } from './network-state.ts';
import type { InquiryState } from './store/inquiries.ts';
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
  /** The root process, whose notices about codes count. */
  readonly root: PartyId;
  /** Kind of each body of the exchange, as the list's rows mean it. */
  readonly kinds: ReadonlyMap<string, PermissionRow['askerKind']>;
  /** Information code → the business system that may lodge it. */
  readonly owners: ReadonlyMap<string, string>;
  /** 事務手続コード → the business system that may ask under it. */
  readonly askers: ReadonlyMap<string, string>;
  /** What the authority says now of the certificates of those who sign to us. */
  readonly statuses: StatusWatch;
  /** What may be under way at once. */
  readonly gate: Gate;
  readonly underWay: UnderWay<Relayed>;
  readonly dayKeys: DayKeys;
  /** Keys of copy pages and lodged files. */
  readonly sealed: SealedStore;
  /** Connected for inquiries alone: every provision is refused (国家資格等). */
  readonly inquiryOnly: boolean;
  /** Full years for which a copy stays after its tax year began, or after it was replaced. */
  readonly copyYears: number;
  /** Keys of pages that were read before, by page. */
  readonly pageKeys: Map<string, Uint8Array>;
  /** Information code → when a checked file counts without a clerk; absent: never. */
  readonly autoRelease: ReadonlyMap<string, AutoRelease>;
  /** Versions of the list as they were read before. */
  readonly lists: KnownLists;
  /** What the network last said of its list and its windows. */
  readonly heard: NetworkState;
}

/** What became of an inquiry on its way; without a word from the network it stands as it did. */
export type Relayed = Result<InquiryState, 'provider-unavailable' | 'request-in-progress' | 'not-authorised'>;

/** A checked file within these bounds is released by rule. */
export interface AutoRelease {
  /** Share of rejected rows, of 10,000. */
  readonly rejectedAtMost: number;
  /** Full files: share of persons who would lose their copy, of 10,000 of those who have one. */
  readonly leftOutAtMost: number;
}
