import { enforced } from '../enforcement/enforcement.ts';
import { modulus11CheckDigit } from '../identifiers/check-digits.ts';
import { isUuid } from '../ids/uuid.ts';

export type LogValue = string | number | boolean;

/** What stands in place of a value that has no business in a log line. */
export const WITHHELD = '[withheld]';

/**
 * Lets codes, ids, counts and moments through; free text and whatever could be an Individual Number becomes `[withheld]`.
 * A second line of defence: what goes into a log is chosen where it is written.
 */
export function loggable(value: LogValue): LogValue {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return withholdNumber(String(Math.abs(value))) ? WITHHELD : value;
  if (isUuid(value)) return value;
  if (!/^[A-Za-z0-9_.:/@+,=[\]-]{0,200}$/.test(value)) return WITHHELD;
  return withholdNumber(value) ? WITHHELD : value;
}

const withholdNumber = (text: string): boolean => enforced('vault.no-number-in-logs') && looksLikeNumber(text);

/** 12 digits with a fitting check digit, also with the leading 0 of the tax files, in groups, or full-width. */
export function looksLikeNumber(text: string): boolean {
  const runs = text.normalize('NFKC').match(/(?<![0-9])0?[0-9]{4}([ -]?)[0-9]{4}\1[0-9]{4}(?![0-9])/g) ?? [];
  return runs.some((run) => {
    const digits = run.replace(/[ -]/g, '').slice(-12);
    return Number(digits[11]) === modulus11CheckDigit(digits.slice(0, 11));
  });
}
