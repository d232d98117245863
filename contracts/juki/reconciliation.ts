import { createHmac } from 'node:crypto';
import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';

/*
 * 整合性確認 (JPS-F6, MCS-F3). The municipality's server leads: it agrees a key with the prefecture's for this one run, both
 * ends reduce each record to a keyed digest and the digests of a bucket to one, and only buckets that disagree are looked
 * into: first entry by entry, then the few records themselves. The register never moves.
 */

const uuid = z.uuid();
const bytes = (length: number) => z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((length * 4) / 3)}}$`));
const secret = bytes(32);
const short = bytes(16);
const code = z.string().regex(/^[0-9]{11}$/);
const bucket = z.int().min(0).max(65_535);
const bits = z.int().min(4).max(16);

/** Entries and records of one call; a run with more goes in several. */
export const maxEntries = 20_000;
export const maxRecords = 500;
/** Candidates beyond this are no reconciliation but a wrong register: the run ends without findings. */
export const maxCandidates = 5_000;

/** What is compared of a person who is present (requirement 003 §5.3 d); the yearly full run compares the number too. */
export const comparedRecord = z.strictObject({
  residentRecordCode: code,
  name: z.string().max(100),
  nameKana: z.string().max(100),
  birthDate: z.iso.date(),
  sex: z.enum(['male', 'female', 'other']),
  address: z.string().max(200),
  formerSurname: z.string().max(50).nullable(),
  formerSurnameKana: z.string().max(50).nullable(),
  status: z.enum(['resident', 'moving-out']),
  /** In a full run alone. */
  individualNumber: z
    .string()
    .regex(/^[0-9]{12}$/)
    .optional(),
});
export type ComparedRecord = z.infer<typeof comparedRecord>;
export const comparedItems = Object.keys(comparedRecord.shape) as (keyof ComparedRecord)[];

/** As pages name them; codes of other items stay as they are. */
const itemWords: Readonly<Record<string, string>> = {
  residentRecordCode: '住民票コード',
  name: '氏名',
  nameKana: '振り仮名',
  birthDate: '生年月日',
  sex: '性別',
  address: '住所',
  formerSurname: '旧氏',
  formerSurnameKana: '旧氏の振り仮名',
  status: '状態',
  individualNumber: '個人番号',
  municipalityCode: '市区町村コード',
  changedOn: '異動年月日',
  sequence: '更新順番号',
} satisfies Partial<Record<keyof ComparedRecord, string>> & Record<string, string>;
export const itemText = (items: readonly string[]): string => items.map((item) => itemWords[item] ?? item).join('、');

/** Buckets of about sixty records; a power of two. */
export const bucketBits = (records: number): number =>
  Math.min(16, Math.max(4, Math.ceil(Math.log2(Math.max(1, records / 64)))));
/** By the ten random digits of the code: both ends find a bucket's records without any key. */
export const bucketOf = (residentRecordCode: string, bits: number): number =>
  Number(residentRecordCode.slice(0, 10)) % 2 ** bits;

const keyed = (key: Uint8Array, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest().subarray(0, 16);
/** Names a person within the run. */
export const tagOf = (key: Uint8Array, residentRecordCode: string): Buffer => keyed(key, `tag ${residentRecordCode}`);
/** Stands for a whole record within the run. */
export const digestOfRecord = (key: Uint8Array, record: ComparedRecord): Buffer =>
  keyed(key, JSON.stringify(comparedItems.map((item) => record[item] ?? null)));

/** The key of a run, from a secret of each end. */
export const runKey = (municipal: string, prefectural: string): Buffer =>
  createHmac('sha256', Buffer.from(municipal, 'base64url')).update(Buffer.from(prefectural, 'base64url')).digest();

/** Digests of buckets: of a bucket the exclusive or of its records' digests, which does not depend on their order. */
export class BucketDigests {
  readonly bits: number;
  readonly #buckets: Buffer;
  records = 0;

  constructor(bits: number) {
    this.bits = bits;
    this.#buckets = Buffer.alloc(16 * 2 ** bits);
  }

  add(residentRecordCode: string, digest: Uint8Array): void {
    const at = 16 * bucketOf(residentRecordCode, this.bits);
    for (let i = 0; i < 16; i++) this.#buckets[at + i]! ^= digest[i]!;
    this.records += 1;
  }

  texts(): string[] {
    return Array.from({ length: 2 ** this.bits }, (_, i) =>
      this.#buckets.subarray(16 * i, 16 * i + 16).toString('base64url'),
    );
  }
}

const digests = z.array(short).max(65_536);
export const entry = z.strictObject({ tag: short, digest: short });
export type Entry = z.infer<typeof entry>;
const scope = z.enum(['monthly', 'full']);
export type Scope = z.infer<typeof scope>;

const noRun = { 'no-such-run': { status: 404, title: 'この整合性確認は始まっていないか、終わっています' } } as const;
const right = ['juki', 'reconciliation', 'update'] as const;

/** municipal-juki → prefectural-juki, one after the other. Each may come twice: the answer is the same. */
export const startRun = defineEndpoint({
  id: 'juki.reconciliation-start',
  method: 'POST',
  path: '/reconciliation/start',
  right,
  request: z.strictObject({ runId: uuid, municipalityCode: z.string().regex(/^[0-9]{6}$/), scope, secret }),
  response: z.strictObject({ secret }),
  errors: {
    'not-your-municipality': { status: 403, title: '通知元の区市町村サーバではありません' },
    'run-reused': { status: 409, title: '同じ番号の整合性確認があります' },
  },
});
export const compareBuckets = defineEndpoint({
  id: 'juki.reconciliation-buckets',
  method: 'POST',
  path: '/reconciliation/buckets',
  right,
  request: z.strictObject({ runId: uuid, bits, records: z.int().min(0), digests }),
  response: z.strictObject({ differing: z.array(bucket) }),
  errors: noRun,
  maxBodyBytes: 4_194_304,
});
/** All entries of the buckets named; the answer names the ones whose records have to be seen. */
export const compareEntries = defineEndpoint({
  id: 'juki.reconciliation-entries',
  method: 'POST',
  path: '/reconciliation/entries',
  right,
  request: z.strictObject({ runId: uuid, buckets: z.array(bucket).min(1), entries: z.array(entry).max(maxEntries) }),
  response: z.strictObject({ wanted: z.array(short) }),
  errors: {
    ...noRun,
    'too-many-differences': { status: 422, title: '相違が多すぎるため、整合性確認を中止しました' },
  },
  maxBodyBytes: 4_194_304,
});
/** What the municipality has under the tags wanted: `record` is null where it has nobody, `underWay` where a notice is on its way. */
export const shownRecord = z.strictObject({ tag: short, record: comparedRecord.nullable(), underWay: z.boolean() });
export type ShownRecord = z.infer<typeof shownRecord>;
export const compareRecords = defineEndpoint({
  id: 'juki.reconciliation-records',
  method: 'POST',
  path: '/reconciliation/records',
  right,
  request: z.strictObject({ runId: uuid, records: z.array(shownRecord).min(1).max(maxRecords) }),
  response: z.strictObject({ taken: z.int() }),
  errors: noRun,
  maxBodyBytes: 1_048_576,
});
/** Ends the run. `missing`: the prefecture has no such person present here; `surplus`: the municipality has none. */
export const difference = z.strictObject({
  differenceId: uuid,
  kind: z.enum(['missing', 'surplus', 'differing']),
  residentRecordCode: code,
  /** Names of the items, where records differ. */
  items: z.array(z.string().max(40)).max(30),
});
export type Difference = z.infer<typeof difference>;
export const finishRun = defineEndpoint({
  id: 'juki.reconciliation-finish',
  method: 'POST',
  path: '/reconciliation/finish',
  right,
  request: z.strictObject({ runId: uuid, bytes: z.int().min(0) }),
  response: z.strictObject({
    compared: z.int(),
    underWay: z.int(),
    differences: z.array(difference).max(maxCandidates),
  }),
  errors: { ...noRun, 'not-compared': { status: 409, title: '照合が終わっていません' } },
});

/** municipal-juki → resident-register: the municipality's own side of the same steps, and the correction of what was found. */
export const registerBuckets = defineEndpoint({
  id: 'juki.register-buckets',
  method: 'POST',
  path: '/reconciliation/buckets',
  right,
  request: z.strictObject({ runId: uuid, scope, key: secret }),
  response: z.strictObject({ bits, records: z.int(), digests }),
  errors: {},
});
export const registerEntries = defineEndpoint({
  id: 'juki.register-entries',
  method: 'POST',
  path: '/reconciliation/entries',
  right,
  request: z.strictObject({ runId: uuid, scope, key: secret, bits, buckets: z.array(bucket).min(1).max(65_536) }),
  response: z.strictObject({ entries: z.array(entry).max(maxEntries) }),
  errors: {},
});
export const registerRecords = defineEndpoint({
  id: 'juki.register-records',
  method: 'POST',
  path: '/reconciliation/records',
  right,
  request: z.strictObject({
    runId: uuid,
    scope,
    key: secret,
    bits,
    buckets: z.array(bucket).min(1).max(65_536),
    tags: z.array(short).min(1).max(maxRecords),
  }),
  response: z.strictObject({ records: z.array(shownRecord).max(maxRecords) }),
  errors: {},
});
/** Sends a correcting notice of the record as the register has it; `sent` false where the register knows no such person. */
export const correctDifference = defineEndpoint({
  id: 'juki.correct-difference',
  method: 'POST',
  path: '/reconciliation/corrections',
  right,
  request: z.strictObject({ differenceId: uuid, kind: difference.shape.kind, residentRecordCode: code }),
  response: z.strictObject({ sent: z.boolean() }),
  errors: {},
});
