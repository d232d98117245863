import { enforced } from '../enforcement/enforcement.ts';

/** What a duty (a registered task, a purpose of an office) opens of a file of persons. */
export interface Scope<Person extends object> {
  /** Items that may be seen. Whatever else stands in a person's row is not in the answer at all. */
  readonly items: readonly (keyof Person)[];
  /** Whom the duty concerns. Everybody else is as if absent. */
  readonly includes: (person: Person) => boolean;
}

export interface Scoped<Person> {
  /** In the order given. */
  readonly seen: readonly Partial<Person>[];
  /** Left out; for the log, never for the answer. */
  readonly outside: readonly Person[];
}

/**
 * Narrows what a query found to the persons and items of the duty for which it was asked. Every list, page, report and
 * extract of persons goes through here after its query, so that a query that finds too much still shows no more.
 */
export function withinScope<Person extends object>(
  { items, includes }: Scope<Person>,
  persons: readonly Person[],
): Scoped<Person> {
  if (!enforced('access.person-scope')) return { seen: persons, outside: [] };
  const seen: Partial<Person>[] = [];
  const outside: Person[] = [];
  for (const person of persons) {
    if (!includes(person)) {
      outside.push(person);
      continue;
    }
    const kept: Partial<Person> = {};
    for (const item of items) if (Object.hasOwn(person, item)) kept[item] = person[item];
    seen.push(kept);
  }
  return { seen, outside };
}
