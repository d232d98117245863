import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Result } from '@musubi/kernel/result/result.ts';
import type { Outbox } from '@musubi/kernel/streams/outbox.ts';
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

/** What a bank answers to a file. */
export type LineAnswer =
  | { readonly taken: true; readonly repeated: boolean; readonly records: number; readonly totalYen: number }
  | { readonly taken: false; readonly faults: readonly { readonly rule: string; readonly message: string }[] };
export type LineWord = 'no-contract' | 'no-such-file' | 'not-yet';
/** データ伝送 with the banks that have a line; without an answer it throws, and the same may be asked again. */
export interface BankLine {
  has(bank: string): boolean;
  sendDebits(bank: string, bytes: Uint8Array): Promise<Result<LineAnswer, LineWord>>;
  debitResult(bank: string, debitOn: string): Promise<Result<Uint8Array, LineWord>>;
  sendTransfers(bank: string, bytes: Uint8Array, year: number): Promise<Result<LineAnswer, LineWord>>;
  transferOutcomes(
    bank: string,
    payOn: string,
  ): Promise<
    Result<
      readonly { readonly customerCode: string; readonly outcome: 'paid' | 'no-account' | 'name-differs' }[],
      LineWord
    >
  >;
}

/** What was told of a person's public-money receiving account. */
export interface PublicMoneyAnswer {
  readonly inquiryNumber: string;
  /** 00 … 60, as the network names it. */
  readonly result: string;
  /** The items as they were told, as canonical text. */
  readonly told: string;
  /** Absent where none is registered, or what was told is no account. */
  readonly account:
    | {
        readonly bank: string;
        readonly branch: string;
        readonly accountKind: 'ordinary' | 'current' | 'savings' | 'other';
        readonly accountNumber: string;
        readonly holderKana: string;
      }
    | undefined;
}
/** Asks for 公的給付支給等口座 through the organisation's platform; without an answer it throws, and the same may be asked again. */
export interface PublicMoney {
  ask(query: {
    readonly requestId: string;
    readonly personNumber: string;
    readonly staffId: string;
  }): Promise<Result<PublicMoneyAnswer, 'inquiry-refused' | 'network-busy'>>;
}

export interface Deps extends ActDeps {
  readonly outbox: Pick<Outbox, 'enqueue'>;
  /** Instance that hands applications on and is told how they ended. */
  readonly platform: string;
  readonly collections: Collections;
  readonly collector: Collector;
  readonly banks: BankDirectory;
  readonly line: BankLine;
  /** undefined: the organisation does not ask for public-money receiving accounts. */
  readonly publicMoney: PublicMoney | undefined;
}
