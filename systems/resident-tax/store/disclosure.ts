import type { Tx } from '@musubi/kernel/db/sql.ts';
import { addressKeyOf, nameKeyOf } from '../domain/identity-keys.ts';

/* What is held about one person, as the person is told it. */

/** Persons whose present state agrees with all that a request claims. */
export async function personsClaimed(
  tx: Tx,
  claimed: { readonly name: string; readonly birthDate: string; readonly sex: string; readonly address: string },
): Promise<string[]> {
  const rows = await tx<{ personId: string }>`
    select p.person_id as "personId"
      from resident_tax.person p
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
     where s.name_key = ${nameKeyOf(claimed.name)} and s.birth_date = ${claimed.birthDate}::date and s.sex = ${claimed.sex}
       and s.address_key = ${addressKeyOf(claimed.address)} limit 2`;
  return rows.map((r) => r.personId);
}

export interface DocumentLine {
  readonly incomeYear: number;
  readonly kind: string;
  readonly from: string;
  readonly paidYen: number;
}
export const documentsOf = (tx: Tx, personId: string): Promise<DocumentLine[]> => tx<DocumentLine & object>`
  select r.income_year as "incomeYear", r.kind, r.payer_name as "from", r.paid_yen as "paidYen"
    from resident_tax.report_state s join resident_tax.report r using (report_id)
   where s.person_id = ${personId} and s.state in ('linked', 'superseded') order by r.income_year desc, r.report_id`;

export interface LevyLine {
  readonly fiscalYear: number;
  readonly version: number;
  readonly totalIncomeYen: number;
  readonly taxableYen: number;
  readonly annualYen: number;
  readonly decidedOn: string;
}
export const leviesOf = (tx: Tx, personId: string): Promise<LevyLine[]> => tx<LevyLine & object>`
  select a.fiscal_year as "fiscalYear", a.version, a.total_income_yen as "totalIncomeYen", a.taxable_yen as "taxableYen",
         a.annual_yen as "annualYen", d.decided_on::text as "decidedOn"
    from resident_tax.assessment a join resident_tax.assessment_decision d using (assessment_id)
   where a.person_id = ${personId} order by a.fiscal_year desc, a.version desc`;

export interface ChargeLine {
  readonly fiscalYear: number;
  readonly method: 'ordinary' | 'special';
  readonly instalment: number;
  readonly dueOn: string;
  readonly amountYen: number;
}
export const chargesOf = (tx: Tx, personId: string): Promise<ChargeLine[]> => tx<ChargeLine & object>`
  select c.fiscal_year as "fiscalYear", c.method, c.instalment, r.due_on::text as "dueOn", r.amount_yen as "amountYen"
    from resident_tax.charge c
    join lateral (select * from resident_tax.charge_revision x where x.charge_id = c.charge_id order by x.revision desc limit 1) r on true
   where c.person_id = ${personId} order by c.fiscal_year desc, r.due_on, c.method, c.instalment`;

export interface SentLine {
  readonly on: string;
  readonly what: 'tax-notice' | 'change-notice' | 'reduction-notice' | 'certificate' | 'payer-notice';
  readonly number: string;
  readonly to: string;
}
/** Papers made about the person; a payer's notice names the payer that got it. */
export const sentOf = (tx: Tx, personId: string): Promise<SentLine[]> => tx<SentLine & object>`
  select d.issued_on::text as "on", d.kind as what, d.document_id as number, '本人' as "to"
    from resident_tax.document d where d.person_id = ${personId}
  union all
  select i.issued_on::text, 'certificate', i.document_no, '窓口の申請者' from resident_tax.certificate_issue i where i.person_id = ${personId}
  union all
  select n.issued_on::text, 'payer-notice', n.designation_number || '-' || n.sequence_no, c.name
    from resident_tax.special_notice_person p join resident_tax.special_notice n using (notice_id)
    join resident_tax.special_collector c using (designation_number)
   where p.person_id = ${personId} and not resident_tax.is_withdrawn(n.notice_id)
   order by "on" desc, number`;
