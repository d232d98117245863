import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { NumberRef } from '@musubi/kernel/vault/vault.ts';

export interface NamedPerson {
  readonly personId: string;
  readonly numberRef: NumberRef;
  readonly nameKana: string;
}

/** The person of the organisation's number as the register has them now. */
export async function findByOrgPersonNumber(tx: Tx, orgPersonNumber: string): Promise<NamedPerson | undefined> {
  const [row] = await tx<NamedPerson>`
    select p.person_id as "personId", s.number_ref as "numberRef", s.name_kana as "nameKana"
      from resident_tax.person p join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
     where p.org_person_number = ${orgPersonNumber}`;
  return row;
}

/** 受付番号 of a return from the residents' portal: the day, P and a running number, one at a time. */
export async function nextPortalNumber(tx: Tx, on: Temporal.PlainDate): Promise<string> {
  const day = on.toString().replaceAll('-', '');
  await tx`select pg_advisory_xact_lock(hashtextextended(${`portal returns ${day}`}, 0))`;
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from resident_tax.announced_delivery where procedure = 'portal-return' and reception_no like ${`${day}P%`}`;
  return `${day}P${`${(row?.n ?? 0) + 1}`.padStart(7, '0')}`;
}

export interface EndedReturn {
  readonly intakeId: string;
  /** The portal's receipt number is the delivery's id. */
  readonly receiptNumber: string;
  readonly outcome: 'taken-in' | 'refused';
}

/** Returns from the portal that have their end and whose end was not told; the oldest first, each for one teller. */
export async function untoldReturns(tx: Tx): Promise<EndedReturn[]> {
  return tx<EndedReturn>`
    select i.intake_id as "intakeId", i.delivery_id as "receiptNumber", o.outcome
      from resident_tax.announced_delivery d
      join resident_tax.intake i using (delivery_id)
      join resident_tax.intake_outcome o using (intake_id)
     where d.procedure = 'portal-return'
       and not exists (select 1 from resident_tax.intake_acknowledged a where a.intake_id = i.intake_id)
     order by i.intake_id limit 200`;
}
