import { readSigned } from '@musubi/contracts/exchange/signed.ts';
import {
  fetchPensionFile,
  givePensionFile,
  listPensionFiles,
  type PensionReceipt,
  pensionReceipt,
  pensionReceiptType,
} from '@musubi/contracts/pension-collection/line.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

export interface PensionLine {
  readonly peers: Pick<PeerClient, 'call'>;
  readonly trust: Trust;
  /** Instance of the pension insurer: `finance/pension`. */
  readonly pension: string;
}

export const waitingFiles = ({ peers, pension }: PensionLine, fiscalYear: number) =>
  peers.call(listPensionFiles, pension, {}, { fiscalYear });

/** One file, whole, as its digest says. */
export async function fetchFile({ peers, pension }: PensionLine, fileName: string): Promise<Result<Buffer, string>> {
  const fetched = await peers.call(fetchPensionFile, pension, {}, { fileName });
  if (!fetched.ok) return fetched;
  const content = Buffer.from(fetched.value.content, 'utf8');
  return sha256Hex(content) === fetched.value.sha256 ? ok(content) : err('file-altered');
}

/** Hands a file over. A receipt that the insurer did not sign, or that is about other bytes, is none. */
export async function giveFile(
  { peers, trust, pension }: PensionLine,
  fileName: string,
  content: Buffer,
  at: Temporal.Instant,
): Promise<Result<{ readonly receipt: PensionReceipt; readonly signed: string }, string>> {
  const given = await peers.call(givePensionFile, pension, {}, { fileName, content: content.toString('utf8') });
  if (!given.ok) return given;
  const read = readSigned(given.value.receipt, pensionReceiptType, pensionReceipt, trust, at);
  if (!read.ok || partyId(read.value.signer) !== pension) return err('receipt-not-signed');
  const receipt = read.value.payload;
  if (receipt.fileName !== fileName || receipt.sha256 !== sha256Hex(content)) return err('receipt-of-another-file');
  return ok({ receipt, signed: given.value.receipt });
}
