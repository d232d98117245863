import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { fits, type RecordKeys, type SearchKeys } from './search.ts';

/**
 * The one record that an inquiry gets, or none: what the search found is held beside the conditions once more, and several
 * hits are nobody (requirement 003 scenario 15). Never a guess.
 */
export function recheckAnswer<R extends RecordKeys>(
  found: readonly R[],
  asked: { readonly residentRecordCode: string } | SearchKeys,
): R | undefined {
  if (!enforced('juki.answer-rechecked')) return found[0];
  const [only, ...others] = found.filter((record) => fits(record, asked));
  return others.length === 0 ? only : undefined;
}
