import { dueDateOn } from '@musubi/kernel/calendar/open-days.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { ordinaryDueDates, specialMonths, splitIntoInstalments } from './collection.ts';

/** Yen by who receives it. */
export interface Shares {
  readonly ward: number;
  readonly metropolis: number;
  readonly forest: number;
}

/** A levy as it was decided, to be charged. Yen. */
export interface DecidedLevy {
  readonly fiscalYear: number;
  readonly method: 'none' | 'ordinary' | 'special' | 'pension' | 'mixed';
  readonly total: Shares;
  /**
   * 期割 of the decision, first to last; of a pension: the first two due dates, then April to February; of 併徴 (`mixed`): June to May,
   * then the four due dates.
   */
  readonly instalments: readonly number[];
}

/** 普通徴収: 期 1 to 4, 随時 5 to 12. 特別徴収 from wages and pensions: the calendar month. */
export interface ChargeKey {
  readonly method: 'ordinary' | 'special' | 'pension';
  readonly instalment: number;
}

export interface Charge extends ChargeKey {
  readonly dueOn: Temporal.PlainDate;
  /** 法定納期限 */
  readonly legalDueOn: Temporal.PlainDate;
  readonly items: Shares;
}

export const totalOf = ({ ward, metropolis, forest }: Shares): number => ward + metropolis + forest;
const keyOf = ({ method, instalment }: ChargeKey): string => `${method} ${instalment}`;

/**
 * 調定: what is to be paid when, after a decision. What fell due before the person or the payer could be told stays as it was; the
 * difference goes to the dates that are still open, else to a date of its own (随時). A levy that fell takes from the latest first.
 *
 * @param standing charges of the person and year as they stand, amounts of zero included
 * @param on the day of the decision
 * @returns every charge of the year as it now stands; their amounts add up to the levy
 * @law 地方税法 第319条の2第4項 (納期限の十日前までに交付), 第320条, 第321条の2, 第321条の5, 第321条の6, 第321条の7の2から第321条の7の10
 */
export function planCharges(levy: DecidedLevy, standing: readonly Charge[], on: Temporal.PlainDate): readonly Charge[] {
  const total = totalOf(levy.total);
  const amounts = amountsOf(levy, standing, on, total);
  const inOrder = amounts.toSorted(
    (a, b) => Temporal.PlainDate.compare(a.dueOn, b.dueOn) || keyOf(a).localeCompare(keyOf(b)),
  );
  return shareOut(inOrder, levy.total, new Map(standing.map((charge) => [keyOf(charge), charge])));
}

interface Amount extends Omit<Charge, 'items'> {
  readonly amount: number;
}

function amountsOf(
  levy: DecidedLevy,
  standing: readonly Charge[],
  on: Temporal.PlainDate,
  total: number,
): readonly Amount[] {
  const before = standing.map((charge): Amount => ({ ...charge, amount: totalOf(charge.items) }));
  if (levy.method === 'pension') return pensionAmounts(levy, before, on, total);
  if (levy.method === 'mixed') return mixedAmounts(levy, before, on, total);
  const dates = levy.method === 'none' ? [] : datesOf(levy.method, levy.fiscalYear);
  const settled = before.every(
    (charge) => charge.amount === 0 || charge.method === levy.method || isOccasional(charge) || !isOpen(charge, on),
  );
  if (before.length > 0 && settled && sumOf(before) === total) return before;
  const open = dates.filter((date) => isOpen(date, on));
  if (before.length === 0 && open.length === dates.length)
    return dates.map((date, i) => ({ ...date, amount: levy.instalments[i] ?? 0 }));

  const closed = before.filter((charge) => !isOpen(charge, on));
  const emptied = before.filter((charge) => isOpen(charge, on)).map((charge) => ({ ...charge, amount: 0 }));
  const rest = total - sumOf(closed);
  if (rest < 0) return [...lowered(closed, -rest), ...emptied];
  if (rest === 0) return [...closed, ...emptied];
  const filled = open.length > 0 ? spread(rest, open) : [occasional(levy.fiscalYear, before, rest, on)];
  const taken = new Set(filled.map(keyOf));
  return [...closed, ...emptied.filter((charge) => !taken.has(keyOf(charge))), ...filled];
}

/**
 * 年金: what the decision says, while October can still be ordered. Later changes leave the pension as it is ordered: a levy that fell
 * takes from the latest first, one that rose is paid by slip; and who was levied otherwise at first goes on so for the year.
 */
