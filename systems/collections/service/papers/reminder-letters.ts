import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { partsOfHeirs, shareAmong } from '../../domain/heirs.ts';
import { addressOfHeir, successionsOf } from '../../store/arrears.ts';
import { collectorsOf, type Particulars } from '../../store/charges.ts';
import { type LetterLine, letterKey, lettersOf, lockRun } from '../../store/office.ts';
import { type ChargeOfPaper, chargesOfPaper, payersOf, reasonOfLetter, slipsOfLetters } from '../../store/papers.ts';
import type { Slip } from '../../store/slips.ts';
import { makePaper, noteOf, type Paper, type PaperRequest } from './make-paper.ts';
import { appealText, dayText, headOf, openLine, printedSlip, yearAndPeriod } from './paper-data.ts';
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
    const released = (await lettersOf(tx, query.runId)).filter((l) => l.step === 'released');
    const keys = [...new Set(released.map(letterKey))];
    const ofPart = new Set(keys.slice(query.part * lettersAtOnce, (query.part + 1) * lettersAtOnce));
    const rows = released.filter((l) => ofPart.has(letterKey(l)));
    const charges = new Map(
      (await chargesOfPaper(tx, { chargeIds: rows.map((l) => l.chargeId) })).map((c) => [c.chargeId, c]),
    );
    // What was paid since the release is not printed, and no letter of which a part was; the post's look takes the letter back.
    const changed = new Set(
      rows.filter((l) => charges.get(l.chargeId)?.openTaxYen !== l.ward + l.metropolitan + l.forest).map(letterKey),
    );
    const letters = rows.filter((l) => !changed.has(letterKey(l)));
    if (letters.length === 0) return err('nothing-released');
    const about: About = { paidUntil: run.paidUntil, today: deps.civilClock.today().toString(), charges };
    const sheets =
      run.addressedTo === 'payers'
        ? await sheetsOfPayers(tx, deps, letters, about)
        : await sheetsOfCollectors(tx, deps, letters, about);
    tx.record({
      event: 'reminder-letters.read',
      subjects: [...new Set(letters.map((l) => l.personNumber))],
      ground: '地方税法 第329条',
      detail: { run: query.runId, letters: sheets.length, leftOut: changed.size },
    });
    return ok({
      kind: run.addressedTo === 'payers' ? 'reminders' : 'collector-reminders',
      title: '督促状',
      about: `run ${query.runId} ${query.part}`,
      personNumber: null,
      addressees: sheets.flatMap((s) => s.person ?? []),
      name: `tokusoku-${run.paidUntil}-${query.part + 1}.pdf`,
      letters: sheets.length,
      data: { letters: sheets.map((s) => s.data) },
    });
  },
});

interface About {
  readonly paidUntil: string;
  readonly today: string;
  readonly charges: ReadonlyMap<string, ChargeOfPaper>;
}
interface Sheet {
  /** Whose address stands on it, where it is a person's. */
  readonly person?: string;
  readonly data: PaperRequest['data'];
}

/** One sheet a payer, with its slip; where heirs are written to apart, one an heir with its part. */
async function sheetsOfPayers(
  tx: Tx,
  deps: PaperDeps,
  letters: readonly LetterLine[],
  { paidUntil, today, charges }: About,
): Promise<readonly Sheet[]> {
  const persons = [...new Set(letters.map((l) => l.personNumber))];
  const [payers, successions] = [await payersOf(tx, persons), await successionsOf(tx, persons)];
  const slips = await slipsOfLetters(
    tx,
    letters.map((l) => l.letterId),
  );
  return letters.flatMap(({ letterId, chargeId, personNumber, interestYen }) => {
    const charge = charges.get(chargeId)!;
    const own = slips.get(letterId) ?? [];
    const sheet = (to: Particulars, of: ChargeOfPaper, slip: Slip, interest: number): Sheet => ({
      person: personNumber,
      data: {
        ...headOf(to, deps.office, '督促状', today),
        letterId,
        paidUntil: dayText(paidUntil),
        open: [openLine(of, interest)],
        slip: printedSlip(slip, of, deps),
        appeal: appealText(deps.office),
      },
    });
    const whole = own.find((s) => s.reason === reasonOfLetter(letterId));
    if (whole !== undefined) return [sheet(payers.get(personNumber)!, charge, whole, interestYen)];
    const { heirs } = successions.get(personNumber)!;
    const parts = partsOfHeirs(
      { taxYen: charge.openTaxYen, feeYen: charge.feeYen, interestYen: charge.interestYen },
      heirs,
    );
    const interests = shareAmong(interestYen, heirs);
    return heirs.flatMap((heir, i) => {
      const slip = own.find((s) => s.reason === reasonOfLetter(letterId, i + 1));
      const { taxYen: openTaxYen, ...rest } = parts[i]!;
      const to = addressOfHeir(payers.get(personNumber)!, heir);
      return slip === undefined ? [] : [sheet(to, { ...charge, openTaxYen, ...rest }, slip, interests[i]!)];
    });
  });
}

/** One letter a collector: the sum of each month and, person by person, what it is made of. No name and no address of a person stands on it. */
async function sheetsOfCollectors(
  tx: Tx,
  deps: PaperDeps,
  letters: readonly LetterLine[],
  { paidUntil, today, charges }: About,
): Promise<readonly Sheet[]> {
  const byCollector = Map.groupBy(letters, (l) => l.designationNumber ?? '');
  const known = await collectorsOf(tx, [...byCollector.keys()]);
  return [...byCollector].map(([designationNumber, rows]) => {
    const collector = known.get(designationNumber) ?? deps.pensionInsurer;
    if (collector === undefined) throw new Error('a letter to a collector that nobody can write to');
    const lines = rows.map((row) => ({ row, charge: charges.get(row.chargeId)! }));
    const months = [...Map.groupBy(lines, (l) => l.charge.dueOn)].sort(([a], [b]) => a.localeCompare(b));
    return {
      data: {
        ...headOf({ ...collector, personNumber: '', nameKana: '' }, deps.office, '督促状', today),
        designationNumber,
        letterId: rows[0]!.letterId,
        paidUntil: dayText(paidUntil),
        months: months.map(([, of]) => ({
          ...openLine(of[0]!.charge, 0),
          persons: of.length,
          taxYen: of.reduce((all, l) => all + l.charge.openTaxYen, 0),
          feeYen: of.reduce((all, l) => all + l.charge.feeYen, 0),
          interestYen: of.reduce((all, l) => all + l.row.interestYen, 0),
        })),
        people: months.flatMap(([, of]) =>
          of.map(({ charge }) => ({
            noticeNumber: charge.noticeNumber,
            period: yearAndPeriod(charge),
            taxYen: charge.openTaxYen,
          })),
        ),
        appeal: appealText(deps.office),
      },
    };
  });
}
const noteLetters = noteOf(['collections', 'reminder-release', 'update']);

/** 督促状 as a print file: released letters only, one sheet each, with a slip of its own; of collectors one letter each. */
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
