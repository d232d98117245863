import { X509Certificate } from 'node:crypto';
import { readSigned, signMessage } from '@musubi/contracts/exchange/signed.ts';
import {
  type DenialCover,
  type DenialReceipt,
  denialCover,
  denialCoverType,
  denialPackageType,
  denialReceipt,
  denialReceiptType,
  tellDeniedDependants,
} from '@musubi/contracts/tax-return/denied-dependants.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/** The line to the tax agency. */
export interface NationalTaxLine {
  readonly peers: Pick<PeerClient, 'call'>;
  readonly identity: Pick<Identity, 'signing'>;
  readonly trust: Trust;
  /** Instance of the agency: `eltax/etax`. */
  readonly agency: string;
  /** The agency's encryption certificate (DER, leaf first), verified now. */
  agencyCertificate(): Promise<readonly Buffer[]>;
  now(): Temporal.Instant;
}

/** Sends one file, encrypted to the agency; gives its signed word about exactly this file. Safe to repeat. */
export async function sendDenials(
  line: NationalTaxLine,
  cover: Omit<DenialCover, 'v'>,
  file: Uint8Array,
): Promise<Result<{ readonly receipt: DenialReceipt; readonly signed: string }, string>> {
  const [leaf] = await line.agencyCertificate();
  if (leaf === undefined) return err('no-certificate');
  const { noticeId, fileSha256 } = cover;
  const told = await line.peers.call(
    tellDeniedDependants,
    line.agency,
    {},
    {
      cover: signMessage(line.identity, denialCoverType, denialCover.parse({ v: 1, ...cover })),
      package: sealJwe({
        recipient: new X509Certificate(leaf).publicKey,
        typ: denialPackageType,
        plaintext: Buffer.from(file),
        members: { noticeId, fileSha256 },
      }),
    },
    { timeoutMs: 30_000 },
  );
  if (!told.ok) return told;
  const read = readSigned(told.value.receipt, denialReceiptType, denialReceipt, line.trust, line.now());
  if (!read.ok || partyId(read.value.signer) !== line.agency) return err('receipt-not-signed');
  const { payload } = read.value;
  if (payload.noticeId !== noticeId || payload.fileSha256 !== fileSha256) return err('receipt-of-another-file');
  return ok({ receipt: payload, signed: told.value.receipt });
}
