import { createRequire } from 'node:module';
import { toZenginName } from '@musubi/contracts/zengin/text.ts';
import type { BankDirectory } from '../domain/banks.ts';

interface Published {
  readonly kana: string;
  readonly branches: Readonly<Record<string, { readonly kana: string }>>;
}
/** For training: the bank of the formats' examples, which is no real one. */
const trainingBank = {
  kana: 'テスト',
  branches: { '001': { kana: 'ホンテン' }, '002': { kana: 'ナカメグロ' }, '003': { kana: 'ジユウガオカ' } },
};

/** The open data of banks and branches (zengin-code), read once. A name that the banks' character set cannot write is left out. */
export function zenginDirectory(options: { readonly training: boolean }): BankDirectory {
  const published = createRequire(import.meta.url)('zengin-code') as Readonly<Record<string, Published>>;
  const of = (bank: string): Published | undefined =>
    options.training && bank === '9999' ? trainingBank : Object.hasOwn(published, bank) ? published[bank] : undefined;
  const name = (kana: string): string => {
    const written = toZenginName(kana, 15);
    return written.ok && /^[ 0-9A-Z\-\uff71-\uff9f]*$/.test(written.value) ? written.value : '';
  };
  return {
    nameOf(bank) {
      const found = of(bank);
      return found && name(found.kana);
    },
    find(bank, branch) {
      const found = of(bank);
      const at = found?.branches[branch];
      return found && at && { bankName: name(found.kana), branchName: name(at.kana) };
    },
  };
}