function pensionAmounts(
  levy: DecidedLevy,
  before: readonly Amount[],
  on: Temporal.PlainDate,
  total: number,
): readonly Amount[] {
  if (before.length > 0 && !before.some(({ method }) => method === 'pension'))
    return amountsOf({ ...levy, method: 'ordinary' }, before.map(withItems), on, total);
  if (before.length > 0) {
    const difference = total - sumOf(before);
    if (difference <= 0) return loweredOpenFirst(before, -difference, on);
    const [open] = datesOf('ordinary', levy.fiscalYear).filter((date) => isOpen(date, on));
    const more =
      open === undefined ? occasional(levy.fiscalYear, before, difference, on) : { ...open, amount: difference };
    const same = before.find((one) => keyOf(one) === keyOf(more));
    const added = same === undefined ? more : { ...same, amount: same.amount + difference };
    return [...before.filter((one) => one !== same), added];
  }
  const decided = pensionDates(levy.fiscalYear).map((date, i) => ({ ...date, amount: levy.instalments[i] ?? 0 }));
  const begun = decided.filter(({ method, instalment }) => method === 'pension' && instalment >= 4 && instalment <= 8);
  const rest = decided.filter((one) => !begun.includes(one) && one.amount > 0);
  if (sumOf(decided) === total && rest.every((date) => isOpen(date, on)))
    return decided.filter(({ amount }) => amount > 0);
  // Too late for October: what was not begun from the pension is paid by slip.
  const left = total - sumOf(begun);
  if (left < 0) return lowered(begun, -left);
  const open = datesOf('ordinary', levy.fiscalYear).filter((date) => isOpen(date, on));
  const filled = left === 0 ? [] : open.length > 0 ? spread(left, open) : [occasional(levy.fiscalYear, [], left, on)];
  return [...begun, ...filled];
}

/**
 * 併徴: each part goes its own way, the employer's over its months and the slips over their dates. What either bore before the change
 * stays, and the other bears the rest; once no month is left that the employer could still be told of, slips bear all of it.
 */
function mixedAmounts(
  levy: DecidedLevy,
  before: readonly Amount[],
  on: Temporal.PlainDate,
  total: number,
): readonly Amount[] {
  const months = datesOf('special', levy.fiscalYear);
  const standing = before.map((one) => (isOpen(one, on) ? { ...one, amount: 0 } : one));
  const borne = (method: ChargeKey['method']): number => sumOf(standing.filter((one) => one.method === method));
  const [byWages, bySlips] = [borne('special'), borne('ordinary')];
  const left = total - borne('pension');
  if (left < byWages + bySlips) return lowered(standing, sumOf(standing) - total);
  const [ofMonths, ofDates] = [levy.instalments.slice(0, months.length), levy.instalments.slice(months.length)];
  const canTell = months.some((month) => isOpen(month, on));
  const special = canTell ? Math.min(Math.max(addUp(ofMonths), byWages), left - bySlips) : byWages;
  const part = (method: 'special' | 'ordinary', amount: number, decided: readonly number[]): readonly Amount[] => {
    const of = before.filter((one) => one.method === method);
    if (amount === 0 && of.length === 0) return [];
    // After a remission the amount is less than what was decided.
    const instalments = addUp(decided) === amount ? decided : evenly(method, amount);
    return amountsOf({ ...levy, method, instalments }, of.map(withItems), on, amount);
  };
  return [
    ...standing.filter((one) => one.method === 'pension'),
    ...part('special', special, ofMonths),
    ...part('ordinary', left - special, ofDates),
  ];
}

const addUp = (parts: readonly number[]): number => parts.reduce((sum, part) => sum + part, 0);
const evenly = (method: 'special' | 'ordinary', amount: number): readonly number[] =>
  method === 'special' ? splitIntoInstalments(yen(amount), 12, 100) : splitIntoInstalments(yen(amount), 4);

const withItems = (amount: Amount): Charge => ({ ...amount, items: { ward: amount.amount, metropolis: 0, forest: 0 } });

/** The latest open ones give first, then the latest of all. */
function loweredOpenFirst(before: readonly Amount[], by: number, on: Temporal.PlainDate): readonly Amount[] {
  const open = before.filter((one) => isOpen(one, on));
  const closed = before.filter((one) => !open.includes(one));
  const fromOpen = Math.min(by, sumOf(open));
  return [...lowered(open, fromOpen), ...lowered(closed, by - fromOpen)];
}

/** The first two due dates and the six months, in the order of `instalments`. */
export const pensionDates = (fiscalYear: number): readonly Due[] => [
  ...datesOf('ordinary', fiscalYear).slice(0, 2),
  ...datesOf('pension', fiscalYear),
];

const sumOf = (amounts: readonly Amount[]): number => amounts.reduce((sum, { amount }) => sum + amount, 0);

export type Due = Omit<Amount, 'amount'>;

function datesOf(method: ChargeKey['method'], fiscalYear: number): readonly Due[] {
  if (method === 'ordinary')
    return ordinaryDueDates(fiscalYear).map((dueOn, i) => ({ method, instalment: i + 1, dueOn, legalDueOn: dueOn }));
  const months = method === 'special' ? specialMonths(fiscalYear) : pensionMonths(fiscalYear);
  return months.map((month) => {
    const dueOn = dueDateOn(month.add({ months: 1 }).with({ day: 10 }));
    return { method, instalment: month.month, dueOn, legalDueOn: dueOn };
  });
}

