import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { issuedCaseKey } from '../../domain/keys.ts';
import type { Incoming } from '../../domain/matching.ts';
import { numbersOf } from '../../store/copy.ts';
import {
  chargesToDebit,
  type DebitOrderRow,
  insertDebitOutcomes,
  insertOrders,
  lockDebits,
  ordersByKey,
  ordersOfBatch,
} from '../../store/debits.ts';
import { findFile, lockChannel, type TakenFile } from '../../store/files.ts';
import { insertSlips, type Slip } from '../../store/slips.ts';
import { postRecords, type Unpaid } from './post-records.ts';
import { taken } from './take-file.ts';

export interface OrderDebits {
  readonly batchId: string;
  readonly dueOn: string;
  readonly debitOn: string;
  readonly persons: readonly string[];
}

/**
 * 口座振替依頼: one debit for each open charge, at most one under way. The same batch again gives the same orders, so that a repeat after a
 * crash debits nobody twice (INC-27).
 */
export const orderDebits = act('collections.order-debits', {
  right: ['collections', 'debit', 'update'],
  async run(tx, deps: Deps, command: OrderDebits): Promise<Result<readonly DebitOrderRow[], never>> {
    await lockDebits(tx);
    const before = await ordersOfBatch(tx, command.batchId);
    if (before.length > 0) {
      tx.record({ event: 'debit.order-repeated', detail: { batch: command.batchId } });
      return ok(before);
    }
    const today = deps.civilClock.today().toString();
    const charges = await chargesToDebit(tx, { dueOn: command.dueOn, persons: command.persons, today });
    const numbers = await numbersOf(tx, 'collections.slip_no', charges.length);
    await insertSlips(
      tx,
      charges.map(
        (c, i): Slip => ({
          slipNo: numbers[i]!,
          kind: 'debit',
          chargeId: c.chargeId,
          issue: c.issue,
          caseKey: issuedCaseKey(deps.bodyCode, c.fiscalYear, 9, numbers[i]!),
          confirmation: '000000',
          convenienceReference: null,
          amountYen: c.openYen,
          payableUntil: command.debitOn,
          issuedOn: today,
          reason: 'direct-debit',
        }),
      ),
    );
    await insertOrders(
      tx,
      command.batchId,
      charges.map((c, i) => ({
        slipNo: numbers[i]!,
        chargeId: c.chargeId,
        amountYen: c.openYen,
        debitOn: command.debitOn,
      })),
    );
    tx.record({
      event: 'debit.ordered',
      subjects: [...new Set(charges.map((c) => c.personNumber))],
      facts: ['collections.slip', 'collections.debit_order'],
      batches: { 'collections.slip': null, 'collections.debit_order': null },
      detail: { batch: command.batchId, orders: charges.length },
    });
    return ok(await ordersOfBatch(tx, command.batchId));
  },
});

export interface DebitResults {
  readonly bank: string;
  readonly debitOn: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly results: readonly {
    readonly row: number;
    readonly caseKey: string;
    readonly amount: number;
    readonly outcome: string;
  }[];
}

/**
 * 口座振替結果 of one bank (W08): paid debits are posted, the others noted with the bank's word, so that their charges can be asked for in
 * another way. Whole or not at all; each debit has one result for good.
 */
export const takeDebitResults = act('collections.take-debit-results', {
  right: ['collections', 'debit', 'update'],
  async run(
    tx,
    deps: Deps,
    command: DebitResults,
    actor,
  ): Promise<Result<{ repeated: boolean; file: TakenFile }, 'unknown-debit' | 'other-amount' | 'other-result'>> {
    const sha256 = Buffer.from(command.sha256, 'hex');
    await lockChannel(tx, 'direct-debit');
    const before = await findFile(tx, { sha256 });
    if (before !== undefined && enforced('input.duplicate-file')) {
      tx.record({ event: 'payment-file.repeated', detail: { file: before.fileId } });
      return ok({ repeated: true, file: before });
    }
    const orders = new Map(
      (
        await ordersByKey(
          tx,
          command.results.map((r) => r.caseKey),
        )
      ).map((o) => [o.caseKey, o]),
    );
    const seen = new Set<string>();
    for (const result of command.results) {
      const order = orders.get(result.caseKey);
      if (order === undefined || order.debitOn !== command.debitOn) return err('unknown-debit');
      if (order.amountYen !== result.amount) return err('other-amount');
      // A debit's result is final: a second one, in this file or another, is not a second payment.
      if (order.outcome !== null || seen.has(result.caseKey)) return err('other-result');
      seen.add(result.caseKey);
    }
    const fileId = deps.newId();
    const place = command.bank;
    const paid = command.results
      .filter((r) => r.outcome === 'paid')
      .map(
        (r): Incoming => ({
          row: r.row,
          stage: 'final',
          reference: { kind: 'debit', caseKey: r.caseKey },
          amount: r.amount,
          paidOn: command.debitOn,
          place,
        }),
      );
    const unpaid = command.results
      .filter((r) => r.outcome !== 'paid')
      .map((r): Unpaid => ({ ...r, on: command.debitOn, place }));
    const meta = { fileId, channel: 'direct-debit', sender: `bank-${command.bank}`, businessOn: command.debitOn };
    const sequence = await nextSequence(tx, meta);
    const total = command.results.reduce((all, r) => all + r.amount, 0);
    const about = { ...meta, sequence, sha256, bytes: command.bytes, records: command.results.length, total };
    const file = await taken(
      tx,
      deps,
      actor,
      about,
      async (more) => {
        const counts = await postRecords(tx, deps, meta, paid, unpaid, more);
        await insertDebitOutcomes(
          tx,
          fileId,
          command.results.map((r) => ({ slipNo: orders.get(r.caseKey)!.slipNo, outcome: r.outcome })),
        );
        return counts;
      },
      ['collections.debit_outcome'],
    );
    return ok({ repeated: false, file });
  },
});

async function nextSequence(
  tx: Parameters<typeof findFile>[0],
  meta: { channel: string; sender: string; businessOn: string },
): Promise<number> {
  let sequence = 1;
  while ((await findFile(tx, { ...meta, sequence })) !== undefined) sequence += 1;
  return sequence;
}
