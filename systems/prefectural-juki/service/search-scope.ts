import { groundOf, type ProvidedItem, permittedItems, type Task } from '@musubi/contracts/juki/tasks.ts';
import type { Scope } from '@musubi/kernel/access/scope.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import type { SeenLink } from '../store/duplicate-links.ts';
import type { Hit, Version } from '../store/identification.ts';
import type { ProvisionLine } from '../store/provisions.ts';
import { activeTaskOf } from './tasks.ts';
import { isStoppedFor } from './use-stop.ts';

/*
 * What an operator may see of whom follows from the task for which it is searched: persons, items, nothing besides. The
 * section that keeps the register searches for purposes of its own, each with the items that it needs.
 */

export interface Purpose {
  /** Code of a registered task, or a purpose of {@link managementPurposes}. */
  readonly task: string;
  /** 受付番号 or document number that the search belongs to. */
  readonly document: string;
}
export type PurposeFault = 'purpose-missing' | 'no-active-task';

/** All that the register could show of a person on a page. The Individual Number is not among it. */
export interface WholePerson {
  readonly personId: string;
  readonly removed: boolean;
  readonly status: Version['status'];
  readonly name: string;
  readonly nameKana: string;
  readonly formerSurname: string | null;
  readonly birthDate: string;
  readonly sex: string;
  readonly address: string;
  readonly residentRecordCode: string;
  readonly municipalityCode: string;
  readonly sequence: number;
  readonly noticeReceivedOn: string;
  readonly changeReason: string;
  readonly changedOn: string;
  readonly stops: readonly string[];
  /** 二重登録: other records of the same person. */
  readonly links: readonly SeenLink[];
  readonly versions: readonly Version[];
  readonly provisions: readonly ProvisionLine[];
}
type Seen<T extends { readonly personId: string; readonly removed: boolean }> = Partial<T> &
  Pick<T, 'personId' | 'removed'>;
export type PersonView = Seen<WholePerson>;
export type SeenHit = Seen<Hit>;

export interface PersonScope {
  readonly ground: string;
  readonly hit: Scope<Hit>;
  readonly person: Scope<WholePerson>;
}

const hitItems = ['name', 'nameKana', 'birthDate', 'sex', 'address'] as const;
type Item = Exclude<keyof WholePerson, 'personId' | 'removed' | 'stops'>;

function scope(
  ground: string,
  items: readonly Item[],
  includes: (person: Pick<Hit, 'removed' | 'stops'>) => boolean,
): PersonScope {
  const shown = hitItems.filter((item) => items.includes(item));
  return {
    ground,
    hit: { items: ['personId', 'removed', ...shown], includes },
    person: { items: ['personId', 'removed', ...items], includes },
  };
}

/** Items of a person by which those of the law stand on a page. A number is never shown there. */
const shownFor: Readonly<Record<ProvidedItem, readonly Item[]>> = {
  residentRecordCode: ['residentRecordCode'],
  name: ['name', 'nameKana', 'formerSurname'],
  birthDate: ['birthDate'],
  sex: ['sex'],
  address: ['address', 'municipalityCode'],
  individualNumber: [],
  changeReason: ['changeReason'],
  changedOn: ['changedOn'],
};
const scopeFor = (task: Task): PersonScope =>
  scope(
    groundOf(task),
    permittedItems(task).flatMap((item) => shownFor[item]),
    (person) => (!person.removed || task.includesRemoved) && !isStoppedFor(person, task),
  );

/** The task must be registered, permitted, in force and held by this operator (scenario 11 (c)). */
export async function scopeOfTask(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  { task, document }: Purpose,
): Promise<Result<PersonScope, PurposeFault>> {
  if (enforced('access.purpose-stated') && (task === '' || document === '')) return err('purpose-missing');
  const held =
    actor.kind === 'staff' ? await activeTaskOf(tx, deps, { code: task, staffId: actor.staffId }) : undefined;
  if (held?.ok) return ok(scopeFor(held.value));
  return enforced('access.purpose-stated') ? err('no-active-task') : ok(scope('', hitItems, () => true));
}

const person = ['status', 'name', 'nameKana', 'formerSurname', 'birthDate', 'sex', 'address'] as const;
const place = ['residentRecordCode', 'municipalityCode', 'sequence', 'noticeReceivedOn'] as const;

/** For what the section that keeps the register may look into it, beside the work on notices and requests itself. */
export const managementPurposes = {
  'notice-check': '通知の確認・市区町村との調整',
  disclosure: '開示・訂正の請求',
  reconciliation: '整合性確認',
  incident: '事故・障害の調査',
} as const;
export type ManagementPurpose = keyof typeof managementPurposes;

const openedFor: Readonly<Record<ManagementPurpose, readonly Item[]>> = {
  'notice-check': [...person, ...place, 'changeReason', 'changedOn', 'links', 'versions'],
  disclosure: [...person, ...place, 'changeReason', 'changedOn', 'links', 'versions', 'provisions'],
  reconciliation: [...person, ...place, 'links'],
  incident: [...person, ...place, 'changeReason', 'changedOn', 'links', 'versions', 'provisions'],
};

/** @law 住民基本台帳法 第30条の6, 第30条の22, 第30条の32, 第30条の35 */
export function scopeOfManagement({ task, document }: Purpose): Result<PersonScope, PurposeFault> {
  const isStated = Object.hasOwn(managementPurposes, task) && document !== '';
  if (enforced('access.purpose-stated') && !isStated) return err('purpose-missing');
  const purpose = task as ManagementPurpose;
  return ok(scope(managementPurposes[purpose] ?? '', openedFor[purpose] ?? person, () => true));
}
