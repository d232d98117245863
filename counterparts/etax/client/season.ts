import { taxAgencyNumber } from '@musubi/contracts/tax-return/return-image.ts';
import { type TaxReturnRecord, writeTaxReturns } from '@musubi/contracts/tax-return/tax-return.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';

/** Who files: the tax agency by its Corporate Number. */
export const taxAgency = { corporateNumber: taxAgencyNumber, name: '国税庁' } as const;

/** The lines of a delivery, ready to be filed as `tax-return`. */
export function seasonFile(records: readonly TaxReturnRecord[]): {
  readonly bytes: Uint8Array;
  readonly records: number;
} {
  return { bytes: unwrap(writeTaxReturns(records)), records: records.length };
}
