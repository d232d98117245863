import { createHmac, timingSafeEqual } from 'node:crypto';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';

/** A row of a list that goes through other hands (a printer, an enclosing machine) and comes back as proof or result. */
export interface CheckedRow {
  readonly cells: readonly string[];
  readonly check: string;
}

/** 照合符号: binds all cells of a row to each other. 20 characters, keyed, so that no program in between makes one anew. */
export const rowCheck = (key: Uint8Array, cells: readonly string[]): string =>
  createHmac('sha256', key).update(JSON.stringify(cells)).digest('base64url').slice(0, 20);

export const checkedRows = (key: Uint8Array, rows: readonly (readonly string[])[]): CheckedRow[] =>
  rows.map((cells) => ({ cells, check: rowCheck(key, cells) }));

/**
 * Lets a list go on only where each row still holds the cells that belong together and no row stands twice. The order of the
 * rows says nothing; a sorted column, a shift by one, an emptied cell are found. @returns how many rows do not hold
 */
export function verifyRows(
  key: Uint8Array,
  rows: readonly CheckedRow[],
): Result<readonly (readonly string[])[], { readonly word: 'rows-mixed'; readonly count: number }> {
  const seen = new Set<string>();
  let count = 0;
  for (const { cells, check } of rows) {
    const [is, should] = [Buffer.from(check), Buffer.from(rowCheck(key, cells))];
    const holds = is.length === should.length && timingSafeEqual(is, should);
    if (!holds || seen.has(check)) count++;
    seen.add(check);
  }
  if (enforced('matching.notice-binding') && count > 0) return err({ word: 'rows-mixed', count });
  return ok(rows.map((r) => r.cells));
}
