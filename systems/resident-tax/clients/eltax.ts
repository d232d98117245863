import {
  acknowledgeDelivery,
  coverType,
  type Delivery,
  type DeliveryCover,
  type DeliveryOutcome,
  deliveryCover,
  fetchDelivery,
  listDeliveries,
  packageMembers,
  packageType,
} from '@musubi/contracts/eltax/delivery.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { openJws } from '@musubi/kernel/crypto/jws.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { PeerDeps } from '../deps.ts';

type Peers = Pick<PeerDeps, 'peers' | 'identity' | 'trust' | 'eltax' | 'machineClock'>;

type ListPage = { readonly deliveries: readonly Delivery[]; readonly more: boolean };

/** All packages that wait for this body, oldest first. */
export async function waitingDeliveries(deps: Peers): Promise<Result<Delivery[], string>> {
  const all: Delivery[] = [];
  for (;;) {
    const page = await waitingAfter(deps, all.at(-1)?.deliveryId ?? null);
    if (!page.ok) return page;
    all.push(...page.value.deliveries);
    if (!page.value.more || page.value.deliveries.length === 0) return ok(all);
  }
}

const waitingAfter = ({ peers, eltax }: Peers, after: string | null): Promise<Result<ListPage, string>> =>
  peers.call(listDeliveries, eltax, {}, { state: 'waiting', after, limit: 200 });

export interface FetchedPackage {
  readonly cover: DeliveryCover;
  readonly coverJws: string;
  readonly file: Buffer;
}

/** One package, its cover verified against the portal's certificate and its content opened with our own key. */
export async function fetchPackage(deps: Peers, deliveryId: string): Promise<Result<FetchedPackage, string>> {
  const fetched = await deps.peers.call(fetchDelivery, deps.eltax, { deliveryId }, {}, { timeoutMs: 60_000 });
  if (!fetched.ok) return fetched;
  return openPackage(deps, deliveryId, fetched.value.cover, fetched.value.package);
}

export function openPackage(
  { eltax, trust, identity, machineClock }: Omit<Peers, 'peers'>,
  deliveryId: string,
  coverJws: string,
  packageJwe: string,
): Result<FetchedPackage, 'cover-not-signed-by-eltax' | 'cover-unreadable' | 'other-delivery' | 'package-unreadable'> {
  const opened = openJws(coverJws, { typ: coverType }, (signer) => {
    if (!('x5c' in signer)) return undefined;
    const party = trust.verifyChain(signer.x5c, 'signing', machineClock.now());
    if (!party.ok || (enforced('input.source-bound') && partyId(party.value) !== eltax)) return undefined;
    return party.value.certificate.publicKey;
  });
  if (!opened.ok) return err('cover-not-signed-by-eltax');
  const cover = deliveryCover.safeParse(opened.value.payload);
  if (!cover.success) return err('cover-unreadable');
  const content = openJwe(packageJwe, {
    privateKey: identity.encryption.key,
    typ: packageType,
    members: packageMembers,
    maxLength: 24_000_000,
  });
  if (!content.ok) return err('package-unreadable');
  const { members, plaintext } = content.value;
  const isThis = cover.data.deliveryId === deliveryId && members.deliveryId === deliveryId;
  if (!isThis || members.fileSha256 !== cover.data.fileSha256) return err('other-delivery');
  return ok({ cover: cover.data, coverJws, file: plaintext });
}

/** Says what became of a package; the same statement may be made again. */
export async function acknowledge(
  { peers, eltax }: Peers,
  deliveryId: string,
  statement: { readonly fileSha256: string; readonly outcome: DeliveryOutcome },
): Promise<Result<unknown, string>> {
  return peers.call(acknowledgeDelivery, eltax, { deliveryId }, statement);
}
