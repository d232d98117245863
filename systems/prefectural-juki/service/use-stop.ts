import type { Tx } from '@musubi/kernel/db/sql.ts';
import { isStopped, type StopScope, stoppingWords } from '@musubi/kernel/disclosure/stop-words.ts';
import { personsStopped } from '@musubi/kernel/disclosure/stops.ts';

/*
 * 利用停止: what a person may have stopped of the register (個人情報の保護に関する法律 第98条第1項, 第100条; of the number
 * 番号利用法 第30条). Notices of municipalities and to 機構 (住民基本台帳法 第30条の6, 第30条の7), the keeping of the file and the
 * person's own requests are duties of the prefecture and go on.
 */

/** Words of a recipient's kind as a stop names it: 移転 to departments is use, 提供 to other agencies is provision. */
const wayOf = { department: 'use', agency: 'provision', 'municipal-agency': 'provision' } as const;

export const stopScopes: Readonly<Record<string, StopScope>> = {
  use: { label: '他部署への移転（利用）の停止', ways: ['use'] },
  provision: { label: '他の執行機関への提供の停止', ways: ['provision'] },
  all: { label: '移転（利用）及び提供の停止', ways: ['use', 'provision'] },
};

interface StoppedTask {
  readonly code: string;
  readonly recipient: { readonly kind: keyof typeof wayOf };
}

/** Whether nothing about the person may be used or given for this task. The asker is answered as if nobody were meant. */
export const isStoppedFor = ({ stops }: { readonly stops: readonly string[] }, task: StoppedTask): boolean =>
  stops.length > 0 && isStopped(stops, wayOf[task.recipient.kind], task.code);

/** Everybody about whom nothing may be given for this task now. */
export const stoppedForTask = (tx: Tx, { code, recipient }: StoppedTask): Promise<Set<string>> =>
  personsStopped(tx, stoppingWords(wayOf[recipient.kind], code));
