import assert from 'node:assert/strict';

/**
 * 受給者番号: six digits and a check digit. From the right every other digit is doubled, digits of products are added, and the check digit
 * brings the sum to a multiple of ten.
 * @source 公費負担者番号・受給者番号の検証番号 (診療報酬請求書等の記載要領)
 */
export function beneficiaryNumber(serial: number): string {
  assert(Number.isSafeInteger(serial) && serial >= 1 && serial <= 999_999);
  const digits = `${serial}`.padStart(6, '0');
  const sum = [...digits].toReversed().reduce((total, digit, i) => {
    const product = Number(digit) * (i % 2 === 0 ? 2 : 1);
    return total + (product > 9 ? product - 9 : product);
  }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
