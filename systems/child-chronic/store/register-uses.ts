import type { Tx } from '@musubi/kernel/db/sql.ts';
import { type NumberRef, numberRef } from '@musubi/kernel/vault/vault.ts';
import type { LastAnswer } from '../domain/register-answer.ts';

export type KeyKind = 'number' | 'particulars';

export interface RegisterUse {
  readonly entryId: string;
  readonly entryNumber: string;
  readonly taskCode: string;
  readonly purpose: string;
  readonly notification: string;
  readonly approvalId: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly decision: 'approved' | 'rejected' | null;
  readonly decidedBy: string | null;
  readonly serial: string | null;
  readonly sealedRef: string | null;
  readonly handOverId: string | null;
  readonly rows: number;
  readonly answers: number;
  readonly outcome: string | null;
  readonly closedBy: string | null;
}

/** Waits for its turn on the entry. */
export const lockRegisterUse = async (tx: Tx, entryId: string): Promise<void> => {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`child_chronic register use ${entryId}`}, 0))`;
};

export async function nextEntryNumber(tx: Tx, fiscalYear: number): Promise<string> {
  const [row] = await tx<{ n: number }>`select nextval('child_chronic.register_use_no') as n`;
  return `U${fiscalYear}-${`${row!.n}`.padStart(5, '0')}`;
}

export async function insertRegisterUse(
  tx: Tx,
  u: Pick<RegisterUse, 'entryId' | 'entryNumber' | 'taskCode' | 'purpose' | 'notification' | 'approvalId'> & {
    readonly cases: readonly { readonly caseId: string; readonly keyKind: KeyKind }[];
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.register_use (entry_id, entry_number, task_code, purpose, notification, approval_id, requested_by, requested_at, event_id)
    values (${u.entryId}, ${u.entryNumber}, ${u.taskCode}, ${u.purpose}, ${u.notification}, ${u.approvalId}, ${u.by}, ${u.at}, ${tx.eventId})`;
  await tx`
    insert into child_chronic.register_use_row (entry_id, row_no, case_id, key_kind, event_id)
    select ${u.entryId}::uuid, n, c, k, ${tx.eventId}::uuid
      from unnest(${u.cases.map((c) => c.caseId)}::uuid[], ${u.cases.map((c) => c.keyKind)}::text[]) with ordinality as x(c, k, n)`;
}

const read = (
  tx: Tx,
  q: { entryId?: string; offset?: number; limit: number },
): Promise<RegisterUse[]> => tx<RegisterUse>`
  select u.entry_id as "entryId", u.entry_number as "entryNumber", u.task_code as "taskCode", u.purpose, u.notification,
         u.approval_id as "approvalId", u.requested_by as "requestedBy", to_json(u.requested_at)#>>'{}' as "requestedAt",
         d.decision, d.decided_by as "decidedBy", f.serial, f.sealed_ref as "sealedRef", f.hand_over_id as "handOverId",
         (select count(*)::int from child_chronic.register_use_row r where r.entry_id = u.entry_id) as rows,
         (select count(*)::int from child_chronic.register_answer a where a.entry_id = u.entry_id) as answers,
         c.outcome, c.closed_by as "closedBy"
    from child_chronic.register_use u
         left join approvals.decision d using (approval_id)
         left join child_chronic.register_use_file f using (entry_id)
         left join child_chronic.register_use_close c using (entry_id)
   where ${q.entryId ?? null}::uuid is null or u.entry_id = ${q.entryId ?? null}::uuid
   order by u.requested_at desc, u.entry_id desc limit ${q.limit} offset ${q.offset ?? 0}`;

export const findRegisterUse = async (tx: Tx, entryId: string): Promise<RegisterUse | undefined> =>
  (await read(tx, { entryId, limit: 1 }))[0];

/** Newest first. */
export async function listRegisterUses(
  tx: Tx,
  q: { readonly offset: number; readonly limit: number },
): Promise<{ rows: RegisterUse[]; total: number }> {
  const [count] = await tx<{ n: number }>`select count(*)::int as n from child_chronic.register_use`;
  return { rows: await read(tx, q), total: count!.n };
}

