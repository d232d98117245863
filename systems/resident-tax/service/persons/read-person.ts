import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import { ratesForYear, supportedFiscalYears } from '@musubi/rates/resident-tax/for-year.ts';
import type { Deps } from '../../deps.ts';
import { levyDateOf, stateOn, wasResidentOn } from '../../domain/levy-date.ts';
import { type DocumentUse, type MergeQuestion, mergeDocuments } from '../../domain/merge-documents.ts';
import { countingReports, personsForLevy } from '../../store/assessment-sources.ts';
import { type PersonReport, reportsOfPerson } from '../../store/intake-reports.ts';
import { type IncomingNotice, incomingNotices, type OutsideTaxable, outsideTaxablesOf } from '../../store/outgoing.ts';
import { findPerson, personStates, searchPersons } from '../../store/persons.ts';
import { registerFactsOf } from '../assessment/draft.ts';
import { personsDocuments } from '../assessment/persons-documents.ts';

export type { IncomingNotice, OutsideTaxable };

export interface PersonSearch {
  readonly addresseeNumber?: string;
  readonly kana?: string;
  readonly name?: string;
  readonly birthDate?: string;
}

const mostFound = 100;

/** 個人検索. A search needs something to go by, and tells the log how much it found. */
export const findPersons = act('resident-tax.find-persons', {
  right: ['resident-tax', 'person', 'read'],
  async run(tx, _deps: Deps, search: PersonSearch) {
    if (Object.values(search).every((value) => value === undefined)) return err('nothing-asked');
    const found = await searchPersons(tx, search, mostFound + 1);
    const persons = found.slice(0, mostFound);
    tx.record({
      event: 'person.searched',
      subjects: persons.map((p) => p.personId),
      items: Object.entries(search).flatMap(([name, value]) => (value === undefined ? [] : [name])),
      detail: { found: persons.length },
    });
    return ok({ persons, more: found.length > mostFound });
  },
});

/** A document of the person, with what becomes of it in the levy of the year asked for. */
export interface PersonDocument extends PersonReport {
  readonly use: DocumentUse | null;
}

/** What the documents of the year mean together, where any of them counts. */
async function mergeOf(
  tx: Tx,
  personId: string,
  fiscalYear: number,
): Promise<{ readonly uses: ReadonlyMap<string, DocumentUse>; readonly questions: readonly MergeQuestion[] }> {
  const linked = await countingReports(tx, fiscalYear - 1, [personId]);
  const [levy] = await personsForLevy(tx, [personId]);
  if (linked.length === 0 || levy === undefined || !isSupportedYear(fiscalYear))
    return { uses: new Map(), questions: [] };
  return mergeDocuments(personsDocuments(linked), registerFactsOf(levy, fiscalYear), ratesForYear(fiscalYear));
}
const isSupportedYear = (year: number): boolean => supportedFiscalYears.some((supported) => supported === year);

/** One person with all that was recorded, the situation on the levy date of a fiscal year, and the documents linked. */
export const readPerson = act('resident-tax.read-person', {
  right: ['resident-tax', 'person', 'read'],
  async run(tx, _deps: Deps, { personId, fiscalYear }: { readonly personId: string; readonly fiscalYear: number }) {
    const person = await findPerson(tx, personId);
    if (person === undefined) return err('no-such-person');
    const states = await personStates(tx, personId);
    const levyDate = levyDateOf(fiscalYear);
    const { uses, questions } = await mergeOf(tx, personId, fiscalYear);
    const documents = (await reportsOfPerson(tx, personId)).map(
      (report): PersonDocument => ({ ...report, use: uses.get(report.reportId) ?? null }),
    );
    tx.record({ event: 'person.read', subject: personId, items: ['particulars', 'history', 'tax-documents'] });
    return ok({
      person,
      current: states.find((s) => s.version === person.currentVersion)!,
      states,
      levyDate: { on: levyDate, resident: wasResidentOn(states, levyDate), state: stateOn(states, levyDate) },
      documents,
      questions,
      outside: await outsideTaxablesOf(tx, personId),
      notices: (await incomingNotices(tx, { personId, limit: 20, offset: 0 })).rows,
    });
  },
});
