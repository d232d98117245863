import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

export const headOf = '世帯主';

export interface HouseholdMember {
  readonly personId: string;
  readonly household: string;
  readonly relationship: string;
  readonly address: string;
}

/** Where a member shall be after the change, and as what. `new`: the household that this change founds. */
export interface Placing {
  readonly personId: string;
  readonly to: 'stay' | 'new' | { readonly household: string };
  readonly relationship: string;
}

export type HouseholdFault =
  | 'no-such-member'
  | 'twice-in-the-filing'
  | 'no-such-household'
  | 'different-address'
  | 'no-head'
  | 'two-heads'
  | 'relationship-missing'
  | 'nothing-changes';

/**
 * 世帯変更 (世帯主変更, 世帯分離, 世帯合併, 世帯構成変更): whether every household that it touches ends with exactly one head and
 * one address, and whose entries change.
 *
 * @param present all who live in the households touched, the one joined included
 * @param newHousehold the number that a household founded by this change gets
 * @law 住民基本台帳法 第25条
 */
export function placeMembers(
  present: readonly HouseholdMember[],
  placings: readonly Placing[],
  newHousehold: string,
): Result<readonly HouseholdMember[], HouseholdFault> {
  const before = new Map(present.map((m) => [m.personId, m]));
  const after = new Map(before);
  const seen = new Set<string>();
  for (const { personId, to, relationship } of placings) {
    const member = before.get(personId);
    if (!member) return err('no-such-member');
    if (seen.has(personId)) return err('twice-in-the-filing');
    seen.add(personId);
    if (relationship.trim() === '') return err('relationship-missing');
    const household = to === 'stay' ? member.household : to === 'new' ? newHousehold : to.household;
    if (to !== 'stay' && to !== 'new' && !present.some((m) => m.household === household))
      return err('no-such-household');
    after.set(personId, { ...member, household, relationship });
  }
  const changed = [...after.values()].filter((m) => {
    const was = before.get(m.personId)!;
    return was.household !== m.household || was.relationship !== m.relationship;
  });
  if (changed.length === 0) return err('nothing-changes');
  for (const members of Map.groupBy(after.values(), (m) => m.household).values()) {
    const heads = members.filter((m) => m.relationship === headOf).length;
    if (heads === 0) return err('no-head');
    if (heads > 1) return err('two-heads');
    if (new Set(members.map((m) => m.address)).size > 1) return err('different-address');
  }
  return ok(changed);
}