export interface RegisterUseRow extends LastAnswer {
  readonly rowNo: number;
  readonly caseId: string;
  readonly caseNumber: string;
  readonly applicantName: string;
  readonly applicantBirthOn: string;
  readonly applicantSex: string;
  readonly applicantAddress: string;
}

/** Rows of an entry with the case as it is entered now and the register's answer, in the order of the list. */
export async function registerUseRows(tx: Tx, entryId: string): Promise<RegisterUseRow[]> {
  return tx<RegisterUseRow>`
    select r.row_no as "rowNo", r.case_id as "caseId", r.key_kind as "keyKind", c.case_number as "caseNumber",
           c.applicant_name as "applicantName", c.applicant_birth_on::text as "applicantBirthOn", c.applicant_sex as "applicantSex",
           c.applicant_address as "applicantAddress", a.result, a.name, a.birth_on::text as "birthOn", a.sex, a.address,
           k.accepted as "candidateAccepted"
      from child_chronic.register_use_row r join child_chronic.case_now c using (case_id)
           left join child_chronic.register_answer a using (entry_id, row_no)
           left join child_chronic.register_candidate_decision k using (entry_id, row_no)
     where r.entry_id = ${entryId} order by r.row_no`;
}

/** Cases that can be asked about: not decided, on no open list, and not confirmed under their present number; the oldest first. */
export async function casesToAsk(
  tx: Tx,
  q: { readonly limit: number; readonly caseIds?: readonly string[] },
): Promise<
  {
    readonly caseId: string;
    readonly caseNumber: string;
    readonly applicantName: string;
    readonly hasNumber: boolean;
  }[]
> {
  const { caseIds = null, limit } = q;
  return tx`
    select c.case_id as "caseId", c.case_number as "caseNumber", c.applicant_name as "applicantName",
           exists (select 1 from child_chronic.applicant_number n where n.case_id = c.case_id) as "hasNumber"
      from child_chronic.case_now c
     where (${caseIds}::uuid[] is null or c.case_id = any (${caseIds}::uuid[]))
       and not exists (select 1 from child_chronic.certification d where d.case_id = c.case_id)
       and not exists (select 1 from child_chronic.register_use_row r join child_chronic.register_use u using (entry_id)
                        left join approvals.decision d using (approval_id)
                        where r.case_id = c.case_id and d.decision is distinct from 'rejected'
                          and not exists (select 1 from child_chronic.register_use_close x where x.entry_id = u.entry_id))
       and not exists (select 1 from child_chronic.register_use_row r join child_chronic.register_answer a using (entry_id, row_no)
                        left join child_chronic.register_candidate_decision k using (entry_id, row_no)
                        where r.case_id = c.case_id and a.result = 'given' and k.accepted is distinct from false
                          and a.name = c.applicant_name and a.birth_on = c.applicant_birth_on and a.sex = c.applicant_sex
                          and a.address = c.applicant_address
                          and not exists (select 1 from child_chronic.applicant_number_change g
                                           where g.case_id = c.case_id and g.changed_at > a.answered_at))
     order by c.applied_on, c.case_number limit ${limit}`;
}