/** The months in which pensions are paid, April to February, each named by its first day. */
const pensionMonths = (fiscalYear: number): readonly Temporal.PlainDate[] =>
  [0, 2, 4, 6, 8, 10].map((months) => Temporal.PlainDate.from(`${fiscalYear}-04-01`).add({ months }));

/**
 * Whether who pays can still be told in time: ten days before the due date; before the month's wages are made up; two months before a
 * pension is paid.
 */
export function isOpen({ method, dueOn }: Pick<Due, 'method' | 'dueOn'>, on: Temporal.PlainDate): boolean {
  const last =
    method === 'ordinary'
      ? dueOn.subtract({ days: 10 })
      : dueOn.subtract({ months: method === 'special' ? 1 : 3 }).with({ day: 10 });
  return Temporal.PlainDate.compare(on, last) <= 0;
}

const spread = (rest: number, open: readonly Due[]): readonly Amount[] => {
  const unit = open[0]?.method === 'special' ? 100 : 1_000;
  const parts = splitIntoInstalments(yen(rest), open.length, unit);
  return open.map((date, i) => ({ ...date, amount: parts[i] ?? 0 }));
};

const isOccasional = ({ method, instalment }: ChargeKey): boolean => method === 'ordinary' && instalment > 4;

/** 随時: due at the end of the next month, one that is still open again. It should have been paid from the first due date of the year on. */
function occasional(fiscalYear: number, before: readonly Amount[], amount: number, on: Temporal.PlainDate): Amount {
  const known = before.find((charge) => isOccasional(charge) && isOpen(charge, on));
  if (known !== undefined) return { ...known, amount };
  const used = before.filter(({ method }) => method === 'ordinary').map(({ instalment }) => instalment);
  const instalment = Math.max(4, ...used) + 1;
  if (instalment > 12) throw new RangeError('a year has at most eight occasional due dates');
  const month = on.add({ months: 1 });
  const dueOn = dueDateOn(month.with({ day: month.daysInMonth }));
  const [legalDueOn] = ordinaryDueDates(fiscalYear);
  return { method: 'ordinary', instalment, dueOn, legalDueOn: legalDueOn ?? dueOn, amount };
}

function lowered(closed: readonly Amount[], by: number): readonly Amount[] {
  let left = by;
  return closed
    .toSorted((a, b) => Temporal.PlainDate.compare(b.dueOn, a.dueOn))
    .map((charge) => {
      const taken = Math.min(left, charge.amount);
      left -= taken;
      return { ...charge, amount: charge.amount - taken };
    });
}

/**
 * Ward, metropolis and forest tax of each charge, in proportion to what is left of each. What did not change keeps its shares,
 * unless the levy no longer has room for them.
 */
function shareOut(amounts: readonly Amount[], total: Shares, before: ReadonlyMap<string, Charge>): readonly Charge[] {
  const kept = new Map<string, Shares>();
  for (const charge of amounts) {
    const known = before.get(keyOf(charge));
    if (known !== undefined && totalOf(known.items) === charge.amount) kept.set(keyOf(charge), known.items);
  }
  const left = [...kept.values()].reduce(minus, total);
  const fits = left.ward >= 0 && left.metropolis >= 0 && left.forest >= 0;
  return divide(amounts, fits ? left : total, fits ? kept : new Map());
}

const minus = (a: Shares, b: Shares): Shares => ({
  ward: a.ward - b.ward,
  metropolis: a.metropolis - b.metropolis,
  forest: a.forest - b.forest,
});

function divide(amounts: readonly Amount[], total: Shares, kept: ReadonlyMap<string, Shares>): readonly Charge[] {
  let left = total;
  return amounts.map(({ amount, ...charge }) => {
    const known = kept.get(keyOf(charge));
    if (known !== undefined) return { ...charge, items: known };
    const items = proportion(amount, left);
    left = minus(left, items);
    return { ...charge, items };
  });
}

const shareNames = ['ward', 'metropolis', 'forest'] as const;

/** Largest remainders: each share is cut, then the yen that are missing go to the largest fractions. Never more than what is left. */
function proportion(amount: number, left: Shares): Shares {
  const whole = totalOf(left);
  if (amount > whole) throw new RangeError('a charge beyond what is left of the levy');
  const shares = { ward: 0, metropolis: 0, forest: 0 };
  if (whole === 0) return shares;
  let missing = amount;
  const rests = shareNames.map((name) => {
    const product = BigInt(left[name]) * BigInt(amount);
    shares[name] = Number(product / BigInt(whole));
    missing -= shares[name];
    return { name, rest: product % BigInt(whole) };
  });
  rests.sort((a, b) => (a.rest === b.rest ? 0 : a.rest < b.rest ? 1 : -1));
  for (const { name } of rests.slice(0, missing)) shares[name] += 1;
  return shares;
}
