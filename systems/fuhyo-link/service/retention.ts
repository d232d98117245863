import { createRetention, type Retention, type RetentionDeps } from '@musubi/kernel/retention/retention.ts';
import type { Deps } from '../deps.ts';
import { countEnding, endingRows, removeSealed } from '../store/retention.ts';

export type KeepingDeps = Deps & RetentionDeps;

/**
 * 保存期間: superseded rows and removed persons. There are no numbers to take away: none ever stood here.
 *
 * @law 住民基本台帳法施行令 第34条第3項 (150年; requirement 003 A11 by analogy)
 */
export const supplementRetention: Retention<KeepingDeps> = createRetention<KeepingDeps>({
  system: 'fuhyo-link',
  class: { id: 'register-150y', ground: '住民基本台帳法施行令第34条第3項に準ずる', years: 150 },
  leadDays: 60,
  databaseBackupDays: 35,
  count: countEnding,
  ending: endingRows,
  numbers: async () => ({}),
  async remove(tx, _deps, rows) {
    const removed = await removeSealed(tx, rows);
    if (removed !== rows.length) throw new Error('retention: a row went missing between sealing and removal');
  },
});
