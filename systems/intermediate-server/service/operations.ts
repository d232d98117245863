import { createOperations } from '@musubi/kernel/operations/operations.ts';
import type { Deps } from '../deps.ts';
import { openDifferences } from '../store/copy-comparisons.ts';
import { recentRefusals } from '../store/copy-files.ts';
import { countWaiting } from '../store/deferred.ts';
import { serviceLevels } from '../store/service-levels.ts';

const labels = { inquiry: '情報照会', provision: '情報提供' } as const;

/** 運用の状況: an alert that no operator took up goes to whoever oversees them. */
export const operations = createOperations<Deps>({
  system: 'intermediate-server',
  escalateTo: 'audit-reader',
  matters: async (tx, deps) => [
    {
      label: '番号と内容の組が一致しない副本ファイル',
      count: await recentRefusals(tx, deps.machineClock.now().subtract({ hours: 24 * 30 })),
    },
    { label: '副本の不一致', count: await openDifferences(tx) },
    { label: '混雑により待っている照会', count: await countWaiting(tx) },
  ],
  services: async (tx, _deps, from) =>
    (await serviceLevels(tx, from)).map((level) => ({ ...level, label: labels[level.name] })),
});
// The matrix of rights reads the acts that a file exports.
export const { read: readOperations, acknowledge } = operations;
