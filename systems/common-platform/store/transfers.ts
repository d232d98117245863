import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { TransferAsked, TransferRule } from '../domain/transfer-rules.ts';

/** Rows that hold on this day or later; of one asker, where given. */
export async function transferRules(
  tx: Tx,
  query: { on?: Temporal.PlainDate; asker?: string },
): Promise<TransferRule[]> {
  const { on = null, asker = null } = query;
  return tx<TransferRule>`
    select rule_id as "ruleId", asker, task, source, information, items, ground, law_revision as "lawRevision", approval,
           valid_from::text as "validFrom", valid_until::text as "validUntil"
      from common_platform.transfer_rule
     where (${asker}::text is null or asker = ${asker})
       and (${on}::date is null or valid_until is null or valid_until >= ${on}::date)
     order by asker, task, source, information, valid_from desc`;
}

/** False where the row stands already. */
export async function insertRule(tx: Tx, row: TransferRule & { readonly changeId: string | null }): Promise<boolean> {
  const rows = await tx`
    insert into common_platform.transfer_rule
      (rule_id, asker, task, source, information, items, ground, law_revision, approval, valid_from, valid_until, change_id, event_id)
    values (${row.ruleId}, ${row.asker}, ${row.task}, ${row.source}, ${row.information}, ${row.items}::text[], ${row.ground},
      ${row.lawRevision}, ${row.approval}, ${row.validFrom}, ${row.validUntil}::date, ${row.changeId}::uuid, ${tx.eventId})
    on conflict (asker, task, source, information, valid_from) do nothing returning 1`;
  return rows.length === 1;
}

export type RuleDraft = Omit<TransferRule, 'ruleId'> & {
  readonly changeId: string;
  readonly reason: string;
  readonly draftedBy: string;
  readonly draftedAt: string;
  readonly trial: {
    readonly approvalId: string;
    readonly tried: number;
    readonly newlyLet: number;
    readonly newlyRefused: number;
    readonly triedBy: string;
  } | null;
  readonly state: 'drafted' | 'tried' | 'in-list' | 'sent-back';
};

