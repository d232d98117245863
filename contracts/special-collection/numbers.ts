import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/**
 * `kojin-bango.csv` of a payer's package, there only where the municipality's rule has numbers on electronic notices: the line of each
 * person (from 1) and the Individual Number. UTF-8, CR LF.
 *
 * @law 地方税法施行規則 第3号様式 (個人番号欄)
 */
export const packageNumbersFile = 'kojin-bango.csv';

export const writePackageNumbers = (digits: readonly string[]): string =>
  digits.map((number, i) => `${i + 1},${number}\r\n`).join('');

/** Whole and in the order of the lines, or refused. */
export function readPackageNumbers(text: string, lines: number): Result<readonly string[], 'numbers-differ'> {
  const rows = text.split('\r\n');
  if (rows.length !== lines + 1 || rows.at(-1) !== '') return err('numbers-differ');
  const digits = rows.slice(0, -1).map((row, i) => /^(\d+),(\d{12})$/.exec(row)?.slice(1) ?? [`${i}`, '']);
  const whole = digits.every(([line, number], i) => line === `${i + 1}` && number !== '');
  return whole ? ok(digits.map(([, number]) => number as string)) : err('numbers-differ');
}
