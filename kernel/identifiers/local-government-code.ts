import type { Brand } from '../ids/brand.ts';
import { err, ok, type Result } from '../result/result.ts';
import { localGovernmentCheckDigit } from './check-digits.ts';

/** 全国地方公共団体コード: 6 digits as text, the last one a check digit (目黒区 = 131105). */
export type LocalGovernmentCode = Brand<string, 'LocalGovernmentCode'>;

export type LocalGovernmentCodeFault = 'not-6-digits' | 'no-such-prefecture' | 'wrong-check-digit';

export function parseLocalGovernmentCode(text: string): Result<LocalGovernmentCode, LocalGovernmentCodeFault> {
  if (!/^[0-9]{6}$/.test(text)) return err('not-6-digits');
  const prefecture = Number(text.slice(0, 2));
  if (prefecture < 1 || prefecture > 47) return err('no-such-prefecture');
  if (Number(text[5]) !== localGovernmentCheckDigit(text)) return err('wrong-check-digit');
  return ok(text as LocalGovernmentCode);
}

/** From the five digits that pension files, e-Tax and some reports use; the check digit is added. */
export function localGovernmentCodeFromFive(
  text: string,
): Result<LocalGovernmentCode, 'not-5-digits' | 'no-such-prefecture'> {
  if (!/^[0-9]{5}$/.test(text)) return err('not-5-digits');
  const six = parseLocalGovernmentCode(`${text}${localGovernmentCheckDigit(text)}`);
  return six.ok ? six : err('no-such-prefecture');
}

/** The five digits without the check digit. */
export const fiveDigits = (code: LocalGovernmentCode): string => code.slice(0, 5);