export async function insertDraft(
  tx: Tx,
  row: Omit<RuleDraft, 'draftedAt' | 'trial' | 'state'> & { readonly draftedAt: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into common_platform.rule_draft
      (change_id, asker, task, source, information, items, ground, law_revision, approval, valid_from, valid_until, reason,
       drafted_by, drafted_at, event_id)
    values (${row.changeId}, ${row.asker}, ${row.task}, ${row.source}, ${row.information}, ${row.items}::text[], ${row.ground},
      ${row.lawRevision}, ${row.approval}, ${row.validFrom}, ${row.validUntil}::date, ${row.reason}, ${row.draftedBy},
      ${row.draftedAt}, ${tx.eventId})`;
}

/** Drafts with their newest trial, the newest first. */
export async function ruleDrafts(tx: Tx, query: { changeId?: string }): Promise<RuleDraft[]> {
  return tx<RuleDraft>`
    select d.change_id as "changeId", d.asker, d.task, d.source, d.information, d.items, d.ground,
           d.law_revision as "lawRevision", d.approval, d.valid_from::text as "validFrom", d.valid_until::text as "validUntil",
           d.reason, d.drafted_by as "draftedBy", to_json(d.drafted_at)#>>'{}' as "draftedAt",
           (select jsonb_build_object('approvalId', t.approval_id, 'tried', t.tried, 'newlyLet', t.newly_let,
                     'newlyRefused', t.newly_refused, 'triedBy', t.tried_by)
              from common_platform.rule_trial t where t.change_id = d.change_id order by t.tried_at desc limit 1) as trial,
           case when exists (select 1 from common_platform.transfer_rule r where r.change_id = d.change_id) then 'in-list'
                when exists (select 1 from common_platform.rule_trial t join approvals.decision a using (approval_id)
                              where t.change_id = d.change_id) then 'sent-back'
                when exists (select 1 from common_platform.rule_trial t where t.change_id = d.change_id) then 'tried'
                else 'drafted' end as state
      from common_platform.rule_draft d
     where (${query.changeId ?? null}::uuid is null or d.change_id = ${query.changeId ?? null}::uuid)
     order by d.drafted_at desc limit 200`;
}

export async function insertTrial(
  tx: Tx,
  row: {
    trialId: string;
    changeId: string;
    approvalId: string;
    tried: number;
    newlyLet: number;
    newlyRefused: number;
    by: string;
    at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into common_platform.rule_trial
      (trial_id, change_id, approval_id, tried, newly_let, newly_refused, tried_by, tried_at, event_id)
    values (${row.trialId}, ${row.changeId}, ${row.approvalId}, ${row.tried}, ${row.newlyLet}, ${row.newlyRefused}, ${row.by},
      ${row.at}, ${tx.eventId})`;
}

/** What was asked lately, for a trial: who asked what of whom, no person. */
export async function askedLately(tx: Tx, limit: number): Promise<TransferAsked[]> {
  return tx<TransferAsked>`
    select asker, task, source, information, items from common_platform.transfer order by asked_at desc limit ${limit}`;
}

export interface TransferHead {
  readonly requestId: string;
  readonly asker: string;
  readonly staffId: string | null;
  readonly source: string;
  readonly task: string;
  readonly information: string;
  readonly items: readonly string[];
  readonly persons: number;
  readonly ground: string;
  readonly askedAt: string;
  readonly approved: boolean | null;
}

/** Notes a request once. For a repeat: whether the first was the same. */
export async function noteTransfer(
  tx: Tx,
  row: {
    requestId: string;
    asker: string;
    staffId: string | null;
    terminal: string | null;
    source: string;
    task: string;
    information: string;
    items: readonly string[];
    ruleId: string;
    persons: number;
    asked: Buffer;
    on: Temporal.PlainDate;
    at: Temporal.Instant;
  },
): Promise<'new' | 'repeated' | 'other-content'> {
  const made = await tx`
    insert into common_platform.transfer
      (request_id, asker, staff_id, terminal, source, task, information, rule_id, items, persons, asked, asked_on, asked_at, event_id)
    values (${row.requestId}, ${row.asker}, ${row.staffId}, ${row.terminal}, ${row.source}, ${row.task}, ${row.information}, ${row.ruleId},
      ${row.items}::text[], ${row.persons}, ${row.asked}, ${row.on}, ${row.at}, ${tx.eventId})
    on conflict (request_id) do nothing returning 1`;
  if (made.length === 1) return 'new';
  const [first] = await tx<{ asker: string; asked: Buffer }>`
    select asker, asked from common_platform.transfer where request_id = ${row.requestId}`;
  return first?.asker === row.asker && row.asked.equals(first.asked) ? 'repeated' : 'other-content';
}

/** Requests, the newest first; `held`: those that wait for a person of the source. */
export async function listTransfers(
  tx: Tx,
  query: { requestId?: string; held?: boolean; offset: number; limit: number },
): Promise<TransferHead[]> {
  const { requestId = null, held = false, offset, limit } = query;
  return tx<TransferHead>`
    select t.request_id as "requestId", t.asker, t.staff_id as "staffId", t.source, t.task, t.information, t.items, t.persons,
           r.ground, to_json(t.asked_at)#>>'{}' as "askedAt", a.approved
      from common_platform.transfer t join common_platform.transfer_rule r using (rule_id)
           left join common_platform.transfer_approval a using (request_id)
     where (${requestId}::uuid is null or t.request_id = ${requestId}::uuid)
       and (not ${held} or (r.approval = 'person' and a.request_id is null))
     order by t.asked_at desc, t.request_id offset ${offset} limit ${limit}`;
}

export async function countTransfers(tx: Tx, held: boolean): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*) as n from common_platform.transfer t join common_platform.transfer_rule r using (rule_id)
     where not ${held} or (r.approval = 'person'
       and not exists (select 1 from common_platform.transfer_approval a where a.request_id = t.request_id))`;
  return row?.n ?? 0;
}

/** False where somebody decided before. */
export async function insertTransferApproval(
  tx: Tx,
  row: { requestId: string; approved: boolean; reason: string | null; by: string; at: Temporal.Instant },
): Promise<boolean> {
  const rows = await tx`
    insert into common_platform.transfer_approval (request_id, approved, reason, decided_by, decided_at, event_id)
    values (${row.requestId}, ${row.approved}, ${row.reason}, ${row.by}, ${row.at}, ${tx.eventId})
    on conflict (request_id) do nothing returning 1`;
  return rows.length === 1;
}

/** Counts, digest and word of an answer; the schema takes nothing else. */
export interface Routing {
  readonly answered?: number;
  readonly empty?: number;
  readonly left_out?: number;
  readonly digest?: string;
  readonly word?: string;
}

export async function insertTransferOutcome(
  tx: Tx,
  row: { outcomeId: string; requestId: string; routing: Routing; at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into common_platform.transfer_outcome (outcome_id, request_id, routing, answered_at, event_id)
    values (${row.outcomeId}, ${row.requestId}, ${json(row.routing)}, ${row.at}, ${tx.eventId})`;
}

