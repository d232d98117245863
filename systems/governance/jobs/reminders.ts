import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { openMonthlyReports, raiseOverdue, reminderActor } from '../service/reminders.ts';

/** Once for each civil date: reports that are awaited from now on, and what is overdue. `done.on` holds the last date done. */
export async function keepReminders(deps: Deps, done: { on: string }): Promise<void> {
  const today = deps.civilClock.today().toString();
  if (done.on === today) return;
  unwrap(await openMonthlyReports(deps, reminderActor, null));
  const late = unwrap(await raiseOverdue(deps, reminderActor, null));
  if (late > 0) deps.alarms.raise('governance.overdue', { count: late });
  done.on = today;
}
