import type { Brand } from '../ids/brand.ts';
import type { Random } from '../random/random.ts';
import { err, ok, type Result } from '../result/result.ts';
import { modulus9CheckDigit } from './check-digits.ts';

/** 法人番号: 13 digits as text, the first one a check digit (1 to 9). Public. */
export type CorporateNumber = Brand<string, 'CorporateNumber'>;

/** @law 番号利用法施行令 第35条, 法人番号の指定等に関する省令 第2条 */
export function parseCorporateNumber(text: string): Result<CorporateNumber, 'not-13-digits' | 'wrong-check-digit'> {
  if (!/^[0-9]{13}$/.test(text)) return err('not-13-digits');
  if (Number(text[0]) !== modulus9CheckDigit(text.slice(1))) return err('wrong-check-digit');
  return ok(text as CorporateNumber);
}

/** A synthetic number in the range 9999…, which no registry has given out. */
export function makeCorporateNumber(random: Random): CorporateNumber {
  const body = `9999${Array.from({ length: 8 }, () => random.below(10)).join('')}`;
  return `${modulus9CheckDigit(body)}${body}` as CorporateNumber;
}
