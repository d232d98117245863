import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

export type Requester = 'self' | 'household' | 'proxy' | 'third-party' | 'public-body';

/** Items printed only where asked for, and only for whom the law lets have them. */
export const optionalItems = ['relationship', 'registered-domicile', 'foreign-items', 'code', 'number'] as const;
export type OptionalItem = (typeof optionalItems)[number];

export interface Asked {
  readonly requester: Requester;
  readonly items: readonly OptionalItem[];
  readonly purpose: string;
  readonly proof: string;
}

export type CertificateRefusal =
  | 'proof-missing'
  | 'purpose-missing'
  | 'number-not-for-requester'
  | 'items-not-for-requester'
  | 'protected-person'
  | 'not-in-the-register';

/**
 * What may be printed for whom: the number and the code for the person and the household alone (a proxy gets them by post to the person,
 * which is not done here); 続柄 and 本籍 for others only with a reason that the clerk found right.
 *
 * @law 住民基本台帳法 第12条〜第12条の3; 番号利用法 第19条
 */
export function mayIssue(asked: Asked): Result<undefined, CertificateRefusal> {
  if (asked.proof.trim() === '') return err('proof-missing');
  const isOwn = asked.requester === 'self' || asked.requester === 'household';
  if (!isOwn && asked.purpose.trim() === '') return err('purpose-missing');
  if (!isOwn && (asked.items.includes('number') || asked.items.includes('code')))
    return err('number-not-for-requester');
  if (asked.requester === 'third-party' && asked.items.length > 0) return err('items-not-for-requester');
  return ok(undefined);
}

/** 支援措置: nothing for a protected person but to that person, by the hand of 支援措置担当. The same for a household in which one stands. */
export function mayIssueProtected(anyProtected: boolean, requester: Requester, hasRelease: boolean): boolean {
  return !anyProtected || (hasRelease && requester === 'self');
}

/** Yen a document (目黒区手数料条例); a public body pays nothing. */
export const feeOf = (requester: Requester): number => (requester === 'public-body' ? 0 : 300);
