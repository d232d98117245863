import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { instalmentPlan, type Part } from '../../domain/agreement.ts';
import { negative, noItems, totalOf } from '../../domain/items.ts';
import { type Interruption, prescribesOn } from '../../domain/prescription.ts';
import { type EndingClaim, endingClaims, type Renewal, renewalsOf } from '../../store/arrears.ts';
import { lockStates, updateStates } from '../../store/charges.ts';
import { differences, journalBatches, journalFacts, writeEntries } from '../../store/journal.ts';
import {
  carryOver,
  endHold,
  type Hold,
  holdsOf,
  insertHold,
  insertWriteOff,
  legalDueOn,
  remindedOn,
  type StopGround,
} from '../../store/office.ts';
import { whoActs } from '../files/take-file.ts';

export type { StopGround } from '../../store/office.ts';
export type HoldKind = 'deferral' | 'execution-stopped' | 'instalment-agreement' | 'dispute';
export interface HoldCommand {
  readonly chargeId: string;
  readonly kind: HoldKind;
  readonly fromOn: string;
  /** Last day; null where it has no end yet. */
  readonly untilOn: string | null;
  readonly reason: string;
  /** 分割納付: over how many months. */
  readonly months?: number;
  /** 執行停止: on which ground. */
  readonly ground?: StopGround;
}

/**
 * 猶予, 執行停止, 分納誓約, 争訟: while it lasts nobody is reminded of the charge.
 *
 * @law 地方税法 第15条, 第15条の7
 */
export const holdCharge = act('collections.hold-charge', {
  right: ['collections', 'arrears', 'update'],
  async run(
    tx,
    deps: Deps,
    command: HoldCommand,
    actor,
  ): Promise<
    Result<
      { holdId: string; plan: readonly Part[] },
      'no-such-charge' | 'nothing-open' | 'reason-missing' | 'ends-before' | 'ground-missing' | 'no-end-of-stop'
    >
  > {
    if (command.reason.trim() === '') return err('reason-missing');
    if (command.untilOn !== null && command.untilOn < command.fromOn) return err('ends-before');
    if (command.kind === 'execution-stopped') {
      if (command.ground === undefined) return err('ground-missing');
      // It lasts until it is taken back, or until the claim is gone by it.
      if (command.untilOn !== null) return err('no-end-of-stop');
    }
    const state = (await lockStates(tx, [command.chargeId])).get(command.chargeId);
    if (state === undefined) return err('no-such-charge');
    const open = totalOf(state.open);
    if (open === 0) return err('nothing-open');
    const plan =
      command.kind === 'instalment-agreement' ? instalmentPlan(open, command.months ?? 1, command.fromOn) : [];
    const holdId = deps.newId();
    const { chargeId, kind, fromOn, untilOn } = command;
    const at = deps.machineClock.now();
    const reason = command.reason.trim().slice(0, 500);
    const ground = kind === 'execution-stopped' ? (command.ground ?? null) : null;
    const held = { holdId, chargeId, kind, ground, fromOn, untilOn: plan.at(-1)?.dueOn ?? untilOn, reason };
    await insertHold(tx, { ...held, plan: plan.length > 0 ? plan : null, by: whoActs(actor), at });
    tx.record({
      event: 'charge.held',
      subject: state.personNumber,
      facts: ['collections.hold'],
      detail: { charge: chargeId, kind },
    });
    return ok({ holdId, plan });
  },
});

export const endHolding = act('collections.end-hold', {
  right: ['collections', 'arrears', 'update'],
  async run(
    tx,
    deps: Deps,
    { holdId, reason }: { readonly holdId: string; readonly reason: string },
    actor,
  ): Promise<Result<null, 'no-such-hold' | 'reason-missing'>> {
    if (reason.trim() === '') return err('reason-missing');
    const on = deps.civilClock.today().toString();
    if (!(await endHold(tx, { holdId, on, reason: reason.trim().slice(0, 500), by: whoActs(actor) })))
      return err('no-such-hold');
    tx.record({ event: 'charge.hold-ended', facts: ['collections.hold_end'], detail: { hold: holdId } });
    return ok(null);
  },
});

