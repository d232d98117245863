import { createHash, type X509Certificate } from 'node:crypto';
import type { FiledSummary, Procedure } from '@musubi/contracts/eltax/delivery.ts';
import {
  encryptionCertificate,
  payerNumberOf,
  type Receipt,
  receipt as receiptSchema,
  receiptType,
  type SubmissionManifest,
  type SubmissionState,
  submissionManifest,
  submissionStatus,
  submissionType,
  submitReports,
  submittedFileType,
} from '@musubi/contracts/eltax/submission.ts';
import type { MachineClock } from '@musubi/kernel/clocks/clock.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { readJws, signatureStands, signJws } from '@musubi/kernel/crypto/jws.ts';
import type { CallError, PeerClient } from '@musubi/kernel/http/client.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { type PartyId, partyId } from '@musubi/kernel/pki/party.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/** What a payer's software has at hand. */
export interface Filer {
  readonly identity: Pick<Identity, 'organisation' | 'system' | 'signing'>;
  readonly peers: PeerClient;
  readonly trust: Trust;
  readonly machineClock: MachineClock;
  /** `eltax/eltax` */
  readonly portal: PartyId;
}

export interface FilingOrder {
  /** UUIDv7; made once, written down before the first try, and kept until there is a receipt. */
  readonly submissionId: string;
  readonly payerName: string;
  /** Salary reports where nothing is said. */
  readonly procedure?: Procedure;
  readonly incomeYear: number;
  /** The lines of the form, each ended by CR LF. */
  readonly file: Uint8Array;
  readonly summaries: readonly FiledSummary[];
  /** Lines; counted in the file where it is not given. */
  readonly records?: number;
}

export interface Receipted {
  readonly text: string;
  readonly receipt: Receipt;
}

type FilingError = CallError<typeof submitReports> | 'wrong-portal-certificate' | 'wrong-receipt';

/** The signed manifest: what the payer says. Made once for a filing; sending it again is the same filing. */
export function signManifest(identity: Filer['identity'], order: FilingOrder): string {
  const number = payerNumberOf(identity.organisation);
  if (number === undefined) throw new TypeError('not a payer’s identity');
  const payload: SubmissionManifest = submissionManifest.parse({
    v: 1,
    submissionId: order.submissionId,
    procedure: order.procedure ?? 'salary-payment-report',
    incomeYear: order.incomeYear,
    payer: { corporateNumber: number, name: order.payerName },
    records: order.records ?? Buffer.from(order.file).toString('latin1').split('\r\n').length - 1,
    fileSha256: createHash('sha256').update(order.file).digest('hex'),
    fileLength: order.file.byteLength,
    summaries: [...order.summaries],
  });
  const { key, chain } = identity.signing;
  return signJws({ key, typ: submissionType, signer: { x5c: chain }, payload });
}

/** The same manifest and file, encrypted to the portal; `submit` sends it as often as it takes. */
export function sealFile(portalKey: X509Certificate, submissionId: string, file: Uint8Array): string {
  return sealJwe({
    recipient: portalKey.publicKey,
    typ: submittedFileType,
    plaintext: file,
    members: { submissionId },
  });
}

/**
 * Files a report file and gives the verified receipt. Without a receipt nothing is filed: after `peer-timeout` or
 * `peer-unreachable` the caller keeps the submission id and calls again, next minute or next day (INC-12).
 */
export async function submit(
  filer: Filer,
  order: FilingOrder,
  options: { readonly tries?: number } = {},
): Promise<Result<Receipted, FilingError>> {
  const portalKey = await portalCertificate(filer);
  if (!portalKey.ok) return portalKey;
  const manifest = signManifest(filer.identity, order);
  const file = sealFile(portalKey.value, order.submissionId, order.file);
  for (let attempt = 1; ; attempt++) {
    const answer = await filer.peers.call(submitReports, filer.portal, {}, { manifest, file }, { timeoutMs: 60_000 });
    if (answer.ok) return readReceipt(filer, order.submissionId, answer.value.receipt);
    const lost = answer.error === 'peer-timeout' || answer.error === 'peer-unreachable';
    if (!lost || attempt >= (options.tries ?? 3)) return answer;
  }
}

/** Receipt and examination of an own filing. */
export async function askStatus(
  filer: Filer,
  submissionId: string,
): Promise<Result<SubmissionState, CallError<typeof submissionStatus>>> {
  return filer.peers.call(submissionStatus, filer.portal, {}, { submissionId });
}

async function portalCertificate(filer: Filer): Promise<Result<X509Certificate, FilingError>> {
  const answer = await filer.peers.call(encryptionCertificate, filer.portal, {}, {});
  if (!answer.ok) return answer;
  const chain = answer.value.chain.map((text) => Buffer.from(text, 'base64'));
  const verified = filer.trust.verifyChain(chain, 'encryption', filer.machineClock.now());
  return verified.ok && partyId(verified.value) === filer.portal
    ? ok(verified.value.certificate)
    : err('wrong-portal-certificate');
}

function readReceipt(filer: Filer, submissionId: string, text: string): Result<Receipted, 'wrong-receipt'> {
  const jws = readJws(text, { typ: receiptType });
  if (!jws.ok || !('x5c' in jws.value.signer)) return err('wrong-receipt');
  const signer = filer.trust.verifyChain(jws.value.signer.x5c, 'signing', filer.machineClock.now());
  if (!signer.ok || partyId(signer.value) !== filer.portal) return err('wrong-receipt');
  if (!signatureStands(jws.value, signer.value.certificate.publicKey)) return err('wrong-receipt');
  const receipt = receiptSchema.safeParse(jws.value.payload);
  if (!receipt.success || receipt.data.submissionId !== submissionId) return err('wrong-receipt');
  return ok({ text, receipt: receipt.data });
}
