import { act } from '@musubi/kernel/db/act.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../../deps.ts';
import { addCandidates, addStep, lockReportState } from '../../store/intake-matching.ts';
import { findReport } from '../../store/intake-reports.ts';
import { compareReports } from './compare.ts';
import { endedBy, placeMany, supersede } from './settle.ts';

/**
 * 再突合: the register has changed since (a person arrived, a name was corrected), so an open report is compared once more, by
 * the same rule. The former candidates stay as they were shown; the new round counts.
 */
export const compareAgain = act('resident-tax.compare-again', {
  right: ['resident-tax', 'matching', 'update'],
  async run(tx, deps: Deps, { reportId, seenStep }: { readonly reportId: string; readonly seenStep: number }, actor) {
    const state = await lockReportState(tx, reportId);
    if (state === undefined) return err('no-such-report');
    if (state.state !== 'candidates' && state.state !== 'none') return err('already-resolved');
    if (state.lastStep !== seenStep) return err('changed-meanwhile');
    const report = (await findReport(tx, reportId))!;
    const own =
      report.numberRef === null
        ? undefined
        : await deps.vault.reveal(tx, numberRef(report.numberRef), 'resident-tax/match');
    const [found] = await compareReports(tx, deps, [{ ...report, own }]);
    const { personId } = found!;
    const placed = personId === null ? {} : (await placeMany(tx, [{ report, personId }])).get(reportId)!;
    const settled =
      placed.question === undefined
        ? found!
        : { ...found!, state: 'candidates' as const, personId: null, reasonCode: placed.question };
    const at = deps.machineClock.now();
    const round = state.round + 1;
    if (settled.state === 'candidates')
      await addCandidates(
        tx,
        settled.candidates.map((candidate, i) => ({
          candidateId: deps.newId(),
          reportId,
          round,
          rank: i + 1,
          candidate,
        })),
      );
    const decidedBy = actor.kind === 'staff' ? `rule, asked by ${actor.staffId}` : 'rule';
    const step = settled.state === 'linked' ? 'linked' : 'compared';
    await addStep(tx, { ...settled, step, decidedBy }, settled.state, round, at);
    const ended = endedBy(reportId, placed);
    if (ended !== undefined && personId !== null) await supersede(tx, [{ ...ended, personId, decidedBy: 'rule' }], at);
    tx.record({
      event: 'matching.compared-again',
      subjects: settled.candidates.map((c) => c.personId),
      facts: [
        'resident_tax.match_step',
        ...(settled.state === 'candidates' ? ['resident_tax.match_candidate'] : []),
        ...(ended === undefined ? [] : ['resident_tax.report_supersession']),
      ],
      detail: { report: reportId, state: settled.state },
    });
    return ok({ state: settled.state });
  },
});
