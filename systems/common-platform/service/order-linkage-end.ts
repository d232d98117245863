import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Deps } from '../deps.ts';
import { findLinkage, withdrawWanting } from '../store/linkage.ts';
import { insertEnds } from '../store/linkage-ends.ts';
import type { Facts } from './settle.ts';

/**
 * A correction found that the person's number was never theirs: the code that it brought is another person's and ends, and until it
 * has ended nothing is asked or lodged about the person. A person who never had a code needs none ended.
 * @source incidents INC-53
 */
export async function orderWrongCodeEnd(
  tx: Tx,
  deps: Deps,
  {
    personId,
    correctionId,
    facts,
  }: { readonly personId: string; readonly correctionId: string; readonly facts: Facts },
): Promise<void> {
  const linkage = await findLinkage(tx, personId);
  if (linkage === undefined) return;
  await withdrawWanting(tx, personId);
  await insertEnds(tx, [{ endId: deps.newId(), personId }], {
    reason: 'wrong-person',
    orderedBy: correctionId,
    on: deps.civilClock.today(),
    at: deps.machineClock.now(),
  });
  facts.add('linkage_end');
}
