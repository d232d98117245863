import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { ActEvent, Tx } from '@musubi/kernel/db/sql.ts';
import type { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import type { Items } from '../domain/changes.ts';
import { type Reason, type ReasonRule, reasonRules, type TransitionRefusal, transition } from '../domain/reasons.ts';
import { lockResident, type ResidentRow } from '../store/residents.ts';
import { operatorOf, searchKeysOf, writeChange } from './write-change.ts';

export type ChangeRefusal = TransitionRefusal | 'no-such-person' | 'changed-meanwhile' | 'nothing-changes';

export interface Changed {
  readonly personId: string;
  readonly sequence: number;
  readonly changeId: string;
}

/** What a change may set besides the items of `domain/changes.ts`. */
export type SetColumns = Partial<
  Items &
    Pick<
      ResidentRow,
      | 'household_number'
      | 'relationship'
      | 'resident_record_code'
      | 'number_ref'
      | 'address_protected'
      | 'filing_document'
      | 'identity_check'
      | 'corrects_change'
      | 'approved_by'
      | 'operator_id'
      | 'terminal_id'
    >
>;

export interface Step {
  readonly personId: string;
  /** The version that the clerk read; another one by now means that someone else was first. */
  readonly version: number;
  readonly reason: Reason;
  readonly changedOn: Temporal.PlainDate;
  readonly filedOn: Temporal.PlainDate;
  readonly set?: SetColumns;
  readonly silent?: boolean;
  /** 二重登録: 住民票コード of the record that stays. */
  readonly duplicateOf?: string;
  /** The new number, where the change is about it. */
  readonly number?: IndividualNumber;
}

/** One change of a person who is in the register: lock, version, transition, next version; recorded as the act's event. */
export async function changeResident(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  step: Step,
): Promise<Result<Changed, ChangeRefusal>> {
  const written = await writeStep(tx, deps, actor, step);
  if (!written.ok) return written;
  tx.record(written.value.event);
  return ok(written.value.changed);
}

/** The same without recording: for acts that change several persons, or do more than this. */
export async function writeStep(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  step: Step,
): Promise<Result<{ readonly changed: Changed; readonly event: ActEvent; readonly row: ResidentRow }, ChangeRefusal>> {
  const row = await lockResident(tx, step.personId);
  if (!row) return err('no-such-person');
  if (row.sequence !== step.version) return err('changed-meanwhile');
  const next = transition(
    row.status,
    {
      reason: step.reason,
      changedOn: step.changedOn,
      becameResidentOn: Temporal.PlainDate.from(row.became_resident_on),
      birthDate: Temporal.PlainDate.from(row.birth_date),
      lastReason: row.reason,
    },
    deps.civilClock.today(),
  );
  if (!next.ok) return next;
  const changedOn = step.changedOn.toString();
  // A change that leaves the state leaves its days: 転出予定日 and 消除日 are not the day of a correction.
  const isSame = (reasonRules[step.reason] as ReasonRule).to === 'same';
  const version: ResidentRow = {
    ...row,
    filing_document: null,
    identity_check: null,
    corrects_change: null,
    approved_by: null,
    ...operatorOf(actor),
    ...step.set,
    ...searchKeysOf(step.set?.name ?? row.name, step.set?.name_kana ?? row.name_kana),
    sequence: row.sequence + 1,
    status: next.value,
    ...(isSame
      ? {}
      : {
          planned_removal_on: next.value === 'moving-out' ? changedOn : null,
          removed_on: next.value === 'removed' ? changedOn : null,
        }),
    reason: step.reason,
    changed_on: changedOn,
    filed_on: step.filedOn.toString(),
    change_id: deps.newId(),
  };
  const event = await writeChange(tx, deps, version, {
    ...(step.silent ? { silent: true } : {}),
    ...(step.number ? { number: step.number } : {}),
    ...(step.duplicateOf === undefined ? {} : { duplicateOf: step.duplicateOf }),
  });
  const changed = { personId: row.person_id, sequence: version.sequence, changeId: version.change_id };
  return ok({ changed, event, row: version });
}

/** One event for several persons' changes. */
export function eventOfAll(name: string, events: readonly ActEvent[]): ActEvent {
  const [first] = events;
  return {
    ...first!,
    event: name,
    subjects: events.flatMap((e) => (e.subject === undefined ? [] : [e.subject])),
    facts: [...new Set(events.flatMap((e) => e.facts ?? []))],
    detail: { ...(first!.detail ?? {}), changes: events.length },
  };
}

const right = ['resident-register', 'resident', 'update'] as const;
const subjectOf = (command: { readonly personId: string }): string => command.personId;

interface Filing {
  readonly personId: string;
  readonly version: number;
  readonly changedOn: Temporal.PlainDate;
  readonly filedOn: Temporal.PlainDate;
}

/** 転居届. @law 住民基本台帳法 第23条 */
export const recordMovedWithin = act('resident-register.record-moved-within', {
  right,
  subjectOf,
  async run(
    tx,
    deps: Deps,
    command: Filing & { readonly address: string; readonly postalCode: string | null },
    actor,
  ): Promise<Result<Changed, ChangeRefusal>> {
    const set = { address: command.address, postal_code: command.postalCode };
    return changeResident(tx, deps, actor, { ...command, reason: 'moved-within', set });
  },
});

/** 転出届: 転出予定 while the day lies ahead. @law 住民基本台帳法 第24条 */
export const recordMovedOut = act('resident-register.record-moved-out', {
  right,
  subjectOf,
  async run(
    tx,
    deps: Deps,
    command: Filing & { readonly movedTo: string },
    actor,
  ): Promise<Result<Changed, ChangeRefusal>> {
    return changeResident(tx, deps, actor, { ...command, reason: 'moved-out', set: { moved_to: command.movedTo } });
  },
});

/** 転出取消. */
export const cancelMovedOut = act('resident-register.cancel-moved-out', {
  right,
  subjectOf,
  async run(tx, deps: Deps, command: Filing, actor): Promise<Result<Changed, ChangeRefusal>> {
    return changeResident(tx, deps, actor, { ...command, reason: 'moved-out-cancelled', set: { moved_to: null } });
  },
});

/** 死亡届. @law 戸籍法 第86条, 住民基本台帳法 第8条 */
export const recordDeath = act('resident-register.record-death', {
  right,
  subjectOf,
  async run(tx, deps: Deps, command: Filing, actor): Promise<Result<Changed, ChangeRefusal>> {
    return changeResident(tx, deps, actor, { ...command, reason: 'death' });
  },
});

/** 転出確定: the day of a 転出予定 has come and no 転入通知 was first. */
export const completeMovedOut = act('resident-register.complete-moved-out', {
  right,
  subjectOf,
  async run(
    tx,
    deps: Deps,
    { personId }: { readonly personId: string },
    actor,
  ): Promise<Result<Changed, ChangeRefusal>> {
    const row = await lockResident(tx, personId);
    if (!row?.planned_removal_on) return err('changed-meanwhile');
    const changedOn = Temporal.PlainDate.from(row.planned_removal_on);
    const filedOn = Temporal.PlainDate.from(row.filed_on);
    return changeResident(tx, deps, actor, {
      personId,
      version: row.sequence,
      reason: 'moved-out-completed',
      changedOn,
      filedOn,
    });
  },
});
