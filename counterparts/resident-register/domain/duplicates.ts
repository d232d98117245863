import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import type { Status } from './reasons.ts';

export type DuplicateFault = 'survivor-code-wrong' | 'survivor-is-the-same-record' | 'survivor-differs';

interface Record {
  readonly resident_record_code: string;
  readonly birth_date: string;
  readonly sex: string;
  readonly status: Status;
}

/**
 * 二重登録: whether this record may be removed because the person has another one. One that stands in another municipality is not known
 * here; the prefecture and the national server look at it.
 *
 * @law 住民基本台帳法 第8条, 同法施行令 第12条
 */
export function duplicateFault(
  reason: string,
  ended: Record,
  survivor: { readonly code: string; readonly record: Record | undefined },
): DuplicateFault | undefined {
  if (reason !== 'removed-ex-officio' || !parseResidentRecordCode(survivor.code).ok) return 'survivor-code-wrong';
  if (survivor.code === ended.resident_record_code) return 'survivor-is-the-same-record';
  const { record } = survivor;
  if (record === undefined) return undefined;
  const isSame = record.birth_date === ended.birth_date && record.sex === ended.sex;
  return isSame && record.status !== 'removed' ? undefined : 'survivor-differs';
}
