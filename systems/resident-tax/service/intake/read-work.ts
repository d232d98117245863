import { act } from '@musubi/kernel/db/act.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { type LinkDemand, linkDemand } from '../../domain/link-rule.ts';
import type { Candidate } from '../../domain/matching.ts';
import {
  candidatesOf,
  readReportState,
  stepsOf,
  type WorkLine,
  type WorkQuery,
  workLines,
} from '../../store/intake-matching.ts';
import { findReport, type Report } from '../../store/intake-reports.ts';
import { findPerson, type Person, type PersonState, personStates } from '../../store/persons.ts';

export type { Report, WorkLine, WorkQuery };

/** 突合作業一覧. It names people of whom nobody knows yet who they are, so reading it is recorded as a list. */
export const readWork = act('resident-tax.read-matching-work', {
  right: ['resident-tax', 'matching', 'read'],
  async run(tx, _deps: Deps, query: WorkQuery) {
    const found = await workLines(tx, query);
    tx.record({ event: 'matching.work-read', detail: { shown: found.rows.length, total: found.total } });
    return ok(found);
  },
});

export interface ShownCandidate extends Candidate<string> {
  readonly demand: LinkDemand;
  readonly person: Person;
  readonly current: PersonState;
  readonly states: readonly PersonState[];
}

/** 突合詳細: the report beside its candidates, with what agrees, what differs, and what a link would demand. */
export const readReport = act('resident-tax.read-report', {
  right: ['resident-tax', 'matching', 'read'],
  async run(tx, _deps: Deps, { reportId }: { readonly reportId: string }) {
    const report = await findReport(tx, reportId);
    const state = await readReportState(tx, reportId);
    if (report === undefined || state === undefined) return err('no-such-report');
    const steps = await stepsOf(tx, reportId);
    const candidates: ShownCandidate[] = [];
    for (const candidate of await candidatesOf(tx, reportId, state.round)) {
      const person = (await findPerson(tx, candidate.personId))!;
      const states = await personStates(tx, candidate.personId);
      const current = states.find((s) => s.version === person.currentVersion)!;
      candidates.push({ ...candidate, demand: linkDemand(candidate), person, current, states });
    }
    const subjects = [
      ...new Set([...candidates.map((c) => c.personId), ...(state.personId === null ? [] : [state.personId])]),
    ];
    tx.record({
      event: 'matching.report-read',
      subjects,
      items: [report.kind, 'particulars'],
      detail: { report: reportId, candidates: candidates.length },
    });
    return ok({ report, state, steps, candidates });
  },
});
