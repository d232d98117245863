import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { filedDocument } from '../tax-documents/filing.ts';
import { municipalityCode } from './delivery.ts';

/*
 * 団体間回送: what one municipality's tax office sends to another by way of the centre of national and local taxes. The centre passes
 * on what it cannot read: the sender encrypts to the receiver and signs the cover, the receiver signs what became of it. What a
 * package holds is our own definition; the offices' real formats are not published.
 * @law 地方税法 第294条第3項 (住登外課税の通知), 番号利用法 第19条第10号
 * @source requirements 002 NTL-F2, RTX-F8
 */

const uuid = z.uuid();
const jws = z.string().max(65_536);
const jwe = z.string().max(8_000_000);
const party = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/);
const fiscalYear = z.int().min(2017).max(2100);
const text = z.string().min(1).max(200);

/**
 * `forwarded-documents`: 課税資料の回送. `outside-levy-notice`: 住登外課税通知. `one-stop-notices`: 申告特例通知書, whose file is one of ST01
 * (`contracts/tax-return/one-stop-notice.ts`).
 */
export const transferKind = z.enum(['forwarded-documents', 'outside-levy-notice', 'one-stop-notices']);
export type TransferKind = z.infer<typeof transferKind>;

/** What the sender says about a package and signs; it names nobody. */
export const transferCover = z.strictObject({
  v: z.literal(1),
  transferId: uuid,
  kind: transferKind,
  from: z.strictObject({ municipality: municipalityCode, name: text }),
  to: municipalityCode,
  /** 課税年度. Documents are those of the year before. */
  fiscalYear,
  records: z.int().min(1).max(100_000),
  fileSha256: z.string().regex(/^[0-9a-f]{64}$/),
  sentOn: z.iso.date(),
});
export type TransferCover = z.infer<typeof transferCover>;
export const transferCoverType = 'musubi-body-transfer';
/** JWE typ of the package, encrypted to the receiver; its protected members are those of the cover. */
export const transferPackageType = 'musubi-body-package';
export const transferPackageMembers = ['transferId', 'fileSha256'] as const;

/** One line (JSON, UTF-8, CR LF) of a package of forwarded documents: the document as it was filed, under the sender's own id. */
export const forwardedDocument = filedDocument;

/** One line of a package of notices: this municipality taxes somebody who is registered in yours. */
export const outsideLevyNotice = z.strictObject({
  individualNumber: z.string().regex(/^[0-9]{12}$/),
  name: z.string().min(1).max(100),
  nameKana: z.string().min(1).max(100),
  birthDate: z.iso.date(),
  /** Where the person is registered, as the sender knows it. */
  address: z.string().min(1).max(200),
  /** 賦課の根拠. */
  ground: text,
  /** 課税した年度 and the day of the decision. */
  fiscalYear,
  decidedOn: z.iso.date(),
});
export type OutsideLevyNotice = z.infer<typeof outsideLevyNotice>;

/** What became of a package: taken whole, or returned whole with a word. Signed by the receiver. */
export const transferReceipt = z.strictObject({
  v: z.literal(1),
  transferId: uuid,
  fileSha256: z.string().regex(/^[0-9a-f]{64}$/),
  by: municipalityCode,
  outcome: z.enum(['received', 'returned']),
  /** With `returned`: a code, such as `not-registered-here`. */
  reason: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{1,59}$/)
    .nullable(),
  on: z.iso.date(),
});
export type TransferReceipt = z.infer<typeof transferReceipt>;
export const transferReceiptType = 'musubi-body-receipt';

const right = ['eltax', 'transfer'] as const;
const notABody = { 'not-a-destination': { status: 403, title: '送付先の団体として登録されていません' } } as const;

/** Bodies that can be sent to, the caller's own left out. */
export const listBodies = defineEndpoint({
  id: 'eltax.list-bodies',
  method: 'POST',
  path: '/bodies/list',
  right: [...right, 'read'],
  request: z.strictObject({}),
  response: z.strictObject({ bodies: z.array(z.strictObject({ municipality: municipalityCode, party })) }),
  errors: notABody,
});

/** A package to one body. The same transfer again is answered the same; another content under its id is refused. */
export const sendTransfer = defineEndpoint({
  id: 'eltax.send-transfer',
  method: 'POST',
  path: '/transfers',
  right: [...right, 'update'],
  maxBodyBytes: 12 * 1024 * 1024,
  request: z.strictObject({ cover: jws, package: jwe }),
  response: z.strictObject({ acceptedAt: z.string() }),
  errors: {
    ...notABody,
    'bad-signature': { status: 422, title: '送付票の署名を確かめられません' },
    'no-such-body': { status: 404, title: '送付先の団体が登録されていません' },
    'transfer-number-used': { status: 409, title: '同じ番号で内容の異なる送付があります' },
  },
});

/** Packages for the caller that have no outcome yet, the oldest first. */
export const listTransfers = defineEndpoint({
  id: 'eltax.list-transfers',
  method: 'POST',
  path: '/transfers/list',
  right: [...right, 'read'],
  request: z.strictObject({ limit: z.int().min(1).max(100) }),
  response: z.strictObject({ transfers: z.array(z.strictObject({ transferId: uuid, cover: jws })) }),
  errors: notABody,
});

export const fetchTransfer = defineEndpoint({
  id: 'eltax.fetch-transfer',
  method: 'POST',
  path: '/transfers/:transferId/fetch',
  params: z.strictObject({ transferId: uuid }),
  right: [...right, 'update'],
  request: z.strictObject({}),
  response: z.strictObject({ cover: jws, package: jwe }),
  errors: { ...notABody, 'no-such-transfer': { status: 404, title: '該当する送付がありません' } },
});

/** The receiver's signed word about a package, once; the same outcome again is answered the same. */
export const receiptTransfer = defineEndpoint({
  id: 'eltax.receipt-transfer',
  method: 'POST',
  path: '/transfers/:transferId/receipt',
  params: z.strictObject({ transferId: uuid }),
  right: [...right, 'update'],
  request: z.strictObject({ receipt: jws }),
  response: z.strictObject({}),
  errors: {
    ...notABody,
    'bad-signature': { status: 422, title: '受領票の署名を確かめられません' },
    'no-such-transfer': { status: 404, title: '該当する送付がありません' },
    'outcome-already-stated': { status: 409, title: '異なる受領結果がすでに登録されています' },
  },
});

/** For the sender: the receiver's signed word, null while there is none. */
export const transferStatus = defineEndpoint({
  id: 'eltax.transfer-status',
  method: 'POST',
  path: '/transfers/:transferId/status',
  params: z.strictObject({ transferId: uuid }),
  right: [...right, 'read'],
  request: z.strictObject({}),
  response: z.strictObject({ receipt: jws.nullable() }),
  errors: { ...notABody, 'no-such-transfer': { status: 404, title: '該当する送付がありません' } },
});
