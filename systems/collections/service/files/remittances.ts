import { createHash } from 'node:crypto';
import type { Remittance } from '@musubi/contracts/collections/remittance.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { findRemittance, insertRemittance, isEmployer, lockRemittances } from '../../store/remittances.ts';
import { whoActs } from './take-file.ts';

/**
 * 納入内訳: kept until a payment of exactly its total comes for the month. It moves no money by itself, and none to anybody whom the employer
 * does not pay over for.
 */
export const takeRemittance = act('collections.take-remittance', {
  right: ['collections', 'remittance', 'update'],
  async run(
    tx,
    deps: Deps,
    command: Remittance,
    actor,
  ): Promise<Result<{ repeated: boolean; totalYen: number }, 'list-repeated-with-other-content' | 'unknown-employer'>> {
    const { listId, designationNumber, month, lines } = command;
    const sha256 = createHash('sha256').update(canonicalJson(command)).digest('hex');
    await lockRemittances(tx, designationNumber);
    const known = await findRemittance(tx, listId);
    if (known !== undefined) {
      if (known.sha256 !== sha256) return err('list-repeated-with-other-content');
      tx.record({ event: 'remittance.repeated', detail: { list: listId } });
      return ok({ repeated: true, totalYen: known.totalYen });
    }
    if (!(await isEmployer(tx, designationNumber))) return err('unknown-employer');
    const totalYen = lines.reduce((all, l) => all + l.amount, 0);
    await insertRemittance(
      tx,
      {
        listId,
        designationNumber,
        month,
        totalYen,
        sha256,
        by: whoActs(actor),
        on: deps.civilClock.today().toString(),
      },
      lines.map(({ noticeNumber, amount, difference }) => ({ noticeNumber, yen: amount, difference })),
    );
    tx.record({
      event: 'remittance.taken',
      facts: ['collections.remittance_list', 'collections.remittance_line'],
      batches: { 'collections.remittance_line': null },
      detail: { list: listId, lines: lines.length, differing: lines.filter((l) => l.difference !== null).length },
    });
    return ok({ repeated: false, totalYen });
  },
});
