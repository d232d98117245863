import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';

/*
 * A body ⇄ the printing contractor (帳票作成・印刷・封入封緘・発送). A job is announced by a signed manifest, its parts follow encrypted to the
 * contractor, the contractor reports counts under its own signature, and after the job was closed it erases what it got and signs that too.
 * Everything may be repeated: a job, a part and an erasure are told by their ids.
 */

const uuid = z.uuid();
const jws = z.string().max(262_144);
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0).max(1_000_000);
const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);

/** Longest part, in characters of its JWE: a hundred documents of some 150 kB. */
export const maxPartLength = 28_000_000;

export const form = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  version: z.int().min(1).max(9_999),
});

/** 印刷依頼 (JWS typ `musubi-print-job`, chain in x5c). */
export const printManifest = z.strictObject({
  v: z.literal(1),
  jobId: uuid,
  /** 試し刷り: the probe records of `face.ts`, whose sheets are read back and not sent. */
  purpose: z.enum(['proof', 'bulk']),
  form,
  documents: z.int().min(1).max(1_000_000),
  pages: count,
  parts: z
    .array(z.strictObject({ no: z.int().min(1), sha256: sha256Hex, documents: z.int().min(1) }))
    .min(1)
    .max(1_000),
});
export type PrintManifest = z.infer<typeof printManifest>;
export const printManifestType = 'musubi-print-job';

/** 受付 (JWS typ `musubi-print-receipt`): names the manifest by the digest of its text. */
export const printReceipt = z.strictObject({
  v: z.literal(1),
  jobId: uuid,
  manifestSha256: sha256Hex,
  receivedAt: instant,
});
export const printReceiptType = 'musubi-print-receipt';

/** JWE typ of a part; protected members `jobId` and `no`. */
export const printPartType = 'musubi-print-part';
export const printPartMembers = ['jobId', 'no'] as const;

/** 作業報告 (JWS typ `musubi-print-report`): counts as they are today; a later report takes the place of an earlier one. */
export const printReport = z.strictObject({
  v: z.literal(1),
  jobId: uuid,
  state: z.enum(['waiting-for-parts', 'printed', 'dispatched', 'erased']),
  /** Envelopes: made, spoiled and destroyed, handed to the post. */
  printed: count,
  spoiled: count,
  dispatched: count,
  /** Of a proof: what stands in each box on paper, record by record; empty for any other job. */
  faces: z
    .array(z.strictObject({ position: z.int().min(1), boxes: z.record(z.string().max(40), z.string().max(200)) }))
    .max(100),
  reportedAt: instant,
});
export type PrintReport = z.infer<typeof printReport>;
export const printReportType = 'musubi-print-report';

/** 消去証明 (JWS typ `musubi-print-erasure`). */
export const printErasure = z.strictObject({ v: z.literal(1), jobId: uuid, parts: count, erasedAt: instant });
export const printErasureType = 'musubi-print-erasure';

const right = ['printing', 'job'] as const;
const job = { params: z.strictObject({ jobId: uuid }) };
const notOurs = { 'no-such-job': { status: 404, title: '受け付けていない印刷依頼です' } } as const;

export const givePrintJob = defineEndpoint({
  id: 'printing.give-job',
  method: 'POST',
  path: '/print-jobs',
  right: [...right, 'update'],
  request: z.strictObject({ manifest: jws }),
  response: z.strictObject({ receipt: jws }),
  maxBodyBytes: 524_288,
  errors: {
    'bad-signature': { status: 422, title: '電子署名を確認できません' },
    'unknown-form': { status: 422, title: '登録されていない帳票の版です' },
    'job-differs': { status: 409, title: '同じ番号で内容の異なる印刷依頼を受け付けています' },
  },
});

export const givePrintPart = defineEndpoint({
  id: 'printing.give-part',
  method: 'POST',
  path: '/print-jobs/:jobId/parts',
  ...job,
  right: [...right, 'update'],
  request: z.strictObject({ no: z.int().min(1), part: z.string().max(maxPartLength) }),
  response: z.strictObject({ received: count, complete: z.boolean() }),
  maxBodyBytes: maxPartLength + 4_096,
  errors: {
    ...notOurs,
    'cannot-open': { status: 422, title: '印刷用データを復号できません' },
    'part-differs': { status: 422, title: '印刷用データが印刷依頼と一致しません' },
    'other-form': { status: 422, title: '印刷用データの帳票の版が印刷依頼と一致しません' },
  },
});

export const readPrintReport = defineEndpoint({
  id: 'printing.read-report',
  method: 'POST',
  path: '/print-jobs/:jobId/report',
  ...job,
  right: [...right, 'read'],
  request: z.strictObject({}),
  response: z.strictObject({ report: jws }),
  errors: notOurs,
});

export const erasePrintJob = defineEndpoint({
  id: 'printing.erase-job',
  method: 'POST',
  path: '/print-jobs/:jobId/erase',
  ...job,
  right: [...right, 'update'],
  request: z.strictObject({}),
  response: z.strictObject({ erasure: jws }),
  errors: { ...notOurs, 'not-dispatched': { status: 409, title: '発送が終わっていない印刷依頼です' } },
});
