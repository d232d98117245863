import { createHmac } from 'node:crypto';
import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';

/*
 * 附票本人確認情報整合 (FPS-F6, MCS-F4), led by the municipality's server with the keyed, bucketed digests of
 * contracts/juki/reconciliation.ts: a key of this run from a secret of each end, digests of buckets, and the records of
 * the buckets that disagree, about sixty each. The file never moves, and nothing is reported before a run has ended.
 */

const uuid = z.uuid();
const secret = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const bits = z.int().min(4).max(16);
const buckets = z.array(z.int().min(0).max(65_535)).max(65_536);
const digests = z.array(z.string().regex(/^[A-Za-z0-9_-]{22}$/)).max(65_536);
const municipalityCode = z.string().regex(/^[0-9]{6}$/);
const code = z.string().regex(/^[0-9]{11}$/);
const right = ['juki', 'fuhyo-reconciliation', 'update'] as const;

/** Records of one run's differing buckets; more is no reconciliation but a wrong file. */
export const maxShown = 10_000;

/** What is compared of a person who is present. */
export const comparedSupplement = z.strictObject({
  residentRecordCode: code,
  name: z.string().max(100),
  nameKana: z.string().max(100),
  birthDate: z.iso.date(),
  sex: z.enum(['male', 'female', 'other']),
  addressMunicipalityCode: municipalityCode.nullable(),
  address: z.string().max(200),
  lastAddress: z.string().max(200).nullable(),
  recordState: z.enum(['domestic', 'abroad']),
});
export type ComparedSupplement = z.infer<typeof comparedSupplement>;
export const comparedItems = Object.keys(comparedSupplement.shape) as (keyof ComparedSupplement)[];

/** Stands for a whole record within the run. */
export const digestOfSupplement = (key: Uint8Array, record: ComparedSupplement): Buffer =>
  createHmac('sha256', key)
    .update(`supplement ${JSON.stringify(comparedItems.map((item) => record[item]))}`)
    .digest()
    .subarray(0, 16);

export const shownSupplement = z.strictObject({
  record: comparedSupplement,
  /** A notice about the person is on its way: a difference of now is none. */
  underWay: z.boolean(),
});
export type ShownSupplement = z.infer<typeof shownSupplement>;

/** Codes of persons who are no longer present and whose notice is on its way. */
const leaving = z.array(code).max(maxShown);

/** `missing`: the prefecture has no such person; `surplus`: the municipality has none. */
export const fuhyoDifference = z.strictObject({
  differenceId: uuid,
  kind: z.enum(['missing', 'surplus', 'differing']),
  residentRecordCode: code,
  items: z.array(z.string().max(40)).max(20),
});
export type FuhyoDifference = z.infer<typeof fuhyoDifference>;

const noRun = { 'no-such-run': { status: 404, title: 'この整合性確認は始まっていないか、終わっています' } } as const;

/** municipal-juki → fuhyo-link, one after the other. */
export const startFuhyoRun = defineEndpoint({
  id: 'fuhyo.reconciliation-start',
  method: 'POST',
  path: '/fuhyo-reconciliation/start',
  right,
  request: z.strictObject({ runId: uuid, municipalityCode, secret }),
  response: z.strictObject({ secret }),
  errors: {
    'not-your-municipality': { status: 403, title: '通知元の区市町村サーバではありません' },
    'run-reused': { status: 409, title: '同じ番号の整合性確認があります' },
  },
});
export const compareFuhyoBuckets = defineEndpoint({
  id: 'fuhyo.reconciliation-buckets',
  method: 'POST',
  path: '/fuhyo-reconciliation/buckets',
  right,
  request: z.strictObject({ runId: uuid, bits, digests }),
  response: z.strictObject({ differing: buckets }),
  errors: noRun,
  maxBodyBytes: 4_194_304,
});
export const finishFuhyoRun = defineEndpoint({
  id: 'fuhyo.reconciliation-finish',
  method: 'POST',
  path: '/fuhyo-reconciliation/finish',
  right,
  request: z.strictObject({ runId: uuid, records: z.array(shownSupplement).max(maxShown), leaving }),
  response: z.strictObject({
    compared: z.int(),
    underWay: z.int(),
    differences: z.array(fuhyoDifference).max(2 * maxShown),
  }),
  errors: noRun,
  maxBodyBytes: 16_777_216,
});

/** municipal-juki → resident-register: its own side of the same steps, and what came out. */
export const registerFuhyoBuckets = defineEndpoint({
  id: 'fuhyo.register-buckets',
  method: 'POST',
  path: '/fuhyo-reconciliation/buckets',
  right,
  request: z.strictObject({ runId: uuid, key: secret }),
  response: z.strictObject({ bits, records: z.int(), digests }),
});
export const registerFuhyoRecords = defineEndpoint({
  id: 'fuhyo.register-records',
  method: 'POST',
  path: '/fuhyo-reconciliation/records',
  right,
  request: z.strictObject({ runId: uuid, bits, buckets }),
  response: z.strictObject({ records: z.array(shownSupplement).max(maxShown), leaving }),
  errors: { 'too-many-differences': { status: 422, title: '相違が多すぎるため、整合性確認を中止しました' } },
});
export const registerFuhyoResult = defineEndpoint({
  id: 'fuhyo.register-result',
  method: 'POST',
  path: '/fuhyo-reconciliation/result',
  right,
  request: z.strictObject({ runId: uuid, compared: z.int(), differences: z.array(fuhyoDifference).max(2 * maxShown) }),
  response: z.strictObject({ taken: z.int() }),
  maxBodyBytes: 4_194_304,
});
