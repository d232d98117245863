import { createRetention, type Retention, type RetentionDeps } from '@musubi/kernel/retention/retention.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../../deps.ts';
import { countEnding, endingRows, numbersOf, objectsOf, removeSealed } from '../../store/retention.ts';

export type KeepingDeps = Pick<Deps, 'vault'> & RetentionDeps;

/**
 * 保存期間: a person's tax year goes whole, with its documents and their numbers, seven years after its last due date. The person
 * stays while the register knows them; a year under appeal stays until the ruling.
 *
 * @law 地方税法 第17条の5 (更正・決定の期間制限, 7年), 第18条 (消滅時効, 5年): the longer of the two
 */
export const taxRetention: Retention<KeepingDeps> = createRetention<KeepingDeps>({
  system: 'resident-tax',
  class: { id: 'tax-7y', ground: '地方税法第17条の5・第18条', years: 7 },
  leadDays: 60,
  databaseBackupDays: 35,
  count: countEnding,
  ending: endingRows,
  async numbers(tx, deps, rows) {
    const refs = numbersOf(rows);
    if (refs.length === 0) return {};
    const numbers = await deps.vault.revealMany(tx, refs.map(numberRef), 'retention/seal');
    return Object.fromEntries(refs.map((ref, i) => [ref, numbers[i]!.digits()]));
  },
  async remove(tx, _deps, rows, numberRefs) {
    const removed = await removeSealed(tx, rows, numberRefs);
    if (removed !== rows.length) throw new Error('retention: a row went missing between sealing and removal');
  },
  objects: objectsOf,
});
