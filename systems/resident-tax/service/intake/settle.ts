import type { Tx } from '@musubi/kernel/db/sql.ts';
import { addSteps, addSupersessions } from '../../store/intake-matching.ts';
import { type NewReport, type Report, samePayerReports } from '../../store/intake-reports.ts';

/**
 * What an identified report means beside those of the same person, year and payer that count already: a correction or a
 * cancellation takes the place of exactly one; a further first report of the same payer is a clerk's question (W11).
 *
 * @returns the word of the question, or the report that is replaced
 */
export async function placeAmongReports(
  tx: Tx,
  report: NewReport | Report,
  personId: string,
): Promise<{
  readonly question?: 'original-missing' | 'original-unclear' | 'same-payer-again';
  readonly replaces?: string;
}> {
  const others = await samePayerReports(tx, report, personId);
  const [only] = others;
  if (report.submissionKind === 'correction' || report.submissionKind === 'cancellation') {
    if (only === undefined) return { question: 'original-missing' };
    return others.length > 1 ? { question: 'original-unclear' } : { replaces: only };
  }
  return report.submissionKind === 'new' && only !== undefined ? { question: 'same-payer-again' } : {};
}

/** The replaced report stands as superseded from now on, and in no levy (INC-23). */
export async function supersede(
  tx: Tx,
  pair: {
    readonly reportId: string;
    readonly byReportId: string;
    readonly personId: string;
    readonly decidedBy: string;
  },
  at: Temporal.Instant,
): Promise<void> {
  await addSupersessions(tx, [pair]);
  const step = {
    reportId: pair.reportId,
    step: 'superseded',
    decidedBy: pair.decidedBy,
    personId: pair.personId,
    reasonCode: 'replaced-by-later-report',
  } as const;
  await addSteps(tx, [{ ...step, state: 'superseded', round: 1 }], at);
}
