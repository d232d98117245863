import assert from 'node:assert/strict';
import { exactProduct } from '@musubi/kernel/yen/yen.ts';
import { type InterestRates, interestRates, ratesOn } from './interest-rates.ts';

/** A stretch of days with one base and one rate; `yen` is cut to whole yen. */
export interface Segment {
  readonly from: string;
  readonly to: string;
  readonly days: number;
  readonly baseYen: number;
  /** Tenths of a percent. */
  readonly rate: number;
  readonly yen: number;
}
export interface Interest {
  readonly segments: readonly Segment[];
  /** Cut to 100 yen, 0 below 1,000. */
  readonly yen: number;
}

/** 税額 below 2,000 bears nothing; else it is cut to thousands. @law 地方税法 第20条の4の2第2項 */
export const interestBase = (tax: number): number => (tax < 2_000 ? 0 : tax - (tax % 1_000));
/** @law 地方税法 第20条の4の2第5項 */
export const interestRounded = (amount: number): number => (amount < 1_000 ? 0 : amount - (amount % 100));

/* Days as numbers: dates of a hundred thousand items are compared and counted without a Temporal object each. */
const epoch = Temporal.PlainDate.from('1970-01-01');
const known = new Map<string, number>();
export function dayOf(date: string): number {
  let day = known.get(date);
  if (day === undefined) {
    day = epoch.until(Temporal.PlainDate.from(date)).days;
    if (known.size > 50_000) known.clear();
    known.set(date, day);
  }
  return day;
}
const dateOf = (day: number): string => epoch.add({ days: day }).toString();

/** Spans of the rate table as day numbers: which rates hold on a day, and until when. */
const spans = interestRates.rows.map((row, i) => ({
  from: dayOf(row.effectiveFrom),
  until: dayOf(
    interestRates.rows[i + 1]?.effectiveFrom ??
      Temporal.PlainDate.from(interestRates.supportedUntil).add({ days: 1 }).toString(),
  ),
  rates: row.value,
}));

/** First day of each calendar year from 2018: a segment ends with the year, whether the rate changes or not. */
const newYears = Array.from({ length: 60 }, (_, i) => dayOf(`${2018 + i}-01-01`));
const nextNewYear = (day: number): number => newYears.find((first) => first > day) ?? Number.POSITIVE_INFINITY;

function ratesAt(day: number): InterestRates {
  const span = spans.find((s) => s.from <= day && day < s.until);
  // Throws with the table's own words: a missing rate is never zero.
  return span?.rates ?? ratesOn(dateOf(day));
}

/** Tax paid, by day. */
export interface TaxPayment {
  readonly paidOn: string;
  readonly yen: number;
}

/**
 * 延滞金 from the day after the due date to `until`, with what was paid on the way: each payment lessens the base from the day
 * after it. Segments end with the calendar year, the first month and each payment; each is cut to whole yen, the sum to 100.
 *
 * @param tax of the charge before any payment
 * @param payments of tax, in any order; later than `until` they count for nothing
 * @param until the day of the last payment, or the day of asking
 * @law 地方税法 第321条の2, 第326条, 附則第3条の2, 第20条の4の2第2項・第5項
 */
export function delinquencyCharge(
  tax: number,
  dueOn: string,
  payments: readonly TaxPayment[],
  until: string,
): Interest {
  const due = dayOf(dueOn);
  const end = dayOf(until);
  if (end <= due) return { segments: [], yen: 0 };
  const firstMonthEnd = endOfFirstMonth(dueOn);
  const paid = payments.map((p) => ({ day: dayOf(p.paidOn), yen: p.yen })).filter((p) => p.day < end);
  const cuts = paid.map((p) => p.day).filter((day) => day > due);
  const open = (day: number): number => tax - paid.filter((p) => p.day < day).reduce((all, p) => all + p.yen, 0);
  return accrue(
    due + 1,
    end,
    [firstMonthEnd, ...cuts],
    (day) => interestBase(open(day)),
    (day) => (day <= firstMonthEnd ? ratesAt(day).firstMonth : ratesAt(day).later),
  );
}

/** The last day of the month that begins on the day after the due date; the same few dates come a hundred thousand times. */
function endOfFirstMonth(dueOn: string): number {
  let end = monthEnds.get(dueOn);
  if (end === undefined) {
    end = dayOf(Temporal.PlainDate.from(dueOn).add({ days: 1 }).add({ months: 1 }).subtract({ days: 1 }).toString());
    if (monthEnds.size > 10_000) monthEnds.clear();
    monthEnds.set(dueOn, end);
  }
  return end;
}
const monthEnds = new Map<string, number>();

/** Why money was paid too much decides from when it bears interest. @law 地方税法 第17条の4第1項 */
export const refundCauses = {
  /** 第1号: the charge was reduced or paid by a wrong decision: from the day after the payment. */
  decision: '賦課の減額（1号）',
  /** 第2号: a correction the payer asked for: from three months after the request. */
  'payers-request': '更正の請求（2号）',
  /** 第3号: the income tax was corrected: from one month after its notice. */
  'income-tax': '所得税の更正等（3号）',
  /** 第4号: paid twice or too much by mistake: from one month after the payment. */
  mistake: '過誤納（4号）',
} as const;
export type RefundCause = keyof typeof refundCauses;

/**
 * 還付加算金 until the day of the decision to pay or to appropriate.
 *
 * @param factOn the day that the cause names: of the payment (1号, 4号), of the request (2号), of the income tax's notice (3号)
 * @law 地方税法 第17条の4, 附則第3条の2第4項, 同法施行令 第6条の15
 */
export function refundInterest(
  amount: number,
  cause: RefundCause,
  paidOn: string,
  factOn: string,
  decidedOn: string,
): Interest {
  const day = Temporal.PlainDate.from(factOn);
  const begins = {
    decision: day,
    'payers-request': day.add({ months: 3 }),
    'income-tax': day.add({ months: 1 }),
    mistake: day.add({ months: 1 }),
  }[cause];
  const from = Math.max(dayOf(paidOn), dayOf(begins.toString())) + 1;
  const end = dayOf(decidedOn);
  if (end < from) return { segments: [], yen: 0 };
  const base = interestBase(amount);
  return accrue(
    from,
    end,
    [],
    () => base,
    (at) => ratesAt(at).refund,
  );
}

function accrue(
  first: number,
  last: number,
  cuts: readonly number[],
  baseOn: (day: number) => number,
  rateOn: (day: number) => number,
): Interest {
  assert(first <= last);
  const segments: Segment[] = [];
  let total = 0;
  for (let from = first; from <= last; ) {
    let to = Math.min(last, nextNewYear(from) - 1);
    for (const cut of cuts) if (cut >= from && cut < to) to = cut;
    const days = to - from + 1;
    const baseYen = baseOn(from);
    const rate = rateOn(from);
    const product = exactProduct(exactProduct(baseYen, rate), days);
    const yen = (product - (product % 365_000)) / 365_000;
    if (baseYen > 0) segments.push({ from: dateOf(from), to: dateOf(to), days, baseYen, rate, yen });
    total += yen;
    from = to + 1;
  }
  return { segments, yen: interestRounded(total) };
}
