import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { counterEntry } from '../domain/changes.ts';
import { reasonRules } from '../domain/reasons.ts';
import {
  countOpen,
  findPending,
  insertOutcome,
  insertPending,
  listOpen,
  lockPending,
  type Pending,
} from '../store/pending.ts';
import { lockResident, type ResidentRow, residentNow, versionsOf } from '../store/residents.ts';
import { birthsChannel } from './births.ts';
import { type Changed, type ChangeRefusal, writeStep } from './change-resident.ts';
import type { EntryRefusal } from './enter-resident.ts';
import { approvalKind, carryOutChange, counter, type FiledChange, type FileRefusal } from './file-change.ts';
import { enterFiled, type FiledEntry } from './file-entry.ts';
import { once } from './once.ts';
import { operatorOf, vaultOwner } from './write-change.ts';

const approve = ['resident-register', 'approval', 'update'] as const;

/** What waits for a second person or for codes; names persons. */
export const readPending = act('resident-register.read-pending', {
  right: ['resident-register', 'approval', 'read'],
  async run(
    tx,
    _deps: Deps,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<Result<{ rows: Pending[]; total: number }, never>> {
    const rows = await listOpen(tx, page);
    const subjects = rows.flatMap((r) => (r.personId === null ? [] : [r.personId]));
    tx.record({ event: 'pending.listed', subjects: [...new Set(subjects)], detail: { count: rows.length } });
    return ok({ rows, total: await countOpen(tx) });
  },
});

export interface PendingView {
  readonly pending: Pending;
  /** The record as it stands; undefined for a person who is to be entered. */
  readonly now: ResidentRow | undefined;
}

export const showPending = act('resident-register.show-pending', {
  right: ['resident-register', 'approval', 'read'],
  async run(
    tx,
    _deps: Deps,
    { pendingId }: { readonly pendingId: string },
  ): Promise<Result<PendingView, 'no-such-filing'>> {
    const pending = await findPending(tx, pendingId);
    if (!pending) return err('no-such-filing');
    const now = pending.personId === null ? undefined : await residentNow(tx, pending.personId);
    tx.record({ event: 'pending.read', subject: pending.personId ?? pendingId, detail: { pendingId } });
    return ok({ pending, now });
  },
});

export type DecideRefusal =
  | FileRefusal
  | EntryRefusal
  | 'no-such-filing'
  | 'already-decided'
  | 'approver-is-requester'
  | 'expired'
  | 'no-approval-asked'
  | 'cannot-be-undone'
  | 'differs-from-approved'
  | 'reason-missing';

/**
 * The second person decides. An approved change is carried out in the same act; one that needs codes waits for them. What can no
 * longer be carried out is refused with its reason, and can be sent back.
 */
export const decidePending = act('resident-register.decide-pending', {
  right: approve,
  async run(
    tx,
    deps: Deps,
    command: { readonly pendingId: string; readonly decision: 'approve' | 'return'; readonly reason: string },
    actor,
  ): Promise<
    Result<{ readonly personId: string | null; readonly state: 'done' | 'waiting' | 'returned' }, DecideRefusal>
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const pending = await lockPending(tx, command.pendingId);
    if (!pending) return err('no-such-filing');
    if (pending.approvalId === null) return err('no-approval-asked');
    if (pending.outcome !== null) return err('already-decided');
    if (command.decision === 'return' && command.reason.trim() === '') return err('reason-missing');
    const decision = command.decision === 'approve' ? 'approved' : 'rejected';
    const decided = await decideApproval(tx, deps, { approvalId: pending.approvalId, decision, by: actor.staffId });
    if (!decided.ok) return err(decided.error === 'no-such-request' ? 'no-such-filing' : decided.error);
    const subject = pending.personId ?? pending.pendingId;
    if (decision === 'rejected') {
      await insertOutcome(tx, outcomeOf(pending, 'returned', command.reason, actor.staffId), deps.machineClock.now());
      tx.record({
        event: 'change.returned',
        subject,
        facts: ['approvals.decision', 'resident_register.pending_outcome'],
        detail: { pendingId: pending.pendingId },
      });
      return ok({ personId: pending.personId, state: 'returned' });
    }
    if (pending.needsCodes) {
      await tx`select pg_notify(${birthsChannel}, '')`;
      tx.record({
        event: 'change.approved',
        subject,
        facts: ['approvals.decision'],
        detail: { pendingId: pending.pendingId },
      });
      return ok({ personId: pending.personId, state: 'waiting' });
    }
    const done = await carryOut(tx, deps, actor, pending, actor.staffId);
    return done.ok ? ok({ personId: done.value.personId, state: 'done' }) : done;
  },
});

