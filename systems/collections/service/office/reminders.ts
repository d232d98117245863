import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { type DueFile, holdsSlips, missingForCutOff, missingInWords } from '../../domain/files-due.ts';
import { delinquencyCharge } from '../../domain/interest.ts';
import { hasRates } from '../../domain/interest-rates.ts';
import { totalOf } from '../../domain/items.ts';
import { mayRemind, type NoReminder, stillTrue, type Withdrawal } from '../../domain/reminders.ts';
import { type LockedState, lockStates, updateStates } from '../../store/charges.ts';
import { numbersOf } from '../../store/copy.ts';
import { arrivedFiles } from '../../store/files.ts';
import { journalBatches, journalFacts, type NewEntry, writeEntries } from '../../store/journal.ts';
import {
  debitsWithoutResult,
  type FactsOfCharge,
  findOverride,
  insertOverride,
  insertRun,
  insertSteps,
  type LetterLine,
  lettersOf,
  listRuns,
  lockRun,
  type NewLetter,
  type Override,
  overdueCharges,
  personsWithPreliminary,
  type RunLine,
  reminderFacts,
  taxPayments,
} from '../../store/office.ts';
import { insertSlips, type Slip, slipsOfCharges } from '../../store/slips.ts';
import { waitingAmounts } from '../../store/suspense.ts';
import { bookYearOf } from '../files/post-records.ts';
import { whoActs } from '../files/take-file.ts';
import { newSlip } from './slips.ts';

/** Why nothing may go out: lines that name what has not come. */
export interface Blocked {
  readonly made: false;
  readonly missing: readonly string[];
}
export interface Made {
  readonly made: true;
  readonly runId: string;
  readonly letters: number;
  readonly keptBack: Readonly<Partial<Record<NoReminder, number>>>;
}

interface Lacking {
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
async function whatIsMissing(tx: Tx, deps: Deps, paidUntil: string): Promise<Lacking> {
  // Letters go to payers of slips: what an employer or an insurer has not delivered says nothing about them.
  const schedules = deps.schedules.filter((s) => holdsSlips(s.channel));
  const first = schedules.map((s) => s.from).sort()[0];
  // Nobody knows what has not come where nothing is promised.
  if (first === undefined)
    return { keys: ['schedules'], words: () => ['収納データの提出予定が登録されていません'], from: undefined };
  const files: readonly DueFile[] = missingForCutOff(schedules, await arrivedFiles(tx, first), paidUntil);
  const debits = await debitsWithoutResult(tx, paidUntil);
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

const emptyId = '00000000-0000-0000-0000-000000000000';

/**
 * 督促状の作成. Letters are made only when every file that could hold a payment up to `paidUntil` is in the books; else the run is refused
 * and names what is missing. Whoever might have paid gets none.
 *
 * @law 地方税法 第329条第1項
 * @source INC-36, INC-37, INC-38
 */
export const makeReminders = act('collections.make-reminders', {
  right: ['collections', 'reminder', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly runId: string; readonly paidUntil: string },
    actor,
  ): Promise<Result<Blocked | Made, 'cut-off-not-past'>> {
    return make(tx, deps, command, whoActs(actor), undefined);
  },
});

/**
 * 督促状の作成 although files are missing, by the head of the section with a reason: only for payers of whom no 速報 is known in the days that
 * the missing files would hold. Release and post pass as long as nothing else is missing than what stood before the head's eyes.
 *
 * @source INC-36
 */
export const makeRemindersAnyway = act('collections.make-reminders-anyway', {
  right: ['collections', 'reminder-release', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly runId: string; readonly paidUntil: string; readonly reason: string },
    actor,
  ): Promise<Result<Blocked | Made, 'cut-off-not-past' | 'reason-missing' | 'not-staff'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const reason = command.reason.trim().slice(0, 500);
    if (reason === '') return err('reason-missing');
    return make(tx, deps, command, actor.staffId, reason);
  },
});

