import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type HouseholdFault, type Placing, placeMembers } from '../domain/households.ts';
import {
  headlessHouseholds,
  lockResident,
  type Member,
  membersOf,
  type PastMember,
  pastMembers,
  type ResidentRow,
} from '../store/residents.ts';
import { type ChangeRefusal, eventOfAll, writeStep } from './change-resident.ts';
import { counter, type IdentityCheck } from './file-change.ts';
import { once } from './once.ts';
import { withoutProtectedAddress } from './read-residents.ts';
import { newHouseholdNumber } from './write-change.ts';

export interface HouseholdChange {
  readonly householdNumber: string;
  /** Members whose place or 続柄 changes; the others stay as they are. */
  readonly placings: readonly (Placing & { readonly version: number })[];
  readonly changedOn: string;
  readonly filedOn: string;
  readonly document: string;
  readonly identityCheck: IdentityCheck | null;
  readonly requestKey?: string;
}

export type HouseholdRefusal =
  | HouseholdFault
  | ChangeRefusal
  | 'document-missing'
  | 'identity-not-checked'
  | 'form-reused';

/** 世帯変更届: 世帯主変更, 分離, 合併, 構成変更 as one filing; all members' entries change together or none. @law 住民基本台帳法 第25条 */
export const changeHousehold = act('resident-register.change-household', {
  right: counter,
  async run(
    tx,
    deps: Deps,
    command: HouseholdChange,
    actor,
  ): Promise<Result<{ readonly households: readonly string[] }, HouseholdRefusal>> {
    const { requestKey, ...filed } = command;
    return once(tx, deps, requestKey, filed, async () => {
      if (filed.document.trim() === '') return err('document-missing');
      if (filed.identityCheck === null) return err('identity-not-checked');
      const joined = filed.placings.flatMap(({ to }) => (typeof to === 'object' ? [to.household] : []));
      const numbers = [...new Set([filed.householdNumber, ...joined])].sort();
      // Nobody may come into or leave these households meanwhile: all their people are locked, in the order of their ids.
      const rows: ResidentRow[] = [];
      const listed = [];
      for (const number of numbers) listed.push(...(await membersOf(tx, number)));
      for (const { personId } of listed.toSorted((a, b) => (a.personId < b.personId ? -1 : 1))) {
        const row = await lockResident(tx, personId);
        if (!row || row.status === 'removed' || !numbers.includes(row.household_number))
          return err('changed-meanwhile');
        rows.push(row);
      }
      const newNumber = filed.placings.some(({ to }) => to === 'new') ? await newHouseholdNumber(tx) : '';
      const planned = placeMembers(rows.map(memberOf), filed.placings, newNumber);
      if (!planned.ok) return planned;
      const versions = new Map(filed.placings.map((p) => [p.personId, p.version]));
      const events = [];
      for (const { personId, household, relationship } of planned.value) {
        const step = await writeStep(tx, deps, actor, {
          personId,
          version: versions.get(personId) ?? 0,
          reason: 'household-change',
          changedOn: Temporal.PlainDate.from(filed.changedOn),
          filedOn: Temporal.PlainDate.from(filed.filedOn),
          set: {
            household_number: household,
            relationship,
            filing_document: filed.document,
            identity_check: filed.identityCheck,
          },
        });
        if (!step.ok) return step;
        events.push(step.value.event);
      }
      tx.record(eventOfAll('household.changed', events));
      return ok({ households: [...new Set(planned.value.map((m) => m.household))] });
    });
  },
});

const memberOf = (row: ResidentRow) => ({
  personId: row.person_id,
  household: row.household_number,
  relationship: row.relationship,
  address: row.address,
});

export interface HouseholdView {
  readonly householdNumber: string;
  readonly members: readonly Member[];
  /** Who ever belonged to it, newest first. */
  readonly past: readonly PastMember[];
}

/** A household with its history. */
export const readHousehold = act('resident-register.read-household', {
  right: ['resident-register', 'resident', 'read'],
  async run(
    tx,
    _deps: Deps,
    { householdNumber }: { readonly householdNumber: string },
  ): Promise<Result<HouseholdView, 'no-such-household'>> {
    const members = await membersOf(tx, householdNumber);
    const past = await pastMembers(tx, householdNumber);
    if (past.length === 0) return err('no-such-household');
    tx.record({
      event: 'household.read',
      subjects: [...new Set([...members, ...past].map((m) => m.personId))],
      ground: '住民基本台帳法第1条（住民異動届の受付）',
      items: ['household', 'history'],
    });
    return ok({ householdNumber, members: members.map(withoutProtectedAddress), past });
  },
});

/** 世帯主のいない世帯: after a death or a removal, until a 世帯変更届 names the new head. */
export const readHeadless = act('resident-register.read-headless', {
  right: ['resident-register', 'resident', 'read'],
  async run(tx, _deps: Deps, page: { readonly offset: number; readonly limit: number }) {
    const found = await headlessHouseholds(tx, page);
    tx.record({ event: 'households.headless-listed', detail: { count: found.rows.length } });
    return ok(found);
  },
});
