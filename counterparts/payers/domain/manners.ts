import { dueDateOn } from '@musubi/kernel/calendar/open-days.ts';
import { lot } from '@musubi/kernel/random/lot.ts';

/** How employers behave: chances in percent. All zero: each pays each month what it was told, in time and once. */
export interface Manners {
  /** Of a person and year: it leaves in some month; nothing is kept back any more. */
  readonly leaves: number;
  /** Of a person and month: on leave, nothing to keep back from. */
  readonly onLeave: number;
  /** Of a person whose tax was changed: payroll goes on with what the first notice said. */
  readonly oldAmount: number;
  /** Of a payer's month: it pays days after the due date. */
  readonly late: number;
  /** It does not pay at all. */
  readonly forgets: number;
  /** It pays twice. */
  readonly twice: number;
  /** It keys another sum, and says nothing for whom it is. */
  readonly wrongSum: number;
  /** It pays another sum than it was told without a list that says why. */
  readonly untold: number;
}
export const wellBehaved: Manners = {
  leaves: 0,
  onLeave: 0,
  oldAmount: 0,
  late: 0,
  forgets: 0,
  twice: 0,
  wrongSum: 0,
  untold: 0,
};

/** One person as payroll knows it: numbers and months alone. */
export interface Employee {
  readonly addresseeNumber: string;
  readonly noticeNumber: string | null;
  /** June to May, as the newest notice says. */
  readonly months: readonly number[];
  /** As the first notice said. */
  readonly firstMonths: readonly number[];
}
export interface PlannedLine {
  readonly noticeNumber: string;
  readonly amount: number;
  readonly difference: 'left' | 'on-leave' | 'amount-changed' | null;
}
export interface PlannedPayment {
  readonly attempt: 1 | 2;
  readonly amountYen: number;
  readonly payOn: string;
  /** 納入内訳; absent where the sum is the charged one, or nothing is said. */
  readonly lines?: readonly PlannedLine[];
}
/** What became of a month, in one word. */
export type MonthManner = 'as-told' | 'differs' | 'untold' | 'late' | 'forgotten' | 'twice' | 'wrong-sum' | 'nothing';
export interface PlannedMonth {
  readonly chargedYen: number;
  readonly manner: MonthManner;
  readonly payments: readonly PlannedPayment[];
}

/** The months of a fiscal year whose pay tax is kept back from: June of the year to May of the next. */
export const payMonths = (fiscalYear: number): readonly Temporal.PlainYearMonth[] =>
  Array.from({ length: 12 }, (_, i) => Temporal.PlainYearMonth.from({ year: fiscalYear, month: 6 }).add({ months: i }));

/** 納期限: the 10th of the month after. @law 地方税法 第321条の5第1項 */
export const dueOnOf = (month: Temporal.PlainYearMonth): Temporal.PlainDate =>
  dueDateOn(month.add({ months: 1 }).toPlainDate({ day: 10 }));

/**
 * What a payer pays for a month, and what it says of it. Drawn from the seed: the same people bring the same month, also in a process that
 * came again.
 *
 * @param index of the month, 0 is June
 */
export function planMonth(
  seed: string,
  manners: Manners,
  payer: { readonly municipality: string; readonly designationNumber: string; readonly fiscalYear: number },
  index: number,
  employees: readonly Employee[],
): PlannedMonth {
  const month = payMonths(payer.fiscalYear)[index]!;
  const who = `${payer.municipality} ${payer.designationNumber} ${payer.fiscalYear}`;
  const happens = (of: keyof Manners, about: string): boolean => lot(seed, `${of} ${who} ${about}`) < manners[of];
  const lines = employees
    .map((one) => ({ noticeNumber: one.noticeNumber, ...keptBack(one, index, happens) }))
    // Who has nothing to pay in the month stands in no list.
    .filter((line) => line.amount > 0 || line.difference !== null);
  const chargedYen = employees.reduce((all, one) => all + one.months[index]!, 0);
  const sumYen = lines.reduce((all, line) => all + line.amount, 0);
  const about = month.toString();
  if (sumYen === 0) return { chargedYen, manner: 'nothing', payments: [] };
  if (happens('forgets', about)) return { chargedYen, manner: 'forgotten', payments: [] };
  const late = happens('late', about);
  const due = dueOnOf(month);
  const days = lot(seed, `day ${who} ${about}`);
  const payOn = late ? due.add({ days: 3 + (days % 18) }) : due.subtract({ days: days % 5 });
  const payment = { attempt: 1 as const, amountYen: sumYen, payOn: payOn.toString() };
  if (happens('wrongSum', about))
    return { chargedYen, manner: 'wrong-sum', payments: [{ ...payment, amountYen: sumYen + 1_000 }] };
  if (happens('twice', about)) {
    const again = { ...payment, attempt: 2 as const, payOn: payOn.add({ days: 1 }).toString() };
    return { chargedYen, manner: 'twice', payments: [payment, again] };
  }
  const differs = lines.some((line) => line.difference !== null);
  const told = lines.flatMap(({ noticeNumber, ...line }) => (noticeNumber === null ? [] : [{ noticeNumber, ...line }]));
  if (differs && told.length === lines.length && !happens('untold', about))
    return { chargedYen, manner: late ? 'late' : 'differs', payments: [{ ...payment, lines: told }] };
  return { chargedYen, manner: differs ? 'untold' : late ? 'late' : 'as-told', payments: [payment] };
}

function keptBack(
  one: Employee,
  index: number,
  happens: (of: keyof Manners, about: string) => boolean,
): Pick<PlannedLine, 'amount' | 'difference'> {
  const charged = one.months[index]!;
  const before = one.firstMonths[index]!;
  const named = one.addresseeNumber;
  // Whoever has left in a month has left in all that follow.
  const leavesIn = Array.from({ length: index + 1 }, (_, i) => i).some((i) => happens('leaves', `${named} ${i}`));
  if (leavesIn && charged > 0) return { amount: 0, difference: 'left' };
  if (charged > 0 && happens('onLeave', `${named} ${index}`)) return { amount: 0, difference: 'on-leave' };
  if (before !== charged && happens('oldAmount', named)) return { amount: before, difference: 'amount-changed' };
  return { amount: charged, difference: null };
}
