/**
 * Check digit of GS1 codes: mod 10 with weights 3 and 1 in turn from the right.
 *
 * @param digits without the check digit
 * @source GS1 General Specifications 7.9.1; GS1-128による標準料金代理収納ガイドライン 第6版
 */
export function mod10Weight3(digits: string): string {
  let total = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    total += i % 2 === 0 ? digit * 3 : digit;
  }
  return `${(10 - (total % 10)) % 10}`;
}

/**
 * CRC-16/CCITT-FALSE as five decimal digits: polynomial 0x1021, initial 0xFFFF, nothing reflected, no final XOR.
 *
 * @param text ASCII
 * @source 地方税統一QRコード 仕様 (formats: el-qr §2.2)
 */
export function crc16Digits(text: string): string {
  let crc = 0xffff;
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i) << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021) & 0xffff;
  }
  return `${crc % 100_000}`.padStart(5, '0');
}
