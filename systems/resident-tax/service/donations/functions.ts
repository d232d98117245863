import type { BodiesLine } from '@musubi/contracts/eltax/between-bodies-client.ts';
import type { Actor, Right } from '@musubi/kernel/db/act.ts';
import type { Deps } from '../../deps.ts';

/* Functions: donation (寄附の申告特例の申請と通知), donation-approval (送付の承認と完了). */
export const donationRead: Right = ['resident-tax', 'donation', 'read'];
export const donationUpdate: Right = ['resident-tax', 'donation', 'update'];
export const donationApproval: Right = ['resident-tax', 'donation-approval', 'update'];
/** Sending what was approved is the program's own work. */
export const oneStopSending: Right = ['resident-tax', 'one-stop-sending', 'update'];
export const donationWorker: Actor = { kind: 'job', name: 'resident-tax.donations' };

export interface DonationDeps extends Deps {
  readonly line: BodiesLine;
  /** 目黒区 */
  readonly wardName: string;
}
