import { createOperations } from '@musubi/kernel/operations/operations.ts';
import type { Deps } from '../deps.ts';
import { serviceLevels } from '../store/service-levels.ts';

const labels = { inquiry: '情報照会の中継', copies: '副本登録の中継', transfer: '庁内照会の中継' } as const;

/** An alert that nobody took up goes to the platform's administrator (連携サーバー管理者). */
export const operations = createOperations<Deps>({
  system: 'common-platform',
  escalateTo: 'approver',
  services: async (tx, _deps, from) =>
    (await serviceLevels(tx, from)).map((level) => ({ ...level, label: labels[level.name] })),
});
// The matrix of rights reads the acts that a file exports.
export const { read: readOperations, acknowledge } = operations;
