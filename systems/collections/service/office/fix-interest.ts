import { act } from '@musubi/kernel/db/act.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { delinquencyCharge } from '../../domain/interest.ts';
import { ratesKnownUntil, rateVersion } from '../../domain/interest-rates.ts';
import { lockStates, updateStates } from '../../store/charges.ts';
import { journalBatches, journalFacts, type NewEntry, writeEntries } from '../../store/journal.ts';
import { insertFixed, paidLate, taxPayments } from '../../store/office.ts';
import { bookYearOf } from '../files/post-records.ts';

/**
 * 延滞金の確定: once the tax of a charge has been paid in full, and late, its interest is fixed by the days on which it was paid, and stands in
 * the books as owed. Each charge once; repeating does nothing more.
 *
 * @law 地方税法 第321条の2, 第326条
 */
export const fixInterest = act('collections.fix-interest', {
  right: ['collections', 'interest', 'update'],
  async run(
    tx,
    deps: Deps,
    { limit }: { readonly limit: number },
  ): Promise<Result<{ fixed: number; yen: number }, never>> {
    await tx`select pg_advisory_xact_lock(hashtextextended('collections interest', 0))`;
    const today = deps.civilClock.today().toString();
    // A year without published rates stops: its charges wait (`withoutRates`), nothing is computed with another year's.
    const late = await paidLate(tx, limit, ratesKnownUntil);
    const ids = late.map((l) => l.chargeId);
    const states = await lockStates(tx, ids);
    const payments = Map.groupBy(await taxPayments(tx, ids), (p) => p.chargeId);
    const fixed = late
      .filter(({ chargeId }) => states.get(chargeId)?.settledOn)
      .map((l) => ({
        ...l,
        interest: delinquencyCharge(l.taxYen, l.dueOn, payments.get(l.chargeId) ?? [], l.settledOn),
      }));
    await insertFixed(
      tx,
      fixed.map(({ chargeId, interest }) => ({
        chargeId,
        yen: interest.yen,
        segments: interest.segments,
        ratesVersion: rateVersion,
        on: today,
      })),
    );
    const owing = fixed.filter(({ interest }) => interest.yen > 0);
    const entries = owing.map(({ chargeId, interest, settledOn }): NewEntry => {
      const state = states.get(chargeId)!;
      state.open = { ...state.open, interest: state.open.interest + interest.yen };
      const items = { ward: 0, metropolitan: 0, forest: 0, fee: 0, interest: interest.yen };
      return {
        kind: 'interest',
        validOn: settledOn,
        decision: `interest:${rateVersion}`,
        lines: [
          { ledger: 'receivable', bookYear: state.bookYear, chargeId, items },
          { ledger: 'levy', bookYear: bookYearOf(settledOn), chargeId, items: { ...items, interest: -interest.yen } },
        ],
      };
    });
    await writeEntries(tx, entries, deps.machineClock.now());
    await updateStates(
      tx,
      owing.map(({ chargeId }) => states.get(chargeId)!),
    );
    const yen = owing.reduce((all, { interest }) => all + interest.yen, 0);
    tx.record({
      event: 'interest.fixed',
      subjects: [...new Set(fixed.map(({ chargeId }) => states.get(chargeId)!.personNumber))],
      facts: ['collections.interest_fixed', ...journalFacts],
      batches: { 'collections.interest_fixed': null, ...journalBatches },
      detail: { charges: fixed.length, yen },
    });
    return ok({ fixed: fixed.length, yen });
  },
});
