import type { Tx } from '@musubi/kernel/db/sql.ts';

/** The four items and the address, as the applicant stands in the newest record of a case. */
export interface ClaimedApplicant {
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly sex: 'male' | 'female' | 'other';
  readonly address: string;
}

/** Cases whose applicant agrees with all that is claimed, each with the organisation's number of the person; the oldest first. */
export const casesClaimed = async (
  tx: Tx,
  c: ClaimedApplicant,
): Promise<{ readonly caseId: string; readonly orgPersonNumber: string | null }[]> => tx<{
  caseId: string;
  orgPersonNumber: string | null;
}>`
  select f.case_id as "caseId", g.org_person_number as "orgPersonNumber"
    from child_chronic.case_now f
         left join lateral (select r.org_person_number from child_chronic.registration r
                             where r.case_id = f.case_id and r.org_person_number is not null and not exists (
                               select from child_chronic.registration_end e where e.registration_id = r.registration_id)
                             order by r.answered_at desc limit 1) g on true
   where f.applicant_name = ${c.name} and f.applicant_kana = ${c.nameKana} and f.applicant_birth_on = ${c.birthDate}::date
     and f.applicant_sex = ${c.sex} and f.applicant_address = ${c.address}
   order by f.applied_on, f.case_number`;

export interface DisclosedCase {
  readonly caseId: string;
  readonly caseNumber: string;
  readonly kind: 'new' | 'renewal';
  readonly appliedOn: string;
  readonly patientName: string;
  readonly applicantName: string;
  readonly applicantKana: string;
  readonly applicantBirthOn: string;
  readonly applicantAddress: string;
  readonly outcome: 'certified' | 'refused' | null;
  readonly decidedOn: string | null;
  readonly beneficiaryNumber: string | null;
  readonly validFrom: string | null;
  readonly validUntil: string | null;
  readonly ceilingYen: number | null;
  readonly endedOn: string | null;
  readonly copyLodgedAt: string | null;
}

/** Cases of the same applicant as this one: those registered under the same number, or this one alone while it has none. */
export const casesOfApplicant = async (tx: Tx, caseId: string): Promise<DisclosedCase[]> => tx<DisclosedCase>`
  with own as (select r.org_person_number as n from child_chronic.registration r
                where r.case_id = ${caseId}::uuid and r.org_person_number is not null and not exists (
                  select from child_chronic.registration_end e where e.registration_id = r.registration_id)
                order by r.answered_at desc limit 1)
  select f.case_id as "caseId", f.case_number as "caseNumber", f.kind, f.applied_on::text as "appliedOn",
         f.patient_name as "patientName", f.applicant_name as "applicantName", f.applicant_kana as "applicantKana",
         f.applicant_birth_on::text as "applicantBirthOn", f.applicant_address as "applicantAddress", p.outcome,
         c.decided_on::text as "decidedOn", c.beneficiary_number as "beneficiaryNumber", p.valid_from::text as "validFrom",
         p.valid_until::text as "validUntil", p.ceiling_yen as "ceilingYen", z.last_day::text as "endedOn",
         to_json((select max(o.at) from child_chronic.copy_row r join child_chronic.copy_outcome o using (batch_id, row_no)
                   where r.case_id = f.case_id and o.state = 'accepted'))#>>'{}' as "copyLodgedAt"
    from child_chronic.case_now f
         left join child_chronic.certification c on c.case_id = f.case_id
         left join child_chronic.certification_proposal p on p.approval_id = c.approval_id
         left join child_chronic.certification_end z on z.case_id = f.case_id
   where f.case_id = ${caseId}::uuid or exists (
     select from child_chronic.registration r join own on own.n = r.org_person_number
      where r.case_id = f.case_id and not exists (
        select from child_chronic.registration_end e where e.registration_id = r.registration_id))
   order by f.applied_on, f.case_number`;
