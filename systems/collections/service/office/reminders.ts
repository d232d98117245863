import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { partsOfHeirs } from '../../domain/heirs.ts';
import { delinquencyCharge } from '../../domain/interest.ts';
import { hasRates } from '../../domain/interest-rates.ts';
import { taxOf } from '../../domain/items.ts';
import {
  type AddressedTo,
  mayRemind,
  type NoReminder,
  stillTrue,
  type Withdrawal,
  wholeLetters,
} from '../../domain/reminders.ts';
import { heirsApart, successionsOf } from '../../store/arrears.ts';
import { type LockedState, lockStates, updateStates } from '../../store/charges.ts';
import { numbersOf } from '../../store/copy.ts';
import { journalBatches, journalFacts, type NewEntry, writeEntries } from '../../store/journal.ts';
import {
  findOverride,
  insertOverride,
  insertRun,
  insertSteps,
  type LetterLine,
  letterKey,
  lettersOf,
  listRuns,
  lockRun,
  type NewLetter,
  overdueCharges,
  type RunLine,
  taxPayments,
} from '../../store/office.ts';
import { reasonOfLetter } from '../../store/papers.ts';
import { insertSlips, slipsOfCharges } from '../../store/slips.ts';
import { bookYearOf } from '../files/post-records.ts';
import { whoActs } from '../files/take-file.ts';
import { factsFor, methodsOf, whatIsMissing } from './reminder-facts.ts';
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

const emptyId = '00000000-0000-0000-0000-000000000000';
/** Charges that are looked at together: of collectors all, since what one owes is one letter. */
const atOnce: Readonly<Record<AddressedTo, number>> = { payers: 5_000, collectors: 1_000_000 };

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
    command: { readonly runId: string; readonly paidUntil: string; readonly addressedTo?: AddressedTo },
    actor,
  ): Promise<Result<Blocked | Made, 'cut-off-not-past'>> {
    return make(tx, deps, { addressedTo: 'payers', ...command }, whoActs(actor), undefined);
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
    return make(tx, deps, { ...command, addressedTo: 'payers' }, actor.staffId, reason);
  },
});

async function make(
  tx: Tx,
  deps: Deps,
  command: { readonly runId: string; readonly paidUntil: string; readonly addressedTo: AddressedTo },
  by: string,
  overrideReason: string | undefined,
): Promise<Result<Blocked | Made, 'cut-off-not-past'>> {
  const today = deps.civilClock.today().toString();
  if (command.paidUntil >= today) return err('cut-off-not-past');
  if ((await lockRun(tx, command.runId)) !== undefined) return repeated(tx, command.runId);
  const to = command.addressedTo;
  const missing = await whatIsMissing(tx, deps, command.paidUntil, to);
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
  const letters: NewLetter[] = [];
  const keptBack: Partial<Record<NoReminder, number>> = {};
  let considered = 0;
  for (let after = emptyId; ; ) {
    const methods = methodsOf(deps, to);
    const ids = await overdueCharges(tx, { dueBefore: command.paidUntil, after, limit: atOnce[to], methods });
    if (ids.length === 0) break;
    after = ids.at(-1)!;
    await lockStates(tx, ids);
    const facts = await factsFor(tx, deps, ids, { to, override });
    const payments = Map.groupBy(await taxPayments(tx, ids), (p) => p.chargeId);
    for (const fact of facts) {
      considered++;
      const why = mayRemind(fact, command.paidUntil, to);
      if (why !== undefined) keptBack[why] = (keptBack[why] ?? 0) + 1;
      else
        letters.push({
          letterId: deps.newId(),
          chargeId: fact.chargeId,
          personNumber: fact.personNumber,
          open: fact.open,
          interestYen: delinquencyCharge(fact.taxYen, fact.dueOn, payments.get(fact.chargeId) ?? [], today).yen,
          lastEntryNo: fact.lastEntryNo,
          designationNumber: to === 'collectors' ? fact.designationNumber : null,
        });
    }
  }
  const at = deps.machineClock.now();
  const made = new Set(letters.map(letterKey)).size;
  const run = { runId: command.runId, paidUntil: command.paidUntil, madeOn: today, by, at };
  await insertRun(tx, { ...run, considered, keptBack, addressedTo: to, letters: made }, letters);
  if (override !== undefined) await insertOverride(tx, command.runId, override);
  tx.record({
    event: override === undefined ? 'reminder-run.made' : 'reminder-run.made-anyway',
    subjects: [...new Set(letters.map((l) => l.personNumber))],
    facts: ['collections.reminder_run', 'collections.reminder_letter', 'collections.reminder_override'],
    batches: { 'collections.reminder_letter': null },
    detail: { run: command.runId, to, considered, letters: made, missing: override?.missing.length ?? 0 },
  });
  return ok({ made: true, runId: command.runId, letters: made, keptBack });
}

