import type { Random } from '@musubi/kernel/random/random.ts';
import { checkDigitOf } from './org-person-number.ts';

/** Why a 住登外者宛名番号 stands with a person, or no longer. */
export const outsideReasons = {
  asked: '業務からの届出',
  merged: '同じ方の宛名を統合',
  'merge-undone': '統合の取消し',
  'moved-in': '転入（住民となった）',
  died: '死亡',
  'not-needed': '事務の対象でなくなった',
} as const;
export type OutsideReason = keyof typeof outsideReasons;

/** What a clerk may state; the other reasons come from the records themselves. */
export const clerksReasons = ['died', 'not-needed'] as const satisfies readonly OutsideReason[];
export type ClerksReason = (typeof clerksReasons)[number];

/**
 * 住登外者宛名番号: begins with 9, so that nobody takes it for one of the register's; drawn at random like the organisation's own,
 * with a check digit that finds what was mis-keyed.
 * @source requirements 002 CIP-F3; formats: ids-check-digits §12
 */
export function drawOutsideNumber(random: Random): string {
  const body = `9${Array.from({ length: 13 }, () => random.below(10)).join('')}`;
  return `${body}${checkDigitOf(body)}`;
}