interface Renewing {
  readonly reminded: readonly string[];
  readonly holds: readonly Hold[];
  readonly renewals: readonly Renewal[];
}
function lastDay(legalDueOn: string, { reminded, holds, renewals }: Renewing, today: string): string {
  const interruptions: Interruption[] = [
    ...reminded.map((on) => ({ kind: 'reminder' as const, on })),
    ...holds
      .filter((h) => h.kind === 'deferral' || h.kind === 'instalment-agreement')
      .map((h) => ({
        kind: h.kind === 'deferral' ? ('suspension' as const) : ('instalment-agreement' as const),
        on: h.fromOn,
        until: h.endedOn ?? h.untilOn ?? today,
      })),
    ...renewals.map((r) =>
      r.kind === 'acknowledgement'
        ? { kind: 'acknowledgement' as const, on: r.onDay }
        : { kind: 'seizure' as const, on: r.onDay, ...(r.kind === 'seizure' ? { until: r.endedOn ?? today } : {}) },
    ),
  ];
  return prescribesOn(legalDueOn, interruptions);
}

type Claim = { readonly chargeId: string; readonly legalDueOn: string };

/** The last day of each claim, with all that renewed or held the five years. */
export async function lastDaysOf(
  tx: Tx,
  charges: readonly Claim[],
  today: string,
): Promise<Readonly<Record<string, string>>> {
  const ids = charges.map((c) => c.chargeId);
  const [reminded, holds, renewals] = await Promise.all([remindedOn(tx, ids), holdsOf(tx, ids), renewalsOf(tx, ids)]);
  return lastDays(charges, { reminded, holds, renewals }, today);
}

/** The same from what is known of the charges already. */
export function lastDays(
  charges: readonly Claim[],
  known: {
    readonly reminded: readonly { readonly chargeId: string; readonly on: string }[];
    readonly holds: readonly Hold[];
    readonly renewals: readonly Renewal[];
  },
  today: string,
): Readonly<Record<string, string>> {
  const reminded = Map.groupBy(known.reminded, (r) => r.chargeId);
  const holds = Map.groupBy(known.holds, (h) => h.chargeId);
  const renewals = Map.groupBy(known.renewals, (r) => r.chargeId);
  return Object.fromEntries(
    charges.map(({ chargeId, legalDueOn }) => [
      chargeId,
      lastDay(
        legalDueOn,
        {
          reminded: (reminded.get(chargeId) ?? []).map((r) => r.on),
          holds: holds.get(chargeId) ?? [],
          renewals: renewals.get(chargeId) ?? [],
        },
        today,
      ),
    ]),
  );
}

/** 地方税法 第15条の7第4項: the claim is gone when three years of the stop have passed. */
const stopYears = 3;
const stopEndsOn = (stoppedOn: string): string =>
  Temporal.PlainDate.from(stoppedOn).add({ years: stopYears }).toString();

export interface EndingView {
  readonly rows: readonly (EndingClaim & {
    /** The day on which it is gone, by the one or by the other. */
    readonly stopEndsOn: string | null;
    readonly prescribesOn: string;
  })[];
  readonly total: number;
}
/** 消滅する徴収金: claims whose stop has lasted three years or will soon, and old ones with the last day of their time; each is written off by its own decision. */
export const listEndingClaims = act('collections.list-ending-claims', {
  right: ['collections', 'write-off', 'read'],
  async run(
    tx,
    deps: Deps,
    query: { readonly withinDays: number; readonly offset: number; readonly limit: number },
  ): Promise<Result<EndingView, never>> {
    const today = deps.civilClock.today();
    const by = today.add({ days: query.withinDays });
    const { rows, total } = await endingClaims(tx, {
      stoppedBy: by.subtract({ years: stopYears }).toString(),
      dueBy: by.subtract({ years: 5 }).toString(),
      offset: query.offset,
      limit: query.limit,
    });
    const last = await lastDaysOf(tx, rows, today.toString());
    tx.record({
      event: 'ending-claims.listed',
      subjects: [...new Set(rows.map((r) => r.personNumber))],
      detail: { claims: rows.length },
    });
    return ok({
      total,
      rows: rows.map((r) => ({
        ...r,
        stopEndsOn: r.stoppedOn === null ? null : stopEndsOn(r.stoppedOn),
        prescribesOn: last[r.chargeId]!,
      })),
    });
  },
});

