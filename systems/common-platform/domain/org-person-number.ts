import type { Brand } from '@musubi/kernel/ids/brand.ts';
import type { Random } from '@musubi/kernel/random/random.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/** 団体内統合宛名番号 / 団体内統合利用番号: 15 digits, meaningful inside one organisation only. */
export type OrgPersonNumber = Brand<string, 'OrgPersonNumber'>;

/**
 * Check digit by ISO/IEC 7064 MOD 11,10: finds every single wrong digit and nearly every exchange of neighbours.
 * @param body digits without the check digit
 */
export function checkDigitOf(body: string): number {
  let product = 10;
  for (const digit of body) {
    const sum = (Number(digit) + product) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (11 - product) % 10;
}

/**
 * A new number, drawn at random: it says nothing about the person, the order of arrival or any other number, so that two
 * organisations cannot compare theirs. Uniqueness is the schema's.
 * @law 番号利用法 第12条 (安全管理); design §3
 */
export function drawOrgPersonNumber(random: Random): OrgPersonNumber {
  const body = Array.from({ length: 14 }, () => random.below(10)).join('');
  return `${body}${checkDigitOf(body)}` as OrgPersonNumber;
}

export function parseOrgPersonNumber(text: string): Result<OrgPersonNumber, 'not-15-digits' | 'wrong-check-digit'> {
  if (!/^[0-9]{15}$/.test(text)) return err('not-15-digits');
  return Number(text[14]) === checkDigitOf(text.slice(0, 14)) ? ok(text as OrgPersonNumber) : err('wrong-check-digit');
}
