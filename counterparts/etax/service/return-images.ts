import { payerParty } from '@musubi/contracts/eltax/submission.ts';
import { readSigned } from '@musubi/contracts/exchange/signed.ts';
import {
  maxImagePackage,
  type ReturnImageCover,
  returnImageCover,
  returnImageCoverType,
  returnImageMembers,
  returnImagePackageType,
  taxAgencyNumber,
} from '@musubi/contracts/tax-return/return-image.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import {
  findImage,
  type ImageOutcome,
  imageOutcome,
  insertImageFetch,
  insertImageOutcome,
  insertReturnImage,
  lockImage,
  waitingImages,
  wasFetched,
} from '../store/return-images.ts';

const purpose = 'etax/return-image';

/** イメージの受入れ: what an office of the agency hands in, signed by it. The same again is one. */
export const takeInImage = act('etax.take-in-return-image', {
  right: ['etax', 'return-image-issue', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly cover: string; readonly package: string },
    actor,
  ): Promise<Result<{ readonly imageId: string }, 'bad-signature' | 'package-unreadable' | 'image-id-used'>> {
    const read = readSigned(command.cover, returnImageCoverType, returnImageCover, deps.trust, deps.machineClock.now());
    const office = partyId(payerParty(taxAgencyNumber));
    const isOffice = actor.kind === 'system' && partyId(actor) === office;
    if (!isOffice || !read.ok || partyId(read.value.signer) !== office) return err('bad-signature');
    const { imageId, municipality, incomeYear, returnNumber, pages, pdfSha256, pdfLength } = read.value.payload;
    const opened = openJwe(command.package, {
      privateKey: deps.identity.encryption.key,
      typ: returnImagePackageType,
      members: returnImageMembers,
      maxLength: maxImagePackage,
    });
    if (!opened.ok) return err('package-unreadable');
    const { plaintext: pdf, members } = opened.value;
    const isThis = members.imageId === imageId && members.pdfSha256 === pdfSha256;
    if (!isThis || pdf.length !== pdfLength || sha256Hex(pdf) !== pdfSha256) return err('package-unreadable');

    await lockImage(tx, imageId);
    const known = await findImage(tx, imageId);
    if (known !== undefined) {
      const kept = await deps.sealed.open(tx, known.sealedRef, purpose);
      const isSame = known.municipality === municipality && known.returnNumber === returnNumber;
      if (!isSame || (kept.ok && !kept.value.equals(pdf))) return err('image-id-used');
      tx.record({ event: 'return-image.handed-in-again', detail: { image: imageId } });
      return ok({ imageId });
    }
    const sealed = await deps.sealed.seal(tx, pdf, { kind: 'return-image', retentionClass: 'town', purpose });
    const image = { imageId, municipality, incomeYear, returnNumber, pages, sealedRef: sealed.ref };
    await insertReturnImage(tx, image, deps.machineClock.now());
    tx.record({
      event: 'return-image.handed-in',
      facts: ['etax.return_image'],
      detail: { image: imageId, municipality },
    });
    return ok({ imageId });
  },
});

/** NTL-F3: what waits for the caller's municipality. */
export const listWaiting = act('etax.list-return-images', {
  right: ['etax', 'return-image', 'read'],
  async run(
    tx,
    deps: Deps,
    { limit }: { readonly limit: number },
    actor,
  ): Promise<Result<{ readonly images: string[] }, 'not-a-destination'>> {
    const municipality = municipalityOf(deps, actor);
    if (municipality === undefined) return err('not-a-destination');
    const images = await waitingImages(tx, municipality, limit);
    tx.record({ event: 'return-image.listed', detail: { municipality, images: images.length } });
    return ok({ images });
  },
});

export interface GivenImage {
  readonly cover: ReturnImageCover;
  readonly pdf: Buffer;
}

/** NTL-F3: one image for who receives for its municipality; nobody else learns that it is there. */
export const giveImage = act('etax.give-return-image', {
  right: ['etax', 'return-image', 'update'],
  async run(
    tx,
    deps: Deps,
    { imageId }: { readonly imageId: string },
    actor,
  ): Promise<Result<GivenImage, 'not-a-destination' | 'no-such-image'>> {
    const municipality = municipalityOf(deps, actor);
    if (municipality === undefined) return err('not-a-destination');
    const image = await findImage(tx, imageId);
    if (image === undefined || image.municipality !== municipality) return err('no-such-image');
    const opened = await deps.sealed.open(tx, image.sealedRef, purpose);
    if (!opened.ok) return err('no-such-image');
    const { incomeYear, returnNumber, pages } = image;
    await insertImageFetch(tx, { fetchId: deps.newId(), imageId, at: deps.machineClock.now() });
    tx.record({
      event: 'return-image.given',
      ground: '地方税法第325条',
      ...(actor.kind === 'system' ? { recipient: partyId(actor) } : {}),
      facts: ['etax.return_image_fetch'],
      detail: { image: imageId },
    });
    const pdf = opened.value;
    return ok({
      cover: {
        v: 1,
        ...{ imageId, municipality, incomeYear, returnNumber, pages },
        ...{ pdfSha256: sha256Hex(pdf), pdfLength: pdf.length },
      },
      pdf,
    });
  },
});

/** What became of it, once. */
export const noteOutcome = act('etax.note-return-image-outcome', {
  right: ['etax', 'return-image', 'update'],
  async run(
    tx,
    deps: Deps,
    { imageId, ...stated }: ImageOutcome & { readonly imageId: string },
    actor,
  ): Promise<
    Result<Record<string, never>, 'not-a-destination' | 'no-such-image' | 'never-fetched' | 'outcome-already-stated'>
  > {
    const municipality = municipalityOf(deps, actor);
    if (municipality === undefined) return err('not-a-destination');
    await lockImage(tx, imageId);
    if ((await findImage(tx, imageId))?.municipality !== municipality) return err('no-such-image');
    if (!(await wasFetched(tx, imageId))) return err('never-fetched');
    const known = await imageOutcome(tx, imageId);
    if (known !== undefined) {
      if (known.outcome !== stated.outcome || known.reason !== stated.reason) return err('outcome-already-stated');
      tx.record({ event: 'return-image.outcome-repeated', detail: { image: imageId } });
      return ok({});
    }
    await insertImageOutcome(tx, imageId, stated, deps.machineClock.now());
    tx.record({
      event: `return-image.${stated.outcome}`,
      facts: ['etax.return_image_outcome'],
      detail: { image: imageId, ...(stated.reason === null ? {} : { reason: stated.reason }) },
    });
    return ok({});
  },
});

/** The images of a municipality are fetched by the archive of the organisation that speaks for it. */
function municipalityOf({ municipalities }: Deps, actor: Actor): string | undefined {
  if (actor.kind !== 'system' || actor.system !== 'tax-documents') return undefined;
  return Object.keys(municipalities).find((code) => municipalities[code]?.split('/')[0] === actor.organisation);
}
