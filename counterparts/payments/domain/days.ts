import { isOpenDay } from '@musubi/kernel/calendar/open-days.ts';

/** When a till's files are written, and what is in them. */
export interface TillPlan {
  readonly channel: string;
  readonly sender: string;
  /** First business day. */
  readonly from: string;
  readonly days: 'every-day' | 'open-days' | { readonly dayOfMonth: number };
  /** Days from a payment (速報) to its 確報; 0: only 確報 are written. */
  readonly confirmAfter: number;
}

const isFileDay = (plan: TillPlan, day: Temporal.PlainDate): boolean =>
  plan.days === 'every-day' ||
  (plan.days === 'open-days' ? isOpenDay(day) : day.day === Math.min(plan.days.dayOfMonth, day.daysInMonth));

/** A file's business day, and the first day whose events it holds: those since the file before. */
export interface FileWindow {
  readonly businessOn: string;
  readonly since: string;
}

/** The files that must have been written by the end of `until`, the oldest first. Days without a file fall into the next. */
export function fileWindows(plan: TillPlan, until: string): readonly FileWindow[] {
  const windows: FileWindow[] = [];
  let since = plan.from;
  for (let day = Temporal.PlainDate.from(plan.from); day.toString() <= until; day = day.add({ days: 1 })) {
    if (!isFileDay(plan, day)) continue;
    windows.push({ businessOn: day.toString(), since });
    since = day.add({ days: 1 }).toString();
  }
  return windows;
}

export const addDays = (day: string, days: number): string => Temporal.PlainDate.from(day).add({ days }).toString();
