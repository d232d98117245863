import { caseUseCases } from './cases.ts';
import { ledgerUseCases } from './ledger.ts';
import { questionUseCases } from './questions.ts';
import type { DisclosureDeps, DisclosureSetup } from './setup.ts';
import { sheetUseCases } from './sheets.ts';

/**
 * The right of a person about their own record, for one system: requests, sheets, ledger of forms, questions.
 * @law 住民基本台帳法 第30条の32 to 第30条の36; 個人情報の保護に関する法律 第76条以下
 */
export function createDisclosure<D extends DisclosureDeps>(setup: DisclosureSetup<D>) {
  return {
    setup,
    ...caseUseCases(setup),
    ...sheetUseCases(setup),
    ledger: ledgerUseCases(setup),
    questions: questionUseCases(setup),
  };
}
export type Disclosure<D extends DisclosureDeps> = ReturnType<typeof createDisclosure<D>>;

/** Where the templates of the sheets are; a typesetter for disclosure is made over this folder. */
export const disclosureTemplates = new URL('./templates/', import.meta.url);
