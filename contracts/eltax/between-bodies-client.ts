import { X509Certificate } from 'node:crypto';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { openJwe, sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { type Party, partyId } from '@musubi/kernel/pki/party.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { readSigned, signMessage } from '../exchange/signed.ts';
import {
  fetchTransfer,
  listBodies,
  listTransfers,
  receiptTransfer,
  sendTransfer,
  type TransferCover,
  type TransferReceipt,
  transferCover,
  transferCoverType,
  transferPackageMembers,
  transferPackageType,
  transferReceipt,
  transferReceiptType,
  transferStatus,
} from './between-bodies.ts';

/** A municipality's own end of the line between bodies. Nothing here is kept. */
export interface BodiesLine {
  readonly peers: Pick<PeerClient, 'call'>;
  readonly identity: Pick<Identity, 'signing' | 'encryption'>;
  readonly trust: Trust;
  certificateOf(peer: Party, purpose: 'encryption'): Promise<readonly Buffer[]>;
  /** Instance id of the centre: `eltax/eltax`. */
  readonly eltax: string;
  now(): Temporal.Instant;
}

export interface Body {
  readonly municipality: string;
  readonly party: string;
}

/** Bodies that can be sent to. */
export async function knownBodies({
  peers,
  eltax,
}: Pick<BodiesLine, 'peers' | 'eltax'>): Promise<Result<Body[], string>> {
  const listed = await peers.call(listBodies, eltax, {}, {});
  return listed.ok ? ok([...listed.value.bodies]) : listed;
}

/** Sends one package, encrypted to the receiver's own certificate; safe to repeat under the same transfer id. */
export async function sendToBody(
  line: BodiesLine,
  cover: Omit<TransferCover, 'v' | 'fileSha256'>,
  file: Uint8Array,
): Promise<Result<unknown, string>> {
  const bodies = await knownBodies(line);
  if (!bodies.ok) return bodies;
  const receiver = bodies.value.find(({ municipality }) => municipality === cover.to);
  if (receiver === undefined) return err('no-such-body');
  const [organisation = '', system = ''] = receiver.party.split('/');
  const [leaf] = await line.certificateOf({ organisation, system }, 'encryption');
  if (leaf === undefined) return err('no-certificate');
  const payload = transferCover.parse({ v: 1, ...cover, fileSha256: sha256Hex(file) });
  return line.peers.call(
    sendTransfer,
    line.eltax,
    {},
    {
      cover: signMessage(line.identity, transferCoverType, payload),
      package: sealJwe({
        recipient: new X509Certificate(leaf).publicKey,
        typ: transferPackageType,
        plaintext: Buffer.from(file),
        members: { transferId: payload.transferId, fileSha256: payload.fileSha256 },
      }),
    },
    { timeoutMs: 30_000 },
  );
}

export interface ReceivedTransfer {
  readonly cover: TransferCover;
  readonly coverJws: string;
  /** Who signed the cover; whether they stand for the municipality that it names is the centre's to know. */
  readonly from: string;
  readonly file: Buffer;
}

/** Ids of what waits here. */
export async function waitingTransfers(line: Pick<BodiesLine, 'peers' | 'eltax'>): Promise<Result<string[], string>> {
  const listed = await line.peers.call(listTransfers, line.eltax, {}, { limit: 100 });
  return listed.ok ? ok(listed.value.transfers.map(({ transferId }) => transferId)) : listed;
}

/** One package, its cover verified and its content opened and compared with it. */
export async function fetchFromBody(line: BodiesLine, transferId: string): Promise<Result<ReceivedTransfer, string>> {
  const fetched = await line.peers.call(fetchTransfer, line.eltax, { transferId }, {}, { timeoutMs: 30_000 });
  if (!fetched.ok) return fetched;
  const cover = readSigned(fetched.value.cover, transferCoverType, transferCover, line.trust, line.now());
  if (!cover.ok) return err('cover-not-signed');
  const opened = openJwe(fetched.value.package, {
    privateKey: line.identity.encryption.key,
    typ: transferPackageType,
    members: transferPackageMembers,
    maxLength: 8_000_000,
  });
  if (!opened.ok) return err('package-unreadable');
  const { plaintext, members } = opened.value;
  const { payload, signer } = cover.value;
  const isThis = payload.transferId === transferId && members.transferId === transferId;
  if (!isThis || sha256Hex(plaintext) !== payload.fileSha256) return err('other-package');
  return ok({ cover: payload, coverJws: fetched.value.cover, from: partyId(signer), file: plaintext });
}

/** Says what became of a package. */
export const stateReceipt = (line: BodiesLine, receipt: Omit<TransferReceipt, 'v'>): Promise<Result<unknown, string>> =>
  line.peers.call(
    receiptTransfer,
    line.eltax,
    { transferId: receipt.transferId },
    { receipt: signMessage(line.identity, transferReceiptType, transferReceipt.parse({ v: 1, ...receipt })) },
  );

/** The receiver's word about a package of ours; undefined while there is none. One about another package or of another signer is none. */
export async function receiptOf(
  line: BodiesLine,
  sent: { readonly transferId: string; readonly to: string; readonly file: Uint8Array },
): Promise<Result<{ readonly receipt: TransferReceipt; readonly signed: string } | undefined, string>> {
  const status = await line.peers.call(transferStatus, line.eltax, { transferId: sent.transferId }, {});
  if (!status.ok) return status;
  if (status.value.receipt === null) return ok(undefined);
  const read = readSigned(status.value.receipt, transferReceiptType, transferReceipt, line.trust, line.now());
  if (!read.ok) return err('receipt-not-signed');
  const bodies = await knownBodies(line);
  if (!bodies.ok) return bodies;
  const signer = bodies.value.find(({ municipality }) => municipality === sent.to)?.party;
  const { payload } = read.value;
  const isThis = payload.transferId === sent.transferId && payload.by === sent.to;
  if (!isThis || payload.fileSha256 !== sha256Hex(sent.file) || partyId(read.value.signer) !== signer)
    return err('receipt-of-another-package');
  return ok({ receipt: payload, signed: status.value.receipt });
}