async function make(
  tx: Tx,
  deps: Deps,
  command: { readonly runId: string; readonly paidUntil: string },
  by: string,
  overrideReason: string | undefined,
): Promise<Result<Blocked | Made, 'cut-off-not-past'>> {
  const today = deps.civilClock.today().toString();
  if (command.paidUntil >= today) return err('cut-off-not-past');
  if ((await lockRun(tx, command.runId)) !== undefined) return repeated(tx, command.runId);
  const missing = await whatIsMissing(tx, deps, command.paidUntil);
  const lacking = missing.keys.length > 0;
  if (lacking && (overrideReason === undefined || missing.from === undefined)) {
    tx.record({
      event: 'reminder-run.blocked',
      detail: { missing: missing.keys.length, paidUntil: command.paidUntil },
    });
    return ok({ made: false, missing: missing.words() });
  }
  if (!hasRates(today)) {
    tx.record({ event: 'reminder-run.blocked', detail: { rates: today, paidUntil: command.paidUntil } });
    return ok({ made: false, missing: [ratesMissing(today)] });
  }
  const override =
    lacking && overrideReason !== undefined && missing.from !== undefined
      ? { missing: missing.keys, windowFrom: missing.from, reason: overrideReason, by }
      : undefined;
  const amounts = await waitingAmounts(tx);
  const letters: NewLetter[] = [];
  const keptBack: Partial<Record<NoReminder, number>> = {};
  let considered = 0;
  for (let after = emptyId; ; ) {
    const ids = await overdueCharges(tx, { dueBefore: command.paidUntil, after, limit: 5_000 });
    if (ids.length === 0) break;
    after = ids.at(-1)!;
    await lockStates(tx, ids);
    const facts = await factsFor(tx, ids, amounts, today, override);
    const payments = Map.groupBy(await taxPayments(tx, ids), (p) => p.chargeId);
    for (const fact of facts) {
      considered++;
      const why = mayRemind(fact, command.paidUntil);
      if (why !== undefined) keptBack[why] = (keptBack[why] ?? 0) + 1;
      else
        letters.push({
          letterId: deps.newId(),
          chargeId: fact.chargeId,
          personNumber: fact.personNumber,
          open: fact.open,
          interestYen: delinquencyCharge(fact.taxYen, fact.dueOn, payments.get(fact.chargeId) ?? [], today).yen,
          lastEntryNo: fact.lastEntryNo,
        });
    }
  }
  const at = deps.machineClock.now();
  const run = { runId: command.runId, paidUntil: command.paidUntil, madeOn: today, by, at };
  await insertRun(tx, { ...run, considered, keptBack }, letters);
  if (override !== undefined) await insertOverride(tx, command.runId, override);
  tx.record({
    event: override === undefined ? 'reminder-run.made' : 'reminder-run.made-anyway',
    subjects: [...new Set(letters.map((l) => l.personNumber))],
    facts: ['collections.reminder_run', 'collections.reminder_letter', 'collections.reminder_override'],
    batches: { 'collections.reminder_letter': null },
    detail: { run: command.runId, considered, letters: letters.length, missing: override?.missing.length ?? 0 },
  });
  return ok({ made: true, runId: command.runId, letters: letters.length, keptBack });
}

/** What speaks for or against letters; where files are missing, a 速報 of the payer in their days too. */
async function factsFor(
  tx: Tx,
  ids: readonly string[],
  amounts: readonly number[],
  today: string,
  override: Pick<Override, 'windowFrom'> | undefined,
): Promise<readonly FactsOfCharge[]> {
  const facts = await reminderFacts(tx, ids, amounts, today);
  if (override === undefined) return facts;
  const persons = [...new Set(facts.map((f) => f.personNumber))];
  const known = await personsWithPreliminary(tx, persons, override.windowFrom);
  return facts.map((f) => ({ ...f, preliminaryInWindow: known.has(f.personNumber) }));
}

/** 「令和9年の延滞金の割合」: the rates that somebody must enter from what is published. */
const ratesMissing = (day: string): string => `令和${Number(day.slice(0, 4)) - 2018}年の延滞金の割合（未登録）`;

async function repeated(tx: Tx, runId: string): Promise<Result<Made, never>> {
  const letters = await lettersOf(tx, runId);
  tx.record({ event: 'reminder-run.repeated', detail: { run: runId } });
  return ok({ made: true, runId, letters: letters.length, keptBack: {} });
}

export interface Stepped {
  readonly made: true;
  readonly forward: number;
  readonly withdrawn: Readonly<Partial<Record<Withdrawal, number>>>;
}

/** Releases the letters of a run to the printer: each is looked at again, and what is no longer true is taken back. */
export const releaseReminders = act('collections.release-reminders', {
  right: ['collections', 'reminder-release', 'update'],
  run: (tx, deps: Deps, { runId }: { readonly runId: string }, actor) =>
    step(tx, deps, { runId, from: 'made', to: 'released', by: whoActs(actor) }),
});

/** Hands printed letters to the post: receipts that came since pull theirs out. From here on the reminder counts. */
export const postReminders = act('collections.post-reminders', {
  right: ['collections', 'reminder-release', 'update'],
  run: (tx, deps: Deps, { runId }: { readonly runId: string }, actor) =>
    step(tx, deps, { runId, from: 'released', to: 'posted', by: whoActs(actor) }),
});

