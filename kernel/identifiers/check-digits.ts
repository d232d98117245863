/**
 * Check digit of 個人番号 (11 digits in) and 住民票コード (10 digits in): modulus 11, weights 2 to 7 from the right.
 *
 * @param body digits without the check digit, at most 11
 * @returns 0 to 9; a remainder of 0 or 1 gives 0, so about 2 % of single wrong digits pass
 * @law 番号利用法施行令 第8条, 平成26年総務省令第85号 第5条; 住民基本台帳法施行規則 第1条
 */
export function modulus11CheckDigit(body: string): number {
  let total = 0;
  for (let n = 1; n <= body.length; n++) total += Number(body[body.length - n]) * (n <= 6 ? n + 1 : n - 5);
  const remainder = total % 11;
  return remainder <= 1 ? 0 : 11 - remainder;
}

/**
 * Check digit of 法人番号: modulus 9, weights 1 and 2 in turn from the right; stands before the body.
 *
 * @param body 12 digits
 * @returns 1 to 9
 * @law 法人番号の指定等に関する省令 第2条
 */
export function modulus9CheckDigit(body: string): number {
  let total = 0;
  for (let n = 1; n <= body.length; n++) total += Number(body[body.length - n]) * (n % 2 === 1 ? 1 : 2);
  return 9 - (total % 9);
}

/**
 * Check digit of 全国地方公共団体コード: weights 6 to 2 from the left.
 *
 * @param body 5 digits
 * @source 総務省「全国地方公共団体コード仕様」
 */
export function localGovernmentCheckDigit(body: string): number {
  let total = 0;
  for (let i = 0; i < 5; i++) total += Number(body[i]) * (6 - i);
  return (11 - (total % 11)) % 10;
}

/** Shows the last four characters and hides the rest, for messages about a number: `********9018`. */
export function masked(digits: string): string {
  return (
    '*'.repeat(Math.max(0, digits.length - 4)) + (digits.length > 4 ? digits.slice(-4) : '*'.repeat(digits.length))
  );
}
