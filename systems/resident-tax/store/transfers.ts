import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface LevyInForce {
  readonly orgPersonNumber: string;
  readonly personId: string;
  readonly assessmentId: string;
}

/** The decided levy of the newest fiscal year of each of these persons; who has none is absent. */
export async function leviesInForce(tx: Tx, orgPersonNumbers: readonly string[]): Promise<LevyInForce[]> {
  return tx<LevyInForce>`
    select distinct on (p.person_id) p.org_person_number as "orgPersonNumber", p.person_id as "personId",
           a.assessment_id as "assessmentId"
      from resident_tax.person p join resident_tax.assessment a using (person_id)
      join resident_tax.assessment_decision d using (assessment_id)
     where p.org_person_number = any (${[...new Set(orgPersonNumbers)]}::text[])
     order by p.person_id, a.fiscal_year desc, a.version desc`;
}
