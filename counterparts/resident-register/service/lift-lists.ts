import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { liftListDays, stateOf, withholds } from '../domain/protections.ts';
import {
  findLiftList,
  insertLiftList,
  insertLiftOutcome,
  type LiftList,
  listLiftLists,
  protectionsOf,
} from '../store/protections.ts';
import type { ChangeRefusal } from './change-resident.ts';
import { lockProtection, protectionGround, takeStep } from './protections.ts';

/** 解除対象一覧を作る: whose last day has passed. The list decides nothing; each row is judged again when it is worked off. */
export const drawLiftList = act('resident-register.draw-lift-list', {
  right: ['resident-register', 'protection', 'update'],
  async run(
    tx,
    deps: Deps,
    _command: object,
    actor,
  ): Promise<Result<{ readonly listId: string; readonly rows: number }, 'nobody-due' | 'not-staff'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const listId = deps.newId();
    const today = deps.civilClock.today();
    const expiresOn = today.add({ days: liftListDays }).toString();
    const list = { listId, drawnOn: today.toString(), expiresOn, by: actor.staffId };
    const rows = await insertLiftList(tx, list, deps.machineClock.now());
    if (rows === 0) return err('nobody-due');
    tx.record({
      event: 'lift-list.drawn',
      facts: ['resident_register.lift_list', 'resident_register.lift_row'],
      ground: protectionGround,
      detail: { listId, rows },
    });
    return ok({ listId, rows });
  },
});

export const readLiftLists = act('resident-register.read-lift-lists', {
  right: ['resident-register', 'protection', 'read'],
  async run(tx, _deps: Deps, { limit }: { readonly limit: number }) {
    const lists = await listLiftLists(tx, limit);
    tx.record({ event: 'lift-lists.listed', detail: { count: lists.length } });
    return ok(lists);
  },
});

export const readLiftList = act('resident-register.read-lift-list', {
  right: ['resident-register', 'protection', 'read'],
  async run(tx, _deps: Deps, { listId }: { readonly listId: string }): Promise<Result<LiftList, 'no-such-list'>> {
    const list = await findLiftList(tx, listId);
    if (!list) return err('no-such-list');
    tx.record({
      event: 'lift-list.read',
      subjects: [...new Set(list.rows.map((r) => r.personId))],
      ground: protectionGround,
      detail: { listId },
    });
    return ok(list);
  },
});

export type LiftRefusal =
  | 'no-such-list'
  | 'drawer-is-lifter'
  | 'list-expired'
  | 'not-on-the-list'
  | 'not-staff'
  | ChangeRefusal;

/**
 * Works one row off, in a transaction of its own, by another person than the one who drew the list: what was true when it was drawn is
 * asked again (INC-44). A later application or an extension refuses the lifting.
 */
export const liftRow = act('resident-register.lift-protection', {
  right: ['resident-register', 'approval', 'update'],
  async run(
    tx,
    deps: Deps,
    { listId, protectionId }: { readonly listId: string; readonly protectionId: string },
    actor,
  ): Promise<Result<{ readonly outcome: 'lifted' | 'refused'; readonly why: string }, LiftRefusal>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const list = await findLiftList(tx, listId);
    if (!list) return err('no-such-list');
    if (list.drawnBy === actor.staffId && enforced('access.second-person')) return err('drawer-is-lifter');
    const today = deps.civilClock.today().toString();
    if (today > list.expiresOn) return err('list-expired');
    if (!list.rows.some((r) => r.protectionId === protectionId)) return err('not-on-the-list');
    const protection = await lockProtection(tx, protectionId);
    if (!protection) return err('not-on-the-list');
    const worked = list.rows.find((r) => r.protectionId === protectionId);
    const { state, untilOn } = stateOf(protection.steps);
    const later = (await protectionsOf(tx, { personId: protection.personId })).filter(
      (p) => p.protectionId !== protectionId && withholds(p.steps),
    );
    const why = !enforced('access.support-measure-block')
      ? ''
      : later.length > 0
        ? 'applied-again'
        : state !== 'granted'
          ? 'not-standing'
          : untilOn !== null && untilOn >= today
            ? 'extended'
            : '';
    const outcome: 'lifted' | 'refused' = why === '' ? 'lifted' : 'refused';
    const row = { listId, protectionId, outcome, why, by: actor.staffId };
    if (worked?.outcome || !(await insertLiftOutcome(tx, row, deps.machineClock.now()))) {
      tx.record({ event: 'lift-list.row-repeated', subject: protection.personId, detail: { listId } });
      const known = worked?.outcome ? { outcome: worked.outcome, why: worked.why ?? '' } : { outcome, why };
      return ok(known);
    }
    const facts = ['resident_register.lift_outcome'];
    const about = { subject: protection.personId, ground: protectionGround, detail: { listId, protectionId, why } };
    if (outcome === 'refused') {
      tx.record({ event: 'restriction.lift-refused', facts, ...about });
      return ok({ outcome, why });
    }
    const lifted = await takeStep(tx, deps, actor, protection, 'ended', null, '期間満了', list.drawnBy);
    if (!lifted.ok) return lifted;
    tx.record({
      ...lifted.value,
      ...about,
      event: 'protection.ended',
      facts: [...(lifted.value.facts ?? []), ...facts],
    });
    return ok({ outcome, why });
  },
});

export type { LiftList } from '../store/protections.ts';
