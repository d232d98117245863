import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { ActEvent, Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { mayExtend, periodFrom, stateOf, withholds } from '../domain/protections.ts';
import {
  insertProtection,
  insertStep,
  listProtections,
  type NewProtection,
  type Protection,
  type ProtectionLine,
  protectionsOf,
} from '../store/protections.ts';
import { lockResident } from '../store/residents.ts';
import { type ChangeRefusal, eventOfAll, writeStep } from './change-resident.ts';
import { once } from './once.ts';
import { operatorOf } from './write-change.ts';

const right = ['resident-register', 'protection', 'update'] as const;
export const protectionGround = '住民基本台帳事務処理要領 第5-10';

export interface ProtectionApplication {
  /** The applicant first, then 併せて支援を求める者. */
  readonly persons: readonly { readonly personId: string; readonly version: number }[];
  readonly receivedFrom: NewProtection['receivedFrom'];
  readonly ground: NewProtection['ground'];
  readonly opposingParty: string;
  /** 相談機関: police, consultation centre, court. */
  readonly consultedBody: string;
  readonly appliedOn: string;
  readonly requestKey?: string;
}

export type ApplyRefusal =
  | ChangeRefusal
  | 'already-provisional'
  | 'in-the-future'
  | 'nobody-named'
  | 'form-reused'
  | 'not-staff';

/**
 * 支援措置の申出・他市区町村からの通知: from its arrival the address is withheld everywhere (仮の支援措置), before anybody decides. A further
 * application while one stands is a new one: what was drawn up before no longer lifts it (INC-44).
 */
export const applyForProtection = act('resident-register.apply-for-protection', {
  // Any counter may take an application in: withholding too early harms nobody.
  right: ['resident-register', 'resident', 'update'],
  async run(
    tx,
    deps: Deps,
    command: ProtectionApplication,
    actor,
  ): Promise<Result<{ readonly applicationId: string }, ApplyRefusal>> {
    const { requestKey, ...filed } = command;
    if (actor.kind !== 'staff') return err('not-staff');
    return once(tx, deps, requestKey, filed, async () => {
      if (filed.persons.length === 0) return err('nobody-named');
      if (filed.appliedOn > deps.civilClock.today().toString()) return err('in-the-future');
      const applicationId = deps.newId();
      const events: ActEvent[] = [];
      for (const { personId, version } of filed.persons.toSorted((a, b) => (a.personId < b.personId ? -1 : 1))) {
        const row = await lockResident(tx, personId);
        if (!row) return err('no-such-person');
        if (row.sequence !== version) return err('changed-meanwhile');
        const standing = await protectionsOf(tx, { personId });
        if (standing.some((p) => stateOf(p.steps).state === 'provisional')) return err('already-provisional');
        const { receivedFrom, ground, opposingParty, consultedBody, appliedOn } = filed;
        const about = { receivedFrom, ground, opposingParty, consultedBody, appliedOn, filedBy: actor.staffId };
        await insertProtection(
          tx,
          { ...about, protectionId: deps.newId(), applicationId, personId },
          deps.machineClock.now(),
        );
        const flagged = await setFlag(tx, deps, actor, personId, true, filed.appliedOn);
        if (!flagged.ok) return flagged;
        events.push(flagged.value ?? { event: 'protection.applied', subject: personId });
      }
      const event = eventOfAll('protection.applied', events);
      const facts = [...(event.facts ?? []), 'resident_register.protection'];
      tx.record({ ...event, facts, ground: protectionGround, detail: { applicationId, persons: events.length } });
      return ok({ applicationId });
    });
  },
});

/** Sets or clears the flag where it differs; whoever receives the person's state learns it with the next version. */
async function setFlag(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  personId: string,
  flag: boolean,
  on: string,
): Promise<Result<ActEvent | undefined, ChangeRefusal>> {
  const row = await lockResident(tx, personId);
  if (!row || row.address_protected === flag) return ok(undefined);
  const changedOn = Temporal.PlainDate.from(on < row.became_resident_on ? row.became_resident_on : on);
  const step = await writeStep(tx, deps, actor, {
    personId,
    version: row.sequence,
    // A removed person keeps the protection: the 除票 shows the address to which they moved.
    reason: flag ? 'protection-start' : 'protection-end',
    changedOn,
    filedOn: changedOn,
    set: { address_protected: flag },
  });
  return step.ok ? ok(step.value.event) : step;
}

export type DecideProtectionRefusal =
  | ChangeRefusal
  | 'no-such-protection'
  | 'not-open'
  | 'too-early-to-extend'
  | 'reason-missing'
  | 'not-staff';

/** 決定・延長. Refusing an application lifts what it withheld, unless another one stands. */
export const decideProtection = act('resident-register.decide-protection', {
  right,
  async run(
    tx,
    deps: Deps,
    command: {
      readonly protectionId: string;
      readonly decision: 'granted' | 'refused' | 'extended';
      readonly note: string;
    },
    actor,
  ): Promise<Result<{ readonly personId: string; readonly untilOn: string | null }, DecideProtectionRefusal>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const protection = await lockProtection(tx, command.protectionId);
    if (!protection) return err('no-such-protection');
    const { state, untilOn } = stateOf(protection.steps);
    const today = deps.civilClock.today();
    if (command.decision === 'extended' ? state !== 'granted' : state !== 'provisional') return err('not-open');
    if (command.decision === 'refused' && command.note.trim() === '') return err('reason-missing');
    const runsOut = untilOn === null ? undefined : Temporal.PlainDate.from(untilOn);
    if (runsOut && !mayExtend(runsOut, today)) return err('too-early-to-extend');
    // An extension that is decided late counts from the day of the decision: nothing was lifted meanwhile.
    const from = runsOut && Temporal.PlainDate.compare(runsOut, today) >= 0 ? runsOut.add({ days: 1 }) : today;
    const until = command.decision === 'refused' ? null : periodFrom(from).toString();
    const event = await takeStep(tx, deps, actor, protection, command.decision, until, command.note, null);
    if (!event.ok) return event;
    tx.record({ ...event.value, event: `protection.${command.decision}`, ground: protectionGround });
    return ok({ personId: protection.personId, untilOn: until });
  },
});

