import { createOperations } from '@musubi/kernel/operations/operations.ts';
import type { Deps } from '../deps.ts';
import { networkLevels } from '../store/service-levels.ts';

/** 運用の状況 of the network: how inquiries fare, and what waits for a person. */
export const operations = createOperations<Deps>({
  system: 'information-providing-network',
  escalateTo: 'audit-reader',
  services: async (tx, _deps, from) => [{ name: 'relay', label: '照会の中継', ...(await networkLevels(tx, from)) }],
});
// The matrix of rights reads the acts that a file exports.
export const { read: readOperations, acknowledge } = operations;
