import { createRetention, type Retention, type RetentionDeps } from '@musubi/kernel/retention/retention.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../deps.ts';
import { countEnding, endingRows, numbersOnlyIn, removeSealed } from '../store/retention.ts';

export type KeepingDeps = Deps & RetentionDeps;

/**
 * 保存期間: superseded rows and removed persons, the dead with their numbers like everybody else.
 *
 * @law 住民基本台帳法施行令 第30条の6 (150年)
 */
export const registerRetention: Retention<KeepingDeps> = createRetention<KeepingDeps>({
  system: 'prefectural-juki',
  class: { id: 'register-150y', ground: '住民基本台帳法施行令第30条の6', years: 150 },
  leadDays: 60,
  databaseBackupDays: 35,
  count: countEnding,
  ending: endingRows,
  async numbers(tx, deps, rows) {
    const refs = await numbersOnlyIn(tx, rows);
    const numbers = await deps.vault.revealMany(tx, refs.map(numberRef), 'retention/seal');
    return Object.fromEntries(refs.map((ref, i) => [ref, numbers[i]!.digits()]));
  },
  async remove(tx, _deps, rows, numberRefs) {
    const removed = await removeSealed(tx, rows, numberRefs);
    if (removed !== rows.length) throw new Error('retention: a row went missing between sealing and removal');
  },
});
