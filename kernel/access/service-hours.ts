import { isOpenDay } from '../calendar/open-days.ts';
import type { MachineClock } from '../clocks/clock.ts';
import type { Rights } from '../db/act.ts';
import { enforced } from '../enforcement/enforcement.ts';

/** When a system may be used: hours of the day in Japan, `from` included, `until` not; `openDays`: on open days alone. */
export interface ServiceHours {
  /** `08:00` */
  readonly from: string;
  readonly until: string;
  readonly days: 'open-days' | 'every-day';
}

export function isServiceTime({ from, until, days }: ServiceHours, at: Temporal.Instant): boolean {
  const here = at.toZonedDateTimeISO('Asia/Tokyo');
  if (days === 'open-days' && !isOpenDay(here.toPlainDate())) return false;
  const time = here.toPlainTime();
  return (
    Temporal.PlainTime.compare(time, Temporal.PlainTime.from(from)) >= 0 &&
    Temporal.PlainTime.compare(time, Temporal.PlainTime.from(until)) < 0
  );
}

/**
 * Rights that hold during the hours alone, for people and, where they ask for one of `functions`, for other systems. It is decided anew
 * for each act: a session that stands at closing time can do nothing any more, and a relay under way is not begun again. What the system does
 * by itself, and what others deliver to it, goes on.
 *
 * @param functions what other systems may not ask for outside the hours
 */
export function duringServiceHours(
  rights: Rights,
  hours: ServiceHours | undefined,
  { machineClock, functions }: { readonly machineClock: MachineClock; readonly functions: readonly string[] },
): Rights {
  if (hours === undefined) return rights;
  return {
    async allows(tx, actor, right) {
      const bound = actor.kind === 'staff' || (actor.kind === 'system' && functions.includes(right[1]));
      if (enforced('auth.service-hours') && bound && !isServiceTime(hours, machineClock.now())) return false;
      return rights.allows(tx, actor, right);
    },
  };
}
