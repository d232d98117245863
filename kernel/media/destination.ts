import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';

/** A row that is to leave for one receiver, with what names its destination. */
export interface Destined<Row> {
  readonly row: Row;
  /** Order, hand-over or receiver that the row was made for. */
  readonly destination: string;
  /** The asker's own id of the row. */
  readonly rowId: string;
}

/**
 * Lets a list for one receiver through only where every row was made for it, row for row as it asked: a row of somebody else,
 * a row too many, too few or out of its place blocks the whole (提供先ごとの混入防止).
 *
 * @param expected the rows that the receiver asked for, in order
 */
export function checkDestination<Row>(
  destination: string,
  expected: readonly { readonly rowId: string }[],
  rows: readonly Destined<Row>[],
): Result<readonly Row[], 'row-of-another-destination'> {
  const isWhole = rows.length === expected.length;
  const isOurs = rows.every((r, i) => r.destination === destination && r.rowId === expected[i]?.rowId);
  if (enforced('matching.destination-check') && !(isWhole && isOurs)) return err('row-of-another-destination');
  return ok(rows.map((r) => r.row));
}
