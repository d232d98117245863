import type { Candidate } from './matching.ts';

/** What it takes to link a report with a candidate whom the rule did not link by itself. */
export type LinkDemand = 'one-clerk' | 'second-person' | 'refused';

/**
 * Whether a clerk may take a candidate for the person of a report.
 *
 * Number, name and birth date: the rule's own case. Number and birth date with a former name: one clerk, the register itself
 * explains the name. Number with only one of name and birth date: a second person, after an identity check on paper, because
 * the number may be a family member's. No number, or another one: only with name, birth date and an address that the person
 * has or had, and a second person. Everything else stays a candidate: a namesake with the same birthday looks just like it.
 *
 * @law 番号利用法 第16条; 地方税法 第317条の6
 */
export function linkDemand({ agrees }: Pick<Candidate<unknown>, 'agrees'>): LinkDemand {
  const has = (item: Candidate<unknown>['agrees'][number]): boolean => agrees.includes(item);
  const named = has('name') || has('other-name');
  if (has('number')) {
    if (named && has('birth-date')) return 'one-clerk';
    return named || has('birth-date') ? 'second-person' : 'refused';
  }
  return named && has('birth-date') && (has('address') || has('former-address')) ? 'second-person' : 'refused';
}
