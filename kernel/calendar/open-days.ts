import assert from 'node:assert/strict';
import holidayJp from '@holiday-jp/holiday_jp';
import { projectedHoliday } from './projected-holidays.ts';

const holidays = new Map<string, string>(Object.values(holidayJp.holidays).map(({ date, name }) => [date, name]));

/**
 * 国民の祝日 by name, or undefined. The table reaches from 1970 to 2050; later days are those of the law as it stands, so that no job of a
 * far day fails for want of a table (INC-10). Before 1970 none is known: nothing falls due there any more.
 */
export function holidayName(date: Temporal.PlainDate): string | undefined {
  return date.year > 2050 ? projectedHoliday(date) : holidays.get(date.toString());
}

/**
 * 開庁日: neither Saturday, Sunday, holiday, nor 29 December to 3 January.
 *
 * @law 地方自治法 第4条の2第2項
 */
export function isOpenDay(date: Temporal.PlainDate): boolean {
  if (date.dayOfWeek >= 6 || isYearEnd(date)) return false;
  return holidayName(date) === undefined;
}
const isYearEnd = (date: Temporal.PlainDate): boolean =>
  (date.month === 12 && date.day >= 29) || (date.month === 1 && date.day <= 3);

/**
 * The due date that stands where the law names `date`: itself, or the next open day.
 *
 * @law 地方税法 第20条の5第2項, 同法施行令 第6条の18第2項
 */
export function dueDateOn(date: Temporal.PlainDate): Temporal.PlainDate {
  let day = date;
  while (!isOpenDay(day)) day = day.add({ days: 1 });
  return day;
}

/** `count` open days after `date` (before it, where negative); `date` itself is not counted. 0 gives `date`. */
export function addOpenDays(date: Temporal.PlainDate, count: number): Temporal.PlainDate {
  assert(Number.isInteger(count));
  let day = date;
  for (let left = Math.abs(count); left > 0; ) {
    day = day.add({ days: Math.sign(count) });
    if (isOpenDay(day)) left--;
  }
  return day;
}

/** The n-th open day of a month (第n開庁日), n from 1; throws RangeError where the month has fewer. */
export function nthOpenDay(month: Temporal.PlainYearMonth, n: number): Temporal.PlainDate {
  assert(Number.isInteger(n) && n >= 1);
  const found = addOpenDays(month.toPlainDate({ day: 1 }).subtract({ days: 1 }), n);
  if (!found.toPlainYearMonth().equals(month)) throw new RangeError('the month has fewer open days');
  return found;
}
