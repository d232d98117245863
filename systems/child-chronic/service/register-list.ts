import {
  type BulkListRow,
  type BulkResultRow,
  bulkListLayouts,
  bulkResultLayouts,
} from '@musubi/contracts/juki/bulk.ts';
import { type CsvLayout, readCsv, writeCsvRecord } from '@musubi/kernel/records/csv.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/*
 * The two files of a register check as bytes: the list that goes out (検索条件のリスト) and the result that comes back. The format is the
 * prefecture's (contracts/juki/bulk.ts).
 */

type Listed = Pick<BulkListRow, 'rowId'> & Partial<BulkListRow>;

const noKeys: Omit<BulkListRow, 'kind' | 'rowId'> = {
  residentRecordCode: undefined,
  individualNumber: undefined,
  name: undefined,
  nameKana: undefined,
  birthDate: undefined,
  sex: undefined,
  address: undefined,
};

/** Header, rows, trailer. Refused where a name cannot be written in the format. */
export function writeList(
  head: { readonly document: string; readonly task: string },
  rows: readonly Listed[],
): Result<Buffer, 'unwritable'> {
  const lines = [
    writeCsvRecord(bulkListLayouts.header, { kind: 'H', version: '1', ...head, rows: rows.length }, 1),
    ...rows.map((row, i) => writeCsvRecord(bulkListLayouts.row, { ...noKeys, ...row, kind: 'D' }, i + 2)),
    writeCsvRecord(bulkListLayouts.trailer, { kind: 'T', rows: rows.length }, rows.length + 2),
  ];
  const written = lines.flatMap((line) => (line.ok ? [line.value.bytes] : []));
  return written.length === lines.length ? ok(Buffer.concat(written)) : err('unwritable');
}

export type ResultFault =
  | 'result-unreadable'
  | 'result-header-missing'
  | 'result-of-another-entry'
  | 'result-trailer-missing'
  | 'result-count-differs'
  | 'row-twice';

/** Reads a result whole before anything of it is taken: it is for this entry, header and trailer agree with its rows, each row comes once. */
export async function readResult(
  content: Uint8Array,
  entry: { readonly document: string; readonly task: string },
): Promise<Result<readonly BulkResultRow[], ResultFault>> {
  const rows: BulkResultRow[] = [];
  let header: { readonly document: string; readonly task: string; readonly rows: number } | undefined;
  let trailer: { readonly rows: number; readonly given: number } | undefined;
  let isBroken = false;
  const { header: h, row: r, trailer: t } = bulkResultLayouts;
  const summary = await readCsv<CsvLayout['fields'], Record<string, unknown>>([content], {
    layouts: [r, h, t],
    finish: (record) => ({ value: record, faults: [] }),
    each(outcome) {
      if (!outcome.accepted) {
        isBroken = true;
        return;
      }
      const { value, row } = outcome;
      if (value.kind === 'H') {
        if (row === 1) header = value as unknown as typeof header;
        else isBroken = true;
      } else if (trailer !== undefined) isBroken = true;
      else if (value.kind === 'T') trailer = value as unknown as typeof trailer;
      else rows.push(value as unknown as BulkResultRow);
    },
  });
  if (isBroken || summary.fileFaults.length > 0) return err('result-unreadable');
  if (header === undefined) return err('result-header-missing');
  if (header.document !== entry.document || header.task !== entry.task) return err('result-of-another-entry');
  if (trailer === undefined) return err('result-trailer-missing');
  const given = rows.filter((row) => row.result === 'given').length;
  if (header.rows !== rows.length || trailer.rows !== rows.length || trailer.given !== given)
    return err('result-count-differs');
  return new Set(rows.map((row) => row.rowId)).size === rows.length ? ok(rows) : err('row-twice');
}
