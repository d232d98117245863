import { addOpenDays, isOpenDay } from '@musubi/kernel/calendar/open-days.ts';

/** When a sender's files come. A file is due for each of its days, also when nothing was paid. */
export interface FileSchedule {
  readonly channel: string;
  readonly sender: string;
  /** Words for people: コンビニ収納. */
  readonly name: string;
  /** First business day that a file is due for. */
  readonly from: string;
  readonly days: 'every-day' | 'open-days' | { readonly dayOfMonth: number };
  /** Open days after the business day until the file must be here. */
  readonly arrivesAfter: number;
  /** A payment of a day stands at the latest in the file of so many days later. */
  readonly lagDays: number;
}
export interface DueFile {
  readonly channel: string;
  readonly sender: string;
  readonly name: string;
  readonly businessOn: string;
  /** The open day by whose end it must be here. */
  readonly arriveBy: string;
}
export interface ArrivedFile {
  readonly channel: string;
  readonly sender: string;
  readonly businessOn: string;
  readonly sequence: number;
}

const isFileDay = (schedule: FileSchedule, day: Temporal.PlainDate): boolean =>
  schedule.days === 'every-day' ||
  (schedule.days === 'open-days' ? isOpenDay(day) : day.day === Math.min(schedule.days.dayOfMonth, day.daysInMonth));

/** Every file that schedules promise for the business days from `from` to `to`, the oldest first. */
export function dueFiles(schedules: readonly FileSchedule[], from: string, to: string): readonly DueFile[] {
  const found: DueFile[] = [];
  for (const schedule of schedules) {
    let day = Temporal.PlainDate.from(schedule.from > from ? schedule.from : from);
    for (; day.toString() <= to; day = day.add({ days: 1 })) {
      if (!isFileDay(schedule, day)) continue;
      const { channel, sender, name } = schedule;
      const arriveBy = addOpenDays(day, schedule.arrivesAfter).toString();
      found.push({ channel, sender, name, businessOn: day.toString(), arriveBy });
    }
  }
  return found.sort((a, b) => a.businessOn.localeCompare(b.businessOn) || a.channel.localeCompare(b.channel));
}

const keyOf = (f: { channel: string; sender: string; businessOn: string }): string =>
  `${f.channel} ${f.sender} ${f.businessOn}`;

/** Which of `due` is not here. Of a day with several parts each number up to the highest must be here. */
export function missingFiles(due: readonly DueFile[], arrived: readonly ArrivedFile[]): readonly DueFile[] {
  const parts = new Map<string, Set<number>>();
  for (const file of arrived) {
    const key = keyOf(file);
    const known = parts.get(key) ?? new Set();
    parts.set(key, known.add(file.sequence));
  }
  return due.filter((file) => {
    const known = parts.get(keyOf(file));
    if (known === undefined) return true;
    const highest = Math.max(...known);
    return known.size !== highest;
  });
}

/** Channels whose files pay for others' months alone: no payment of a payer's own slip can stand in them. */
const payForOthers: readonly string[] = ['special-collection', 'pension'];
export const holdsSlips = (channel: string): boolean => !payForOthers.includes(channel);

/** By which way of collection charges are paid through a channel of `payForOthers`. */
export const methodOfChannel = (channel: string): 'special' | 'pension' | undefined =>
  channel === 'special-collection' ? 'special' : channel === 'pension' ? 'pension' : undefined;

/**
 * Files that could hold a payment made by `paidUntil` and are not here: while there is one, nobody can say who has not paid.
 *
 * @source INC-36, INC-38: reminders to payers whose file had not been taken in
 */
export function missingForCutOff(
  schedules: readonly FileSchedule[],
  arrived: readonly ArrivedFile[],
  paidUntil: string,
): readonly DueFile[] {
  const due = schedules.flatMap((schedule) => {
    // A monthly file covers the month before it: the next one after the cut-off counts too.
    const lag = typeof schedule.days === 'object' ? 31 + schedule.lagDays : schedule.lagDays;
    return dueFiles([schedule], schedule.from, Temporal.PlainDate.from(paidUntil).add({ days: lag }).toString());
  });
  return missingFiles(due, arrived);
}

/** 「コンビニ収納 7/27〜7/31 が未消込です」: runs of days of one sender in one line. */
export function missingInWords(missing: readonly DueFile[]): readonly string[] {
  const bySender = Map.groupBy(missing, (m) => `${m.name}（${m.sender}）`);
  return [...bySender].flatMap(([name, files]) => {
    const days = files.map((f) => f.businessOn).sort();
    const runs: [string, string][] = [];
    for (const day of days) {
      const last = runs.at(-1);
      const gap = last && Temporal.PlainDate.from(last[1]).until(Temporal.PlainDate.from(day)).days;
      if (last && gap !== undefined && gap <= 4 && !files.some((f) => f.businessOn > last[1] && f.businessOn < day))
        last[1] = day;
      else runs.push([day, day]);
    }
    return runs.map(([a, b]) => `${name} ${shortDay(a)}${a === b ? '' : `〜${shortDay(b)}`}`);
  });
}
const shortDay = (date: string): string => `${Number(date.slice(5, 7))}/${Number(date.slice(8))}`;
