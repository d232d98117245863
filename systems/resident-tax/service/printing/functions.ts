import type { Right } from '@musubi/kernel/db/act.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import type { PrintingLine } from '../../clients/printing.ts';
import type { NoticeDeps } from '../notices/notice-deps.ts';

/** 印刷委託・返戻・公示送達. */
export const printRead: Right = ['resident-tax', 'print-job', 'read'];
export const printUpdate: Right = ['resident-tax', 'print-job', 'update'];
export const printApproval: Right = ['resident-tax', 'print-approval', 'update'];

export interface PrintDeps extends NoticeDeps, PrintingLine {
  readonly identity: Pick<Identity, 'signing'>;
}
