import assert from 'node:assert/strict';
import { dueDateOn } from '@musubi/kernel/calendar/open-days.ts';

export interface Part {
  readonly dueOn: string;
  readonly yen: number;
}

/**
 * 分割納付: `total` over `months` parts from `firstOn`, whole thousands, what is cut off added to the first. A day that is no open day
 * moves to the next.
 */
export function instalmentPlan(total: number, months: number, firstOn: string): readonly Part[] {
  assert(Number.isSafeInteger(total) && total > 0 && Number.isInteger(months) && months >= 1 && months <= 24);
  const each = Math.trunc(total / months / 1_000) * 1_000;
  const first = Temporal.PlainDate.from(firstOn);
  return Array.from({ length: months }, (_, i) => ({
    dueOn: dueDateOn(first.add({ months: i })).toString(),
    yen: i === 0 ? total - each * (months - 1) : each,
  })).filter((part) => part.yen > 0);
}
