import { act } from '@musubi/kernel/db/act.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { levyDateOf, stateOn, wasResidentOn } from '../../domain/levy-date.ts';
import { reportsOfPerson } from '../../store/intake-reports.ts';
import { findPerson, personStates, searchPersons } from '../../store/persons.ts';

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

/** One person with all that was recorded, the situation on the levy date of a fiscal year, and the reports linked. */
export const readPerson = act('resident-tax.read-person', {
  right: ['resident-tax', 'person', 'read'],
  async run(tx, _deps: Deps, { personId, fiscalYear }: { readonly personId: string; readonly fiscalYear: number }) {
    const person = await findPerson(tx, personId);
    if (person === undefined) return err('no-such-person');
    const states = await personStates(tx, personId);
    const levyDate = levyDateOf(fiscalYear);
    const reports = await reportsOfPerson(tx, personId);
    tx.record({ event: 'person.read', subject: personId, items: ['particulars', 'history', 'salary-reports'] });
    return ok({
      person,
      current: states.find((s) => s.version === person.currentVersion)!,
      states,
      levyDate: { on: levyDate, resident: wasResidentOn(states, levyDate), state: stateOn(states, levyDate) },
      reports,
    });
  },
});
