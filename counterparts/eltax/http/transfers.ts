import {
  fetchTransfer,
  listBodies,
  listTransfers,
  receiptTransfer,
  sendTransfer,
  transferCover,
  transferCoverType,
  transferReceipt,
  transferReceiptType,
  transferStatus,
} from '@musubi/contracts/eltax/between-bodies.ts';
import { readSigned } from '@musubi/contracts/exchange/signed.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err } from '@musubi/kernel/result/result.ts';
import type { PeerDeps } from '../deps.ts';
import {
  acceptTransfer,
  listForBody,
  listOtherBodies,
  passOn,
  showTransfer,
  takeReceipt,
} from '../service/transfers.ts';

/** 団体間回送. */
export const transferRoutes = (deps: PeerDeps): Route[] => [
  route(listBodies, ({ actor }) => listOtherBodies(deps, actor, undefined)),
  route(sendTransfer, async ({ body, actor }) => {
    const cover = readSigned(body.cover, transferCoverType, transferCover, deps.trust, deps.machineClock.now());
    if (!cover.ok) return err('bad-signature');
    const { payload, signer } = cover.value;
    return acceptTransfer(deps, actor, {
      cover: payload,
      coverJws: body.cover,
      signedBy: partyId(signer),
      package: body.package,
    });
  }),
  route(listTransfers, ({ body, actor }) => listForBody(deps, actor, body)),
  route(fetchTransfer, ({ params, actor }) => passOn(deps, actor, params)),
  route(receiptTransfer, async ({ params, body, actor }) => {
    const read = readSigned(body.receipt, transferReceiptType, transferReceipt, deps.trust, deps.machineClock.now());
    if (!read.ok) return err('bad-signature');
    const { payload, signer } = read.value;
    return takeReceipt(deps, actor, {
      ...params,
      receipt: payload,
      signed: body.receipt,
      signedBy: partyId(signer),
    });
  }),
  route(transferStatus, ({ params, actor }) => showTransfer(deps, actor, params)),
];
