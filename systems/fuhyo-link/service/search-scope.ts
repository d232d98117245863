import type { Scope } from '@musubi/kernel/access/scope.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { ProvisionLine } from '../store/provisions.ts';
import type { Hit, Version } from '../store/supplements.ts';

/** What the responsible section may search the file for, besides an inquiry for emigrant work (A8). */
export const managementPurposes = {
  'notice-check': '通知の確認・市区町村との調整',
  disclosure: '開示・訂正の請求',
  reconciliation: '整合性確認',
  incident: '事故・障害の調査',
} as const;
export type ManagementPurpose = keyof typeof managementPurposes;

export interface Purpose {
  readonly purpose: string;
  /** 受付番号 or document number that the search belongs to. */
  readonly document: string;
}

/** All that a page could show of a supplement. */
export interface WholeSupplement {
  readonly now: Version;
  readonly versions: readonly Version[];
  readonly provisions: readonly ProvisionLine[];
}
export type SupplementView = Pick<WholeSupplement, 'now'> & Partial<WholeSupplement>;

export interface SupplementScope {
  readonly ground: string;
  readonly hit: Scope<Hit>;
  readonly supplement: Scope<WholeSupplement>;
}

const hitItems = ['supplementId', 'name', 'nameKana', 'birthDate', 'sex', 'address', 'lastAddress', 'state'] as const;
/** To whom a person was told is for their request and for an inquiry into an accident alone. */
const openedFor: Readonly<Record<ManagementPurpose, readonly (keyof WholeSupplement)[]>> = {
  'notice-check': ['now', 'versions'],
  disclosure: ['now', 'versions', 'provisions'],
  reconciliation: ['now'],
  incident: ['now', 'versions', 'provisions'],
};

/**
 * Persons and items that a purpose opens. Without the right to removed persons and history (A29): present persons, as they
 * stand now.
 *
 * @law 住民基本台帳法 第30条の41, 第30条の44の6
 */
export function scopeOf(
  { purpose, document }: Purpose,
  withRemoved: boolean,
): Result<SupplementScope, 'purpose-missing'> {
  const isStated = Object.hasOwn(managementPurposes, purpose) && document !== '';
  if (enforced('access.purpose-stated') && !isStated) return err('purpose-missing');
  const known = purpose as ManagementPurpose;
  return ok({
    ground: managementPurposes[known] ?? '',
    hit: { items: hitItems, includes: (hit) => withRemoved || hit.state !== 'removed' },
    supplement: {
      items: withRemoved ? (openedFor[known] ?? ['now']) : ['now'],
      includes: ({ now }) => withRemoved || now.record_state !== 'removed',
    },
  });
}
