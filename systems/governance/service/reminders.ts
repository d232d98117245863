import { nthOpenDay } from '@musubi/kernel/calendar/open-days.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { contractorReports } from '../domain/registers/contractor.ts';
import {
  countRegisters,
  entriesNaming,
  insertOverdueRaised,
  insertUseFigure,
  listCurrent,
  lockRegisters,
  overdueUntold,
  type RegisterCounts,
  type UseFigure,
  useFigures,
} from '../store/entries.ts';
import { openEntry } from './registers.ts';

export type { RegisterCounts, UseFigure } from '../store/entries.ts';

export const reminderActor: Actor = { kind: 'job', name: 'governance.reminders' };

/** Open and overdue entries of each register; nothing personal. */
export const summary = look('governance.summary', {
  right: ['governance', 'overview', 'read'],
  run: (tx, deps: Deps, _query: null): Promise<RegisterCounts[]> =>
    countRegisters(tx, deps.civilClock.today().toString()),
});

/** Tells once of each due date that passed. Gives how many. */
export const raiseOverdue = act('governance.raise-overdue', {
  right: ['governance', 'reminder', 'update'],
  async run(tx, deps: Deps, _command: null): Promise<Result<number, never>> {
    const on = deps.civilClock.today().toString();
    const late = await overdueUntold(tx, on, 500);
    for (const { entryId, dueOn } of late) await insertOverdueRaised(tx, { entryId, dueOn: dueOn!, on });
    tx.record({
      event: 'overdue.raised',
      ...(late.length > 0 ? { facts: ['governance.overdue_raised'] } : {}),
      detail: {
        count: late.length,
        labels: late
          .slice(0, 20)
          .map((e) => e.label)
          .join(' '),
      },
    });
    return ok(late.length);
  },
});

/**
 * 月次報告: one awaited report for each contract in force that asks for one, for the month before, due on the fifth open
 * day; the figures of the systems' logs stand in it. Safe to repeat.
 */
export const openMonthlyReports = act('governance.open-monthly-reports', {
  right: ['governance', 'reminder', 'update'],
  async run(tx, deps: Deps, _command: null, actor): Promise<Result<number, 'values-faulty'>> {
    await lockRegisters(tx);
    const today = deps.civilClock.today();
    const month = today.toPlainYearMonth().subtract({ months: 1 });
    // By the second open day every system has told its last figures of the month before.
    const figuresAreIn = Temporal.PlainDate.compare(today, nthOpenDay(today.toPlainYearMonth(), 2)) >= 0;
    const figures = await useFigures(tx, month.toString());
    const sum = (pick: (f: UseFigure) => number): string => `${figures.reduce((all, f) => all + pick(f), 0)}`;
    const contracts = await listCurrent(tx, {
      registers: ['contract'],
      state: 'active',
      text: null,
      dueBy: null,
      offset: 0,
      limit: 1000,
    });
    let opened = 0;
    for (const { entryId, values } of figuresAreIn ? contracts.rows : []) {
      const inForce = (values.from ?? '') <= month.toPlainDate({ day: month.daysInMonth }).toString();
      if (values.monthly !== 'yes' || !inForce) continue;
      const reports = await entriesNaming(tx, { register: 'contractor-report', field: 'contract', entryId });
      if (reports.some((r) => r.values.kind === 'monthly' && r.values.period === month.toString())) continue;
      const made = await openEntry(
        tx,
        deps,
        contractorReports,
        {
          contract: entryId,
          kind: 'monthly',
          period: month.toString(),
          dueOn: nthOpenDay(today.toPlainYearMonth(), 5).toString(),
          ...(figures.length > 0
            ? { logAccesses: sum((f) => f.recordAccesses), logSearches: sum((f) => f.searches) }
            : {}),
        },
        actor.kind === 'job' ? actor.name : 'job',
      );
      if (!made.ok) return err('values-faulty');
      opened++;
    }
    tx.record({
      event: 'monthly-reports.opened',
      ...(opened > 0 ? { facts: ['governance.entry', 'governance.revision'] } : {}),
      detail: { month: month.toString(), count: opened },
    });
    return ok(opened);
  },
});

/** What a system's own log says about people of contractors in a month. The latest of a month counts. */
export const takeUseFigure = act('governance.take-use-figure', {
  right: ['governance', 'use-figure', 'update'],
  async run(tx, deps: Deps, figure: UseFigure): Promise<Result<null, never>> {
    await insertUseFigure(tx, deps.newId(), figure, deps.machineClock.now());
    tx.record({ event: 'use-figure.taken', facts: ['governance.use_figure'], detail: { ...figure } });
    return ok(null);
  },
});
