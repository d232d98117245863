import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { cashReceipts } from '../../store/cash.ts';
import { chargesOfPaper, payersOf } from '../../store/papers.ts';
import { makePaper, noteOf, type Paper, type PaperRequest } from './make-paper.ts';
import { headOf, yearAndPeriod } from './paper-data.ts';
import type { PaperDeps } from './paper-deps.ts';

const readReceipt = act('collections.read-cash-receipt', {
  right: ['collections', 'cash', 'update'],
  async run(
    tx,
    deps: PaperDeps,
    { cashId }: { readonly cashId: string },
  ): Promise<Result<PaperRequest, 'no-such-receipt'>> {
    const [receipt] = await cashReceipts(tx, { cashId });
    if (receipt === undefined || receipt.voidReason !== null) return err('no-such-receipt');
    const [charge] = await chargesOfPaper(tx, { chargeIds: [receipt.chargeId] });
    const payer = (await payersOf(tx, [receipt.personNumber])).get(receipt.personNumber)!;
    tx.record({ event: 'cash-receipt.read', subject: receipt.personNumber, detail: { cash: receipt.cashNo } });
    const { addressee, issuer, issuedOn } = headOf(payer, deps.office, '領収証書', receipt.takenOn);
    return ok({
      kind: 'cash-receipt',
      title: '領収証書',
      about: `cash ${receipt.cashNo}`,
      personNumber: receipt.personNumber,
      addressees: [],
      name: `ryoshu-${receipt.cashNo}.pdf`,
      data: {
        // No address: the paper is handed over at the counter.
        name: addressee.name,
        issuer,
        takenOn: issuedOn,
        number: String(receipt.cashNo),
        period: yearAndPeriod(charge!),
        noticeNumber: charge!.noticeNumber,
        amountYen: receipt.amountYen,
      },
    });
  },
});
const noteReceipt = noteOf(['collections', 'cash', 'update']);

/** 領収証書 of money taken at the counter. */
export async function printCashReceipt(
  deps: PaperDeps,
  actor: Actor,
  query: { readonly cashId: string },
): Promise<Result<Paper, 'no-such-receipt' | 'unprintable-character' | 'not-authorised' | 'protections-unavailable'>> {
  const read = await readReceipt(deps, actor, query);
  return read.ok ? makePaper(deps, actor, read.value, noteReceipt) : read;
}
