import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { type ReportState, readReportState } from '../../store/intake-matching.ts';
import { findReport, type Report } from '../../store/intake-reports.ts';
import {
  type Investigation,
  investigationsOf,
  type NetworkAnswer,
  networkAnswersOf,
} from '../../store/investigations.ts';
import { type Outgoing, outgoingOfReport } from '../../store/outgoing.ts';
import { investigationRead } from './functions.ts';

export interface DocumentElsewhere {
  readonly report: Report;
  readonly state: ReportState;
  readonly investigations: readonly Investigation[];
  readonly answers: readonly NetworkAnswer[];
  readonly outgoing: readonly Outgoing[];
}

/** What was asked about a document, what the network said, and where it went. */
export const readElsewhere = act('resident-tax.read-document-elsewhere', {
  right: investigationRead,
  async run(
    tx,
    _deps: Deps,
    { reportId }: { readonly reportId: string },
  ): Promise<Result<DocumentElsewhere, 'no-such-report'>> {
    const report = await findReport(tx, reportId);
    const state = await readReportState(tx, reportId);
    if (report === undefined || state === undefined) return err('no-such-report');
    tx.record({ event: 'document.elsewhere-read', items: ['particulars'], detail: { report: reportId } });
    return ok({
      report,
      state,
      investigations: await investigationsOf(tx, reportId),
      answers: await networkAnswersOf(tx, reportId),
      outgoing: await outgoingOfReport(tx, reportId),
    });
  },
});
