import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { fileKinds } from './files.ts';

/*
 * The line between a municipality and the pension insurers (経由機関): files as `files.ts` has them. What is taken is answered with a
 * receipt that the insurer signs: an order that has none did not arrive (INC-25).
 */

const right = ['pension', 'collection'] as const;
const content = z.string().max(8_000_000);
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
export const pensionFileNamePattern = z.string().regex(/^[A-Za-z0-9_.-]{1,80}$/);

/** 受付: what the insurer signs of a file that it took (JWS typ `musubi-pension-receipt`, chain in x5c). */
export const pensionReceipt = z.strictObject({
  v: z.literal(1),
  receiptNumber: z.uuid(),
  fileName: pensionFileNamePattern,
  sha256: sha256Hex,
  municipality: z.string().regex(/^[0-9]{6}$/),
  records: count,
  persons: count,
  totalYen: count,
  receivedOn: z.iso.date(),
  /** Records that were not taken, by their place among the D records, from 1; the others were. */
  refused: z.array(
    z.strictObject({
      record: z.int().min(1),
      word: z.enum(['unknown-person', 'too-late', 'no-order-stands', 'more-than-pension']),
    }),
  ),
});
export type PensionReceipt = z.infer<typeof pensionReceipt>;
export const pensionReceiptType = 'musubi-pension-receipt';

/** 依頼 or 中止: taken whole, but for the records that the receipt names. The same file again brings the same receipt. */
export const givePensionFile = defineEndpoint({
  id: 'pension.give-file',
  method: 'POST',
  path: '/pension-files',
  right: [...right, 'update'],
  maxBodyBytes: 12 * 1024 * 1024,
  request: z.strictObject({ fileName: z.string().max(120), content }),
  response: z.strictObject({ receipt: z.string().max(2_000_000) }),
  errors: {
    'not-a-municipality': { status: 403, title: '登録されていない市町村です' },
    'wrong-file-name': { status: 422, title: 'ファイル名が規定と異なります' },
    'file-unreadable': { status: 422, title: 'ファイルを読み取れません' },
    'number-used': { status: 409, title: '同じ番号の異なるファイルを受け付けています' },
  },
});

/** 対象者情報 and 徴収結果 that are there for the caller's municipality, the oldest first. */
export const listPensionFiles = defineEndpoint({
  id: 'pension.list-files',
  method: 'POST',
  path: '/pension-files/list',
  right: [...right, 'read'],
  request: z.strictObject({ fiscalYear: z.int().min(2016).max(2100) }),
  response: z.strictObject({
    files: z.array(z.strictObject({ fileName: pensionFileNamePattern, kind: z.enum(fileKinds), sha256: sha256Hex })),
  }),
  errors: { 'not-a-municipality': { status: 403, title: '登録されていない市町村です' } },
});

export const fetchPensionFile = defineEndpoint({
  id: 'pension.fetch-file',
  method: 'POST',
  path: '/pension-files/fetch',
  right: [...right, 'read'],
  maxBodyBytes: 4096,
  request: z.strictObject({ fileName: pensionFileNamePattern }),
  response: z.strictObject({ content, sha256: sha256Hex }),
  errors: {
    'not-a-municipality': { status: 403, title: '登録されていない市町村です' },
    'no-such-file': { status: 404, title: '該当するファイルがありません' },
  },
});

/** Who gets a pension from the insurer; in a town, where nobody works off a pension, the conductor says so. */
export const registerRecipients = defineEndpoint({
  id: 'pension.register-recipients',
  method: 'POST',
  path: '/recipients',
  right: ['pension', 'recipient', 'update'],
  maxBodyBytes: 4 * 1024 * 1024,
  request: z.strictObject({
    recipients: z
      .array(
        z.strictObject({
          pensionNumber: z.string().regex(/^[0-9]{10}$/),
          pensionCode: z.string().regex(/^[0-9]{4}$/),
          municipality: z.string().regex(/^[0-9]{6}$/),
          kana: z.string().min(1).max(60),
          name: z.string().min(1).max(60),
          bornOn: z.iso.date(),
          sex: z.enum(['male', 'female']),
          address: z.string().min(1).max(120),
          annualYen: z.int().min(1).max(9_999_999),
          careWithheld: z.boolean(),
        }),
      )
      .min(1)
      .max(2_000),
  }),
  response: z.strictObject({ added: z.int() }),
});
