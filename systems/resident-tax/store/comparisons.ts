import { json, type Tx } from '@musubi/kernel/db/sql.ts';

/** The newest levy of a person's year, decided or not, with the facts it was computed from. */
export interface LevyFacts {
  readonly personId: string;
  readonly addresseeNumber: string;
  readonly input: unknown;
  readonly annualYen: number;
}

/** All of the year in the order of the persons, read in pieces. */
export const leviesOfYear = (tx: Tx, fiscalYear: number): AsyncIterable<LevyFacts[]> =>
  tx.cursor<LevyFacts>(2_000)`
    select a.person_id as "personId", p.addressee_number as "addresseeNumber", a.input, a.annual_yen as "annualYen"
      from resident_tax.assessment a join resident_tax.person p using (person_id)
     where a.fiscal_year = ${fiscalYear}
       and not exists (select 1 from resident_tax.assessment n where n.previous_id = a.assessment_id)
     order by a.person_id`;

/** The same of these persons. */
export async function leviesOf(tx: Tx, fiscalYear: number, personIds: readonly string[]): Promise<LevyFacts[]> {
  return tx<LevyFacts>`
    select a.person_id as "personId", p.addressee_number as "addresseeNumber", a.input, a.annual_yen as "annualYen"
      from resident_tax.assessment a join resident_tax.person p using (person_id)
     where a.fiscal_year = ${fiscalYear} and a.person_id = any (${personIds}::uuid[])
       and not exists (select 1 from resident_tax.assessment n where n.previous_id = a.assessment_id)`;
}

/** Persons with a levy of the one year and none of the other. */
export async function onlyIn(
  tx: Tx,
  fiscalYear: number,
  without: number,
): Promise<Pick<LevyFacts, 'personId' | 'annualYen'>[]> {
  return tx<Pick<LevyFacts, 'personId' | 'annualYen'>>`
    select a.person_id as "personId", a.annual_yen as "annualYen" from resident_tax.assessment a
     where a.fiscal_year = ${fiscalYear}
       and not exists (select 1 from resident_tax.assessment n where n.previous_id = a.assessment_id)
       and not exists (select 1 from resident_tax.assessment o
                        where o.person_id = a.person_id and o.fiscal_year = ${without})`;
}

export interface StoredComparison {
  readonly comparisonId: string;
  readonly kind: 'what-if' | 'year-before' | 'other-system';
  readonly fiscalYear: number;
  readonly title: string;
  readonly basis: unknown;
  readonly compared: number;
  readonly differing: number;
  readonly beforeYen: number;
  readonly afterYen: number;
  readonly lines: readonly {
    readonly class: string;
    readonly cause: string | null;
    readonly persons: number;
    readonly differenceYen: number;
  }[];
  readonly madeBy: string;
  readonly madeAt: string;
}

export interface ComparedPerson {
  readonly personId: string;
  readonly class: string;
  readonly cause: string | null;
  readonly beforeYen: number | null;
  readonly afterYen: number | null;
}

export async function insertComparison(
  tx: Tx,
  comparison: Omit<StoredComparison, 'madeAt'> & { readonly madeAt: Temporal.Instant },
  persons: readonly ComparedPerson[],
): Promise<void> {
  await tx`
    insert into resident_tax.comparison (comparison_id, kind, fiscal_year, title, basis, compared, differing, before_yen, after_yen,
      lines, made_by, made_at, event_id)
    values (${comparison.comparisonId}, ${comparison.kind}, ${comparison.fiscalYear}, ${comparison.title}, ${json(comparison.basis)},
      ${comparison.compared}, ${comparison.differing}, ${comparison.beforeYen}, ${comparison.afterYen}, ${json(comparison.lines)},
      ${comparison.madeBy}, ${comparison.madeAt}, ${tx.eventId})`;
  if (persons.length === 0) return;
  await tx`
    insert into resident_tax.comparison_person (comparison_id, rank, person_id, class, cause, before_yen, after_yen, event_id)
    select ${comparison.comparisonId}::uuid, r.rank, r."personId", r.class, r.cause, r."beforeYen", r."afterYen", ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(persons.map((person, i) => ({ ...person, rank: i + 1 })))}::jsonb)
        as r(rank int, "personId" uuid, class text, cause text, "beforeYen" bigint, "afterYen" bigint)`;
}

export async function listComparisons(
  tx: Tx,
  query: { readonly comparisonId: string | null; readonly limit: number; readonly offset: number },
): Promise<(StoredComparison & { readonly total: number })[]> {
  return tx<StoredComparison & { total: number }>`
    select comparison_id as "comparisonId", kind, fiscal_year as "fiscalYear", title, basis, compared, differing,
           before_yen as "beforeYen", after_yen as "afterYen", lines, made_by as "madeBy", to_json(made_at)#>>'{}' as "madeAt",
           count(*) over ()::int as total
      from resident_tax.comparison
     where (${query.comparisonId}::uuid is null or comparison_id = ${query.comparisonId}::uuid)
     order by made_at desc limit ${query.limit} offset ${query.offset}`;
}

export async function personsOfComparison(
  tx: Tx,
  comparisonId: string,
): Promise<(ComparedPerson & { readonly rank: number; readonly name: string; readonly addresseeNumber: string })[]> {
  return tx<ComparedPerson & { rank: number; name: string; addresseeNumber: string }>`
    select c.rank, c.person_id as "personId", s.name, p.addressee_number as "addresseeNumber", c.class, c.cause,
           c.before_yen as "beforeYen", c.after_yen as "afterYen"
      from resident_tax.comparison_person c
      join resident_tax.person p using (person_id)
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
     where c.comparison_id = ${comparisonId} order by c.rank`;
}

/** Addressee numbers of a file → who they are here. */
export async function personsByAddressee(tx: Tx, numbers: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx<{ number: string; personId: string }>`
    select addressee_number as number, person_id as "personId" from resident_tax.person
     where addressee_number = any (${numbers}::text[])`;
  return new Map(rows.map((row) => [row.number, row.personId]));
}
