import { type ActDeps, act } from '@musubi/kernel/db/act.ts';
import { noteIrregular } from '@musubi/kernel/irregular/irregular.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import {
  type Addressee,
  addressees,
  countingReports,
  type LinkedReport,
  personsForLevy,
} from '../../store/assessment-sources.ts';
import { settlementsOf } from '../../store/assessments.ts';
import { insertSettlement } from '../../store/settlements.ts';
import { irregularKinds } from '../irregular/irregular.ts';
import { draftFor, type HoldReason } from './draft.ts';
import { assessmentUpdate, nameOf } from './functions.ts';
import { assessPersons, listedSharesFor } from './run.ts';

export interface HeldPerson {
  readonly person: Addressee;
  readonly reports: readonly LinkedReport[];
  readonly questions: readonly HoldReason[];
}

/** What a clerk needs to settle a held person: the reports side by side and the questions. Reading is an act. */
export const readHeldPerson = act('resident-tax.read-held-person', {
  right: assessmentUpdate,
  subjectOf: (query: { readonly personId: string }) => query.personId,
  async run(tx, _deps: ActDeps, query: { readonly personId: string; readonly fiscalYear: number }) {
    const { personId, fiscalYear } = query;
    const person = (await addressees(tx, [personId])).get(personId);
    const [levy] = await personsForLevy(tx, [personId]);
    if (!person || !levy) return err('no-such-person');
    const reports = await countingReports(tx, fiscalYear - 1, [personId]);
    const settlement = (await settlementsOf(tx, fiscalYear, [personId])).get(personId);
    const listed = (await listedSharesFor(tx, fiscalYear, reports)).get(personId);
    const draft = draftFor(levy, reports, settlement, ratesForYear(fiscalYear), listed);
    tx.record({ event: 'assessment.held-read', subject: personId, items: ['給与支払報告書'], detail: { fiscalYear } });
    return ok<HeldPerson>({ person, reports, questions: draft.ok ? [] : draft.error });
  },
});

export interface SettleReports {
  readonly personId: string;
  readonly fiscalYear: number;
  /** The reports that the clerk saw; others may have come meanwhile. */
  readonly seenReportIds: readonly string[];
  readonly leftOutIds: readonly string[];
  readonly spouseIncomeYen: number | null;
  readonly reason: string;
}

/** 調査の結果: the clerk says what counts, with the reason; the levy is drafted at once, by this clerk. */
export const settleReports = act('resident-tax.settle-reports', {
  right: assessmentUpdate,
  subjectOf: (command: SettleReports) => command.personId,
  async run(tx, deps: ActDeps, command: SettleReports, actor) {
    const { personId, fiscalYear } = command;
    if (command.reason.trim() === '') return err('no-reason');
    const [levy] = await personsForLevy(tx, [personId]);
    if (!levy) return err('no-such-person');
    const reports = await countingReports(tx, fiscalYear - 1, [personId]);
    const ids = reports.map((report) => report.reportId);
    if (ids.length !== command.seenReportIds.length || !ids.every((id) => command.seenReportIds.includes(id)))
      return err('reports-changed');
    if (!command.leftOutIds.every((id) => ids.includes(id)) || command.leftOutIds.length === ids.length)
      return err('no-report-left');
    const listed = (await listedSharesFor(tx, fiscalYear, reports)).get(personId);
    const open = draftFor(levy, reports, undefined, ratesForYear(fiscalYear), listed);
    if (open.ok) return err('nothing-to-settle');
    if (open.error.includes('spouse-income-missing') && command.spouseIncomeYen === null)
      return err('spouse-income-needed');
    const by = nameOf(actor);
    const noted = await noteIrregular(tx, deps, {
      kind: irregularKinds.handSettlement,
      subject: personId,
      reason: command.reason,
      by,
    });
    if (!noted.ok) return noted;
    await insertSettlement(tx, {
      ...command,
      settlementId: deps.newId(),
      // The answer to the spouse's income is the income itself; the other questions are answered by what is left out.
      questions: open.error.filter((question) => question !== 'spouse-income-missing'),
      settledBy: by,
      settledAt: deps.machineClock.now(),
    });
    const assessed = await assessPersons(tx, deps, { orderId: null, fiscalYear, draftedBy: by }, [personId]);
    if (assessed.held.size > 0) return err('still-open');
    tx.record({
      event: 'assessment.settled',
      subject: personId,
      ground: '地方税法 第298条, 第319条の2',
      facts: [
        'irregular.entry',
        'resident_tax.report_settlement',
        ...(assessed.drafts.length > 0 ? ['resident_tax.assessment'] : []),
      ],
      ...(assessed.drafts.length > 0 ? { batches: assessed.batches } : {}),
      detail: { fiscalYear, drafted: assessed.drafts.length },
    });
    return ok({ drafted: assessed.drafts.length });
  },
});

export type { LinkedReport } from '../../store/assessment-sources.ts';
