import type { Tx } from '@musubi/kernel/db/sql.ts';

/** Another case of a patient with this name and birthday. */
export interface SameNamed {
  readonly caseId: string;
  readonly caseNumber: string;
  readonly appliedOn: string;
  readonly applicantName: string;
  readonly applicantAddress: string;
  /** Whether it is the same patient: what a clerk said last, else yes where the same person applied; null where nobody knows yet. */
  readonly isSame: boolean | null;
  readonly judgedBy: string | null;
  readonly reason: string | null;
}

/** Names are compared without the spaces that papers have in other places. The newest application first. */
export async function sameNamed(tx: Tx, caseId: string): Promise<SameNamed[]> {
  return tx<SameNamed>`
    with applicant as (
      select r.case_id, r.org_person_number from child_chronic.registration r
       where r.org_person_number is not null
         and not exists (select 1 from child_chronic.registration_end e where e.registration_id = r.registration_id))
    select o.case_id as "caseId", o.case_number as "caseNumber", o.applied_on::text as "appliedOn", o.applicant_name as "applicantName",
           o.applicant_address as "applicantAddress", j.judged_by as "judgedBy", j.reason,
           coalesce(j.is_same, case when exists (select 1 from applicant a join applicant b using (org_person_number)
                                                  where a.case_id = f.case_id and b.case_id = o.case_id) then true end) as "isSame"
      from child_chronic.case_now f
      join child_chronic.case_now o on o.case_id <> f.case_id and o.patient_birth_on = f.patient_birth_on
       and regexp_replace(normalize(o.patient_kana, nfkc), '[[:space:]]', '', 'g') = regexp_replace(normalize(f.patient_kana, nfkc), '[[:space:]]', '', 'g')
      left join lateral (
        select x.is_same, x.judged_by, x.reason from child_chronic.patient_judgement x
         where least(x.case_id, x.other_case_id) = least(f.case_id, o.case_id)
           and greatest(x.case_id, x.other_case_id) = greatest(f.case_id, o.case_id)
         order by x.judged_at desc, x.judgement_id desc limit 1) j on true
     where f.case_id = ${caseId}
     order by o.applied_on desc, o.case_id`;
}

export async function insertPatientJudgement(
  tx: Tx,
  j: {
    readonly judgementId: string;
    readonly caseId: string;
    readonly otherCaseId: string;
    readonly isSame: boolean;
    readonly reason: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.patient_judgement (judgement_id, case_id, other_case_id, is_same, reason, judged_by, judged_at, event_id)
    values (${j.judgementId}, ${j.caseId}, ${j.otherCaseId}, ${j.isSame}, ${j.reason}, ${j.by}, ${j.at}, ${tx.eventId})`;
}
