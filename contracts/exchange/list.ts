import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { PermissionRow } from './messages.ts';

export interface ListQuestion {
  readonly askerKind: PermissionRow['askerKind'];
  readonly providerKind: PermissionRow['providerKind'];
  readonly procedure: string;
  readonly informationCode: string;
  readonly items: readonly string[];
  /** Civil day on which the row must be in force. */
  readonly on: Temporal.PlainDate;
}

/** Rows of a list that are in force on a day. */
export const rowsInForce = (rows: readonly PermissionRow[], on: Temporal.PlainDate): PermissionRow[] =>
  rows.filter((row) => row.validFrom <= on.toString() && (row.validUntil === null || on.toString() <= row.validUntil));

/**
 * 照会許可用照合リストの照合. The row that permits all items that were asked; each side asks its own list.
 *
 * @law 番号利用法 第19条第8号
 */
export function permittingRow(
  rows: readonly PermissionRow[],
  { askerKind, providerKind, procedure, informationCode, items, on }: ListQuestion,
): Result<PermissionRow, 'unknown-procedure' | 'not-on-list' | 'item-not-on-list'> {
  const ofProcedure = rowsInForce(rows, on).filter((row) => row.procedure === procedure);
  if (ofProcedure.length === 0) return err('unknown-procedure');
  const ofBodies = ofProcedure.filter(
    (row) =>
      row.askerKind === askerKind && row.providerKind === providerKind && row.informationCode === informationCode,
  );
  if (ofBodies.length === 0) return err('not-on-list');
  const row = ofBodies.find((each) => items.every((item) => each.items.includes(item)));
  return row === undefined ? err('item-not-on-list') : ok(row);
}
