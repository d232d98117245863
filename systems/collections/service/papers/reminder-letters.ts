import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { type LetterLine, lettersOf, lockRun } from '../../store/office.ts';
import { chargesOfPaper, payersOf, slipsOfLetters } from '../../store/papers.ts';
import { makePaper, noteOf, type Paper, type PaperRequest } from './make-paper.ts';
import { appealText, dayText, headOf, openLine, printedSlip } from './paper-data.ts';
import type { PaperDeps } from './paper-deps.ts';

/** Letters of one print file. */
export const lettersAtOnce = 100;

const readLetters = act('collections.read-reminder-letters', {
  right: ['collections', 'reminder-release', 'update'],
  async run(
    tx,
    deps: PaperDeps,
    query: { readonly runId: string; readonly part: number },
  ): Promise<Result<PaperRequest & { readonly letters: number }, 'no-such-run' | 'nothing-released'>> {
    const run = await lockRun(tx, query.runId);
    if (run === undefined) return err('no-such-run');
    const released = (await lettersOf(tx, query.runId))
      .filter((l) => l.step === 'released')
      .slice(query.part * lettersAtOnce, (query.part + 1) * lettersAtOnce);
    const charges = new Map(
      (await chargesOfPaper(tx, { chargeIds: released.map((l) => l.chargeId) })).map((c) => [c.chargeId, c]),
    );
    const taxOf = (l: LetterLine): number => l.ward + l.metropolitan + l.forest;
    // What was paid since the release is not printed; the post's look takes the letter back.
    const letters = released.filter((l) => charges.get(l.chargeId)?.openTaxYen === taxOf(l));
    if (letters.length === 0) return err('nothing-released');
    const payers = await payersOf(tx, [...new Set(letters.map((l) => l.personNumber))]);
    const slips = await slipsOfLetters(
      tx,
      letters.map((l) => l.letterId),
    );
    tx.record({
      event: 'reminder-letters.read',
      subjects: [...new Set(letters.map((l) => l.personNumber))],
      ground: '地方税法 第329条',
      detail: { run: query.runId, letters: letters.length, leftOut: released.length - letters.length },
    });
    const today = deps.civilClock.today().toString();
    return ok({
      kind: 'reminders',
      title: '督促状',
      about: `run ${query.runId} ${query.part}`,
      personNumber: null,
      addressees: letters.map((l) => l.personNumber),
      name: `tokusoku-${run.paidUntil}-${query.part + 1}.pdf`,
      letters: letters.length,
      data: {
        letters: letters.map((letter) => {
          const charge = charges.get(letter.chargeId)!;
          return {
            ...headOf(payers.get(letter.personNumber)!, deps.office, '督促状', today),
            letterId: letter.letterId,
            paidUntil: dayText(run.paidUntil),
            open: [openLine(charge, letter.interestYen)],
            slip: printedSlip(slips.get(letter.letterId)!, charge, deps),
            appeal: appealText(deps.office),
          };
        }),
      },
    });
  },
});
const noteLetters = noteOf(['collections', 'reminder-release', 'update']);

/** 督促状 as a print file: released letters only, one sheet each, with a slip of its own. */
export async function printReminders(
  deps: PaperDeps,
  actor: Actor,
  query: { readonly runId: string; readonly part: number },
): Promise<
  Result<
    Paper & { readonly letters: number },
    'no-such-run' | 'nothing-released' | 'unprintable-character' | 'not-authorised' | 'protections-unavailable'
  >
> {
  const read = await readLetters(deps, actor, query);
  if (!read.ok) return read;
  const made = await makePaper(deps, actor, read.value, noteLetters);
  return made.ok ? ok({ ...made.value, letters: read.value.letters }) : made;
}
