import { act, look } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import type { Deps } from '../deps.ts';
import { counts, findLinkage, type Linkage, linkageSteps } from '../store/linkage.ts';
import {
  type BindingLine,
  bindings,
  type FoundPerson,
  findPerson,
  type PersonLine,
  type PersonVersion,
  searchPersons as search,
  versions,
} from '../store/persons.ts';

export type { PersonLine, PersonVersion };
export const searchLimit = 100;

export interface PersonQuery {
  readonly orgPersonNumber?: string;
  /** Beginning of the name or of its reading. */
  readonly name?: string;
  readonly birthOn?: string;
}

/** A search that names nobody finds nobody: at least a number, or two characters of the name. */
export const searchPersons = act('common-platform.search-persons', {
  right: ['common-platform', 'person', 'read'],
  async run(tx, _deps: Deps, query: PersonQuery): Promise<Result<readonly PersonLine[], 'too-wide'>> {
    const { orgPersonNumber, name, birthOn } = query;
    if (orgPersonNumber === undefined && (name === undefined || [...name].length < 2)) return err('too-wide');
    const found = await search(tx, {
      ...(orgPersonNumber === undefined ? {} : { orgPersonNumber }),
      ...(name === undefined ? {} : { nameKey: kanjiSearchKey(name), kanaKey: kanaSearchKey(name) }),
      ...(birthOn === undefined ? {} : { birthOn }),
      limit: searchLimit,
    });
    tx.record({
      event: 'persons.searched',
      subjects: found.map((p) => p.personId),
      detail: { by: orgPersonNumber === undefined ? 'name' : 'number', found: found.length },
    });
    return ok(found);
  },
});

export interface PersonRecord extends FoundPerson {
  readonly versions: readonly PersonVersion[];
  readonly bindings: readonly BindingLine[];
  readonly linkage: Linkage | undefined;
  readonly steps: readonly { readonly step: string; readonly word: string | null; readonly at: string }[];
}

/** A person's record with its history. The Individual Number is not in it. */
export const readPerson = act('common-platform.read-person', {
  right: ['common-platform', 'person', 'read'],
  subjectOf: (query: { readonly personId: string }) => query.personId,
  async run(tx, _deps: Deps, query): Promise<Result<PersonRecord, 'no-such-person'>> {
    const person = await findPerson(tx, query.personId);
    if (!person) return err('no-such-person');
    const { personId } = person;
    const record = {
      ...person,
      versions: await versions(tx, personId),
      bindings: await bindings(tx, personId),
      linkage: await findLinkage(tx, personId),
      steps: await linkageSteps(tx, personId),
    };
    tx.record({ event: 'person.read', subject: personId });
    return ok(record);
  },
});

/** Counts alone: nothing personal. */
export const readCounts = look('common-platform.read-counts', {
  right: ['common-platform', 'counts', 'read'],
  run: (tx, _deps: Deps, _query: object) => counts(tx),
});
