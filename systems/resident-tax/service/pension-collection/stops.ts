import { lastDayFor, pensionMonths } from '@musubi/contracts/pension-collection/months.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import { planCharges } from '../../domain/charges.ts';
import * as charges from '../../store/charges.ts';
import * as store from '../../store/pension-collection.ts';
import { nameOf } from '../assessment/functions.ts';
import { decidedLevy, revisionsOf, writeRevisions, yearOf } from '../charges/charge-decided.ts';
import { type PensionDeps, pensionUpdate } from './functions.ts';

const reasonOf = (reason: string): store.PensionStopRow['reason'] =>
  /death|died|死亡/.test(reason) ? 'death' : /abroad|overseas|国外/.test(reason) ? 'moved-out' : 'other';

/** The first month of the year from which the insurer can still be stopped; a month that is over for it stays withheld. */
export function firstStoppable(fiscalYear: number, on: Temporal.PlainDate): string | undefined {
  return pensionMonths
    .map((month) => `${month >= 4 ? fiscalYear : fiscalYear + 1}-${`${month}`.padStart(2, '0')}`)
    .find((month) => Temporal.PlainDate.compare(on, lastDayFor(month)) <= 0);
}

/**
 * 特別徴収の中止: who died or left Japan is no longer withheld from; what is left of the year becomes 普通徴収. A move within Japan
 * stops nothing (since October 2016).
 *
 * @law 地方税法 第321条の7の9
 */
export const stopGone = act('resident-tax.stop-pension-collection', {
  right: pensionUpdate,
  async run(tx, deps: PensionDeps, { fiscalYear }: { readonly fiscalYear: number }, actor) {
    await charges.lockCharges(tx);
    const today = deps.civilClock.today();
    const gone = (await store.gonePensioners(tx, fiscalYear)).filter(({ reason }) => reasonOf(reason) !== 'other');
    const fromMonth = firstStoppable(fiscalYear, today);
    const facts = new Set<string>();
    const stopped: string[] = [];
    for (const { personId, assessmentId, reason } of fromMonth === undefined ? [] : gone) {
      const levy = await charges.levyToCharge(tx, assessmentId);
      if (levy === undefined || fromMonth === undefined) continue;
      const before = (await charges.standingCharges(tx, [personId])).filter((one) => one.fiscalYear === fiscalYear);
      const planned = planCharges(decidedLevy({ ...levy, collection: 'ordinary' }), before, today);
      const rows = revisionsOf(deps, levy, planned, before, null);
      const numbers = await charges.noticeNumbersOf(tx, [personId]);
      for (const table of await writeRevisions(
        tx,
        deps,
        rows,
        new Map(numbers.map((n) => [yearOf(n), n.noticeNumber])),
      ))
        facts.add(table);
      await store.insertStop(tx, {
        personId,
        fiscalYear,
        fromMonth,
        reason: reasonOf(reason),
        assessmentId,
        decidedBy: nameOf(actor),
        decidedOn: today,
      });
      facts.add('resident_tax.pension_stop');
      stopped.push(personId);
    }
    tx.record({
      event: 'pension-collection.stopped',
      ground: '地方税法 第321条の7の9',
      subjects: stopped,
      ...(facts.size > 0 ? { facts: [...facts] } : {}),
      detail: { fiscalYear, stopped: stopped.length },
    });
    return ok({ stopped: stopped.length });
  },
});
