import { type BulkListRow, bulkListLayouts } from '@musubi/contracts/juki/bulk.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { type CsvLayout, readCsv } from '@musubi/kernel/records/csv.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

export type ListFault =
  | 'list-unreadable'
  | 'list-header-missing'
  | 'list-of-another-order'
  | 'list-trailer-missing'
  | 'list-count-differs'
  | 'row-id-twice'
  | 'list-empty';

interface Header {
  readonly document: string;
  readonly task: string;
  readonly rows: number;
}

/**
 * Reads the list of a department whole before anything is looked for: header and trailer agree with the rows, the list is for this order,
 * and each row has a name of its own. One unreadable row refuses it: a result with a row less would not be noticed at the receiver's.
 */
export async function readBulkList(
  content: Uint8Array,
  order: { readonly documentNo: string; readonly taskCode: string },
): Promise<Result<readonly BulkListRow[], ListFault>> {
  const rows: BulkListRow[] = [];
  const ids = new Set<string>();
  let header: Header | undefined;
  let trailer: number | undefined;
  let isBroken = false;
  const summary = await readCsv<CsvLayout['fields'], Record<string, unknown>>([content], {
    layouts: [bulkListLayouts.row, bulkListLayouts.header, bulkListLayouts.trailer],
    finish: (record) => ({ value: record, faults: [] }),
    each(outcome) {
      if (!outcome.accepted) {
        isBroken = true;
        return;
      }
      const { value, row } = outcome;
      if (value.kind === 'H') {
        if (row === 1) header = value as unknown as Header;
        else isBroken = true;
      } else if (trailer !== undefined) isBroken = true;
      else if (value.kind === 'T') trailer = value.rows as number;
      else {
        const read = value as unknown as BulkListRow;
        ids.add(read.rowId);
        rows.push(read);
      }
    },
  });
  if (isBroken || summary.fileFaults.length > 0) return err('list-unreadable');
  if (header === undefined) return err('list-header-missing');
  if (header.document !== order.documentNo || header.task !== order.taskCode) return err('list-of-another-order');
  if (trailer === undefined) return err('list-trailer-missing');
  if (enforced('media.slip-counts') && (trailer !== rows.length || header.rows !== rows.length))
    return err('list-count-differs');
  if (rows.length === 0) return err('list-empty');
  return ids.size === rows.length ? ok(rows) : err('row-id-twice');
}
