import assert from 'node:assert/strict';
import { html as escapingHtml, raw as trusted } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

/** A piece of a page. Only `html` and `raw` make it; a plain string put into `html` is escaped. */
export type Html = HtmlEscapedString;

/** What may stand in a `${…}`: lists are joined, `undefined`, `null` and booleans print nothing. */
export type HtmlValue = Html | string | number | boolean | null | undefined | readonly HtmlValue[];

/** Writes markup; every value that is not itself `Html` is escaped, in text and in quoted attributes. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const made = escapingHtml(strings, ...values);
  assert(!(made instanceof Promise), 'a page part must not hold promises: await first, then write');
  return made;
}

/** Markup that is trusted as it is: a constant of the program, never a value from outside. */
export const raw = (markup: string): Html => trusted(markup);

/** Ids in a page: letters, digits, hyphen; the same for the same name. */
export const idOf = (...parts: readonly string[]): string =>
  parts.map((part) => part.replaceAll(/[^A-Za-z0-9_-]/g, '-')).join('-');

// Made once: a formatter for each number took three quarters of the time of a page with many of them.
const numbers = new Intl.NumberFormat('ja-JP');

/** 1234567 as 1,234,567. */
export const grouped = (n: number): string => numbers.format(n);

/** Whole yen with 円. */
export const yenText = (n: number): string => `${grouped(n)}円`;

const eras = [
  ['令和', '2019-05-01', 2018],
  ['平成', '1989-01-08', 1988],
  ['昭和', '1926-12-25', 1925],
  ['大正', '1912-07-30', 1911],
] as const;

/** 令和8年6月10日; before 大正 the Gregorian year. */
export function dateText(date: Temporal.PlainDate): string {
  const era = eras.find(([, from]) => Temporal.PlainDate.compare(date, from) >= 0);
  const year = era ? `${era[0]}${date.year - era[2] === 1 ? '元' : date.year - era[2]}年` : `${date.year}年`;
  return `${year}${date.month}月${date.day}日`;
}

/** A moment as the clock on the wall in Tokyo shows it: 2026-06-10 09:41:05. */
export function momentText(at: Temporal.Instant): string {
  const local = at.toZonedDateTimeISO('Asia/Tokyo');
  return `${local.toPlainDate()} ${local.toPlainTime().toString({ smallestUnit: 'second' })}`;
}

/** `<time>` with a text for people and an ISO value for machines. */
export const time = (value: Temporal.PlainDate | Temporal.Instant): Html =>
  value instanceof Temporal.PlainDate
    ? html`<time datetime="${value.toString()}">${dateText(value)}</time>`
    : html`<time datetime="${value.toString()}">${momentText(value)}</time>`;
