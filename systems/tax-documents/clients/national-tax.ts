import { readSigned } from '@musubi/contracts/exchange/signed.ts';
import {
  fetchReturnImage,
  listReturnImages,
  maxImagePackage,
  type ReturnImageCover,
  returnImageCover,
  returnImageCoverType,
  returnImageMembers,
  returnImagePackageType,
  stateReturnImage,
} from '@musubi/contracts/tax-return/return-image.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/** The line to the tax agency. */
export interface NationalTaxLine {
  readonly peers: Pick<PeerClient, 'call'>;
  readonly identity: Pick<Identity, 'encryption'>;
  readonly trust: Trust;
  /** Instance of the agency: `eltax/etax`. */
  readonly agency: string;
  /** The ward's own code. */
  readonly municipality: string;
  now(): Temporal.Instant;
}

/** At most as many as one round takes. */
export const waitingImages = async (
  line: NationalTaxLine,
  limit: number,
): Promise<Result<readonly string[], string>> => {
  const listed = await line.peers.call(listReturnImages, line.agency, {}, { limit });
  return listed.ok ? ok(listed.value.images) : listed;
};

export interface FetchedImage {
  readonly cover: ReturnImageCover;
  readonly pdf: Buffer;
}
/** What is wrong with an image that came: the agency is told this word. */
export type ImageFault = 'cover-not-signed' | 'other-municipality' | 'other-image' | 'package-unreadable' | 'not-a-pdf';

/** One image as the agency signed it; `fault` where what came is not that. An error is a line that did not answer. */
export async function fetchImage(
  line: NationalTaxLine,
  imageId: string,
): Promise<Result<Result<FetchedImage, ImageFault>, string>> {
  const fetched = await line.peers.call(fetchReturnImage, line.agency, { imageId }, {}, { timeoutMs: 30_000 });
  return fetched.ok ? ok(openImage(line, imageId, fetched.value)) : fetched;
}

export function openImage(
  { trust, identity, agency, municipality, now }: NationalTaxLine,
  imageId: string,
  came: { readonly cover: string; readonly package: string },
): Result<FetchedImage, ImageFault> {
  const read = readSigned(came.cover, returnImageCoverType, returnImageCover, trust, now());
  if (!read.ok || partyId(read.value.signer) !== agency) return err('cover-not-signed');
  const cover = read.value.payload;
  if (cover.municipality !== municipality) return err('other-municipality');
  const opened = openJwe(came.package, {
    privateKey: identity.encryption.key,
    typ: returnImagePackageType,
    members: returnImageMembers,
    maxLength: maxImagePackage,
  });
  if (!opened.ok) return err('package-unreadable');
  const { plaintext: pdf, members } = opened.value;
  if (cover.imageId !== imageId || members.imageId !== imageId) return err('other-image');
  if (members.pdfSha256 !== cover.pdfSha256 || sha256Hex(pdf) !== cover.pdfSha256) return err('other-image');
  if (pdf.subarray(0, 5).toString('latin1') !== '%PDF-') return err('not-a-pdf');
  return ok({ cover, pdf });
}

/** Says what became of it; the same statement may be made again. */
export const stateImage = (
  { peers, agency }: NationalTaxLine,
  imageId: string,
  fault: ImageFault | null,
): Promise<Result<unknown, string>> =>
  peers.call(
    stateReturnImage,
    agency,
    { imageId },
    fault === null ? { outcome: 'received' } : { outcome: 'returned', reason: fault },
  );