export type WriteOffCause = 'prescription' | 'execution-stopped-three-years' | 'extinguished-at-once';

/**
 * 不納欠損. For prescription the five years with all that renewed them must have passed; for 執行停止 three years of it, and at once only
 * where it was stopped because there is no property.
 *
 * @law 地方税法 第18条, 第15条の7第4項・第5項
 */
export const writeOff = act('collections.write-off', {
  right: ['collections', 'write-off', 'update'],
  async run(
    tx,
    deps: Deps,
    { chargeId, cause }: { readonly chargeId: string; readonly cause: WriteOffCause },
    actor,
  ): Promise<
    Result<{ yen: number }, 'no-such-charge' | 'nothing-open' | 'not-prescribed' | 'not-three-years' | 'not-stopped'>
  > {
    const state = (await lockStates(tx, [chargeId])).get(chargeId);
    const legal = await legalDueOn(tx, chargeId);
    if (state === undefined || legal === undefined) return err('no-such-charge');
    const yen = totalOf(state.open);
    if (yen === 0) return err('nothing-open');
    const today = deps.civilClock.today();
    const holds = await holdsOf(tx, [chargeId]);
    if (cause === 'prescription') {
      const last = await lastDaysOf(tx, [{ chargeId, legalDueOn: legal }], today.toString());
      if (last[chargeId]! >= today.toString()) return err('not-prescribed');
    }
    const stopped = holds.filter((h) => h.kind === 'execution-stopped' && h.endedOn === null);
    if (cause === 'execution-stopped-three-years' && !stopped.some((h) => stopEndsOn(h.fromOn) <= today.toString()))
      return err('not-three-years');
    if (cause === 'extinguished-at-once' && !stopped.some((h) => h.ground === 'no-property')) return err('not-stopped');
    const about = { bookYear: state.bookYear, chargeId };
    const [entryNo] = await writeEntries(
      tx,
      [
        {
          kind: 'write-off',
          validOn: today.toString(),
          decision: `write-off:${cause} ${whoActs(actor)}`,
          lines: [
            { ledger: 'written-off', ...about, items: state.open },
            { ledger: 'receivable', ...about, items: negative(state.open) },
          ],
        },
      ],
      deps.machineClock.now(),
    );
    state.open = noItems;
    await updateStates(tx, [state]);
    await insertWriteOff(tx, { chargeId, cause, yen, on: today.toString(), by: whoActs(actor), entryNo: entryNo! });
    tx.record({
      event: 'charge.written-off',
      subject: state.personNumber,
      facts: ['collections.write_off', ...journalFacts],
      detail: { charge: chargeId, cause, yen },
    });
    return ok({ yen });
  },
});

/**
 * 決算・滞納繰越 (COL-F5): after the books of a year have closed on 31 May, what is open of it moves to the next, charge by charge. Once a
 * year; the second clerk finds it done.
 *
 * @law 地方自治法 第235条の5 (出納の閉鎖)
 */
export const closeYear = act('collections.close-year', {
  right: ['collections', 'closing', 'update'],
  async run(
    tx,
    deps: Deps,
    { fiscalYear }: { readonly fiscalYear: number },
    actor,
  ): Promise<Result<{ charges: number; yen: number }, 'not-yet' | 'already-closed' | 'books-differ'>> {
    const on = deps.civilClock.today().toString();
    if (on <= `${fiscalYear + 1}-05-31`) return err('not-yet');
    // What is carried over is what the journal says, charge by charge; where the running state says otherwise nobody closes.
    if (enforced('jobs.ledger-balance') && (await differences(tx, fiscalYear)).length > 0) return err('books-differ');
    const done = await carryOver(tx, fiscalYear, { on, by: whoActs(actor), at: deps.machineClock.now() });
    if (done === undefined) return err('already-closed');
    tx.record({
      event: 'year.closed',
      facts: ['collections.closing', ...journalFacts],
      batches: journalBatches,
      detail: { fiscalYear, charges: done.charges, yen: done.yen },
    });
    return ok(done);
  },
});
