import { X509Certificate } from 'node:crypto';
import { signMessage } from '@musubi/contracts/exchange/signed.ts';
import { tellDeniedDependants } from '@musubi/contracts/tax-return/denied-dependants.ts';
import {
  fetchReturnImage,
  handInReturnImage,
  listReturnImages,
  returnImageCoverType,
  returnImagePackageType,
  stateReturnImage,
} from '@musubi/contracts/tax-return/return-image.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { giveImage, listWaiting, noteOutcome, takeInImage } from '../service/return-images.ts';
import { takeDenials } from '../service/take-denials.ts';

/** The line from the municipalities, and from the agency's offices. */
export const routes = (deps: Deps): readonly Route[] => [
  route(tellDeniedDependants, ({ body, actor }) => takeDenials(deps, actor, body)),
  route(handInReturnImage, ({ body, actor }) => takeInImage(deps, actor, body)),
  route(listReturnImages, ({ body, actor }) => listWaiting(deps, actor, body)),
  route(fetchReturnImage, async ({ params, actor, peer }) => {
    // Before anything is opened: without the receiver's certificate nobody could read it.
    const [leaf] = await deps.certificateOf(peer!, 'encryption');
    const given = await giveImage(deps, actor, params);
    if (!given.ok) return given;
    const { cover, pdf } = given.value;
    return ok({
      cover: signMessage(deps.identity, returnImageCoverType, cover),
      package: sealJwe({
        recipient: new X509Certificate(leaf!).publicKey,
        typ: returnImagePackageType,
        plaintext: pdf,
        members: { imageId: cover.imageId, pdfSha256: cover.pdfSha256 },
      }),
    });
  }),
  route(stateReturnImage, ({ params, body, actor }) =>
    noteOutcome(deps, actor, {
      ...params,
      outcome: body.outcome,
      reason: body.outcome === 'returned' ? body.reason : null,
    }),
  ),
];