/** The person's lock first, so that a new application and a lifting wait for each other. */
export async function lockProtection(tx: Tx, protectionId: string): Promise<Protection | undefined> {
  const [found] = await protectionsOf(tx, { protectionId });
  if (!found) return undefined;
  await lockResident(tx, found.personId);
  return (await protectionsOf(tx, { protectionId }))[0];
}

/** Writes the step, and clears the flag where no other application of the person withholds any more. */
export async function takeStep(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  protection: Protection,
  kind: 'granted' | 'refused' | 'extended' | 'ended',
  untilOn: string | null,
  note: string,
  approvedBy: string | null,
): Promise<Result<ActEvent, ChangeRefusal>> {
  const today = deps.civilClock.today().toString();
  const { protectionId, personId, steps } = protection;
  const decidedBy = operatorOf(actor).operator_id;
  await insertStep(
    tx,
    { protectionId, step: steps.length + 1, kind, untilOn, note, decidedBy, approvedBy, decidedOn: today },
    deps.machineClock.now(),
  );
  const facts = ['resident_register.protection_step'];
  const bare: ActEvent = { event: 'protection.decided', subject: personId, facts, detail: { protectionId, kind } };
  if (kind === 'granted' || kind === 'extended') return ok(bare);
  const standing = (await protectionsOf(tx, { personId })).filter((p) => withholds(p.steps));
  if (standing.length > 0) return ok(bare);
  const cleared = await setFlag(tx, deps, actor, personId, false, today);
  if (!cleared.ok) return cleared;
  return ok(cleared.value ? { ...cleared.value, facts: [...(cleared.value.facts ?? []), ...facts] } : bare);
}

/** 支援措置対象者一覧: no addresses. */
export const readProtections = act('resident-register.read-protections', {
  right: ['resident-register', 'protection', 'read'],
  async run(
    tx,
    deps: Deps,
    query: {
      readonly state: 'standing' | 'provisional' | 'due' | 'over' | null;
      readonly offset: number;
      readonly limit: number;
    },
  ): Promise<Result<{ rows: ProtectionLine[]; total: number }, never>> {
    const dueBy = deps.civilClock.today().add({ months: 1 }).toString();
    const found = await listProtections(tx, { ...query, dueBy });
    tx.record({
      event: 'protections.listed',
      subjects: [...new Set(found.rows.map((r) => r.personId))],
      ground: protectionGround,
      detail: { count: found.rows.length },
    });
    return ok(found);
  },
});

export const readProtection = act('resident-register.read-protection', {
  right: ['resident-register', 'protection', 'read'],
  async run(
    tx,
    _deps: Deps,
    { protectionId }: { readonly protectionId: string },
  ): Promise<Result<Protection, 'no-such-protection'>> {
    const [protection] = await protectionsOf(tx, { protectionId });
    if (!protection) return err('no-such-protection');
    tx.record({ event: 'protection.read', subject: protection.personId, ground: protectionGround });
    return ok(protection);
  },
});

export type { Protection, ProtectionLine } from '../store/protections.ts';