const outcomeOf = (
  pending: Pending,
  outcome: 'done' | 'returned' | 'refused',
  note: string,
  by: string | null,
  done?: Changed,
) => ({
  pendingId: pending.pendingId,
  outcome,
  note,
  personId: done?.personId ?? pending.personId,
  changeId: done?.changeId ?? null,
  decidedBy: by,
});

export interface GivenCodes {
  readonly residentRecordCode: string;
  readonly individualNumber: IndividualNumber;
}

/** Makes the change with the approval used up and the outcome written, all in the caller's act. */
async function carryOut(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  pending: Pending,
  approvedBy: string | undefined,
  codes?: GivenCodes,
): Promise<Result<Changed, DecideRefusal>> {
  const facts = ['resident_register.pending_outcome', ...(codes ? [] : ['approvals.decision'])];
  if (pending.approvalId !== null) {
    const { approvalId, command: payload } = pending;
    const used = await useApproval(tx, deps, {
      approvalId,
      kind: approvalKind,
      payload,
      by: operatorOf(actor).operator_id,
    });
    if (!used.ok)
      return err(used.error === 'differs-from-approved' || used.error === 'expired' ? used.error : 'already-decided');
    facts.push('approvals.execution');
  }
  const operator = { operator_id: pending.filedBy, terminal_id: pending.terminalId };
  const beside = { operator, facts, ...(approvedBy === undefined ? {} : { approvedBy }) };
  const done = await byKind(tx, deps, actor, pending, beside, codes);
  if (!done.ok) return done;
  await insertOutcome(tx, outcomeOf(pending, 'done', '', approvedBy ?? null, done.value), deps.machineClock.now());
  return done;
}

interface BesideAll {
  readonly operator: { readonly operator_id: string; readonly terminal_id: string };
  readonly facts: readonly string[];
  readonly approvedBy?: string;
}

async function byKind(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  pending: Pending,
  beside: BesideAll,
  codes: GivenCodes | undefined,
): Promise<Result<Changed, DecideRefusal>> {
  if (pending.kind === 'entry') {
    if (!codes) throw new Error('an entry that waits for codes was carried out without them');
    return enterFiled(tx, deps, actor, pending.command as FiledEntry, codes, beside);
  }
  if (pending.kind === 'undo') return undo(tx, deps, actor, pending.command as FiledUndo, beside);
  const filed = pending.command as FiledChange;
  if (!codes) return carryOutChange(tx, deps, actor, filed, beside);
  const owner = vaultOwner(filed.personId);
  const holders = await deps.vault.holders(tx, codes.individualNumber, 'resident-register/new-codes');
  if (holders.some((h) => h.holds && h.owner !== owner)) return err('number-held-by-another');
  const ref = await deps.vault.put(tx, owner, codes.individualNumber, 'resident-register/new-codes');
  const set = { resident_record_code: codes.residentRecordCode, number_ref: ref };
  return carryOutChange(tx, deps, actor, filed, { ...beside, codes: { set, number: codes.individualNumber } });
}

export interface CodesWanted {
  readonly ground: 'first-entry' | 'code-change' | 'number-change';
  readonly residentRecordCode?: string;
}

/** What the national server is asked for; the person's present code leaves the register only in that request. */
export const codesWanted = act('resident-register.codes-wanted', {
  right: counter,
  async run(
    tx,
    _deps: Deps,
    { pendingId }: { readonly pendingId: string },
  ): Promise<Result<CodesWanted, 'no-such-filing'>> {
    const pending = await findPending(tx, pendingId);
    if (!pending?.needsCodes || pending.outcome !== null || !pending.approved) return err('no-such-filing');
    tx.record({ event: 'codes.wanted', subject: pending.personId ?? pendingId, detail: { pendingId } });
    if (pending.kind === 'entry') return ok({ ground: 'first-entry' });
    const { reason, personId } = pending.command as FiledChange;
    const row = await residentNow(tx, personId);
    if (!row || (reason !== 'code-change' && reason !== 'number-change')) return err('no-such-filing');
    return ok({ ground: reason, residentRecordCode: row.resident_record_code });
  },
});

/** The codes have come. A second call finds it done. */
export const completePending = act('resident-register.complete-pending', {
  right: counter,
  async run(
    tx,
    deps: Deps,
    command: { readonly pendingId: string } & GivenCodes,
    actor,
  ): Promise<Result<Changed, DecideRefusal>> {
    const pending = await lockPending(tx, command.pendingId);
    if (!pending?.needsCodes) return err('no-such-filing');
    if (pending.outcome !== null) return err('already-decided');
    if (!pending.approved) return err('no-approval-asked');
    const [decided] = await tx<{ by: string }>`
      select decided_by as by from approvals.decision where approval_id = ${pending.approvalId}`;
    return carryOut(tx, deps, actor, pending, decided?.by, command);
  },
});

