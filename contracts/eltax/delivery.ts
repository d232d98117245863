import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';

/*
 * eLTAX → the tax system of a municipality. The municipality asks what waits, fetches a package, and says what became of it.
 * A package may be fetched again (a broken transfer, a lost file) until its retention ends; it counts once, because it keeps
 * its delivery id and its outcome is stated once. Receptions = taken in + returned + waiting, in packages and in records.
 */

const uuid = z.uuid();
const jws = z.string().max(65_536);
const jwe = z.string().max(24_000_000);
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
/** 受付番号: 16 digits, civil date of the reception and a running number. */
export const receptionNumber = z.string().regex(/^[0-9]{16}$/);
export const municipalityCode = z.string().regex(/^[0-9]{6}$/);
export const corporateNumber = z.string().regex(/^[0-9]{13}$/);
/**
 * 手続: one word a kind of document. 確定申告書データ comes from the tax agency (国税連携), 申告特例通知 from the municipality that was
 * given to; both are filed like a payer's reports.
 */
export const procedure = z.enum(['salary-payment-report', 'pension-payment-report', 'tax-return', 'one-stop-notice']);
export type Procedure = z.infer<typeof procedure>;
const count = z.int().min(0).max(1_000_000);

/** 総括表 for one destination, as the payer states it; unchecked here (the receiving body's rule W12). */
export const reportSummary = z.strictObject({
  designationNumber: z.string().max(12).nullable(),
  municipality: municipalityCode,
  specialCollection: count,
  ordinaryCollectionLeft: count,
  ordinaryCollectionOther: count,
  total: count,
});
export type FiledSummary = z.infer<typeof reportSummary>;

export const payer = z.strictObject({ corporateNumber, name: z.string().min(1).max(60) });

/** What eLTAX says about a package and signs (JWS typ musubi-eltax-cover, chain in x5c). */
export const deliveryCover = z.strictObject({
  v: z.literal(1),
  deliveryId: uuid,
  receptionNumber,
  receivedAt: instant,
  procedure,
  /** Calendar year of the pay: 2025 for 令和7年分. */
  incomeYear: z.int().min(2016).max(2100),
  payer,
  municipality: municipalityCode,
  /** Lines in this package, those with faults too. */
  records: count,
  summary: reportSummary.nullable(),
  /** Of the package's plaintext: the lines of the form, the sender's own bytes. */
  fileSha256: sha256Hex,
  fileLength: z.int().min(1),
});
export type DeliveryCover = z.infer<typeof deliveryCover>;
export const coverType = 'musubi-eltax-cover';

/** JWE typ of the package; protected members `deliveryId` and `fileSha256`, both equal to those of the cover. */
export const packageType = 'musubi-eltax-package';
export const packageMembers = ['deliveryId', 'fileSha256'] as const;

export const deliveryOutcome = z.discriminatedUnion('outcome', [
  /** 取込済: accepted + rejected = records. */
  z.strictObject({ outcome: z.literal('taken-in'), accepted: count, rejected: count }),
  /** 返戻: refused as a whole; the reason is a code, the payer reads it. */
  z.strictObject({
    outcome: z.literal('returned'),
    reason: z.string().regex(/^[a-z0-9][a-z0-9-]{1,59}$/),
  }),
]);
export type DeliveryOutcome = z.infer<typeof deliveryOutcome>;

export const delivery = z.strictObject({
  deliveryId: uuid,
  receptionNumber,
  procedure,
  incomeYear: z.int(),
  payer,
  municipality: municipalityCode,
  records: count,
  availableAt: instant,
  /** First fetch; null: never fetched. */
  fetchedAt: instant.nullable(),
  fetches: count,
  outcome: deliveryOutcome.nullable(),
});
export type Delivery = z.infer<typeof delivery>;

const right = ['eltax', 'delivery'] as const;

/** Packages for the caller's municipality, oldest first. `waiting`: no outcome stated yet, fetched or not. */
export const listDeliveries = defineEndpoint({
  id: 'eltax.list-deliveries',
  method: 'POST',
  path: '/deliveries/list',
  right: [...right, 'read'],
  request: z.strictObject({
    state: z.enum(['waiting', 'all']),
    /** Last `deliveryId` of the page before; ids sort by time. */
    after: uuid.nullable(),
    limit: z.int().min(1).max(200),
  }),
  response: z.strictObject({ deliveries: z.array(delivery), more: z.boolean() }),
  errors: { 'not-a-destination': { status: 403, title: '提出先の団体として登録されていません' } },
});

/** One package, encrypted to the caller's own encryption certificate. Safe to repeat; every fetch is recorded. */
export const fetchDelivery = defineEndpoint({
  id: 'eltax.fetch-delivery',
  method: 'POST',
  path: '/deliveries/:deliveryId/fetch',
  params: z.strictObject({ deliveryId: uuid }),
  right: [...right, 'update'],
  request: z.strictObject({}),
  response: z.strictObject({ cover: jws, package: jwe }),
  errors: {
    'not-a-destination': { status: 403, title: '提出先の団体として登録されていません' },
    'no-such-delivery': { status: 404, title: '該当する配信データがありません' },
    'delivery-erased': { status: 410, title: '保存期間を過ぎたため消去されています' },
  },
});

/** What became of a package, stated once. The same statement again is answered the same; another one is refused. */
export const acknowledgeDelivery = defineEndpoint({
  id: 'eltax.acknowledge-delivery',
  method: 'POST',
  path: '/deliveries/:deliveryId/acknowledge',
  params: z.strictObject({ deliveryId: uuid }),
  right: [...right, 'update'],
  /** Repeats are told by the delivery id itself, so that a repeat after weeks is still answered. */
  request: z.strictObject({ fileSha256: sha256Hex, outcome: deliveryOutcome }),
  response: z.strictObject({ acknowledgedAt: instant }),
  errors: {
    'not-a-destination': { status: 403, title: '提出先の団体として登録されていません' },
    'no-such-delivery': { status: 404, title: '該当する配信データがありません' },
    'never-fetched': { status: 409, title: '取得されていない配信データです' },
    'other-file': { status: 422, title: '配信データのダイジェストが一致しません' },
    'counts-differ': { status: 422, title: '受入件数と不受理件数の合計が件数と一致しません' },
    'outcome-already-stated': { status: 409, title: '異なる取込結果がすでに登録されています' },
  },
});

const packagesAndRecords = z.strictObject({ packages: count, records: count });
/** Counts for the caller's municipality and an income year: what must be nothing before a levy run is `waiting`. */
export const deliveryBalance = defineEndpoint({
  id: 'eltax.delivery-balance',
  method: 'POST',
  path: '/deliveries/balance',
  right: [...right, 'read'],
  request: z.strictObject({ procedure, incomeYear: z.int().min(2016).max(2100) }),
  response: z.strictObject({
    municipality: municipalityCode,
    total: packagesAndRecords,
    waiting: packagesAndRecords,
    takenIn: packagesAndRecords.extend({ accepted: count, rejected: count }),
    returned: packagesAndRecords,
    /** Receptions of any payer still under examination; their packages are not yet known. */
    underExamination: count,
  }),
  errors: { 'not-a-destination': { status: 403, title: '提出先の団体として登録されていません' } },
});
