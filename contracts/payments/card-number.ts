/**
 * Whether a text holds what looks like a payment card's number: 13 to 19 digits (spaces and hyphens between them left out) with a first digit
 * that issuers use and the right check digit. Nothing of this system may ever hold one.
 *
 * @source ISO/IEC 7812-1 (Luhn); INC-77
 */
export function holdsCardNumber(text: string): boolean {
  for (const [found] of text.matchAll(/(?<![0-9])[2-6](?:[ -]?[0-9]){12,18}(?![0-9])/g))
    if (luhn(found.replaceAll(/[ -]/g, ''))) return true;
  return false;
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
