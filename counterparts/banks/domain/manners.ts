import { lot } from '@musubi/kernel/random/lot.ts';
import type { Random } from '@musubi/kernel/random/random.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';

/** How a bank's customers and its line behave: chances in percent. All zero: all is paid and every file is right. */
export interface Manners {
  readonly insufficient: number;
  readonly noAccount: number;
  /** The holder's name is another's: a transfer comes back. */
  readonly nameDiffers: number;
  /** The result is first sent cut or with a digit changed; asked again, the bank sends the right one. */
  readonly spoilt: number;
}
export const wellBehaved: Manners = { insufficient: 0, noAccount: 0, nameDiffers: 0, spoilt: 0 };

/** An account that this bank does not know: the same account each time, so that a corrected one goes through. */
const isUnknown = (seed: string, manners: Manners, account: string): boolean =>
  lot(seed, `account ${account}`) < manners.noAccount;

export function debitOutcome(
  seed: string,
  manners: Manners,
  debit: { readonly customerNumber: string; readonly account: string },
): 'paid' | 'insufficient-funds' | 'no-account' {
  if (isUnknown(seed, manners, debit.account)) return 'no-account';
  return lot(seed, `funds ${debit.customerNumber}`) < manners.insufficient ? 'insufficient-funds' : 'paid';
}

export function transferOutcome(
  seed: string,
  manners: Manners,
  account: string,
): 'paid' | 'no-account' | 'name-differs' {
  if (isUnknown(seed, manners, account)) return 'no-account';
  return lot(seed, `name ${account}`) < manners.nameDiffers ? 'name-differs' : 'paid';
}

/** What leaves the bank at the `time`-th asking (from 0). Only the first may be spoilt. */
export function asSent(
  seed: string,
  manners: Manners,
  file: { readonly key: string; readonly content: Uint8Array },
  time: number,
): Uint8Array {
  if (time > 0 || lot(seed, `spoilt ${file.key}`) >= manners.spoilt) return file.content;
  return spoil(file.content, seededRandom(`${seed}\0how ${file.key}`));
}

/** One of the ways in which a file goes wrong on its way. */
export function spoil(file: Uint8Array, random: Random): Uint8Array {
  const kind = random.below(3);
  if (kind === 0) return file.subarray(0, 1 + random.below(file.length - 1));
  const out = Uint8Array.from(file);
  const at = kind === 1 ? random.below(out.length) : Math.min(out.length - 1, 122 + 80 + random.below(10));
  out[at] = out[at] === 0x31 ? 0x32 : 0x31;
  return out;
}
