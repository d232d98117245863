import type { Actor, Right } from '@musubi/kernel/db/act.ts';
import type { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { PensionLine } from '../../clients/pension.ts';
import type { ChargeDeps } from '../charges/charge-decided.ts';

export const pensionRead: Right = ['resident-tax', 'pension-collection', 'read'];
export const pensionUpdate: Right = ['resident-tax', 'pension-collection', 'update'];

/** The insurer as it names itself in files. */
export const insurer = 'nenkin';

export interface PensionDeps extends ChargeDeps, PensionLine {
  readonly sealed: SealedStore;
}
export const pensionWorker: Actor = { kind: 'job', name: 'resident-tax.pension' };
