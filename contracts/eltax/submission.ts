import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { corporateNumber, municipalityCode, payer, procedure, receptionNumber, reportSummary } from './delivery.ts';

/*
 * A payer → eLTAX. The payer's certificate names it (organisation `corp-` and its Corporate Number, system `payer`); the same
 * certificate family signs the manifest, so that the signature is the evidence and TLS only the way. Sent is not received:
 * a submission is received when its payer holds the receipt. Sending again under the same submission id gives that receipt.
 */

const uuid = z.uuid();
const jws = z.string().max(65_536);
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
const count = z.int().min(0).max(1_000_000);

/** Longest file, in characters of its JWE: about 11 MB of CSV, some 20,000 persons. What goes out must pass as an answer too. */
export const maxFileLength = 15_000_000;

/** `corp-1234567890123` → the Corporate Number that a payer's certificate names. */
export const payerNumberOf = (organisation: string): string | undefined => /^corp-([0-9]{13})$/.exec(organisation)?.[1];
export const payerParty = (number: string) => ({ organisation: `corp-${number}`, system: 'payer' });

/** What the payer says about the file and signs (JWS typ musubi-eltax-submission, chain in x5c). */
export const submissionManifest = z.strictObject({
  v: z.literal(1),
  /** Made once per filing and kept through every repeat. */
  submissionId: uuid,
  procedure,
  incomeYear: z.int().min(2016).max(2100),
  payer,
  /** Lines of the file. */
  records: z.int().min(1).max(1_000_000),
  fileSha256: sha256Hex,
  fileLength: z.int().min(1),
  /** 総括表, one for each municipality that the file names. */
  summaries: z.array(reportSummary).max(2_000),
});
export type SubmissionManifest = z.infer<typeof submissionManifest>;
export const submissionType = 'musubi-eltax-submission';

/** JWE typ of the file, encrypted to eLTAX; protected members `submissionId`. */
export const submittedFileType = 'musubi-eltax-file';
export const submittedFileMembers = ['submissionId'] as const;

/** 受付通知 (JWS typ musubi-eltax-receipt). It names the manifest by digest and holds none of the file. */
export const receipt = z.strictObject({
  v: z.literal(1),
  submissionId: uuid,
  receptionNumber,
  receivedAt: instant,
  /** Civil day of the reception: what a due date is compared with. */
  receivedOn: z.iso.date(),
  payerNumber: corporateNumber,
  procedure,
  incomeYear: z.int(),
  records: count,
  /** SHA-256 of the manifest's JWS text as it was first received. */
  manifestSha256: sha256Hex,
});
export type Receipt = z.infer<typeof receipt>;
export const receiptType = 'musubi-eltax-receipt';

const right = ['eltax', 'submission'] as const;

/** 申告データの送信. Repeats are told by the submission id; there is no request key, because every try is encrypted anew. */
export const submitReports = defineEndpoint({
  id: 'eltax.submit',
  method: 'POST',
  path: '/submissions',
  right: [...right, 'update'],
  request: z.strictObject({ manifest: jws, file: z.string().max(maxFileLength) }),
  response: z.strictObject({ receipt: jws }),
  maxBodyBytes: maxFileLength + 131_072,
  errors: {
    'not-a-payer': { status: 403, title: '利用者の証明書ではありません' },
    'bad-signature': { status: 422, title: '電子署名を確認できません' },
    'other-payer': { status: 403, title: '署名者と送信者が一致しません' },
    'cannot-open': { status: 422, title: '申告データを復号できません' },
    'file-incomplete': { status: 422, title: '申告データが途中で切れているか、送信票と一致しません' },
    'submission-id-reused': { status: 409, title: '同じ送信番号で内容の異なる申告データがすでに受け付けられています' },
    'duplicate-file': { status: 409, title: '同じ申告データがすでに受け付けられています' },
  },
});

/** 審査結果 and what became of the parts. */
export const submissionState = z.strictObject({
  receipt: jws,
  /** 受付, 審査済 (配信), 返戻. */
  state: z.enum(['received', 'accepted', 'returned']),
  /** Why the whole file was returned: codes, with record numbers where records are at fault. Never a value. */
  reasons: z.array(z.strictObject({ code: z.string(), rows: z.array(z.int()).max(100) })),
  parts: z.array(
    z.strictObject({
      municipality: municipalityCode,
      records: count,
      state: z.enum(['waiting', 'fetched', 'taken-in', 'returned']),
      accepted: count.nullable(),
      rejected: count.nullable(),
      reason: z.string().nullable(),
    }),
  ),
});
export type SubmissionState = z.infer<typeof submissionState>;

export const submissionStatus = defineEndpoint({
  id: 'eltax.submission-status',
  method: 'POST',
  path: '/submissions/status',
  right: [...right, 'read'],
  request: z.strictObject({ submissionId: uuid }),
  response: submissionState,
  errors: {
    'not-a-payer': { status: 403, title: '利用者の証明書ではありません' },
    'no-such-submission': { status: 404, title: '受け付けられていません' },
  },
});

/** Chain of the certificate to which files are encrypted (DER, base64, leaf first); the payer verifies it itself. */
export const encryptionCertificate = defineEndpoint({
  id: 'eltax.encryption-certificate',
  method: 'POST',
  path: '/encryption-certificate',
  right: [...right, 'read'],
  request: z.strictObject({}),
  response: z.strictObject({ chain: z.array(z.string().max(8_192)).min(2).max(4) }),
});
