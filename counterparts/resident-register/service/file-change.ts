import { requestApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import {
  type ChangeFault,
  type ChangeRule,
  changeRules,
  checkItems,
  type FiledReason,
  type Items,
  itemsAfter,
} from '../domain/changes.ts';
import { type DuplicateFault, duplicateFault } from '../domain/duplicates.ts';
import { headOf } from '../domain/households.ts';
import { reasonRules, transition } from '../domain/reasons.ts';
import { insertPending } from '../store/pending.ts';
import { lockResident, type Member, membersOf, type ResidentRow, residentByCode } from '../store/residents.ts';
import { birthsChannel } from './births.ts';
import { type Changed, type ChangeRefusal, eventOfAll, type Step, writeStep } from './change-resident.ts';
import { once } from './once.ts';
import { newHouseholdNumber, operatorOf } from './write-change.ts';

/** 支援措置 and second-person work have rights of their own; this is what every counter may file. */
export const counter = ['resident-register', 'resident', 'update'] as const;
export const approvalKind = 'resident-register.change';

export type IdentityCheck = 'card' | 'photo-document' | 'two-documents' | 'known-person' | 'post-copies';

/** What came over the counter; days as ISO text, so that it can wait as it was filed. */
export interface FiledChange {
  readonly personId: string;
  readonly version: number;
  readonly reason: FiledReason;
  readonly changedOn: string;
  readonly filedOn: string;
  readonly set: Partial<Items>;
  /** 受理した届書・通知: kind and number. */
  readonly document: string;
  readonly identityCheck: IdentityCheck | null;
  /** Where several live in the household: who moves. */
  readonly together?: 'household' | 'alone' | undefined;
  /** 二重登録による職権消除: 住民票コード of the record of the same person that stays. */
  readonly duplicateOf?: string | undefined;
}

export type FileRefusal =
  | ChangeRefusal
  | ChangeFault
  | 'document-missing'
  | 'identity-not-checked'
  | 'say-who-moves'
  | DuplicateFault
  | 'already-waiting'
  | 'form-reused'
  | 'not-staff';

export type Filed =
  | ({ readonly kind: 'done' } & Changed)
  | { readonly kind: 'waiting'; readonly personId: string; readonly pendingId: string };

/**
 * A change of someone who is in the register, as the counter takes it. What the rule table gives to a second person, or what the
 * national server must give codes for, waits; the rest takes effect at once.
 *
 * @law 住民基本台帳法 第22条〜第27条, 第30条の4; 同法施行令 第12条; 番号利用法 第7条第2項
 */
export const fileChange = act('resident-register.file-change', {
  right: counter,
  subjectOf: (command: FiledChange) => command.personId,
  async run(
    tx,
    deps: Deps,
    command: FiledChange & { readonly requestKey?: string },
    actor,
  ): Promise<Result<Filed, FileRefusal>> {
    const { requestKey, ...filed } = command;
    return once(tx, deps, requestKey, filed, () => takeIn(tx, deps, actor, filed));
  },
});

async function takeIn(tx: Tx, deps: Deps, actor: Actor, filed: FiledChange): Promise<Result<Filed, FileRefusal>> {
  const rule: ChangeRule = changeRules[filed.reason];
  if (filed.document.trim() === '') return err('document-missing');
  if (rule.identityCheck && enforced('input.identity-check') && filed.identityCheck === null)
    return err('identity-not-checked');
  const sound = await examine(tx, deps, filed);
  if (!sound.ok) return sound;
  if (!(rule.approval && enforced('access.second-person')) && !rule.codes) {
    const done = await carryOutChange(tx, deps, actor, filed);
    return done.ok ? ok({ kind: 'done', ...done.value }) : done;
  }
  if (actor.kind !== 'staff') return err('not-staff');
  const pendingId = deps.newId();
  const { operator_id: filedBy, terminal_id: terminalId } = operatorOf(actor);
  const approvalId = await requestApproval(tx, deps, {
    kind: approvalKind,
    subject: pendingId,
    payload: filed,
    by: filedBy,
  });
  await insertPending(
    tx,
    {
      pendingId,
      kind: 'change',
      personId: filed.personId,
      version: filed.version,
      command: filed,
      summary: `${reasonRules[filed.reason].ja}（${sound.value.name}）`,
      approvalId,
      needsCodes: rule.codes === true,
      filedBy,
      terminalId,
    },
    deps.machineClock.now(),
  );
  await tx`select pg_notify(${birthsChannel}, '')`;
  tx.record({
    event: 'change.filed',
    subject: filed.personId,
    facts: ['resident_register.pending_change', 'approvals.request'],
    ground: `住民基本台帳法${reasonRules[filed.reason].article}`,
    items: Object.keys(filed.set),
    detail: { pendingId, reason: filed.reason },
  });
  return ok({ kind: 'waiting', personId: filed.personId, pendingId });
}

/** Whether the change can be made to the record as it stands now; also asked again when it is carried out. */
async function examine(
  tx: Tx,
  deps: Deps,
  filed: FiledChange,
): Promise<Result<ResidentRow, ChangeRefusal | ChangeFault | DuplicateFault | 'already-waiting'>> {
  const row = await lockResident(tx, filed.personId);
  if (!row) return err('no-such-person');
  if (row.sequence !== filed.version) return err('changed-meanwhile');
  const items = checkItems(row, filed.reason, filed.set, filed.changedOn);
  if (!items.ok) return items;
  const next = transition(
    row.status,
    {
      reason: filed.reason,
      changedOn: Temporal.PlainDate.from(filed.changedOn),
      becameResidentOn: Temporal.PlainDate.from(row.became_resident_on),
      birthDate: Temporal.PlainDate.from(filed.set.birth_date ?? row.birth_date),
      lastReason: row.reason,
    },
    deps.civilClock.today(),
  );
  if (!next.ok) return next;
  if (filed.duplicateOf === undefined) return ok(row);
  const survivor = await residentByCode(tx, filed.duplicateOf);
  const fault = duplicateFault(filed.reason, row, { code: filed.duplicateOf, record: survivor });
  return fault === undefined ? ok(row) : err(fault);
}

/** Second person and codes, where a change needs them. */
export interface Beside {
  readonly approvedBy?: string;
  readonly operator?: { readonly operator_id: string; readonly terminal_id: string };
  readonly codes?: Pick<Step, 'number'> & { readonly set: NonNullable<Step['set']> };
  /** More facts of the same act. */
  readonly facts?: readonly string[];
}

/** Carries out a filed change, with those who move along; records the act's event. */
export async function carryOutChange(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  filed: FiledChange,
  beside: Beside = {},
): Promise<Result<Changed, FileRefusal>> {
  const sound = await examine(tx, deps, filed);
  if (!sound.ok) return sound;
  const row = sound.value;
  const rule: ChangeRule = changeRules[filed.reason];
  const movers = rule.together ? await whoMoves(tx, row, filed.together) : ok([row]);
  if (!movers.ok) return movers;
  const isAlone = rule.together === true && movers.value.length === 1 && filed.together === 'alone';
  const founds = isAlone && filed.reason === 'moved-within' && (await others(tx, row)).length > 0;
  const set = {
    ...itemsAfter(filed.reason, filed.set),
    ...(founds ? { household_number: await newHouseholdNumber(tx), relationship: headOf } : {}),
    filing_document: filed.document,
    identity_check: filed.identityCheck,
    approved_by: beside.approvedBy ?? null,
    ...beside.operator,
    ...beside.codes?.set,
  };
  const written = [];
  for (const mover of movers.value) {
    const step = await writeStep(tx, deps, actor, {
      personId: mover.person_id,
      version: mover.sequence,
      reason: filed.reason,
      changedOn: Temporal.PlainDate.from(filed.changedOn),
      filedOn: Temporal.PlainDate.from(filed.filedOn),
      set,
      ...(filed.duplicateOf === undefined ? {} : { duplicateOf: filed.duplicateOf }),
      ...(beside.codes?.number ? { number: beside.codes.number } : {}),
    });
    if (!step.ok) return step;
    written.push(step.value);
  }
  const [first] = written;
  const event =
    written.length === 1
      ? first!.event
      : eventOfAll(
          'household.moved',
          written.map((w) => w.event),
        );
  tx.record({ ...event, facts: [...(event.facts ?? []), ...(beside.facts ?? [])] });
  return ok(first!.changed);
}

const others = async (tx: Tx, row: ResidentRow): Promise<Member[]> =>
  (await membersOf(tx, row.household_number)).filter((m) => m.personId !== row.person_id);

/** The person first, then the rest of the household where it moves as a whole; locked in the order of their ids. */
async function whoMoves(
  tx: Tx,
  row: ResidentRow,
  together: FiledChange['together'],
): Promise<Result<readonly ResidentRow[], 'say-who-moves' | 'changed-meanwhile'>> {
  const rest = await others(tx, row);
  if (rest.length === 0 || together === 'alone') return ok([row]);
  if (together === undefined) return err('say-who-moves');
  const rows: ResidentRow[] = [row];
  for (const { personId } of rest.toSorted((a, b) => (a.personId < b.personId ? -1 : 1))) {
    const member = await lockResident(tx, personId);
    if (member?.household_number !== row.household_number) return err('changed-meanwhile');
    // Who is about to leave on a filing of their own keeps that one.
    if (member.status === 'resident') rows.push(member);
  }
  return ok(rows);
}