export async function insertUseFile(
  tx: Tx,
  f: {
    readonly entryId: string;
    readonly handOverId: string;
    readonly sealedRef: string;
    readonly serial: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.register_use_file (entry_id, hand_over_id, sealed_ref, serial, written_by, written_at, event_id)
    values (${f.entryId}, ${f.handOverId}, ${f.sealedRef}, ${f.serial}, ${f.by}, ${f.at}, ${tx.eventId})`;
}

export async function insertUseImport(
  tx: Tx,
  i: {
    readonly importId: string;
    readonly entryId: string;
    readonly serial: string;
    readonly rows: number;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.register_use_import (import_id, entry_id, serial, rows, imported_by, imported_at, event_id)
    values (${i.importId}, ${i.entryId}, ${i.serial}, ${i.rows}, ${i.by}, ${i.at}, ${tx.eventId})`;
}

export interface NewAnswer {
  readonly rowNo: number;
  readonly result: string;
  readonly name: string | null;
  readonly birthOn: string | null;
  readonly sex: string | null;
  readonly address: string | null;
  readonly candidateRef: NumberRef | null;
}

export async function insertRegisterAnswers(
  tx: Tx,
  entryId: string,
  importId: string,
  rows: readonly NewAnswer[],
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into child_chronic.register_answer (entry_id, row_no, import_id, result, name, birth_on, sex, address, candidate_ref, answered_at, event_id)
    select ${entryId}::uuid, n, ${importId}::uuid, r, m, b, s, a, c, ${at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${rows.map((r) => r.rowNo)}::int[], ${rows.map((r) => r.result)}::text[], ${rows.map((r) => r.name)}::text[],
                  ${rows.map((r) => r.birthOn)}::date[], ${rows.map((r) => r.sex)}::text[], ${rows.map((r) => r.address)}::text[],
                  ${rows.map((r) => r.candidateRef)}::uuid[]) as x(n, r, m, b, s, a, c)`;
}

/** Serials of all media that carried something of this entry. */
export async function serialsOfUse(tx: Tx, entryId: string): Promise<string[]> {
  const rows = await tx<{ serial: string }>`
    select serial from child_chronic.register_use_file where entry_id = ${entryId}
    union select serial from child_chronic.register_use_import where entry_id = ${entryId} order by 1`;
  return rows.map((r) => r.serial);
}

export async function insertUseClose(
  tx: Tx,
  c: { readonly entryId: string; readonly outcome: string; readonly by: string; readonly at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into child_chronic.register_use_close (entry_id, outcome, closed_by, closed_at, event_id)
    values (${c.entryId}, ${c.outcome}, ${c.by}, ${c.at}, ${tx.eventId})`;
}

export interface CaseAnswer extends LastAnswer {
  readonly entryId: string;
  readonly entryNumber: string;
  readonly rowNo: number;
  readonly candidateRef: string | null;
  readonly importedBy: string | null;
}

/** The newest question about a case that was not rejected, under its present number; undefined where there is none. */
export async function lastRegisterAnswer(tx: Tx, caseId: string): Promise<CaseAnswer | undefined> {
  const [row] = await tx<CaseAnswer>`
    select r.entry_id as "entryId", u.entry_number as "entryNumber", r.row_no as "rowNo", r.key_kind as "keyKind", a.result, a.name,
           a.birth_on::text as "birthOn", a.sex, a.address, k.accepted as "candidateAccepted", a.candidate_ref as "candidateRef",
           i.imported_by as "importedBy"
      from child_chronic.register_use_row r join child_chronic.register_use u using (entry_id)
           left join approvals.decision d using (approval_id)
           left join child_chronic.register_answer a using (entry_id, row_no)
           left join child_chronic.register_use_import i on i.import_id = a.import_id
           left join child_chronic.register_candidate_decision k on k.entry_id = r.entry_id and k.row_no = r.row_no
     where r.case_id = ${caseId} and d.decision is distinct from 'rejected'
       and not exists (select 1 from child_chronic.applicant_number_change g
                        where g.case_id = r.case_id and g.changed_at > coalesce(a.answered_at, u.requested_at))
     order by u.requested_at desc limit 1`;
  return row;
}

export async function insertCandidateDecision(
  tx: Tx,
  d: {
    readonly entryId: string;
    readonly rowNo: number;
    readonly accepted: boolean;
    readonly reason: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.register_candidate_decision (entry_id, row_no, accepted, reason, decided_by, decided_at, event_id)
    values (${d.entryId}, ${d.rowNo}, ${d.accepted}, ${d.reason}, ${d.by}, ${d.at}, ${tx.eventId})`;
}

export async function insertNumberChange(
  tx: Tx,
  c: {
    readonly changeId: string;
    readonly caseId: string;
    readonly ref: NumberRef;
    readonly reason: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into child_chronic.applicant_number_change (change_id, case_id, number_ref, reason, changed_by, changed_at, event_id)
    values (${c.changeId}, ${c.caseId}, ${c.ref}, ${c.reason}, ${c.by}, ${c.at}, ${tx.eventId})`;
}

export async function numberRefsOf(tx: Tx, caseIds: readonly string[]): Promise<Map<string, NumberRef>> {
  const rows = await tx<{ caseId: string; ref: string }>`
    select case_id as "caseId", ref from child_chronic.applicant_number_now where case_id = any (${caseIds}::uuid[])`;
  return new Map(rows.map((r) => [r.caseId, numberRef(r.ref)]));
}