async function step(
  tx: Tx,
  deps: Deps,
  command: { runId: string; from: LetterLine['step']; to: 'released' | 'posted'; by: string },
): Promise<Result<Blocked | Stepped, 'no-such-run'>> {
  const run = await lockRun(tx, command.runId);
  if (run === undefined) return err('no-such-run');
  const override = await findOverride(tx, command.runId);
  const missing = (await whatIsMissing(tx, deps, run.paidUntil)).words(override?.missing);
  if (missing.length > 0) {
    tx.record({ event: 'reminder-run.blocked', detail: { missing: missing.length, run: command.runId } });
    return ok({ made: false, missing });
  }
  const today = deps.civilClock.today().toString();
  const letters = (await lettersOf(tx, command.runId)).filter((l) => l.step === command.from);
  const ids = letters.map((l) => l.chargeId);
  const states = await lockStates(tx, ids);
  const facts = new Map(
    (await factsFor(tx, ids, await waitingAmounts(tx), today, override)).map((f) => [f.chargeId, f]),
  );
  const withdrawn: Partial<Record<Withdrawal, number>> = {};
  const forward: LetterLine[] = [];
  const steps = letters.map((letter) => {
    const open = { ward: letter.ward, metropolitan: letter.metropolitan, forest: letter.forest, fee: 0, interest: 0 };
    const why = enforced('dispatch.release-comparison')
      ? stillTrue({ open }, facts.get(letter.chargeId)!, run.paidUntil)
      : undefined;
    if (why === undefined) forward.push(letter);
    else withdrawn[why] = (withdrawn[why] ?? 0) + 1;
    return {
      letterId: letter.letterId,
      step: why === undefined ? command.to : ('withdrawn' as const),
      reason: why ?? null,
    };
  });
  await insertSteps(tx, steps, { on: today, by: command.by });
  if (command.to === 'released') await slipsFor(tx, deps, forward, states, today);
  if (command.to === 'posted' && deps.reminderFeeYen > 0) {
    const entries = forward.map(({ chargeId, letterId }): NewEntry => {
      const fee = { ward: 0, metropolitan: 0, forest: 0, fee: deps.reminderFeeYen, interest: 0 };
      const state = states.get(chargeId)!;
      state.open = { ...state.open, fee: state.open.fee + deps.reminderFeeYen };
      const about = { bookYear: state.bookYear, chargeId };
      return {
        kind: 'fee',
        validOn: today,
        decision: `reminder:${letterId}`,
        lines: [
          { ledger: 'receivable', ...about, items: fee },
          { ledger: 'levy', ...about, bookYear: bookYearOf(today), items: { ...fee, fee: -fee.fee } },
        ],
      };
    });
    await writeEntries(tx, entries, deps.machineClock.now());
    await updateStates(tx, [...states.values()]);
  }
  tx.record({
    event: `reminder-run.${command.to}`,
    subjects: [...new Set(letters.map((l) => l.personNumber))],
    facts: ['collections.reminder_step', 'collections.slip', ...journalFacts],
    batches: { 'collections.reminder_step': null, 'collections.slip': null, ...journalBatches },
    detail: { run: command.runId, forward: forward.length, withdrawn: letters.length - forward.length },
  });
  return ok({ made: true, forward: forward.length, withdrawn });
}

/** Each letter that goes to the printer carries a slip of its own over all that it asks for. */
async function slipsFor(
  tx: Tx,
  deps: Deps,
  letters: readonly LetterLine[],
  states: ReadonlyMap<string, LockedState>,
  today: string,
): Promise<void> {
  const known = Map.groupBy(
    await slipsOfCharges(
      tx,
      letters.map((l) => l.chargeId),
    ),
    (s) => s.chargeId,
  );
  const numbers = await numbersOf(tx, 'collections.slip_no', letters.length);
  const payableUntil = Temporal.PlainDate.from(today).add({ months: 1 }).toString();
  const slips = letters.map(({ letterId, chargeId }, i): Slip => {
    const state = states.get(chargeId)!;
    const issue = known.get(chargeId)?.filter((s) => s.kind === 'slip').length ?? 0;
    return newSlip(deps, state, {
      slipNo: numbers[i]!,
      issue,
      amountYen: totalOf(state.open) + deps.reminderFeeYen,
      payableUntil,
      issuedOn: today,
      reason: `reminder:${letterId}`,
    });
  });
  await insertSlips(
    tx,
    slips.filter((s) => s.amountYen > 0),
  );
}

export const listReminderRuns = act('collections.list-reminder-runs', {
  right: ['collections', 'reminder', 'read'],
  async run(tx, deps: Deps, query: { readonly paidUntil: string }): Promise<Result<ReminderView, never>> {
    const runs = await listRuns(tx, 50);
    const missing = (await whatIsMissing(tx, deps, query.paidUntil)).words();
    tx.record({ event: 'reminder-run.listed', detail: { runs: runs.length } });
    return ok({ runs, missing });
  },
});
export interface ReminderView {
  readonly runs: readonly RunLine[];
  readonly missing: readonly string[];
}

export const showReminderRun = act('collections.show-reminder-run', {
  right: ['collections', 'reminder', 'read'],
  async run(tx, _deps: Deps, { runId }: { readonly runId: string }): Promise<Result<RunView, 'no-such-run'>> {
    const run = (await listRuns(tx, 500)).find((r) => r.runId === runId);
    if (run === undefined) return err('no-such-run');
    const letters = (await lettersOf(tx, runId)).slice(0, 200);
    tx.record({
      event: 'reminder-run.shown',
      subjects: [...new Set(letters.map((l) => l.personNumber))],
      detail: { run: runId, letters: letters.length },
    });
    return ok({ run, letters });
  },
});
export interface RunView {
  readonly run: RunLine;
  readonly letters: readonly LetterLine[];
}
