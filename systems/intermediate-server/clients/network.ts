import {
  announcedWindows,
  collectAnswer,
  fetchPermissionList,
  inquire,
  obtainProcessingNumber,
} from '@musubi/contracts/exchange/endpoints.ts';
import { resealLinkageCodes } from '@musubi/contracts/exchange/linkage-life.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { PartyId } from '@musubi/kernel/pki/party.ts';

/** The whole way is synchronous; the network and the provider have shorter limits of their own. */
export const inquiryTimeoutMs = 14_000;

/** The root process, for this body's own codes and nothing else. */
export const rootPeer = (peers: PeerClient, root: PartyId) => ({
  reseal: (linkageCodes: string[]) => peers.call(resealLinkageCodes, root, {}, { linkageCodes }),
});

/** The one peer that this server asks (入手経路の限定). Every call of this system to another organisation stands here. */
export function networkPeer(peers: PeerClient, network: PartyId) {
  if (enforced('exchange.single-upstream') && network.split('/')[1] !== 'information-providing-network')
    throw new Error(`inquiries go through the network alone, and ${network} is none`);
  return {
    obtainProcessingNumber: (requestId: string) => peers.call(obtainProcessingNumber, network, {}, { requestId }),
    inquire: (body: { statement: string; linkageCode: string; nonce: string }) =>
      peers.call(inquire, network, {}, body, { timeoutMs: inquiryTimeoutMs }),
    collect: (inquiryNumber: string) =>
      peers.call(collectAnswer, network, {}, { inquiryNumber }, { timeoutMs: inquiryTimeoutMs }),
    fetchPermissionList: (on: Temporal.PlainDate) =>
      peers.call(fetchPermissionList, network, {}, { onDate: on.toString() }),
    announcedWindows: () => peers.call(announcedWindows, network, {}, {}),
  };
}