/** 「令和9年の延滞金の割合」: the rates that somebody must enter from what is published. */
const ratesMissing = (day: string): string => `令和${Number(day.slice(0, 4)) - 2018}年の延滞金の割合（未登録）`;

async function repeated(tx: Tx, runId: string): Promise<Result<Made, never>> {
  const letters = await lettersOf(tx, runId);
  tx.record({ event: 'reminder-run.repeated', detail: { run: runId } });
  return ok({ made: true, runId, letters: new Set(letters.map(letterKey)).size, keptBack: {} });
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
  const missing = (await whatIsMissing(tx, deps, run.paidUntil, run.addressedTo)).words(override?.missing);
  if (missing.length > 0) {
    tx.record({ event: 'reminder-run.blocked', detail: { missing: missing.length, run: command.runId } });
    return ok({ made: false, missing });
  }
  const today = deps.civilClock.today().toString();
  const letters = (await lettersOf(tx, command.runId)).filter((l) => l.step === command.from);
  const ids = letters.map((l) => l.chargeId);
  const states = await lockStates(tx, ids);
  const facts = new Map((await factsFor(tx, deps, ids, { to: run.addressedTo, override })).map((f) => [f.chargeId, f]));
  const withdrawn: Partial<Record<Withdrawal, number>> = {};
  const forward: LetterLine[] = [];
  const whys = wholeLetters(
    letters.map(({ ward, metropolitan, forest, designationNumber, chargeId }) => {
      const said = { open: { ward, metropolitan, forest, fee: 0, interest: 0 }, designationNumber };
      const why = enforced('dispatch.release-comparison')
        ? stillTrue(said, facts.get(chargeId)!, run.paidUntil)
        : undefined;
      return { designationNumber, why };
    }),
  );
  const steps = letters.map((letter, i) => {
    const why = whys[i];
    if (why === undefined) forward.push(letter);
    else withdrawn[why] = (withdrawn[why] ?? 0) + 1;
    return {
      letterId: letter.letterId,
      step: why === undefined ? command.to : ('withdrawn' as const),
      reason: why ?? null,
    };
  });
  await insertSteps(tx, steps, { on: today, by: command.by });
  // Collectors pay by their own 納入書, a month in one sum.
  if (command.to === 'released' && run.addressedTo === 'payers') await slipsFor(tx, deps, forward, states, today);
  const sheets = [...new Map(forward.map((l) => [letterKey(l), l])).values()];
  if (command.to === 'posted' && deps.reminderFeeYen > 0) {
    const entries = sheets.map(({ chargeId, letterId }): NewEntry => {
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
    detail: { run: command.runId, forward: sheets.length, withdrawn: letters.length - forward.length },
  });
  return ok({ made: true, forward: sheets.length, withdrawn });
}

/** Each letter that goes to the printer carries a slip of its own over all that it asks for; where heirs are written to apart, one an heir. */
async function slipsFor(
  tx: Tx,
  deps: Deps,
  letters: readonly LetterLine[],
  states: ReadonlyMap<string, LockedState>,
  today: string,
): Promise<void> {
  const chargeIds = letters.map((l) => l.chargeId);
  const known = Map.groupBy(await slipsOfCharges(tx, chargeIds), (s) => s.chargeId);
  const successions = await successionsOf(tx, [...new Set(letters.map((l) => l.personNumber))]);
  const wanted = letters.flatMap(({ letterId, chargeId, personNumber }) => {
    const { open } = states.get(chargeId)!;
    const all = { taxYen: taxOf(open), feeYen: open.fee + deps.reminderFeeYen, interestYen: open.interest };
    const heirs = heirsApart(successions.get(personNumber));
    const parts = heirs.length === 0 ? [all] : partsOfHeirs(all, heirs);
    const before = known.get(chargeId)?.filter((s) => s.kind === 'slip').length ?? 0;
    return parts
      .map((part, i) => ({
        chargeId,
        issue: before + i,
        amountYen: part.taxYen + part.feeYen + part.interestYen,
        reason: reasonOfLetter(letterId, heirs.length === 0 ? undefined : i + 1),
      }))
      .filter((slip) => slip.amountYen > 0);
  });
  const numbers = await numbersOf(tx, 'collections.slip_no', wanted.length);
  const payableUntil = Temporal.PlainDate.from(today).add({ months: 1 }).toString();
  await insertSlips(
    tx,
    wanted.map(({ chargeId, ...slip }, i) =>
      newSlip(deps, states.get(chargeId)!, { ...slip, slipNo: numbers[i]!, payableUntil, issuedOn: today }),
    ),
  );
}

export const listReminderRuns = act('collections.list-reminder-runs', {
  right: ['collections', 'reminder', 'read'],
  async run(
    tx,
    deps: Deps,
    query: { readonly paidUntil: string; readonly addressedTo: AddressedTo },
  ): Promise<Result<ReminderView, never>> {
    const runs = await listRuns(tx, 50);
    const missing = (await whatIsMissing(tx, deps, query.paidUntil, query.addressedTo)).words();
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
