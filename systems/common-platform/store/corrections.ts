import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { CorrectionKind, NumberGoes } from '../domain/corrections.ts';
import type { Particulars } from '../domain/particulars.ts';

export interface CorrectionProposal {
  readonly approvalId: string;
  readonly kind: CorrectionKind;
  readonly personId: string;
  readonly targetId: string;
  readonly numberGoes: NumberGoes | null;
  readonly evidence: string;
  readonly reason: string;
  readonly proposedBy: string;
  readonly proposedAt: string;
}

export async function insertCorrectionProposal(
  tx: Tx,
  row: Omit<CorrectionProposal, 'proposedAt'> & { readonly proposedAt: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into common_platform.correction_proposal
      (approval_id, kind, person_id, target_id, number_goes, evidence, reason, proposed_by, proposed_at, event_id)
    values (${row.approvalId}, ${row.kind}, ${row.personId}, ${row.targetId}, ${row.numberGoes}, ${row.evidence},
      ${row.reason}, ${row.proposedBy}, ${row.proposedAt}, ${tx.eventId})`;
}

/** Proposals that nobody has decided; a proposal whose approval ran out is decided by sending it back. */
export async function openCorrectionProposals(
  tx: Tx,
  query: { approvalId?: string; personId?: string; targetId?: string },
): Promise<CorrectionProposal[]> {
  const { approvalId = null, personId = null, targetId = null } = query;
  return tx<CorrectionProposal>`
    select p.approval_id as "approvalId", p.kind, p.person_id as "personId", p.target_id as "targetId",
           p.number_goes as "numberGoes", p.evidence, p.reason, p.proposed_by as "proposedBy",
           to_json(p.proposed_at)#>>'{}' as "proposedAt"
      from common_platform.correction_proposal p
     where (${approvalId}::uuid is null or p.approval_id = ${approvalId}::uuid)
       and (${personId}::uuid is null or p.person_id = ${personId}::uuid)
       and (${targetId}::uuid is null or p.target_id = ${targetId}::uuid)
       and not exists (select 1 from approvals.decision a where a.approval_id = p.approval_id)
     order by p.proposed_at, p.approval_id limit 200`;
}

export interface Correction {
  readonly correctionId: string;
  readonly kind: CorrectionKind;
  readonly personId: string;
  readonly targetId: string;
  readonly evidence: string;
  readonly reason: string;
  readonly proposedBy: string;
  readonly decidedBy: string;
  readonly decidedOn: string;
  readonly decidedAt: string;
  readonly undone: boolean;
}

export async function insertCorrection(
  tx: Tx,
  row: {
    correctionId: string;
    approvalId: string;
    kind: CorrectionKind;
    personId: string;
    targetId: string;
    decidedBy: string;
    decidedOn: Temporal.PlainDate;
    decidedAt: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into common_platform.correction
      (correction_id, approval_id, kind, person_id, target_id, decided_by, decided_on, decided_at, event_id)
    values (${row.correctionId}, ${row.approvalId}, ${row.kind}, ${row.personId}, ${row.targetId}, ${row.decidedBy},
      ${row.decidedOn}, ${row.decidedAt}, ${tx.eventId})`;
}

/** The newest first; of one person (also as the one who ended), by id, or all. */
export async function listCorrections(
  tx: Tx,
  query: { correctionId?: string; personId?: string; offset: number; limit: number },
): Promise<Correction[]> {
  const { correctionId = null, personId = null, offset, limit } = query;
  return tx<Correction>`
    select c.correction_id as "correctionId", c.kind, c.person_id as "personId", c.target_id as "targetId", p.evidence,
           p.reason, p.proposed_by as "proposedBy", c.decided_by as "decidedBy", c.decided_on::text as "decidedOn",
           to_json(c.decided_at)#>>'{}' as "decidedAt",
           exists (select 1 from common_platform.undone_correction u where u.correction_id = c.correction_id) as undone
      from common_platform.correction c join common_platform.correction_proposal p using (approval_id)
     where (${correctionId}::uuid is null or c.correction_id = ${correctionId}::uuid)
       and (${personId}::uuid is null or c.person_id = ${personId}::uuid
            or (c.kind = 'merge' and c.target_id = ${personId}::uuid))
     order by c.decided_at desc, c.correction_id offset ${offset} limit ${limit}`;
}

export async function countCorrections(tx: Tx): Promise<number> {
  const [row] = await tx<{ n: number }>`select count(*) as n from common_platform.correction`;
  return row?.n ?? 0;
}

/** What corrections say of these persons: numbers that were never theirs, and in whom they ended. */
export async function correctionsOf(
  tx: Tx,
  personIds: readonly string[],
): Promise<{ readonly disclaimed: ReadonlySet<string>; readonly survivors: ReadonlyMap<string, string> }> {
  const rows = await tx<{ personId: string; ref: string | null; survivor: string | null }>`
    select person_id as "personId", number_ref::text as ref, null::text as survivor
      from common_platform.standing_disclaimer where person_id = any (${personIds}::uuid[])
    union all
    select ended_id, null, survivor_id::text from common_platform.merged_person where ended_id = any (${personIds}::uuid[])`;
  return {
    disclaimed: new Set(rows.flatMap((r) => (r.ref === null ? [] : [`${r.personId} ${r.ref}`]))),
    survivors: new Map(rows.flatMap((r) => (r.survivor === null ? [] : [[r.personId, r.survivor] as const]))),
  };
}

export interface Bound {
  readonly bindingId: string;
  readonly personId: string;
  readonly system: string;
  readonly addresseeNumber: string | null;
}

export async function standingBindings(
  tx: Tx,
  query: { bindingId?: string; personId?: string },
): Promise<readonly Bound[]> {
  const { bindingId = null, personId = null } = query;
  return tx<Bound>`
    select binding_id as "bindingId", person_id as "personId", system, addressee_number as "addresseeNumber"
      from common_platform.standing_binding
     where (${bindingId}::uuid is null or binding_id = ${bindingId}::uuid)
       and (${personId}::uuid is null or person_id = ${personId}::uuid)
     order by system, binding_id`;
}

/** The binding whether it stands or not. */
export async function findBinding(tx: Tx, bindingId: string): Promise<Bound | undefined> {
  const [row] = await tx<Bound>`
    select binding_id as "bindingId", person_id as "personId", system, addressee_number as "addresseeNumber"
      from common_platform.binding where binding_id = ${bindingId}`;
  return row;
}

export async function endBindings(
  tx: Tx,
  correctionId: string,
  bindingIds: readonly string[],
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into common_platform.binding_end (binding_id, correction_id, ended_at, event_id)
    select b, ${correctionId}::uuid, ${at}::timestamptz, ${tx.eventId}::uuid from unnest(${bindingIds}::uuid[]) as b`;
}

/** A binding that a correction makes in place of one that it ended. */
export async function insertCorrectedBinding(
  tx: Tx,
  correctionId: string,
  row: Bound & { readonly boundAt: Temporal.Instant },
): Promise<void> {
  await tx`insert into common_platform.binding (binding_id, person_id, system, addressee_number, bound_at, event_id)
    values (${row.bindingId}, ${row.personId}, ${row.system}, ${row.addresseeNumber}, ${row.boundAt}, ${tx.eventId})`;
  await tx`insert into common_platform.corrected_binding (binding_id, correction_id, event_id)
    values (${row.bindingId}, ${correctionId}, ${tx.eventId})`;
}

/** What a correction ended and made, so that it can be undone. */
export async function bindingsOfCorrection(
  tx: Tx,
  correctionId: string,
): Promise<{ readonly ended: readonly Bound[]; readonly made: readonly Bound[] }> {
  const rows = await tx<Bound & { made: boolean }>`
    select b.binding_id as "bindingId", b.person_id as "personId", b.system, b.addressee_number as "addresseeNumber", x.made
      from (select binding_id, false as made from common_platform.binding_end where correction_id = ${correctionId}
            union all
            select binding_id, true from common_platform.corrected_binding where correction_id = ${correctionId}) x
      join common_platform.binding b using (binding_id)
     order by b.system, b.binding_id`;
  const of = (made: boolean): Bound[] => rows.filter((r) => r.made === made).map(({ made: _, ...bound }) => bound);
  return { ended: of(false), made: of(true) };
}

export async function disclaimNumbers(
  tx: Tx,
  correctionId: string,
  personId: string,
  refs: readonly string[],
  at: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into common_platform.number_disclaimer (person_id, number_ref, correction_id, disclaimed_at, event_id)
    select ${personId}::uuid, r, ${correctionId}::uuid, ${at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${refs}::uuid[]) as r`;
}

/** References of the numbers that count for the person, the newest first. */
export async function standingNumbers(tx: Tx, personId: string): Promise<readonly string[]> {
  const rows = await tx<{ ref: string }>`
    select n.number_ref as ref from common_platform.person_number n
     where n.person_id = ${personId}
       and not exists (select 1 from common_platform.standing_disclaimer d
                        where d.person_id = n.person_id and d.number_ref = n.number_ref)
     order by n.since_at desc, n.number_ref desc`;
  return rows.map((r) => r.ref);
}

/** Closes the open version without a successor: the person is no longer found. False where none was open. */
export async function closeVersion(tx: Tx, personId: string, at: Temporal.Instant): Promise<boolean> {
  const rows = await tx`
    with closed as (delete from common_platform.particulars where person_id = ${personId} returning *)
    insert into common_platform.particulars_history select closed.*, ${at}::timestamptz, ${tx.eventId}::uuid from closed
    returning 1`;
  return rows.length === 1;
}

/** Opens the version anew that was the last one before `before` (of all, where undefined). False where there was none. */
export async function reopenVersion(
  tx: Tx,
  row: {
    personId: string;
    changeId: string;
    reason: string;
    notOf: readonly string[];
    on: Temporal.PlainDate;
    at: Temporal.Instant;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into common_platform.particulars
    select h.person_id, h.source, ${row.changeId}::uuid, ${row.reason}, h.status, h.name, h.name_kana, h.birth_on, h.sex,
           h.address, h.postal_code, h.municipality_code, h.household_number, h.relationship, h.became_resident_on,
           h.removed_on, h.address_protected, h.name_key, h.kana_key, ${row.on}::date, ${row.at}::timestamptz,
           ${tx.eventId}::uuid
      from common_platform.particulars_history h
     where h.person_id = ${row.personId} and not (h.change_id = any (${row.notOf}::uuid[]))
     order by h.recorded_at desc limit 1
    returning 1`;
  return rows.length === 1;
}

/* ---- what was lodged and must be withdrawn ---- */

export async function orderWithdrawal(
  tx: Tx,
  row: { withdrawalId: string; correctionId: string; personId: string; system: string; at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into common_platform.copy_withdrawal
      (withdrawal_id, correction_id, person_id, system, state, copies, next_try_at)
    select ${row.withdrawalId}::uuid, ${row.correctionId}::uuid, ${row.personId}::uuid, ${row.system}::text, 'due', 0,
           ${row.at}::timestamptz
     where exists (select 1 from common_platform.relayed_copy c
                    where c.person_id = ${row.personId} and c.system = ${row.system} and not c.ended)`;
  await tx`select pg_notify(${withdrawalChannel}, '')`;
}
export const withdrawalChannel = 'common_platform_withdrawal';

export interface Withdrawal {
  readonly withdrawalId: string;
  readonly correctionId: string;
  readonly personId: string;
  readonly orgPersonNumber: string;
  readonly system: string;
  readonly state: 'due' | 'done';
  readonly copies: number;
  readonly word: string | null;
  readonly tries: number;
}

export async function withdrawals(
  tx: Tx,
  query: { correctionId?: string; dueAt?: Temporal.Instant },
): Promise<Withdrawal[]> {
  const { correctionId = null, dueAt = null } = query;
  return tx<Withdrawal>`
    select w.withdrawal_id as "withdrawalId", w.correction_id as "correctionId", w.person_id as "personId",
           p.org_person_number as "orgPersonNumber", w.system, w.state, w.copies, w.word, w.tries
      from common_platform.copy_withdrawal w join common_platform.person p using (person_id)
     where (${correctionId}::uuid is null or w.correction_id = ${correctionId}::uuid)
       and (${dueAt}::timestamptz is null or (w.state = 'due' and w.next_try_at <= ${dueAt}::timestamptz))
     order by w.next_try_at, w.withdrawal_id limit 100`;
}

export interface CopyKey {
  readonly informationCode: string;
  readonly condition: Readonly<Record<string, unknown>>;
  readonly validFrom: string;
}

/** What is still lodged of the person by this system. */
export async function lodgedKeys(tx: Tx, personId: string, system: string): Promise<CopyKey[]> {
  return tx<CopyKey>`
    select information_code as "informationCode", condition, valid_from::text as "validFrom"
      from common_platform.relayed_copy where person_id = ${personId} and system = ${system} and not ended
     order by information_code, valid_from, condition limit 500`;
}

export async function noteEnded(tx: Tx, personId: string, system: string, keys: readonly CopyKey[]): Promise<void> {
  await tx`
    update common_platform.relayed_copy c set ended = true
      from jsonb_to_recordset(${json(keys)}) as k("informationCode" text, condition jsonb, "validFrom" date)
     where c.person_id = ${personId} and c.system = ${system} and c.information_code = k."informationCode"
       and c.condition = k.condition and c.valid_from = k."validFrom"`;
}

export async function settleWithdrawal(
  tx: Tx,
  row: {
    withdrawalId: string;
    state: 'due' | 'done';
    copies: number;
    word: string | null;
    nextTryAt: Temporal.Instant;
    at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    update common_platform.copy_withdrawal
       set state = ${row.state}, copies = copies + ${row.copies}, word = ${row.word}, tries = tries + 1,
           next_try_at = ${row.nextTryAt}, settled_at = case when ${row.state} = 'done' then ${row.at}::timestamptz end
     where withdrawal_id = ${row.withdrawalId} and state = 'due'`;
}

/* ---- persons who may be one ---- */

export interface LookAlike {
  readonly personA: string;
  readonly personB: string;
  readonly a: Particulars & { readonly orgPersonNumber: string; readonly status: string; readonly source: string };
  readonly b: Particulars & { readonly orgPersonNumber: string; readonly status: string; readonly source: string };
}

/** Pairs with the same name (in its search form), birthday and sex that nobody has looked at yet. */
export async function lookAlikes(tx: Tx, query: { offset: number; limit: number }): Promise<LookAlike[]> {
  return tx<LookAlike>`
    select a.person_id as "personA", b.person_id as "personB",
           jsonb_build_object('orgPersonNumber', pa.org_person_number, 'name', a.name, 'nameKana', a.name_kana,
             'birthOn', a.birth_on, 'sex', a.sex, 'address', case when a.address_protected then '' else a.address end,
             'status', a.status, 'source', a.source) as a,
           jsonb_build_object('orgPersonNumber', pb.org_person_number, 'name', b.name, 'nameKana', b.name_kana,
             'birthOn', b.birth_on, 'sex', b.sex, 'address', case when b.address_protected then '' else b.address end,
             'status', b.status, 'source', b.source) as b
      from common_platform.particulars a
      join common_platform.particulars b
        on b.name_key = a.name_key and b.birth_on = a.birth_on and b.sex = a.sex and a.person_id < b.person_id
      join common_platform.person pa on pa.person_id = a.person_id
      join common_platform.person pb on pb.person_id = b.person_id
     where not exists (select 1 from common_platform.distinct_pair d
                        where d.person_a = a.person_id and d.person_b = b.person_id)
     order by a.kana_key, a.birth_on, a.person_id, b.person_id offset ${query.offset} limit ${query.limit}`;
}

export async function countLookAlikes(tx: Tx): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*) as n
      from common_platform.particulars a
      join common_platform.particulars b
        on b.name_key = a.name_key and b.birth_on = a.birth_on and b.sex = a.sex and a.person_id < b.person_id
     where not exists (select 1 from common_platform.distinct_pair d
                        where d.person_a = a.person_id and d.person_b = b.person_id)`;
  return row?.n ?? 0;
}

/** False where the two were found to be two before. */
export async function insertDistinctPair(
  tx: Tx,
  row: { personA: string; personB: string; evidence: string; by: string; at: Temporal.Instant },
): Promise<boolean> {
  const rows = await tx`
    insert into common_platform.distinct_pair (person_a, person_b, evidence, noted_by, noted_at, event_id)
    values (least(${row.personA}::uuid, ${row.personB}::uuid), greatest(${row.personA}::uuid, ${row.personB}::uuid),
      ${row.evidence}, ${row.by}, ${row.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}
