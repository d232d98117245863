import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { failedOfFile } from '../../store/debits.ts';
import { chargesOfPaper, payersOf } from '../../store/papers.ts';
import { slipsOfCharges } from '../../store/slips.ts';
import { reasonOfFailed } from '../office/debit-notices.ts';
import { makePaper, noteOf, type Paper, type PaperRequest } from './make-paper.ts';
import { dayText, headOf, openLine, printedSlip } from './paper-data.ts';
import type { PaperDeps } from './paper-deps.ts';
import { lettersAtOnce } from './reminder-letters.ts';

/** The bank's word, as the payer is told. */
const outcomeTexts: Readonly<Record<string, string>> = {
  'insufficient-funds': '預金残高の不足',
  'no-account': '口座がない、又は解約済み',
  'stopped-by-depositor': '預金者のお申出による停止',
  'no-mandate': '口座振替依頼書がない',
  'stopped-by-collector': '区による停止',
};

const readNotices = act('collections.read-debit-notices', {
  right: ['collections', 'slip', 'update'],
  async run(
    tx,
    deps: PaperDeps,
    { fileId, part }: { readonly fileId: string; readonly part: number },
  ): Promise<Result<PaperRequest & { readonly letters: number }, 'nothing-failed'>> {
    const failed = await failedOfFile(tx, fileId);
    const ids = failed.map((f) => f.chargeId);
    const slips = new Map(
      (await slipsOfCharges(tx, ids)).filter((s) => s.reason === reasonOfFailed(fileId)).map((s) => [s.chargeId, s]),
    );
    const charges = new Map((await chargesOfPaper(tx, { chargeIds: ids })).map((c) => [c.chargeId, c]));
    // Whoever paid since the slip was made gets no notice; a slip over another amount than is open is not printed.
    const current = failed.slice(part * lettersAtOnce, (part + 1) * lettersAtOnce).filter((f) => {
      const charge = charges.get(f.chargeId)!;
      return slips.get(f.chargeId)?.amountYen === charge.openTaxYen + charge.feeYen + charge.interestYen;
    });
    if (current.length === 0) return err('nothing-failed');
    const payers = await payersOf(tx, [...new Set(current.map((f) => f.personNumber))]);
    tx.record({
      event: 'debit-notices.read',
      subjects: [...new Set(current.map((f) => f.personNumber))],
      detail: { file: fileId, letters: current.length },
    });
    const title = '口座振替不能のお知らせ';
    const today = deps.civilClock.today().toString();
    return ok({
      kind: 'debit-notices',
      title,
      about: `debit-notices ${fileId} ${part}`,
      personNumber: null,
      addressees: current.map((f) => f.personNumber),
      name: `furikae-funo-${current[0]!.debitOn}-${part + 1}.pdf`,
      letters: current.length,
      data: {
        letters: current.map((f) => {
          const charge = charges.get(f.chargeId)!;
          return {
            ...headOf(payers.get(f.personNumber)!, deps.office, title, today),
            debitOn: dayText(f.debitOn),
            because: outcomeTexts[f.outcome] ?? 'その他',
            open: [openLine(charge, charge.interestYen)],
            slip: printedSlip(slips.get(f.chargeId)!, charge, deps),
          };
        }),
      },
    });
  },
});
const noteNotices = noteOf(['collections', 'slip', 'update']);

/** 口座振替不能のお知らせ: one sheet a payer, with the slip that was made for it. */
export async function printDebitNotices(
  deps: PaperDeps,
  actor: Actor,
  query: { readonly fileId: string; readonly part: number },
): Promise<
  Result<
    Paper & { readonly letters: number },
    'nothing-failed' | 'unprintable-character' | 'not-authorised' | 'protections-unavailable'
  >
> {
  const read = await readNotices(deps, actor, query);
  if (!read.ok) return read;
  const made = await makePaper(deps, actor, read.value, noteNotices);
  return made.ok ? ok({ ...made.value, letters: read.value.letters }) : made;
}
