import { emigrantTasks } from '@musubi/contracts/fuhyo/tasks.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { isStopped, type StopScope } from '@musubi/kernel/disclosure/stop-words.ts';
import { stopsOf } from '@musubi/kernel/disclosure/stops.ts';

/*
 * 利用停止 of the supplement (個人情報の保護に関する法律 第98条第1項, 第100条; of the number 番号利用法 第30条). Notices of
 * municipalities and to 機構, the keeping of the file and the person's own requests go on.
 */

const way = 'provision';

export const stopScopes: Readonly<Record<string, StopScope>> = {
  all: { label: '移転（利用）及び提供の停止', ways: [way] },
};

export const isKnownTask = (task: string): boolean => emigrantTasks.some((t) => t.task === task);

/** Whether nothing about the person may be given for this task. The asker is answered as if nobody were meant. */
export async function isStoppedFor(tx: Tx, supplementId: string, task: string): Promise<boolean> {
  return isStopped(await stopsOf(tx, supplementId), way, task);
}
