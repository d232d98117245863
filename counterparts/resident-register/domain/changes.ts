import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Reason } from './reasons.ts';
import { isKatakana, isUsableText } from './texts.ts';

/** The items of a record that a change may set; columns as in the register. */
export interface Items {
  readonly name: string;
  readonly name_kana: string;
  readonly birth_date: string;
  readonly sex: 'male' | 'female' | 'other';
  readonly address: string;
  readonly postal_code: string | null;
  readonly former_surname: string | null;
  readonly former_surname_kana: string | null;
  readonly registered_domicile: string | null;
  readonly family_register_head: string | null;
  readonly nationality: string | null;
  readonly residence_status: string | null;
  readonly residence_until: string | null;
  readonly alias: string | null;
  readonly moved_to: string | null;
}
export type Item = keyof Items;

export interface ChangeRule {
  readonly sets: readonly Item[];
  /** Items that must be stated. */
  readonly needs?: readonly Item[];
  /** A second person decides before it takes effect. */
  readonly approval?: true;
  /** The national server gives a new code or number first. */
  readonly codes?: true;
  /** Who of the household moves has to be said. */
  readonly together?: true;
  /** 届出 in person: the filer's identity is checked (住民基本台帳法 第27条). */
  readonly identityCheck?: true;
  /** Whom it is for. */
  readonly only?: 'japanese' | 'foreign';
}

const inPerson = { identityCheck: true } as const;
const secondPerson = { approval: true } as const;

/**
 * What each change of someone who is in the register may set, and who must agree. What does not stand here has a procedure of its
 * own: entries, births, households, protection, and what the network itself makes.
 *
 * @law 住民基本台帳法 第7条, 第23条〜第27条, 第30条の4; 同法施行令 第12条, 第30条の14; 番号利用法 第7条第2項
 */
export const changeRules = {
  'moved-within': { sets: ['address', 'postal_code'], needs: ['address'], together: true, ...inPerson },
  'moved-out': { sets: ['moved_to'], needs: ['moved_to'], together: true, ...inPerson },
  'moved-out-abroad': { sets: ['moved_to'], needs: ['moved_to'], together: true, ...inPerson },
  'moved-out-cancelled': { sets: [], ...inPerson },
  death: { sets: [] },
  disappearance: { sets: [] },
  'family-register-change': { sets: ['name', 'name_kana', 'registered_domicile', 'family_register_head'] },
  'name-reading': { sets: ['name_kana'], needs: ['name_kana'] },
  'former-surname': { sets: ['former_surname', 'former_surname_kana'], ...inPerson, only: 'japanese' },
  naturalised: {
    sets: ['name', 'name_kana', 'registered_domicile', 'family_register_head'],
    needs: ['name', 'name_kana'],
    only: 'foreign',
    ...inPerson,
  },
  'nationality-lost': { sets: [], only: 'japanese', ...secondPerson },
  'residence-status-change': {
    sets: ['nationality', 'residence_status', 'residence_until', 'alias'],
    needs: ['nationality', 'residence_status'],
    only: 'foreign',
  },
  'corrected-ex-officio': {
    sets: [
      'name',
      'name_kana',
      'birth_date',
      'sex',
      'address',
      'postal_code',
      'registered_domicile',
      'family_register_head',
      'nationality',
      'residence_status',
      'residence_until',
      'alias',
    ],
    ...secondPerson,
  },
  'address-renamed': { sets: ['address', 'postal_code'], needs: ['address'], ...secondPerson },
  'removed-ex-officio': { sets: [], ...secondPerson },
  'restored-ex-officio': { sets: ['address', 'postal_code'], ...secondPerson },
  'code-change': { sets: [], codes: true, ...inPerson, ...secondPerson },
  'number-change': { sets: [], codes: true, ...inPerson, ...secondPerson },
} as const satisfies Partial<Record<Reason, ChangeRule>>;
export type FiledReason = keyof typeof changeRules;
export const filedReasons = Object.keys(changeRules) as readonly FiledReason[];

export type ItemFault =
  | 'missing'
  | 'unusable-character'
  | 'not-katakana'
  | 'not-of-this-change'
  | 'after-the-change'
  | 'after-becoming-resident'
  | 'one-without-the-other'
  | 'already-over'
  | 'unchanged';
export type ItemFaults = Partial<Record<Item, ItemFault>>;
export type ChangeFault = 'faulty-items' | 'nothing-changes' | 'japanese-only' | 'foreign-only';

/** The record as far as rules look at it. */
export interface Standing extends Items {
  readonly became_resident_on: string;
}

