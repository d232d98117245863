import { createRequire } from 'node:module';
import type { Draws } from './draws.ts';
import type { BankAccount } from './person.ts';

interface Bank {
  readonly code: string;
  readonly name: string;
  readonly branches: Readonly<Record<string, { readonly code: string; readonly name: string }>>;
}
const everyBank = createRequire(import.meta.url)('zengin-code') as Readonly<Record<string, Bank>>;

/** みずほ, 三菱UFJ, 三井住友, りそな, PayPay, 楽天, 住信SBI, きらぼし, 城南信金, 世田谷信金, 昭和信金. */
const commonBanks = ['0001', '0005', '0009', '0010', '0033', '0036', '0038', '0137', '1344', '1371', '1370'];

const banks = commonBanks.flatMap((code) => {
  const bank = everyBank[code];
  return bank === undefined ? [] : [{ code: bank.code, name: bank.name, branches: Object.values(bank.branches) }];
});

/** Bank and branch are real (open data of 全銀協 codes), the seven digits are not. */
export function makeAccount(draws: Draws): BankAccount {
  const bank = draws.pick(banks);
  const branch = draws.pick(bank.branches);
  return {
    bankCode: bank.code,
    bankName: bank.name,
    branchCode: branch.code,
    branchName: branch.name,
    accountNumber: String(draws.below(10_000_000)).padStart(7, '0'),
  };
}
