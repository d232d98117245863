import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { informationItems, itemsOf } from './information-items.ts';
import { informationCode, inquiryStatement } from './messages.ts';

/*
 * 副本ファイル: what a body lodges in bulk. CSV of RFC 4180, UTF-8 without BOM, CR LF, a header line with the names of the
 * items; one person a row, 2,000 rows a part, each part a file of its own. Nothing of it counts before it was checked as a whole
 * and released.
 */

/** Rows of every part but the last. */
export const rowsPerPart = 2_000;

/** Columns before the items. */
export const leadingColumns = ['団体内統合宛名番号', '有効開始', '更新区分', '自動応答不可', '不開示'] as const;

/** 更新区分. */
export const updateKinds = { register: '1', end: '9' } as const;

/** The whole header of one 特定個人情報: the leading columns, then its items in the order of their definition, the optional ones last. */
export function headerOf(code: string): readonly string[] {
  const definition = informationItems[code];
  return [...leadingColumns, ...(definition === undefined ? [] : Object.keys(itemsOf(definition)))];
}

const uuid = z.uuid();

export const copyFile = z.strictObject({
  fileId: uuid,
  system: z.string(),
  /**
   * full: who is not in it has no copy from `validFrom` on. comparison: the business's own copies of everybody on this day, in the order
   * of the person numbers, to be compared with what stands; nothing of it is lodged.
   */
  kind: z.enum(['full', 'difference', 'comparison']),
  informationCode,
  condition: inquiryStatement.shape.condition,
  /** Day from which a full file speaks for everyone. */
  validFrom: z.iso.date(),
  rows: z.int().min(1).max(5_000_000),
  /** SHA-256 of the parts' own digests (hexadecimal, in their order, without anything between). */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});
export type CopyFile = z.infer<typeof copyFile>;

export const announceCopyFile = defineEndpoint({
  id: 'exchange.announce-copy-file',
  method: 'POST',
  path: '/copy-files',
  right: ['exchange', 'lodge', 'update'],
  request: copyFile,
  response: z.strictObject({ parts: z.int() }),
  /** older-generation: a full file that speaks from a later day counts already. */
  errors: ['not-your-information', 'condition-not-defined', 'file-repeated-with-other-content', 'older-generation'],
});

export const putCopyFilePart = defineEndpoint({
  id: 'exchange.put-copy-file-part',
  method: 'POST',
  path: '/copy-files/parts',
  right: ['exchange', 'lodge', 'update'],
  request: z.strictObject({ fileId: uuid, part: z.int().min(1), content: z.string().max(4_000_000) }),
  response: z.strictObject({ missing: z.int() }),
  /** unknown-person: the platform is not sure that each row's person is the owner's; nothing of the part is taken. */
  errors: [
    'no-such-file',
    'no-such-part',
    'part-repeated-with-other-content',
    'file-differs-from-announced',
    'unknown-person',
  ],
  maxBodyBytes: 8_388_608,
});

export const copyFileStates = ['receiving', 'checking', 'checked', 'failed', 'released', 'refused'] as const;

export const copyFileStatus = defineEndpoint({
  id: 'exchange.copy-file-status',
  method: 'POST',
  path: '/copy-files/status',
  right: ['exchange', 'lodge', 'update'],
  request: z.strictObject({ fileId: uuid }),
  response: z.strictObject({
    state: z.enum(copyFileStates),
    accepted: z.int(),
    /** The first 500, by row. */
    rejected: z.array(z.strictObject({ row: z.int(), code: z.string() })),
    rejectedInAll: z.int(),
    /** Of a comparison that was made. */
    comparison: z
      .strictObject({
        missing: z.int(),
        surplus: z.int(),
        differing: z.int(),
        /** The first 500, by person number. */
        persons: z.array(
          z.strictObject({
            orgPersonNumber: z.string(),
            kind: z.enum(['missing', 'surplus', 'differing']),
            items: z.array(z.string()),
          }),
        ),
      })
      .optional(),
  }),
  errors: ['no-such-file'],
});