/** Every item at fault, each with its fault; empty where all is well. `changedOn` is an ISO day. */
export function faultsOf(standing: Standing, reason: FiledReason, set: Partial<Items>, changedOn: string): ItemFaults {
  const rule: ChangeRule = changeRules[reason];
  const faults: ItemFaults = {};
  const fault = (item: Item, word: ItemFault): void => {
    faults[item] ??= word;
  };
  for (const item of Object.keys(set) as Item[]) if (!rule.sets.includes(item)) fault(item, 'not-of-this-change');
  for (const item of rule.needs ?? []) if ((set[item] ?? null) === null) fault(item, 'missing');
  for (const item of textItems)
    if (typeof set[item] === 'string' && !isUsableText(set[item])) fault(item, 'unusable-character');
  for (const item of kanaItems)
    if (typeof set[item] === 'string' && !isKatakana(set[item])) fault(item, 'not-katakana');
  const after = { ...standing, ...set };
  if ((after.former_surname === null) !== (after.former_surname_kana === null))
    fault(after.former_surname === null ? 'former_surname' : 'former_surname_kana', 'one-without-the-other');
  if (set.birth_date !== undefined) {
    if (set.birth_date > changedOn) fault('birth_date', 'after-the-change');
    if (set.birth_date > standing.became_resident_on) fault('birth_date', 'after-becoming-resident');
  }
  if (typeof set.residence_until === 'string' && set.residence_until < changedOn)
    fault('residence_until', 'already-over');
  if (reason === 'moved-within' && set.address === standing.address) fault('address', 'unchanged');
  return faults;
}

const textItems = [
  'name',
  'address',
  'former_surname',
  'registered_domicile',
  'family_register_head',
  'nationality',
  'residence_status',
  'alias',
  'moved_to',
] as const satisfies readonly Item[];
const kanaItems = ['name_kana', 'former_surname_kana'] as const satisfies readonly Item[];

/** Whether the items may be set by this change. A change that changes nothing is refused where changing items is all it does. */
export function checkItems(
  standing: Standing,
  reason: FiledReason,
  set: Partial<Items>,
  changedOn: string,
): Result<undefined, ChangeFault> {
  const rule: ChangeRule = changeRules[reason];
  const isForeign = standing.nationality !== null;
  if (rule.only === 'japanese' && isForeign) return err('japanese-only');
  if (rule.only === 'foreign' && !isForeign) return err('foreign-only');
  if (Object.keys(faultsOf(standing, reason, set, changedOn)).length > 0) return err('faulty-items');
  const changesItemsOnly =
    rule.sets.length > 0 && !['moved-out', 'moved-out-abroad', 'restored-ex-officio', 'naturalised'].includes(reason);
  const changes = (Object.keys(set) as Item[]).some((item) => set[item] !== standing[item]);
  return changesItemsOnly && !changes ? err('nothing-changes') : ok(undefined);
}

/** What follows from a change of itself: naturalisation ends the items of foreign residents. */
export function itemsAfter(reason: FiledReason, set: Partial<Items>): Partial<Items> {
  if (reason === 'naturalised')
    return { ...set, nationality: null, residence_status: null, residence_until: null, alias: null };
  if (reason === 'moved-out-cancelled') return { ...set, moved_to: null };
  return set;
}

export type CounterReason = 'removed-ex-officio' | 'restored-ex-officio' | 'corrected-ex-officio';

/**
 * 訂正の記載: the change that undoes the last one. Nothing is taken out of a register; what should not have been is answered by
 * another entry. What the network made, codes and numbers, and households have procedures of their own.
 *
 * @returns the reason and whose items stand afterwards
 */
export function counterEntry(
  now: { readonly status: string; readonly reason: string },
  before: { readonly status: string } | undefined,
): Result<{ readonly reason: CounterReason; readonly items: 'now' | 'before' }, 'cannot-be-undone'> {
  const never = /^(initial-load|code-change|number-change|household-change|protection-|moved-out-completed|birth)/;
  const isPresent = (status: string | undefined): boolean => status === 'resident' || status === 'moving-out';
  if (never.test(now.reason)) return err('cannot-be-undone');
  if (!isPresent(before?.status))
    return isPresent(now.status) ? ok({ reason: 'removed-ex-officio', items: 'now' }) : err('cannot-be-undone');
  if (now.status === 'removed') return ok({ reason: 'restored-ex-officio', items: 'before' });
  return now.status === before?.status
    ? ok({ reason: 'corrected-ex-officio', items: 'before' })
    : err('cannot-be-undone');
}
