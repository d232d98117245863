import { X509Certificate } from 'node:crypto';
import { signMessage } from '@musubi/contracts/exchange/signed.ts';
import {
  handInReturnImage,
  type ReturnImageCover,
  returnImageCover,
  returnImageCoverType,
  returnImagePackageType,
} from '@musubi/contracts/tax-return/return-image.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import type { Result } from '@musubi/kernel/result/result.ts';

/** An office of the tax agency, with its own certificate (`payerParty(taxAgencyNumber)`). */
export interface Office {
  readonly peers: Pick<PeerClient, 'call'>;
  readonly identity: Pick<Identity, 'signing'>;
  /** Encryption certificate of the agency's instance (DER). */
  readonly agencyCertificate: Buffer;
}

/** Hands in the scan of one paper return. Safe to repeat. */
export async function handIn(
  { peers, identity, agencyCertificate }: Office,
  about: Omit<ReturnImageCover, 'v' | 'pdfSha256' | 'pdfLength'>,
  pdf: Uint8Array,
): Promise<Result<{ readonly imageId: string }, string>> {
  const pdfSha256 = sha256Hex(pdf);
  const cover = returnImageCover.parse({ v: 1, ...about, pdfSha256, pdfLength: pdf.length });
  return peers.call(
    handInReturnImage,
    'eltax/etax',
    {},
    {
      cover: signMessage(identity, returnImageCoverType, cover),
      package: sealJwe({
        recipient: new X509Certificate(agencyCertificate).publicKey,
        typ: returnImagePackageType,
        plaintext: Buffer.from(pdf),
        members: { imageId: about.imageId, pdfSha256 },
      }),
    },
    { timeoutMs: 30_000 },
  );
}
