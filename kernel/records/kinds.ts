import { type EraDigitTable, eraDigits, eraOfDigit, fromEraDate, toEraDate } from '../calendar/eras.ts';
import { err, ok, type Result } from '../result/result.ts';
import { graphemeLength } from '../text/graphemes.ts';
import { type Yen, yen } from '../yen/yen.ts';
import type { FaultWord } from './faults.ts';

/** How one kind of field reads and writes. `parse` sees text without padding, never empty. */
export interface Kind<V> {
  parse(text: string): Result<V, FaultWord>;
  format(value: V): string;
  /** Padding in fixed-width records. */
  readonly pad: 'zero-left' | 'space-right' | 'wide-space-right';
}
export type ValueOf<K> = K extends Kind<infer V> ? V : never;

function textKind(
  max: number,
  pattern: RegExp,
  word: FaultWord,
  pad: Kind<string>['pad'] = 'space-right',
): Kind<string> {
  return {
    pad,
    // Characters as a user sees them are never more than code units: counting them is for the rare long text.
    parse: (text) =>
      !pattern.test(text) ? err(word) : text.length > max && graphemeLength(text) > max ? err('too-long') : ok(text),
    format: (value) => value,
  };
}

/** Digits as text, leading zeros kept, up to `max`. */
export const digits = (max: number): Kind<string> => textKind(max, /^[0-9]+$/, 'not-digits', 'zero-left');
/** Exactly `length` digits as text. */
export const exactDigits = (length: number): Kind<string> => ({
  pad: 'zero-left',
  parse: (t) => (!/^[0-9]+$/.test(t) ? err('not-digits') : t.length !== length ? err('wrong-length') : ok(t)),
  format: (value) => value,
});
/** Single-byte printable ASCII without the comma, up to `max`. */
export const halfWidth = (max: number): Kind<string> => textKind(max, /^[\x20-\x2b\x2d-\x7e]+$/, 'not-alphanumeric');
/** Half-width kana, letters, digits, space and the few signs that kana names need, up to `max` bytes. */
export const halfKana = (max: number): Kind<string> =>
  textKind(max, /^[\uff61-\uff9f0-9A-Z ().\-/]+$/, 'not-half-width-kana');
/** Full-width characters only, up to `max` characters (2 bytes each). */
export const wideText = (max: number): Kind<string> =>
  textKind(max, /^[^\x00-\x7f\uff61-\uff9f]+$/, 'not-full-width', 'wide-space-right');
/** Any text up to `max` characters as a user counts them. */
export const anyText = (max: number): Kind<string> => textKind(max, /^/, 'control-character');

function numberKind<V extends number>(maxDigits: number, make: (value: number) => V): Kind<V> {
  return {
    pad: 'zero-left',
    parse: (t) =>
      !/^[0-9]+$/.test(t) ? err('not-digits') : t.length > maxDigits ? err('too-long') : ok(make(Number(t))),
    format: String,
  };
}
/** Whole yen, not negative, at most `maxDigits` (15) digits. */
export const yenAmount = (maxDigits: number): Kind<Yen> => numberKind(maxDigits, yen);
export const count = (maxDigits: number): Kind<number> => numberKind(maxDigits, (n) => n);

/** 0 or 1. */
export const flag: Kind<boolean> = {
  pad: 'zero-left',
  parse: (text) => (text === '1' ? ok(true) : text === '0' ? ok(false) : err('not-in-code-table')),
  format: (value) => (value ? '1' : '0'),
};

/** A code table: code in the file → word in the program, both unique. */
export function code<const T extends Readonly<Record<string, string>>>(table: T): Kind<T[keyof T]> {
  const back = new Map(Object.entries(table).map(([key, word]) => [word, key]));
  return {
    pad: 'space-right',
    parse: (text) => (Object.hasOwn(table, text) ? ok(table[text] as T[keyof T]) : err('not-in-code-table')),
    format: (word) => back.get(word)!,
  };
}

/** A fixed text, such as a record's kind. */
export const constant = <const T extends string>(text: T): Kind<T> => ({
  pad: 'space-right',
  parse: (t) => (t === text ? ok(text) : err('wrong-constant')),
  format: () => text,
});

/** YYYYMMDD. */
export const westernDate: Kind<Temporal.PlainDate> = {
  pad: 'zero-left',
  parse(text) {
    if (!/^[0-9]{8}$/.test(text)) return err('not-digits');
    try {
      return ok(Temporal.PlainDate.from(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`));
    } catch {
      return err('no-such-date');
    }
  },
  format: (date) => date.toString().replaceAll('-', ''),
};

/** GYYMMDD: one digit for the era, by the format's own table. */
export const eraDate = (table: EraDigitTable): Kind<Temporal.PlainDate> => ({
  pad: 'zero-left',
  parse(text) {
    if (!/^[0-9]{7}$/.test(text)) return err('not-digits');
    const era = eraOfDigit(text[0]!, table);
    if (era === undefined) return err('not-in-code-table');
    return fromEraDate({
      era,
      year: Number(text.slice(1, 3)),
      month: Number(text.slice(3, 5)),
      day: Number(text.slice(5)),
    });
  },
  format(date) {
    const { era, year, month, day } = toEraDate(date);
    return eraDigits[table][era] + [year, month, day].map((n) => String(n).padStart(2, '0')).join('');
  },
});
