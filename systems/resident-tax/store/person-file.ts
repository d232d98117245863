import type { Tx } from '@musubi/kernel/db/sql.ts';

/** A levy that was taken over from an old ledger, as that had it. */
export interface TakenOverLevy {
  readonly fiscalYear: number;
  readonly wardYen: number;
  readonly metropolisYen: number;
  readonly paidYen: number;
}

export async function takenOverLevies(tx: Tx, personId: string): Promise<TakenOverLevy[]> {
  return tx<TakenOverLevy>`
    select fiscal_year as "fiscalYear", ward_yen as "wardYen", metropolis_yen as "metropolisYen", paid_yen as "paidYen"
      from resident_tax.migrated_levy where person_id = ${personId} order by fiscal_year desc`;
}

/** Whom the person's tax was told to: the person by a document of its own, or its payer in a notice of all of the payer's people. */
export interface NoticeOfPerson {
  readonly fiscalYear: number;
  readonly kind: 'tax-notice' | 'change-notice' | 'reduction-notice' | 'special-notice';
  /** 文書番号, or the id of the payer's notice. */
  readonly id: string;
  readonly issuedOn: string;
  readonly amountYen: number;
  /** The payer that was told. */
  readonly payer: string | null;
  readonly assessmentId: string;
  /** It came back and was not served otherwise. */
  readonly undelivered: boolean;
}

export async function noticesOfPerson(tx: Tx, personId: string): Promise<NoticeOfPerson[]> {
  return tx<NoticeOfPerson>`
    select d.fiscal_year as "fiscalYear", d.kind, d.document_id as id, d.issued_on::text as "issuedOn", d.amount_yen as "amountYen",
           null::text as payer, d.assessment_id as "assessmentId",
           exists (select 1 from resident_tax.undelivered u where u.document_id = d.document_id and u.served_on is null) as undelivered
      from resident_tax.document d where d.person_id = ${personId}
    union all
    select n.fiscal_year, 'special-notice', n.notice_id::text, n.issued_on::text, p.collected_yen, c.name, p.assessment_id, false
      from resident_tax.special_notice_person p
      join resident_tax.special_notice n using (notice_id)
      join resident_tax.special_collector c using (designation_number)
     where p.person_id = ${personId}
     order by "issuedOn" desc, id`;
}
