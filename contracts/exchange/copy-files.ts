import { hash } from 'node:crypto';
import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { informationItems, itemsOf } from './information-items.ts';
import { informationCode, inquiryStatement } from './messages.ts';

/*
 * 副本ファイル: what a body lodges in bulk. CSV of RFC 4180, UTF-8 without BOM, CR LF, a header line with the names of the
 * items; one person a row, 2,000 rows a part, each part a file of its own. Each row ends with 照合値, made from the row itself where the
 * business's record of that person becomes a row: rows may stand in any order, but a number beside somebody else's items does not agree
 * any more, and the file is refused whole (INC-52). Nothing of it counts before it was checked as a whole and released.
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

/** The last column. */
export const tieColumn = '照合値';

/** A part's first line: the columns of the information and the tie of each row. */
export const fileHeaderOf = (code: string): readonly string[] => [...headerOf(code), tieColumn];

/** Of a row as it stands in the file, without its last column: the first 12 characters of its SHA-256 in base64url. */
const tieOf = (row: string): string => hash('sha256', row, 'base64url').slice(0, 12);

/** One part: the header and the rows, each given as CSV without its tie. */
export const copyFilePart = (code: string, rows: readonly string[]): string =>
  [fileHeaderOf(code).join(','), ...rows.map((row) => `${row},${tieOf(row)}`), ''].join('\r\n');

/** How many rows of a part do not agree with their tie: their number stands beside what is another's. */
export function rowsOutOfTie(part: string): number {
  const rows = part.includes('"') ? (part.match(/(?:[^"\r\n]|"(?:[^"]|"")*")+\r\n/g) ?? []) : part.split(/(?<=\r\n)/);
  let out = 0;
  for (const row of rows.slice(1)) {
    const comma = row.lastIndexOf(',');
    if (row.slice(comma + 1, -2) !== tieOf(row.slice(0, comma))) out += 1;
  }
  return out;
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
  /**
   * unknown-person: the platform is not sure that each row's person is the owner's; nothing of the part is taken.
   * rows-not-of-their-persons: rows do not agree with their 照合値; the whole file is refused, and a file made anew is another file.
   */
  errors: [
    'rows-not-of-their-persons',
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