/* ---- 緊急時 ---- */

export interface Emergency {
  readonly emergencyId: string;
  readonly approvalId: string;
  readonly asker: string;
  readonly source: string;
  readonly ruleId: string;
  readonly personId: string;
  readonly medium: 'paper' | 'encrypted-medium';
  readonly ledgerEntry: string;
  readonly reason: string;
  readonly askedBy: string;
  readonly askedAt: string;
  readonly state: 'asked' | 'approved' | 'refused' | 'printed' | 'received';
}

export async function insertEmergency(
  tx: Tx,
  row: Omit<Emergency, 'askedAt' | 'state'> & { readonly askedAt: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into common_platform.emergency_transfer
      (emergency_id, approval_id, asker, source, rule_id, person_id, medium, ledger_entry, reason, asked_by, asked_at, event_id)
    values (${row.emergencyId}, ${row.approvalId}, ${row.asker}, ${row.source}, ${row.ruleId}, ${row.personId}, ${row.medium},
      ${row.ledgerEntry}, ${row.reason}, ${row.askedBy}, ${row.askedAt}, ${tx.eventId})`;
}

/** What is not received (and not refused) first, then the newest. */
export async function emergencies(tx: Tx, query: { emergencyId?: string }): Promise<Emergency[]> {
  return tx<Emergency>`
    select e.emergency_id as "emergencyId", e.approval_id as "approvalId", e.asker, e.source, e.rule_id as "ruleId",
           e.person_id as "personId", e.medium, e.ledger_entry as "ledgerEntry", e.reason, e.asked_by as "askedBy",
           to_json(e.asked_at)#>>'{}' as "askedAt",
           coalesce((select s.step from common_platform.emergency_step s where s.emergency_id = e.emergency_id
                      order by s.step_at desc limit 1), 'asked') as state
      from common_platform.emergency_transfer e
     where (${query.emergencyId ?? null}::uuid is null or e.emergency_id = ${query.emergencyId ?? null}::uuid)
     order by exists (select 1 from common_platform.emergency_step s where s.emergency_id = e.emergency_id
                         and s.step in ('refused', 'received')), e.asked_at desc limit 200`;
}

/** False where the step was made before. */
export async function insertEmergencyStep(
  tx: Tx,
  row: {
    emergencyId: string;
    step: 'approved' | 'refused' | 'printed' | 'received';
    /** Of what stands on the paper; of `printed` alone. */
    sheet?: Uint8Array;
    by: string;
    at: Temporal.Instant;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into common_platform.emergency_step (emergency_id, step, step_by, step_at, sheet_sha256, event_id)
    values (${row.emergencyId}, ${row.step}, ${row.by}, ${row.at}, ${row.sheet ?? null}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}
