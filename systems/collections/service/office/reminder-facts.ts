import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Deps } from '../../deps.ts';
import { type DueFile, holdsSlips, methodOfChannel, missingForCutOff, missingInWords } from '../../domain/files-due.ts';
import { taxOf } from '../../domain/items.ts';
import type { AddressedTo } from '../../domain/reminders.ts';
import { collectorsOf } from '../../store/charges.ts';
import { arrivedFiles } from '../../store/files.ts';
import {
  debitsWithoutResult,
  type FactsOfCharge,
  type Override,
  personsWithPreliminary,
  reminderFacts,
} from '../../store/office.ts';
import { waitingAmounts, waitingCollectors } from '../../store/suspense.ts';

/** By which ways of collection a run's charges are paid: those of collectors only where their files are promised. */
export const methodsOf = (deps: Pick<Deps, 'schedules'>, to: AddressedTo): readonly string[] =>
  to === 'payers' ? ['ordinary'] : [...new Set(deps.schedules.flatMap((s) => methodOfChannel(s.channel) ?? []))];

export interface Lacking {
  /** Stable keys of what has not come. */
  readonly keys: readonly string[];
  /** Lines for people, of all that is not in `known`. */
  words(known?: readonly string[]): readonly string[];
  /** The first day whose payments a missing file could hold; undefined where nothing is promised at all. */
  readonly from: string | undefined;
}
const fileKey = (f: DueFile): string => `${f.channel} ${f.sender} ${f.businessOn}`;
const debitKey = (on: string): string => `direct-debit ${on}`;

/** Every file that could hold a payment by the cut-off, and every debit's result, that is not here. */
export async function whatIsMissing(tx: Tx, deps: Deps, paidUntil: string, to: AddressedTo): Promise<Lacking> {
  // What an employer or an insurer has not delivered says nothing about payers of slips, and the other way round.
  const schedules = deps.schedules.filter((s) => holdsSlips(s.channel) === (to === 'payers'));
  const first = schedules.map((s) => s.from).sort()[0];
  // Nobody knows what has not come where nothing is promised.
  if (first === undefined)
    return { keys: ['schedules'], words: () => ['収納データの提出予定が登録されていません'], from: undefined };
  const files: readonly DueFile[] = missingForCutOff(schedules, await arrivedFiles(tx, first), paidUntil);
  const debits = to === 'payers' ? await debitsWithoutResult(tx, paidUntil) : [];
  // A payment stands in its file up to so many days later: the window opens that much before the first missing day.
  const opens = files.map((f) => {
    const lag = Math.max(...schedules.filter((s) => s.sender === f.sender).map((s) => s.lagDays));
    return Temporal.PlainDate.from(f.businessOn).subtract({ days: lag }).toString();
  });
  return {
    keys: [...files.map(fileKey), ...debits.map(debitKey)],
    from: [...opens, ...debits].sort()[0] ?? paidUntil,
    words: (known = []) => [
      ...missingInWords(files.filter((f) => !known.includes(fileKey(f)))),
      ...debits
        .filter((on) => !known.includes(debitKey(on)))
        .map((on) => `口座振替結果 ${Number(on.slice(5, 7))}/${Number(on.slice(8))}引落分`),
    ],
  };
}

/** What speaks for or against letters; where files are missing, a 速報 of the payer in their days too. */
export async function factsFor(
  tx: Tx,
  deps: Deps,
  ids: readonly string[],
  about: { readonly to: AddressedTo; readonly override: Pick<Override, 'windowFrom'> | undefined },
): Promise<readonly FactsOfCharge[]> {
  const today = deps.civilClock.today().toString();
  const amounts = await waitingAmounts(tx);
  if (about.to === 'collectors') {
    const collectors = await waitingCollectors(tx);
    return withCollectors(tx, deps, await reminderFacts(tx, ids, { amounts, collectors }, today), amounts);
  }
  const facts = await reminderFacts(tx, ids, { amounts, collectors: [] }, today);
  if (about.override === undefined) return facts;
  const persons = [...new Set(facts.map((f) => f.personNumber))];
  const known = await personsWithPreliminary(tx, persons, about.override.windowFrom);
  return facts.map((f) => ({ ...f, preliminaryInWindow: known.has(f.personNumber) }));
}

/** A collector pays a month in one sum: money of that sum under another's number may be it. And it must be known where to write to. */
async function withCollectors(
  tx: Tx,
  deps: Deps,
  facts: readonly FactsOfCharge[],
  amounts: readonly number[],
): Promise<readonly FactsOfCharge[]> {
  const monthOf = (f: FactsOfCharge): string => `${f.designationNumber} ${f.dueOn}`;
  const sums = new Map<string, number>();
  for (const f of facts) sums.set(monthOf(f), (sums.get(monthOf(f)) ?? 0) + taxOf(f.open));
  const known = await collectorsOf(tx, [...new Set(facts.flatMap((f) => f.designationNumber ?? []))]);
  return facts.map((f) => ({
    ...f,
    candidateInSuspense: f.candidateInSuspense || amounts.includes(sums.get(monthOf(f))!),
    addressKnown: known.has(f.designationNumber ?? '') || (f.method === 'pension' && deps.pensionInsurer !== undefined),
  }));
}