/** What can never be carried out any more leaves the list, so that the loop does not come back to it for ever. */
export const givePendingUp = act('resident-register.give-pending-up', {
  right: counter,
  async run(
    tx,
    deps: Deps,
    command: { readonly pendingId: string; readonly word: string },
  ): Promise<Result<undefined, 'no-such-filing' | 'already-decided'>> {
    const pending = await lockPending(tx, command.pendingId);
    if (!pending) return err('no-such-filing');
    if (pending.outcome !== null) return err('already-decided');
    await insertOutcome(tx, outcomeOf(pending, 'refused', command.word, null), deps.machineClock.now());
    tx.record({
      event: 'change.given-up',
      subject: pending.personId ?? pending.pendingId,
      facts: ['resident_register.pending_outcome'],
      detail: { pendingId: pending.pendingId, word: command.word },
    });
    return ok(undefined);
  },
});

export interface FiledUndo {
  readonly personId: string;
  readonly version: number;
  readonly document: string;
  readonly filedOn: string;
}

/** 訂正の記載を起案する: the last change is to be undone by a counter-entry; a second person decides. @law 住民基本台帳法施行令 第12条 */
export const fileUndo = act('resident-register.file-undo', {
  right: counter,
  subjectOf: (command: FiledUndo) => command.personId,
  async run(
    tx,
    deps: Deps,
    command: FiledUndo & { readonly requestKey?: string },
    actor,
  ): Promise<
    Result<
      { readonly pendingId: string },
      ChangeRefusal | 'cannot-be-undone' | 'document-missing' | 'form-reused' | 'not-staff'
    >
  > {
    const { requestKey, ...filed } = command;
    if (actor.kind !== 'staff') return err('not-staff');
    return once(tx, deps, requestKey, filed, async () => {
      if (filed.document.trim() === '') return err('document-missing');
      const counterTo = await counterOf(tx, filed);
      if (!counterTo.ok) return counterTo;
      const pendingId = deps.newId();
      const { operator_id: filedBy, terminal_id: terminalId } = operatorOf(actor);
      const approvalId = await requestApproval(tx, deps, {
        kind: approvalKind,
        subject: pendingId,
        payload: filed,
        by: filedBy,
      });
      const summary = `${reasonRules[counterTo.value.now.reason as keyof typeof reasonRules].ja}の取消し（${counterTo.value.now.name}）`;
      const { personId, version } = filed;
      await insertPending(
        tx,
        {
          pendingId,
          kind: 'undo',
          personId,
          version,
          command: filed,
          summary,
          approvalId,
          needsCodes: false,
          filedBy,
          terminalId,
        },
        deps.machineClock.now(),
      );
      tx.record({
        event: 'undo.filed',
        subject: personId,
        facts: ['resident_register.pending_change', 'approvals.request'],
        ground: '住民基本台帳法施行令第12条',
        detail: { pendingId, undoes: counterTo.value.now.change_id },
      });
      return ok({ pendingId });
    });
  },
});

async function counterOf(tx: Tx, filed: FiledUndo) {
  const row = await lockResident(tx, filed.personId);
  if (!row) return err('no-such-person');
  if (row.sequence !== filed.version) return err('changed-meanwhile');
  const before = (await versionsOf(tx, filed.personId))[1]?.row;
  const counterTo = counterEntry(row, before);
  return counterTo.ok ? ok({ ...counterTo.value, now: row, before }) : counterTo;
}

async function undo(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  filed: FiledUndo,
  beside: BesideAll,
): Promise<Result<Changed, DecideRefusal>> {
  const counterTo = await counterOf(tx, filed);
  if (!counterTo.ok) return counterTo;
  const { reason, items, now, before } = counterTo.value;
  const restored = items === 'before' && before ? itemsOf(before) : {};
  const step = await writeStep(tx, deps, actor, {
    personId: filed.personId,
    version: now.sequence,
    reason,
    changedOn: deps.civilClock.today(),
    filedOn: Temporal.PlainDate.from(filed.filedOn),
    set: {
      ...restored,
      filing_document: filed.document,
      corrects_change: now.change_id,
      approved_by: beside.approvedBy ?? null,
      ...beside.operator,
    },
  });
  if (!step.ok) return step;
  tx.record({ ...step.value.event, facts: [...(step.value.event.facts ?? []), ...beside.facts] });
  return ok(step.value.changed);
}

const itemsOf = (r: ResidentRow) => ({
  name: r.name,
  name_kana: r.name_kana,
  birth_date: r.birth_date,
  sex: r.sex,
  address: r.address,
  postal_code: r.postal_code,
  household_number: r.household_number,
  relationship: r.relationship,
  former_surname: r.former_surname,
  former_surname_kana: r.former_surname_kana,
  registered_domicile: r.registered_domicile,
  family_register_head: r.family_register_head,
  nationality: r.nationality,
  residence_status: r.residence_status,
  residence_until: r.residence_until,
  alias: r.alias,
  moved_to: r.moved_to,
});
