import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { BandCount } from '../domain/income-bands.ts';

/** Levies in force by the band of their 課税標準額 (総所得金額); those with 所得割 alone. `limits`: the ends of all bands but the last. */
export async function countByBand(tx: Tx, fiscalYear: number, limits: readonly number[]): Promise<BandCount[]> {
  return tx<BandCount>`
    select (select count(*) from unnest(${limits}::bigint[]) as l(upto) where l.upto < a.taxable_yen)::int as band,
           count(*)::int as persons, sum(a.taxable_yen)::bigint as "taxableYen", sum(a.ward_per_income_yen)::bigint as "wardYen",
           sum(a.metropolis_per_income_yen)::bigint as "metropolisYen"
      from resident_tax.assessment a join resident_tax.assessment_decision using (assessment_id)
     where a.fiscal_year = ${fiscalYear} and a.status = 'taxed'
       and not exists (select 1 from resident_tax.assessment n join resident_tax.assessment_decision using (assessment_id)
                        where n.person_id = a.person_id and n.fiscal_year = a.fiscal_year and n.version > a.version)
     group by 1 order by 1`;
}
