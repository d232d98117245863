import { addOpenDays, isOpenDay } from '../calendar/open-days.ts';
import { type Yen, yen } from '../yen/yen.ts';

/**
 * The last day on which a request can be answered in time. The day of receipt counts as the first; an authority that is
 * closed on the last day answers on the open day before it, because the term is its own and not the requester's.
 *
 * @param days of the term, the day of receipt included
 * @law 住民基本台帳法 第30条の33第1項 (開示: 三十日以内)
 */
export function dueOn(receivedOn: Temporal.PlainDate, days: number): Temporal.PlainDate {
  let day = receivedOn.add({ days: days - 1 });
  while (!isOpenDay(day)) day = day.subtract({ days: 1 });
  return Temporal.PlainDate.compare(day, receivedOn) < 0 ? receivedOn : day;
}

/** The first day of the reminder: `openDays` open days before the term ends. */
export const reminderOn = (due: Temporal.PlainDate, openDays: number): Temporal.PlainDate =>
  addOpenDays(due, -openDays);

/** 手数料 of one sheet. Rows in order of their first day; the former rates stay. */
export interface FeeRate {
  readonly effectiveFrom: string;
  readonly yenPerSheet: number;
  readonly source: string;
}

/** The rate on the day of receipt. Throws where no row reaches so far back. */
export function feeRateOn(rates: readonly FeeRate[], on: Temporal.PlainDate): FeeRate {
  const rate = rates
    .filter((r) => r.effectiveFrom <= on.toString())
    .toSorted((a, b) => (a.effectiveFrom < b.effectiveFrom ? -1 : 1))
    .at(-1);
  if (rate === undefined) throw new RangeError(`no fee is known for ${on}`);
  return rate;
}

/** 実費相当分: sheets times the rate. */
export const feeFor = (sheets: number, rate: FeeRate): Yen => yen(sheets * rate.yenPerSheet);
