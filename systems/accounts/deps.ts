import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { BankDirectory } from './domain/banks.ts';

/** Where collections can be reached; its client speaks `contracts/collections/debits.ts`. */
export interface Collections {
  orderDebits(command: {
    batchId: string;
    dueOn: string;
    debitOn: string;
    persons: string[];
  }): Promise<readonly { readonly caseKey: string; readonly orgPersonNumber: string; readonly amount: number }[]>;
  giveDebitResults(command: {
    bank: string;
    debitOn: string;
    sha256: string;
    bytes: number;
    results: { row: number; caseKey: string; amount: number; outcome: DebitWord }[];
  }): Promise<{ readonly ok: boolean; readonly word?: string }>;
  refundOrders(): Promise<
    readonly { readonly customerCode: string; readonly orgPersonNumber: string; readonly amount: number }[]
  >;
  giveRefundOutcome(command: {
    customerCode: string;
    outcome: 'paid' | 'returned';
    on: string;
  }): Promise<{ readonly ok: boolean; readonly word?: string }>;
}
export type DebitWord =
  | 'paid'
  | 'insufficient-funds'
  | 'no-account'
  | 'stopped-by-depositor'
  | 'no-mandate'
  | 'stopped-by-collector'
  | 'other';

/** What stands in the header of files to the banks. */
export interface Collector {
  readonly code: string;
  readonly name: string;
  readonly bank: string;
  readonly branch: string;
  readonly accountKind: 'ordinary' | 'current';
  readonly accountNumber: string;
}

export interface Deps extends ActDeps {
  readonly collections: Collections;
  readonly collector: Collector;
  readonly banks: BankDirectory;
}
