import { type RowRefusal, wardTransferRow } from '@musubi/contracts/platform/ward-transfer-list.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';

/**
 * 移転先一覧 (別表2), where the platform keeps one: a task of it goes only under its row, on that row's days, in its way and with its
 * columns. A rule of the platform that says more is no permission.
 * @source requirements 002 §5.4, AC-22
 */
export function onWardList(
  { settings }: Pick<Deps, 'settings'>,
  asked: { readonly task: string; readonly items: readonly string[]; readonly on: string },
): Result<null, RowRefusal | 'item-not-on-row'> {
  if (!settings.wardTransferList || !/^(TRN|OLD)-/.test(asked.task)) return ok(null);
  const listed = wardTransferRow(asked.task, asked.on);
  if (!listed.ok) return listed;
  const { columns } = listed.row;
  return columns === null || asked.items.every((item) => columns.includes(item)) ? ok(null) : err('item-not-on-row');
}
