import {
  fetchNotice,
  listNotices,
  noticeCover,
  noticeCoverType,
  noticeStatus,
  recallNotice,
  sendNotice,
} from '@musubi/contracts/eltax/special-notices.ts';
import { readSigned } from '@musubi/contracts/exchange/signed.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err } from '@musubi/kernel/result/result.ts';
import type { PeerDeps } from '../deps.ts';
import { acceptNotice, fetchPart, listForPayer, recall, showNotice } from '../service/special-notices.ts';

/** 特別徴収税額通知の電子交付. */
export const specialNoticeRoutes = (deps: PeerDeps): Route[] => [
  route(sendNotice, async ({ body, actor }) => {
    const cover = readSigned(body.cover, noticeCoverType, noticeCover, deps.trust, deps.machineClock.now());
    if (!cover.ok) return err('bad-signature');
    const { payload, signer } = cover.value;
    return acceptNotice(deps, actor, {
      cover: payload,
      coverJws: body.cover,
      signedBy: partyId(signer),
      payer: body.payer,
      employees: body.employees,
    });
  }),
  route(recallNotice, ({ params, actor }) => recall(deps, actor, params)),
  route(noticeStatus, ({ params, actor }) => showNotice(deps, actor, params)),
  route(listNotices, ({ actor }) => listForPayer(deps, actor, undefined)),
  route(fetchNotice, ({ params, body, actor }) => fetchPart(deps, actor, { ...params, ...body })),
];
