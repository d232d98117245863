import type { Town as People, Person } from '../people/person.ts';
import { makeSalaryReports } from '../people/salary-reports.ts';
import { observe } from '../walk/observe.ts';
import { peopleOf, plainIn } from '../walk/settle.ts';
import { expect, type WalkContext } from '../walk/walk.ts';

/** The resident whose year is told: an employee of the large employer who pays by slips and has paid the first instalment. */
export interface Followed {
  readonly person: Person;
  /** 団体内統合宛名番号, by which collection and accounts know the person. */
  readonly personNumber: string;
  readonly personId: string;
}

/** The resident of whom the first step spoke; found once, then known by the key that it left. */
export async function followed(context: WalkContext): Promise<Followed> {
  const people = await peopleOf(context);
  const key = context.memory.get('followed');
  const candidates = key === undefined ? employees(people) : [...people.persons()].filter((p) => p.key === key);
  for (const person of candidates) {
    const [found] = await observe<{ personId: string; personNumber: string }>(
      context.town,
      'meguro/resident-tax',
      `select p.person_id as "personId", p.org_person_number as "personNumber" from resident_tax.person p
         join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
        where s.name = $1 and s.birth_date = $2`,
      [person.name, person.birthDate.toString()],
    );
    if (found === undefined || (key === undefined && !(await hasPaidTheFirst(context, found.personNumber)))) continue;
    context.memory.set('followed', person.key);
    return { person, ...found };
  }
  throw new Error('nobody in the town pays by slips and has paid the first instalment');
}

function employees(people: People): Person[] {
  const byKey = new Map([...people.persons()].map((p) => [p.key, p]));
  const isPlain = plainIn(people);
  const { expectation } = makeSalaryReports(people, {
    employer: 0,
    fiscalYear: 2026,
    municipality: '131105',
    count: 300,
  });
  return expectation.rows.flatMap(({ personKey, fault }) => {
    const person = personKey === null || fault !== null ? undefined : byKey.get(personKey);
    const paysBySlips = person?.employment?.ordinaryCollection === true && person.employment.annualPayYen >= 3_000_000;
    return paysBySlips && isPlain(person) ? [person] : [];
  });
}

async function hasPaidTheFirst(context: WalkContext, personNumber: string): Promise<boolean> {
  const [row] = await observe<{ paid: number; open: number }>(
    context.town,
    'meguro/collections',
    `select count(*) filter (where settled_on is not null)::int as paid, count(*) filter (where settled_on is null)::int as open
       from collections.charge_state where person_number = $1 and method = 'ordinary' and book_year = 2026`,
    [personNumber],
  );
  expect(row, 'no row');
  return row.paid > 0 && row.open > 0;
}
