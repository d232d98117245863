/** Months in which pensions are paid, in the order of a fiscal year: 仮徴収 in April, June, August, 本徴収 in October, December, February. */
export const pensionMonths = [4, 6, 8, 10, 12, 2] as const;

/** 支払日: the 15th of an even month. */
export const paidOn = (month: string): Temporal.PlainDate => Temporal.PlainDate.from(`${month}-15`);

/**
 * Last day on which an order or a stop for the pension of `month` reaches the insurer in time: the 10th of the month two before, as
 * the pension of August is made up from what came by 10 June. Our own reading of the insurers' calendar, which is told to bodies only.
 */
export const lastDayFor = (month: string): Temporal.PlainDate =>
  paidOn(month).subtract({ months: 2 }).with({ day: 10 });

/** 結果 of a month is there from the first day of the month after. */
export const resultsFrom = (month: string): Temporal.PlainDate => paidOn(month).add({ months: 1 }).with({ day: 1 });
