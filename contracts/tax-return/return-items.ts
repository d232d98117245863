import { eraOfDigit, fromEraDate } from '@musubi/kernel/calendar/eras.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { type ElementCode, type ElementKind, koa020Elements } from './koa020-elements.ts';

/** What stops a return (K02): it goes to a clerk with this word, nothing of it is guessed. */
export type ReturnFault =
  | 'not-well-formed'
  | 'document-type-declared'
  | 'too-deep'
  | 'unknown-procedure'
  | 'unknown-version'
  | 'dangling-reference'
  | 'unknown-element'
  | 'element-twice'
  | 'unreadable-amount'
  | 'unreadable-code'
  | 'no-such-date'
  | 'wrong-check-digit';

/** A fault with the element at which it was found; never a value. */
export interface ReturnFaultAt {
  readonly word: ReturnFault;
  readonly element?: string;
}

/**
 * The leaves of a return by element code: amounts and codes as digits, dates as ISO text, leaves of a repeated group with _1, _2 ….
 * Numbers of persons are apart, so that what is stored as text has none.
 */
export interface ReturnItems {
  readonly items: ReadonlyMap<string, string>;
  readonly numbers: ReadonlyMap<string, IndividualNumber>;
}

/** Collects leaves, each checked by the kind of its element. */
export class ItemCollector implements ReturnItems {
  readonly items = new Map<string, string>();
  readonly numbers = new Map<string, IndividualNumber>();

  /** @param suffix `_1` within the first repetition of a group, else empty */
  add(code: string, suffix: string, text: string): ReturnFaultAt | undefined {
    const kind = kindOf(code);
    if (kind === undefined || kind === 'group') return { word: 'unknown-element', element: code };
    const key = `${code}${suffix}`;
    if (this.items.has(key) || this.numbers.has(key)) return { word: 'element-twice', element: code };
    if (text === '') return undefined;
    const read = leaf(kind, code, text);
    if (!read.ok) return { word: read.error, element: code };
    if (read.value instanceof IndividualNumber) this.numbers.set(key, read.value);
    else this.items.set(key, read.value);
    return undefined;
  }
}

export const kindOf = (code: string): ElementKind | undefined =>
  Object.hasOwn(koa020Elements, code) ? koa020Elements[code as ElementCode][0] : undefined;

function leaf(kind: ElementKind, code: string, text: string): Result<string | IndividualNumber, ReturnFault> {
  if (kind === 'number' || code === 'ABA00125') {
    // The number of a corporation stands in the same place and is no secret.
    if (/^[0-9]{13}$/.test(text)) return ok(text);
    const parsed = IndividualNumber.parse(text);
    return parsed.ok ? parsed : err('wrong-check-digit');
  }
  if (kind === 'yen') return /^-?[0-9]{1,15}$/.test(text) ? ok(`${Number(text)}`) : err('unreadable-amount');
  if (kind === 'code' || kind === 'count') return /^[0-9]{1,5}$/.test(text) ? ok(text) : err('unreadable-code');
  if (kind === 'date') return isDay(text) ? ok(text) : err('no-such-date');
  return ok(text);
}

function isDay(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  try {
    Temporal.PlainDate.from(text);
    return true;
  } catch {
    return false;
  }
}

/** A date of the return: era by its digit in chronological order, not that of the 法定調書. */
export function dateOfParts(era: string, year: string, month: string, day: string): Result<string, 'no-such-date'> {
  const name = eraOfDigit(era, 'chronological');
  if (name === undefined) return err('no-such-date');
  const date = fromEraDate({ era: name, year: Number(year), month: Number(month), day: Number(day) });
  return date.ok ? ok(date.value.toString()) : err('no-such-date');
}

/** Amounts that the form has as text (premiums): digits with or without commas and 円, in either width. */
export function writtenYen(text: string): number | undefined {
  const plain = text.normalize('NFKC').replaceAll(/[,，円\s]/g, '');
  return /^[0-9]{1,12}$/.test(plain) ? Number(plain) : undefined;
}

/** The flattened form for paper returns keyed at the tax office: `CODE=value;CODE_2=value`. */
export function readFlatItems(text: string): Result<ReturnItems, ReturnFaultAt> {
  const collector = new ItemCollector();
  for (const pair of text.split(';')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const match = /^([A-Z]{3}[0-9]{5})(_[1-9])?$/.exec(pair.slice(0, Math.max(at, 0)));
    if (match === null) return err({ word: 'unknown-element' });
    const fault = collector.add(match[1]!, match[2] ?? '', pair.slice(at + 1));
    if (fault !== undefined) return err(fault);
  }
  return ok(collector);
}

/** Writes what `readFlatItems` reads. A semicolon in a text becomes its full-width form. */
export const writeFlatItems = ({ items, numbers }: ReturnItems): string =>
  [
    ...[...items].map(([key, value]) => `${key}=${value.replaceAll(';', '；')}`),
    ...[...numbers].map(([key, number]) => `${key}=${number.digits()}`),
  ]
    .sort()
    .join(';');
