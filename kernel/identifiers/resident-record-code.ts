import type { Brand } from '../ids/brand.ts';
import type { Random } from '../random/random.ts';
import { err, ok, type Result } from '../result/result.ts';
import { modulus11CheckDigit } from './check-digits.ts';

/** 住民票コード: 11 digits as text (leading zeros count), the last one a check digit. Never logged in clear. */
export type ResidentRecordCode = Brand<string, 'ResidentRecordCode'>;

/** @law 住民基本台帳法施行規則 第1条 */
export function parseResidentRecordCode(
  text: string,
): Result<ResidentRecordCode, 'not-11-digits' | 'wrong-check-digit'> {
  if (!/^[0-9]{11}$/.test(text)) return err('not-11-digits');
  if (Number(text[10]) !== modulus11CheckDigit(text.slice(0, 10))) return err('wrong-check-digit');
  return ok(text as ResidentRecordCode);
}

/** A synthetic code that fits its check digit. */
export function makeResidentRecordCode(random: Random): ResidentRecordCode {
  const body = Array.from({ length: 10 }, () => random.below(10)).join('');
  return `${body}${modulus11CheckDigit(body)}` as ResidentRecordCode;
}
