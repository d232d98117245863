import { X509Certificate } from 'node:crypto';
import { readSigned } from '@musubi/contracts/exchange/signed.ts';
import {
  erasePrintJob,
  givePrintJob,
  givePrintPart,
  type PrintReport,
  printErasure,
  printErasureType,
  printPartType,
  printReceipt,
  printReceiptType,
  printReport,
  printReportType,
  readPrintReport,
} from '@musubi/contracts/printing/jobs.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { z } from 'zod';

/** The line to the printing contractor. */
export interface PrintingLine {
  readonly peers: Pick<PeerClient, 'call'>;
  readonly trust: Trust;
  /** Instance of the contractor: `finance/printing`. */
  readonly printer: string;
  /** The contractor's encryption certificate (DER, leaf first), verified now. */
  printerCertificate(): Promise<readonly Buffer[]>;
}

/** Sends a job and its parts, each encrypted to the contractor; gives the contractor's signed receipt once all parts are there. */
export async function sendPrintJob(
  line: PrintingLine,
  job: {
    readonly jobId: string;
    readonly manifest: string;
    readonly parts: readonly { readonly no: number; readonly content: Uint8Array }[];
  },
  at: Temporal.Instant,
): Promise<Result<string, string>> {
  const given = await line.peers.call(givePrintJob, line.printer, {}, { manifest: job.manifest });
  if (!given.ok) return given;
  const receipt = read(line, given.value.receipt, printReceiptType, printReceipt, at);
  if (!receipt.ok) return receipt;
  if (receipt.value.jobId !== job.jobId || receipt.value.manifestSha256 !== sha256Hex(Buffer.from(job.manifest)))
    return err('receipt-of-another-job');
  const [leaf] = await line.printerCertificate();
  if (leaf === undefined) throw new Error('the contractor has no certificate to encrypt to');
  const recipient = new X509Certificate(leaf).publicKey;
  let complete = false;
  for (const { no, content } of job.parts) {
    const part = sealJwe({
      recipient,
      typ: printPartType,
      plaintext: content,
      members: { jobId: job.jobId, no: `${no}` },
    });
    const taken = await line.peers.call(
      givePrintPart,
      line.printer,
      { jobId: job.jobId },
      { no, part },
      { timeoutMs: 60_000 },
    );
    if (!taken.ok) return taken;
    complete = taken.value.complete;
  }
  return complete ? ok(given.value.receipt) : err('parts-missing');
}

export async function askPrintReport(
  line: PrintingLine,
  jobId: string,
  at: Temporal.Instant,
): Promise<Result<{ readonly report: PrintReport; readonly signed: string }, string>> {
  const told = await line.peers.call(readPrintReport, line.printer, { jobId }, {});
  if (!told.ok) return told;
  const report = read(line, told.value.report, printReportType, printReport, at);
  if (!report.ok) return report;
  return report.value.jobId === jobId
    ? ok({ report: report.value, signed: told.value.report })
    : err('report-of-another-job');
}

/** Has the data of a job erased; gives the signed certificate. */
export async function orderPrintErasure(
  line: PrintingLine,
  jobId: string,
  at: Temporal.Instant,
): Promise<Result<string, string>> {
  const done = await line.peers.call(erasePrintJob, line.printer, { jobId }, {});
  if (!done.ok) return done;
  const erasure = read(line, done.value.erasure, printErasureType, printErasure, at);
  if (!erasure.ok) return erasure;
  return erasure.value.jobId === jobId ? ok(done.value.erasure) : err('erasure-of-another-job');
}

/** What the contractor did not sign itself says nothing. */
function read<S extends z.ZodType>(
  line: PrintingLine,
  text: string,
  typ: string,
  schema: S,
  at: Temporal.Instant,
): Result<z.infer<S>, 'not-signed-by-the-contractor'> {
  const signed = readSigned(text, typ, schema, line.trust, at);
  return signed.ok && partyId(signed.value.signer) === line.printer
    ? ok(signed.value.payload)
    : err('not-signed-by-the-contractor');
}
