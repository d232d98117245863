import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { municipalityCode } from '../eltax/delivery.ts';

/*
 * 扶養控除関係情報: a municipality tells the tax agency, once a month and by a line of its own (専用線), for which taxpayers it gave no
 * deduction for a relative whom they named, and which of those it took back. The agency signs what became of the file. The layout is our
 * own definition; the real one is not published.
 * @law 番号利用法 第19条第9号, 地方税法 第325条
 * @source requirements 002 NTL-F5, RTX-F5.3, PRV-4
 */

const text = z.string().min(1).max(200);
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
const number12 = z.string().regex(/^[0-9]{12}$/);

/** As what a relative was counted. */
export const relativeHeads = [
  'spouse',
  'ordinary',
  'specified',
  'elderly',
  'elderly-living-together',
  'under-sixteen',
] as const;
export type RelativeHead = (typeof relativeHeads)[number];

/** Why there is no deduction. */
export const denialReasons = [
  'income-over-limit',
  'claimed-by-other',
  'separate-livelihood',
  'not-a-relative',
  'family-employee',
] as const;
export type DenialReason = (typeof denialReasons)[number];

/** Whose file it is; stands in its first line, before random bytes that keep the file's digest from being tried out. */
export const denialFileHead = z.strictObject({
  noticeId: z.uuid(),
  salt: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  municipality: municipalityCode,
});
/** One line: one relative of one taxpayer. */
export const denialRecord = z.strictObject({
  kind: z.enum(['denied', 'withdrawn']),
  fiscalYear: z.int().min(2017).max(2100),
  individualNumber: number12,
  name: text,
  nameKana: text,
  birthDate: z.iso.date(),
  address: text,
  relativeName: text.nullable(),
  relativeNumber: number12.nullable(),
  head: z.enum(relativeHeads),
  reason: z.enum(denialReasons),
  decidedOn: z.iso.date(),
});
export type DenialRecord = z.infer<typeof denialRecord>;

const month = z.string().regex(/^[0-9]{4}-(0[1-9]|1[0-2])$/);

/** What the municipality says about the file and signs; it names nobody. */
export const denialCover = z.strictObject({
  v: z.literal(1),
  noticeId: z.uuid(),
  municipality: municipalityCode,
  month,
  persons: z.int().min(1).max(100_000),
  records: z.int().min(1).max(100_000),
  fileSha256: sha256Hex,
  sentOn: z.iso.date(),
});
export type DenialCover = z.infer<typeof denialCover>;
export const denialCoverType = 'musubi-denied-dependants';
/** JWE typ of the file, encrypted to the agency; its protected members are those of the cover. */
export const denialPackageType = 'musubi-denied-dependants-file';
export const denialPackageMembers = ['noticeId', 'fileSha256'] as const;

/** What became of it: taken whole, or returned whole with a word. Signed by the agency. */
export const denialReceipt = z.strictObject({
  v: z.literal(1),
  noticeId: z.uuid(),
  fileSha256: sha256Hex,
  outcome: z.enum(['received', 'returned']),
  /** With `returned`: a code, such as `record-count-differs`. */
  reason: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{1,59}$/)
    .nullable(),
  on: z.iso.date(),
});
export type DenialReceipt = z.infer<typeof denialReceipt>;
export const denialReceiptType = 'musubi-denied-dependants-receipt';

/** The same file again is answered by the same outcome; another content under its id is refused. */
export const tellDeniedDependants = defineEndpoint({
  id: 'etax.tell-denied-dependants',
  method: 'POST',
  path: '/denied-dependants',
  right: ['etax', 'denied-dependant', 'update'],
  maxBodyBytes: 12 * 1024 * 1024,
  request: z.strictObject({ cover: z.string().max(65_536), package: z.string().max(8_000_000) }),
  response: z.strictObject({ receipt: z.string().max(65_536) }),
  errors: {
    'bad-signature': { status: 422, title: '送付票の署名を確かめられません' },
    'package-unreadable': { status: 422, title: '送付されたデータを復号できません' },
    'notice-number-used': { status: 409, title: '同じ番号で内容の異なる送付があります' },
  },
});
