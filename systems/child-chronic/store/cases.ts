import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import { type NumberRef, numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Condition, Tier } from '../domain/ceilings.ts';
import type { Insurer } from '../domain/intake.ts';

export interface CaseFile {
  readonly caseId: string;
  readonly caseNumber: string;
  readonly kind: 'new' | 'renewal';
  readonly appliedOn: string;
  readonly patientName: string;
  readonly patientKana: string;
  readonly patientBirthOn: string;
  readonly applicantIsPatient: boolean;
  readonly applicantName: string;
  readonly applicantKana: string;
  readonly applicantBirthOn: string;
  readonly applicantSex: 'male' | 'female' | 'other';
  readonly applicantAddress: string;
  readonly insurer: Insurer;
  readonly otherMembers: number;
  readonly condition: Condition;
  readonly registrationRequest: string;
  readonly receivedBy: string;
  readonly receivedAt: string;
}

export async function nextCaseNumber(tx: Tx, fiscalYear: number): Promise<string> {
  const [row] = await tx<{ n: number }>`select nextval('child_chronic.case_no') as n`;
  return `${fiscalYear}-${String(row!.n).padStart(5, '0')}`;
}

export async function insertCase(
  tx: Tx,
  c: Omit<CaseFile, 'receivedAt'> & { receivedAt: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into child_chronic.case_file (case_id, case_number, kind, applied_on, patient_name, patient_kana, patient_birth_on,
      applicant_is_patient, applicant_name, applicant_kana, applicant_birth_on, applicant_sex, applicant_address, insurer,
      other_members, condition, registration_request, received_by, received_at, event_id)
    values (${c.caseId}, ${c.caseNumber}, ${c.kind}, ${c.appliedOn}, ${c.patientName}, ${c.patientKana}, ${c.patientBirthOn},
      ${c.applicantIsPatient}, ${c.applicantName}, ${c.applicantKana}, ${c.applicantBirthOn}, ${c.applicantSex},
      ${c.applicantAddress}, ${c.insurer}, ${c.otherMembers}, ${c.condition}, ${c.registrationRequest}, ${c.receivedBy},
      ${c.receivedAt}, ${tx.eventId})`;
}

export async function insertApplicantNumber(tx: Tx, caseId: string, ref: NumberRef): Promise<void> {
  await tx`insert into child_chronic.applicant_number (case_id, number_ref, event_id) values (${caseId}, ${ref}, ${tx.eventId})`;
}

export async function findApplicantNumber(tx: Tx, caseId: string): Promise<NumberRef | undefined> {
  const [row] = await tx<{ ref: string }>`
    select ref from child_chronic.applicant_number_now where case_id = ${caseId}`;
  return row && numberRef(row.ref);
}

export async function findCase(tx: Tx, query: { caseId?: string; requestId?: string }): Promise<CaseFile | undefined> {
  const { caseId = null, requestId = null } = query;
  const [row] = await tx<CaseFile>`
    select case_id as "caseId", case_number as "caseNumber", kind, applied_on::text as "appliedOn",
           patient_name as "patientName", patient_kana as "patientKana", patient_birth_on::text as "patientBirthOn",
           applicant_is_patient as "applicantIsPatient", applicant_name as "applicantName", applicant_kana as "applicantKana",
           applicant_birth_on::text as "applicantBirthOn", applicant_sex as "applicantSex",
           applicant_address as "applicantAddress", insurer, other_members as "otherMembers", condition,
           registration_request as "registrationRequest", received_by as "receivedBy",
           to_json(received_at)#>>'{}' as "receivedAt"
      from child_chronic.case_now
     where case_id = ${caseId}::uuid or registration_request = ${requestId}::uuid`;
  return row;
}

export interface CaseLine {
  readonly caseId: string;
  readonly caseNumber: string;
  readonly appliedOn: string;
  readonly patientName: string;
  readonly applicantName: string;
  readonly registered: boolean;
  readonly answered: boolean;
  readonly proposed: boolean;
  readonly tier: Tier | null;
}

export async function listCases(tx: Tx, query: { offset: number; limit: number }): Promise<CaseLine[]> {
  return tx<CaseLine>`
    select c.case_id as "caseId", c.case_number as "caseNumber", c.applied_on::text as "appliedOn",
           c.patient_name as "patientName", c.applicant_name as "applicantName",
           exists (select 1 from child_chronic.registration r
                    where r.case_id = c.case_id and r.org_person_number is not null
                      and not exists (select 1 from child_chronic.registration_end e
                                       where e.registration_id = r.registration_id)) as registered,
           exists (select 1 from child_chronic.inquiry i join child_chronic.inquiry_result s using (request_id)
                    where i.case_id = c.case_id and s.result <> '60') as answered,
           exists (select 1 from child_chronic.tier_proposal p where p.case_id = c.case_id
                      and not exists (select 1 from child_chronic.tier_return t where t.approval_id = p.approval_id)) as proposed,
           (select p.tier from child_chronic.tier_decision d join child_chronic.tier_proposal p using (approval_id)
             where d.case_id = c.case_id) as tier
      from child_chronic.case_now c order by c.applied_on desc, c.case_number desc
    offset ${query.offset} limit ${query.limit}`;
}

export async function countCases(tx: Tx): Promise<number> {
  const [row] = await tx<{ n: number }>`select count(*) as n from child_chronic.case_file`;
  return row?.n ?? 0;
}

/** Waits for its turn on the case. An advisory lock, because nobody may update here. */
export async function lockCase(tx: Tx, caseId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`child_chronic case ${caseId}`}, 0))`;
}

export interface RegistrationLine {
  readonly orgPersonNumber: string | null;
  readonly refusal: string | null;
  readonly answeredAt: string;
}

/** Newest first. */
export async function registrations(tx: Tx, caseId: string): Promise<RegistrationLine[]> {
  return tx<RegistrationLine>`
    select case when e.registration_id is null then r.org_person_number end as "orgPersonNumber",
           coalesce(r.refusal, e.kind) as refusal,
           to_json(coalesce(e.ended_at, r.answered_at))#>>'{}' as "answeredAt"
      from child_chronic.registration r left join child_chronic.registration_end e using (registration_id)
     where r.case_id = ${caseId}
     order by (r.org_person_number is not null and e.registration_id is null) desc, r.answered_at desc`;
}

export async function insertRegistration(
  tx: Tx,
  row: { id: string; caseId: string; orgPersonNumber: string | null; refusal: string | null; at: Temporal.Instant },
): Promise<void> {
  await tx`insert into child_chronic.registration (registration_id, case_id, org_person_number, refusal, answered_at, event_id)
    values (${row.id}, ${row.caseId}, ${row.orgPersonNumber}, ${row.refusal}, ${row.at}, ${tx.eventId})`;
}

export interface DeclaredTax {
  readonly taxed: 'taxed' | 'exempt' | null;
  readonly perIncomeYen: number | null;
}

export async function insertDeclaredTax(tx: Tx, caseId: string, row: DeclaredTax): Promise<void> {
  await tx`insert into child_chronic.declared_tax (case_id, taxed, per_income_yen, event_id)
    values (${caseId}, ${row.taxed}, ${row.perIncomeYen}, ${tx.eventId})`;
}

export async function findDeclaredTax(tx: Tx, caseId: string): Promise<DeclaredTax | undefined> {
  const [row] = await tx<DeclaredTax>`
    select taxed, per_income_yen as "perIncomeYen" from child_chronic.declared_tax where case_id = ${caseId}`;
  return row;
}

/* ---- corrections and transfers ---- */

/** False where the correction was taken before. */
export async function insertCorrection(
  tx: Tx,
  row: { correctionId: string; kind: string; registrations: number; on: string; at: Temporal.Instant },
): Promise<boolean> {
  const rows = await tx`
    insert into child_chronic.correction (correction_id, kind, registrations, corrected_on, received_at, event_id)
    values (${row.correctionId}, ${row.kind}, ${row.registrations}, ${row.on}, ${row.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}

/** Registrations under this number that count. */
export async function standingRegistrations(
  tx: Tx,
  orgPersonNumber: string,
): Promise<{ readonly registrationId: string; readonly caseId: string }[]> {
  return tx<{ registrationId: string; caseId: string }>`
    select r.registration_id as "registrationId", r.case_id as "caseId" from child_chronic.registration r
     where r.org_person_number = ${orgPersonNumber}
       and not exists (select 1 from child_chronic.registration_end e where e.registration_id = r.registration_id)`;
}

export async function endRegistrations(
  tx: Tx,
  row: {
    registrationIds: readonly string[];
    correctionId: string;
    kind: 'unlinked' | 'merged';
    on: string;
    at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.registration_end (registration_id, correction_id, kind, ended_on, ended_at, event_id)
    select r, ${row.correctionId}::uuid, ${row.kind}, ${row.on}::date, ${row.at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${row.registrationIds}::uuid[]) as r`;
}

/** The newest certification of each of these persons that is not over on the day; who has none is absent. */
export async function decidedTiers(
  tx: Tx,
  orgPersonNumbers: readonly string[],
  on: Temporal.PlainDate,
): Promise<
  { readonly orgPersonNumber: string; readonly tier: Tier; readonly ceilingYen: number; readonly decidedOn: string }[]
> {
  return tx<{ orgPersonNumber: string; tier: Tier; ceilingYen: number; decidedOn: string }>`
    select distinct on (r.org_person_number) r.org_person_number as "orgPersonNumber", p.tier, p.ceiling_yen as "ceilingYen",
           d.decided_on::text as "decidedOn"
      from child_chronic.registration r
      join child_chronic.certification d using (case_id)
      join child_chronic.certification_proposal p on p.approval_id = d.approval_id and p.outcome = 'certified'
     where r.org_person_number = any (${orgPersonNumbers}::text[])
       and p.valid_until >= ${on} and not exists (
         select 1 from child_chronic.certification_end x where x.case_id = d.case_id and x.last_day < ${on})
       and not exists (select 1 from child_chronic.registration_end e where e.registration_id = r.registration_id)
     order by r.org_person_number, d.decided_at desc`;
}

export async function insertTransferAnswer(
  tx: Tx,
  row: {
    answerId: string;
    transferId: string;
    asker: string;
    ground: string;
    persons: number;
    held: number;
    at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.transfer_answer (answer_id, transfer_id, asker, ground, persons, held, answered_at, event_id)
    values (${row.answerId}, ${row.transferId}, ${row.asker}, ${row.ground}, ${row.persons}, ${row.held}, ${row.at}, ${tx.eventId})`;
}

/* ---- tiers ---- */

export interface ProposalLine {
  readonly approvalId: string;
  readonly caseId: string;
  readonly caseNumber: string;
  readonly resultId: string | null;
  readonly tier: Tier;
  readonly ceilingYen: number;
  readonly basis: { readonly reason: string } & Readonly<Record<string, unknown>>;
  readonly ratesVersion: string;
  readonly proposedBy: string;
  readonly proposedAt: string;
  readonly returnReason: string | null;
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
}

/** Newest first. */
export async function proposals(tx: Tx, query: { caseId?: string; approvalId?: string }): Promise<ProposalLine[]> {
  const { caseId = null, approvalId = null } = query;
  return tx<ProposalLine>`
    select p.approval_id as "approvalId", p.case_id as "caseId", c.case_number as "caseNumber", p.result_id as "resultId",
           p.tier, p.ceiling_yen as "ceilingYen", p.basis, p.rates_version as "ratesVersion", p.proposed_by as "proposedBy",
           to_json(p.proposed_at)#>>'{}' as "proposedAt", t.reason as "returnReason", d.decided_by as "decidedBy",
           to_json(d.decided_at)#>>'{}' as "decidedAt"
      from child_chronic.tier_proposal p join child_chronic.case_file c using (case_id)
           left join child_chronic.tier_return t using (approval_id)
           left join child_chronic.tier_decision d on d.approval_id = p.approval_id
     where (${caseId}::uuid is null or p.case_id = ${caseId}::uuid)
       and (${approvalId}::uuid is null or p.approval_id = ${approvalId}::uuid)
     order by p.proposed_at desc limit 200`;
}

export async function insertProposal(
  tx: Tx,
  row: {
    approvalId: string;
    caseId: string;
    resultId: string | null;
    tier: Tier;
    ceilingYen: number;
    basis: object;
    ratesVersion: string;
    by: string;
    at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.tier_proposal
      (approval_id, case_id, result_id, tier, ceiling_yen, basis, rates_version, proposed_by, proposed_at, event_id)
    values (${row.approvalId}, ${row.caseId}, ${row.resultId}::uuid, ${row.tier}, ${row.ceilingYen}, ${json(row.basis)},
      ${row.ratesVersion}, ${row.by}, ${row.at}, ${tx.eventId})`;
}

export async function insertReturn(
  tx: Tx,
  row: { approvalId: string; reason: string; by: string; at: Temporal.Instant },
): Promise<void> {
  await tx`insert into child_chronic.tier_return (approval_id, reason, returned_by, returned_at, event_id)
    values (${row.approvalId}, ${row.reason}, ${row.by}, ${row.at}, ${tx.eventId})`;
}

export async function insertDecision(
  tx: Tx,
  row: { caseId: string; approvalId: string; by: string; on: Temporal.PlainDate; at: Temporal.Instant },
): Promise<void> {
  await tx`insert into child_chronic.tier_decision (case_id, approval_id, decided_by, decided_on, decided_at, event_id)
    values (${row.caseId}, ${row.approvalId}, ${row.by}, ${row.on}, ${row.at}, ${tx.eventId})`;
}
