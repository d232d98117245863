import { lastDayFor } from '@musubi/contracts/pension-collection/months.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import * as store from '../../store/pension-collection.ts';
import { type PensionDeps, pensionRead } from './functions.ts';

/** Who has to act: a clerk from ten days before the insurer's last day, the head of the section from five; after it money goes back. */
export type StopAlarm = 'none' | 'clerk' | 'chief' | 'overdue';

export function stopAlarm(
  fromMonth: string,
  today: Temporal.PlainDate,
): { readonly alarm: StopAlarm; readonly days: number } {
  const days = today.until(lastDayFor(fromMonth)).days;
  const alarm: StopAlarm = days < 0 ? 'overdue' : days <= 5 ? 'chief' : days <= 10 ? 'clerk' : 'none';
  return { alarm, days };
}

/** Files and unconfirmed stops of a year with their alarms; what is overdue is the list to refund from (INC-25). Names persons. */
export const readPensionWatch = act('resident-tax.read-pension-watch', {
  right: pensionRead,
  async run(tx, deps: PensionDeps, { fiscalYear }: { readonly fiscalYear: number }) {
    const today = deps.civilClock.today();
    const stops = (await store.unconfirmedStops(tx)).map((stop) => ({ ...stop, ...stopAlarm(stop.fromMonth, today) }));
    const files = await store.filesOf(tx, { fiscalYear });
    const totals = await store.pensionTotalsOf(tx, fiscalYear);
    tx.record({
      event: stops.some(({ alarm }) => alarm !== 'none') ? 'pension-stop.unacknowledged' : 'pension-collection.read',
      subjects: stops.map((stop) => stop.personId),
      detail: { fiscalYear, unconfirmed: stops.length, files: files.length },
    });
    return ok({ stops, files, totals });
  },
});
export type { PensionFileState, UnstoppedPerson } from '../../store/pension-collection.ts';
