import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { Tier } from '../domain/ceilings.ts';

/* ---- entry and its check ---- */

export const entryFields = [
  'patient_name',
  'patient_kana',
  'patient_birth_on',
  'applicant_name',
  'applicant_kana',
  'applicant_birth_on',
  'applicant_address',
] as const;
export type EntryField = (typeof entryFields)[number];

export async function insertEntryCorrection(
  tx: Tx,
  c: {
    readonly correctionId: string;
    readonly caseId: string;
    readonly field: EntryField;
    readonly value: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.entry_correction (correction_id, case_id, field, value, corrected_by, corrected_at, event_id)
    values (${c.correctionId}, ${c.caseId}, ${c.field}, ${c.value}, ${c.by}, ${c.at}, ${tx.eventId})`;
}

export async function insertEntryCheck(
  tx: Tx,
  c: {
    readonly checkId: string;
    readonly caseId: string;
    readonly differing: readonly EntryField[];
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.entry_check (check_id, case_id, differing, checked_by, checked_at, event_id)
    values (${c.checkId}, ${c.caseId}, ${c.differing}::text[], ${c.by}, ${c.at}, ${tx.eventId})`;
}

export interface EntryStanding {
  /** `open`: nobody compared it; `returned`: it differs from the papers; `stands`. */
  readonly state: 'open' | 'returned' | 'stands';
  readonly differing: readonly EntryField[];
  readonly checkedBy: string | null;
  /** All who entered or corrected something: none of them compares. */
  readonly enteredBy: readonly string[];
}

/** A correction after a check opens the entry again. */
export async function entryStanding(tx: Tx, caseId: string): Promise<EntryStanding> {
  const [row] = await tx<{ differing: EntryField[] | null; checkedBy: string | null; later: boolean; by: string[] }>`
    select k.differing, k.checked_by as "checkedBy",
           coalesce((select max(c.corrected_at) from child_chronic.entry_correction c where c.case_id = f.case_id) > k.checked_at, false) as later,
           array(select f.received_by union select c.corrected_by from child_chronic.entry_correction c where c.case_id = f.case_id) as by
      from child_chronic.case_file f
      left join lateral (select * from child_chronic.entry_check k where k.case_id = f.case_id order by k.checked_at desc limit 1) k on true
     where f.case_id = ${caseId}`;
  const { differing = null, checkedBy = null, later = false, by = [] } = row ?? {};
  const state = differing === null || later ? 'open' : differing.length > 0 ? 'returned' : 'stands';
  return { state, differing: state === 'returned' ? (differing ?? []) : [], checkedBy, enteredBy: by };
}

/* ---- what was declared beside what was answered ---- */

export async function insertDifferenceReason(
  tx: Tx,
  d: {
    readonly resultId: string;
    readonly caseId: string;
    readonly reason: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.difference_reason (result_id, case_id, reason, decided_by, decided_at, event_id)
    values (${d.resultId}, ${d.caseId}, ${d.reason}, ${d.by}, ${d.at}, ${tx.eventId}) on conflict do nothing`;
}

export async function differenceReason(tx: Tx, resultId: string): Promise<string | undefined> {
  const [row] = await tx<{ reason: string }>`
    select reason from child_chronic.difference_reason where result_id = ${resultId}`;
  return row?.reason;
}

/* ---- others of the household ---- */

export interface HouseholdAid {
  readonly person: string;
  readonly scheme: 'child-chronic' | 'intractable';
  readonly certificateNumber: string;
  readonly ceilingYen: number;
}
export async function householdAids(tx: Tx, caseId: string): Promise<HouseholdAid[]> {
  return tx<HouseholdAid>`
    select person, scheme, certificate_number as "certificateNumber", ceiling_yen as "ceilingYen"
      from child_chronic.household_aid where case_id = ${caseId} order by recorded_at`;
}
/** False where this certificate is recorded already. */
export async function insertHouseholdAid(
  tx: Tx,
  a: HouseholdAid & {
    readonly aidId: string;
    readonly caseId: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<boolean> {
  const made = await tx`
    insert into child_chronic.household_aid (aid_id, case_id, person, scheme, certificate_number, ceiling_yen, recorded_by, recorded_at, event_id)
    values (${a.aidId}, ${a.caseId}, ${a.person}, ${a.scheme}, ${a.certificateNumber}, ${a.ceilingYen}, ${a.by}, ${a.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return made.length === 1;
}

/* ---- the board ---- */

export interface Opinion {
  readonly meetingId: string;
  readonly heldOn: string;
  readonly opinion: 'approved' | 'not-approved';
  readonly reason: string;
  readonly recordedBy: string;
}
export async function opinionOf(tx: Tx, caseId: string): Promise<Opinion | undefined> {
  const [row] = await tx<Opinion>`
    select o.meeting_id as "meetingId", m.held_on::text as "heldOn", o.opinion, o.reason, o.recorded_by as "recordedBy"
      from child_chronic.board_opinion o join child_chronic.board_meeting m using (meeting_id) where o.case_id = ${caseId}`;
  return row;
}

export interface BoardLine {
  readonly meetingId: string;
  readonly heldOn: string;
  readonly caseId: string;
  readonly caseNumber: string;
  readonly opinion: Opinion['opinion'] | null;
  readonly reason: string | null;
}
/** What stands on the agendas, what was not said yet first; one meeting's where it is named. */
export async function boardLines(
  tx: Tx,
  query: { readonly meetingId?: string; readonly offset: number; readonly limit: number },
): Promise<{ readonly rows: BoardLine[]; readonly total: number }> {
  const rows = await tx<BoardLine & { total: number }>`
    select i.meeting_id as "meetingId", m.held_on::text as "heldOn", i.case_id as "caseId", f.case_number as "caseNumber",
           o.opinion, o.reason, count(*) over ()::int as total
      from child_chronic.board_item i join child_chronic.board_meeting m using (meeting_id) join child_chronic.case_file f using (case_id)
      left join child_chronic.board_opinion o using (meeting_id, case_id)
     where ${query.meetingId ?? null}::uuid is null or i.meeting_id = ${query.meetingId ?? null}::uuid
     order by o.opinion is not null, m.held_on, f.case_number offset ${query.offset} limit ${query.limit}`;
  return { rows: rows.map(({ total: _total, ...row }) => row), total: rows[0]?.total ?? 0 };
}
/** The meeting of a day; the first who names it makes it. */
export async function meetingOn(
  tx: Tx,
  m: { readonly meetingId: string; readonly heldOn: string; readonly by: string; readonly at: Temporal.Instant },
): Promise<{ readonly meetingId: string; readonly isNew: boolean }> {
  const made = await tx`
    insert into child_chronic.board_meeting (meeting_id, held_on, called_by, called_at, event_id)
    values (${m.meetingId}, ${m.heldOn}::date, ${m.by}, ${m.at}, ${tx.eventId}) on conflict do nothing returning 1`;
  const [row] = await tx<{ id: string }>`
    select meeting_id as id from child_chronic.board_meeting where held_on = ${m.heldOn}::date`;
  return { meetingId: row!.id, isNew: made.length === 1 };
}
export async function insertBoardItem(tx: Tx, meetingId: string, caseId: string, by: string): Promise<boolean> {
  const made = await tx`
    insert into child_chronic.board_item (meeting_id, case_id, added_by, event_id)
    values (${meetingId}, ${caseId}, ${by}, ${tx.eventId}) on conflict do nothing returning 1`;
  return made.length === 1;
}
export async function insertOpinion(
  tx: Tx,
  o: Pick<Opinion, 'meetingId' | 'opinion' | 'reason'> & {
    readonly caseId: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.board_opinion (case_id, meeting_id, opinion, reason, recorded_by, recorded_at, event_id)
    values (${o.caseId}, ${o.meetingId}, ${o.opinion}, ${o.reason}, ${o.by}, ${o.at}, ${tx.eventId})`;
}

/* ---- the certification ---- */

/** Names are compared without the spaces that papers have in other places. */
export const kanaKey = (kana: string): string => kana.normalize('NFKC').replaceAll(/\s/g, '');

export interface CertificationTerms {
  readonly outcome: 'certified' | 'refused';
  readonly diseaseCode: string | null;
  readonly diseaseName: string | null;
  readonly validFrom: string | null;
  readonly validUntil: string | null;
  readonly otherCertificate: string | null;
  readonly ceilingYen: number | null;
  readonly tier: Tier | null;
  readonly apportionment: { readonly own: number; readonly others: readonly number[]; readonly ceiling: number } | null;
  readonly reason: string;
}
export interface CertificationLine extends CertificationTerms {
  readonly approvalId: string;
  readonly caseId: string;
  readonly caseNumber: string;
  readonly proposedBy: string;
  readonly proposedAt: string;
  readonly returnReason: string | null;
  readonly decidedBy: string | null;
  readonly decidedOn: string | null;
  readonly beneficiaryNumber: string | null;
  readonly lastDay: string | null;
  readonly endedWhy: string | null;
}

/** Proposals and what became of them, the newest first. */
export async function certifications(
  tx: Tx,
  query: {
    readonly caseId?: string;
    readonly approvalId?: string;
    readonly undecided?: boolean;
    readonly caseIds?: readonly string[];
    readonly patient?: { readonly kana: string; readonly bornOn: string };
  },
): Promise<CertificationLine[]> {
  const { caseId = null, approvalId = null, undecided = false, caseIds = null, patient } = query;
  return tx<CertificationLine>`
    select p.approval_id as "approvalId", p.case_id as "caseId", f.case_number as "caseNumber", p.outcome,
           p.disease_code as "diseaseCode", p.disease_name as "diseaseName", p.valid_from::text as "validFrom",
           p.valid_until::text as "validUntil", p.other_certificate as "otherCertificate", p.ceiling_yen as "ceilingYen", p.tier,
           p.apportionment, p.reason, p.proposed_by as "proposedBy", to_json(p.proposed_at)#>>'{}' as "proposedAt",
           t.reason as "returnReason", c.decided_by as "decidedBy", c.decided_on::text as "decidedOn",
           c.beneficiary_number as "beneficiaryNumber", e.last_day::text as "lastDay", e.why as "endedWhy"
      from child_chronic.certification_proposal p join child_chronic.case_file f using (case_id)
      left join child_chronic.certification_return t using (approval_id)
      left join child_chronic.certification c using (approval_id)
      left join child_chronic.certification_end e on e.case_id = c.case_id
     where (${caseId}::uuid is null or p.case_id = ${caseId}::uuid)
       and (${caseIds}::uuid[] is null or p.case_id = any(${caseIds}::uuid[]))
       and (${approvalId}::uuid is null or p.approval_id = ${approvalId}::uuid)
       and (not ${undecided}::boolean or (c.approval_id is null and t.approval_id is null))
       and (${patient?.kana ?? null}::text is null or (c.patient_kana = ${patient?.kana ?? null} and c.patient_birth_on = ${patient?.bornOn ?? null}::date))
     order by p.proposed_at desc limit 200`;
}

export async function insertCertificationProposal(
  tx: Tx,
  p: CertificationTerms & {
    readonly approvalId: string;
    readonly caseId: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.certification_proposal
      (approval_id, case_id, outcome, disease_code, disease_name, valid_from, valid_until, other_certificate, ceiling_yen, tier,
       apportionment, reason, proposed_by, proposed_at, event_id)
    values (${p.approvalId}, ${p.caseId}, ${p.outcome}, ${p.diseaseCode}, ${p.diseaseName}, ${p.validFrom}::date, ${p.validUntil}::date,
      ${p.otherCertificate}, ${p.ceilingYen}::integer, ${p.tier}, ${p.apportionment === null ? null : json(p.apportionment)}::jsonb,
      ${p.reason}, ${p.by}, ${p.at}, ${tx.eventId})`;
}
export async function insertCertificationReturn(
  tx: Tx,
  r: { readonly approvalId: string; readonly reason: string; readonly by: string; readonly at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into child_chronic.certification_return (approval_id, reason, returned_by, returned_at, event_id)
    values (${r.approvalId}, ${r.reason}, ${r.by}, ${r.at}, ${tx.eventId})`;
}
export async function insertCertification(
  tx: Tx,
  c: {
    readonly caseId: string;
    readonly approvalId: string;
    readonly beneficiaryNumber: string | null;
    readonly patient: { readonly kana: string; readonly bornOn: string };
    readonly by: string;
    readonly on: Temporal.PlainDate;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.certification (case_id, approval_id, beneficiary_number, patient_kana, patient_birth_on, decided_by,
      decided_on, decided_at, event_id)
    values (${c.caseId}, ${c.approvalId}, ${c.beneficiaryNumber}, ${c.patient.kana}, ${c.patient.bornOn}::date, ${c.by}, ${c.on}, ${c.at},
      ${tx.eventId})`;
}
/** Certified cases decided since the day, in the order of their ids. */
export async function certifiedCases(
  tx: Tx,
  query: { readonly since: string; readonly after: string | null; readonly limit: number },
): Promise<string[]> {
  const rows = await tx<{ id: string }>`
    select c.case_id as id from child_chronic.certification c join child_chronic.certification_proposal p using (approval_id)
     where p.outcome = 'certified' and c.decided_on >= ${query.since}::date
       and (${query.after}::uuid is null or c.case_id > ${query.after}::uuid)
     order by c.case_id limit ${query.limit}`;
  return rows.map(({ id }) => id);
}
export async function nextBeneficiarySerial(tx: Tx): Promise<number> {
  const [row] = await tx<{ n: number }>`select nextval('child_chronic.beneficiary_no')::int as n`;
  return row!.n;
}
/** One decision about a patient at a time, whichever case it is. */
export async function lockPatient(tx: Tx, kana: string, bornOn: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`child_chronic patient ${kana} ${bornOn}`}, 0))`;
}
/** False where it ended before. */
export async function insertCertificationEnd(
  tx: Tx,
  e: {
    readonly caseId: string;
    readonly lastDay: string;
    readonly why: string;
    readonly note: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<boolean> {
  const made = await tx`
    insert into child_chronic.certification_end (case_id, last_day, why, note, ended_by, ended_at, event_id)
    values (${e.caseId}, ${e.lastDay}::date, ${e.why}, ${e.note}, ${e.by}, ${e.at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return made.length === 1;
}
