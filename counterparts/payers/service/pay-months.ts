import { payAtTill } from '@musubi/contracts/payments/till.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps, PayingDeps } from '../deps.ts';
import { payMonths, planMonth } from '../domain/manners.ts';
import { duePayments, insertMonth, insertPaid, type MonthState, monthStates, plannedMonths } from '../store/months.ts';
import { employeesOf, lockPayer, type PayerYear, payerYears } from '../store/notices.ts';

/** Months whose pay is over (from the first of the next) and that no payer has planned yet. */
async function monthsOver(tx: Tx, deps: Deps, payer: PayerYear) {
  const today = deps.civilClock.today();
  const done = await plannedMonths(tx, payer);
  return payMonths(payer.fiscalYear)
    .map((month, index) => ({ index, month: month.toString(), over: month.add({ months: 1 }).toPlainDate({ day: 1 }) }))
    .filter(({ month, over }) => !done.has(month) && Temporal.PlainDate.compare(over, today) <= 0);
}

/** Whether there is anything to plan or to pay: asked each round, and nothing personal in it. */
const lookAtMonths = look('payers.look-at-months', {
  right: ['payers', 'month', 'read'],
  async run(tx, deps: Deps, _query: undefined): Promise<{ toPlan: boolean; toPay: boolean }> {
    let toPlan = false;
    for (const payer of await payerYears(tx)) toPlan ||= (await monthsOver(tx, deps, payer)).length > 0;
    return { toPlan, toPay: (await duePayments(tx, deps.civilClock.today().toString(), 1)).length > 0 };
  },
});

/** 月割額: a month is planned once, by what was told until its pay was over; a notice of later days changes no past month. */
export const planMonths = act('payers.plan-months', {
  right: ['payers', 'month', 'update'],
  async run(tx, deps: Deps, _command: undefined): Promise<Result<{ planned: number }, never>> {
    let planned = 0;
    let payments = 0;
    for (const payer of await payerYears(tx)) {
      await lockPayer(tx, payer);
      for (const { index, month, over } of await monthsOver(tx, deps, payer)) {
        const employees = await employeesOf(tx, payer, over.toString());
        const plan = planMonth(deps.seed, deps.manners, payer, index, employees);
        await insertMonth(tx, { ...payer, month, persons: employees.length }, plan, deps.newId);
        planned++;
        payments += plan.payments.length;
      }
    }
    tx.record({
      event: 'months.planned',
      facts: [...(planned > 0 ? ['payers.month'] : []), ...(payments > 0 ? ['payers.payment'] : [])],
      detail: { months: planned, payments },
    });
    return ok({ planned });
  },
});

const toPay = act('payers.read-to-pay', {
  right: ['payers', 'month', 'read'],
  async run(tx, deps: Deps, _query: undefined) {
    const rows = await duePayments(tx, deps.civilClock.today().toString(), 500);
    tx.record({ event: 'payments.read-to-pay', detail: { payments: rows.length } });
    return ok(rows);
  },
});
const notePaid = act('payers.note-paid', {
  right: ['payers', 'month', 'update'],
  async run(tx, deps: Deps, { answers }: { readonly answers: Parameters<typeof insertPaid>[1] }) {
    await insertPaid(tx, answers, deps.civilClock.today().toString());
    tx.record({
      event: 'payments.noted',
      facts: ['payers.paid'],
      detail: { payments: answers.length, taken: answers.filter((one) => one.word === null).length },
    });
    return ok(null);
  },
});

/**
 * 納入: plans the months that are over and pays what is due at the agency, with the list of whom it is for. A payment whose answer was lost
 * is made again under its own id and counts once.
 * @returns how many payments were answered
 */
export async function payMonthsDue(deps: PayingDeps, actor: Actor): Promise<number> {
  const waiting = await lookAtMonths(deps, actor, undefined);
  if (!waiting.ok) throw new Error(waiting.error);
  if (waiting.value.toPlan) {
    const planned = await planMonths(deps, actor, undefined);
    if (!planned.ok) throw new Error(planned.error);
  } else if (!waiting.value.toPay) return 0;
  const due = await toPay(deps, actor, undefined);
  if (!due.ok || due.value.length === 0) return 0;
  const payments = due.value.map(({ paymentId, municipality, designationNumber, month, amountYen, lines }) => ({
    paymentId,
    presented: {
      kind: 'collector' as const,
      bodyCode: municipality,
      designationNumber,
      month,
      amount: amountYen,
      ...(lines === null ? {} : { lines: [...lines] }),
    },
  }));
  const paid = await deps.peers.call(payAtTill, deps.payments, {}, { payments });
  if (!paid.ok) throw new Error(`paying over: ${paid.error}`);
  const answers = paid.value.results.map((one) => ({ paymentId: one.paymentId, word: one.taken ? null : one.word }));
  const noted = await notePaid(deps, actor, { answers });
  if (!noted.ok) throw new Error(noted.error);
  return answers.length;
}

export const readMonths = look('payers.read-months', {
  right: ['payers', 'month', 'read'],
  run: (tx, _deps: Deps, { municipality }: { readonly municipality: string }): Promise<readonly MonthState[]> =>
    monthStates(tx, municipality),
});
