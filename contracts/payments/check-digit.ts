/** Modulus 10, weights 3 and 1 from the right. @source GS1 General Specifications 7.9 */
export function mod10(digits: string): number {
  let total = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    total += i % 2 === 0 ? digit * 3 : digit;
  }
  return (10 - (total % 10)) % 10;
}
