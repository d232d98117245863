import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface NoticeGap {
  readonly assessmentId: string;
  readonly personId: string;
  readonly name: string;
  readonly collection: string;
  readonly annualYen: number;
  readonly decidedOn: string;
  readonly total: number;
}

/**
 * Decided levies in force of which nobody was told: no notice of their own, and none of them at a payer; 併徴 needs both,
 * where the payer's months changed. A levy of nothing that takes
 * the place of nothing told needs none; a notice that came back and was not served after all by `on` told nobody. `total` is on every row.
 */
export async function levyWithoutNotice(
  tx: Tx,
  fiscalYear: number,
  on: Temporal.PlainDate,
  limit: number,
): Promise<NoticeGap[]> {
  return tx<NoticeGap>`
    select a.assessment_id as "assessmentId", a.person_id as "personId", s.name, a.collection, a.annual_yen as "annualYen",
           d.decided_on::text as "decidedOn", count(*) over ()::int as total
      from resident_tax.assessment a
      join resident_tax.assessment_decision d using (assessment_id)
      join resident_tax.person p using (person_id)
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
      cross join lateral (
        select exists (select 1 from resident_tax.document x where x.assessment_id = a.assessment_id and x.reduction_id is null
                          and not exists (select 1 from resident_tax.undelivered u
                                           where u.document_id = x.document_id and coalesce(u.served_on > ${on}, true))) as person,
               exists (select 1 from resident_tax.special_notice_person t
                        where t.assessment_id = a.assessment_id and not resident_tax.is_withdrawn(t.notice_id))
                 or a.collection = 'mixed' and not exists (
                      select 1 from resident_tax.charge_revision r join resident_tax.charge c using (charge_id)
                       where r.assessment_id = a.assessment_id and c.method = 'special') as payer) told
     where a.fiscal_year = ${fiscalYear}
       and not exists (select 1 from resident_tax.assessment n join resident_tax.assessment_decision using (assessment_id)
                        where n.person_id = a.person_id and n.fiscal_year = a.fiscal_year and n.version > a.version)
       and (a.annual_yen > 0
            or exists (select 1 from resident_tax.document x where x.person_id = a.person_id and x.fiscal_year = a.fiscal_year)
            or exists (select 1 from resident_tax.special_notice_person t join resident_tax.assessment o using (assessment_id)
                        where t.person_id = a.person_id and o.fiscal_year = a.fiscal_year))
       and case when a.collection = 'mixed' then not (told.person and told.payer) else not (told.person or told.payer) end
     order by d.decided_on, a.assessment_id limit ${limit}`;
}

export async function countLevies(tx: Tx, fiscalYear: number): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(distinct a.person_id)::int as n from resident_tax.assessment a join resident_tax.assessment_decision using (assessment_id)
     where a.fiscal_year = ${fiscalYear}`;
  return row?.n ?? 0;
}

export async function insertClosing(
  tx: Tx,
  closing: {
    readonly closingId: string;
    readonly fiscalYear: number;
    readonly levies: number;
    readonly closedBy: string;
    readonly closedOn: Temporal.PlainDate;
    readonly closedAt: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.notice_closing (closing_id, fiscal_year, levies, closed_by, closed_on, closed_at, event_id)
    values (${closing.closingId}, ${closing.fiscalYear}, ${closing.levies}, ${closing.closedBy}, ${closing.closedOn},
      ${closing.closedAt}, ${tx.eventId})`;
}
