import type { Actor, Right } from '@musubi/kernel/db/act.ts';
import type { NationalTaxLine } from '../../clients/national-tax.ts';
import type { Deps } from '../../deps.ts';

/* Functions: dependant (扶養関係・扶養否認), dependant-approval (否認の決定と送付の承認). */
export const dependantRead: Right = ['resident-tax', 'dependant', 'read'];
export const dependantUpdate: Right = ['resident-tax', 'dependant', 'update'];
/** A second look: who proposed a denial or made a file never decides it. */
export const dependantApproval: Right = ['resident-tax', 'dependant-approval', 'update'];
/** Sending what was approved is the program's own work. */
export const denialNoticeSending: Right = ['resident-tax', 'denial-notice', 'update'];

export const nationalTaxWorker: Actor = { kind: 'job', name: 'resident-tax.national-tax' };

/** The way to the tax agency besides. */
export interface NationalTaxDeps extends Deps {
  readonly nationalTax: NationalTaxLine;
}
