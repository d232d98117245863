import { createHash } from 'node:crypto';
import { isBankDay } from '@musubi/contracts/zengin/direct-debit.ts';
import { type TransferFile, writeTransferFile } from '@musubi/contracts/zengin/transfer.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import type { Deps } from '../deps.ts';
import { refundAccounts } from '../store/mandates.ts';
import {
  insertTransferBatch,
  insertTransferOrders,
  insertTransferOutcome,
  lockTransfers,
  orderedBefore,
  returnedMandates,
  type TransferBatch,
  type TransferLine,
  transferBatches,
  transfersOf,
} from '../store/transfers.ts';

export type { TransferBatch, TransferLine } from '../store/transfers.ts';

const storeTransfers = act('accounts.store-transfers', {
  right: ['accounts', 'transfer', 'update'],
  async run(
    tx,
    deps: Deps,
    command: {
      readonly batchId: string;
      readonly payOn: string;
      readonly orders: readonly { customerCode: string; orgPersonNumber: string; amount: number }[];
    },
    actor,
  ): Promise<
    Result<
      { records: number; excluded: number; withoutAccount: number; sameAccount: number },
      'not-staff' | 'not-a-bank-day' | 'nothing-to-pay'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    if (!isBankDay(Temporal.PlainDate.from(command.payOn))) return err('not-a-bank-day');
    await lockTransfers(tx);
    // 「支払済みの決定 n 件を除外しました」: an order stands in one file, whoever runs it how often (INC-41).
    const before = await orderedBefore(
      tx,
      command.orders.map((o) => o.customerCode),
    );
    const fresh = command.orders.filter((o) => !before.has(o.customerCode));
    const accounts = new Map(
      (
        await refundAccounts(
          tx,
          fresh.map((o) => o.orgPersonNumber),
        )
      ).map((a) => [a.personNumber, a.mandateId]),
    );
    // 組戻: to an account where money came back from nothing is sent until it is corrected.
    const dead = await returnedMandates(tx, [...accounts.values()]);
    const withAccount = fresh.filter((o) => accounts.has(o.orgPersonNumber));
    const payable = withAccount.filter((o) => !dead.has(accounts.get(o.orgPersonNumber)!));
    if (payable.length === 0) return err('nothing-to-pay');
    await insertTransferOrders(
      tx,
      command,
      payable.map((o) => ({
        customerCode: o.customerCode,
        mandateId: accounts.get(o.orgPersonNumber)!,
        personNumber: o.orgPersonNumber,
        amountYen: o.amount,
      })),
    );
    const bytes = fileOf(deps, command.payOn, await transfersOf(tx, command.batchId));
    await insertTransferBatch(tx, {
      batchId: command.batchId,
      payOn: command.payOn,
      sha256: createHash('sha256').update(bytes).digest(),
      records: payable.length,
      totalYen: payable.reduce((all, o) => all + o.amount, 0),
      by: actor.staffId,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: 'transfer.batch-made',
      subjects: payable.map((o) => o.orgPersonNumber),
      facts: ['accounts.transfer_batch', 'accounts.transfer_order'],
      detail: { batch: command.batchId, records: payable.length, excluded: before.size },
    });
    return ok({
      records: payable.length,
      excluded: before.size,
      withoutAccount: fresh.length - withAccount.length,
      sameAccount: withAccount.length - payable.length,
    });
  },
});

function fileOf(deps: Deps, payOn: string, lines: readonly TransferLine[]): Uint8Array {
  const { collector } = deps;
  const file: TransferFile = {
    senderCode: collector.code,
    senderName: collector.name,
    payOn: Temporal.PlainDate.from(payOn),
    bank: collector.bank,
    branch: collector.branch,
    accountKind: collector.accountKind,
    accountNumber: collector.accountNumber,
    transfers: lines.map((l) => ({
      bank: l.bank,
      branch: l.branch,
      accountKind: l.accountKind as TransferFile['transfers'][number]['accountKind'],
      accountNumber: l.accountNumber,
      payee: l.holder,
      amount: yen(l.amountYen),
      first: 'other',
      customerCode: l.customerCode,
    })),
  };
  return writeTransferFile(file);
}

/** 口座振込依頼情報作成 (ACC-F5): the refunds that collections decided and that stand in no file yet. */
export async function prepareTransfers(
  deps: Deps,
  actor: Actor,
  command: { readonly batchId: string; readonly payOn: string },
): ReturnType<typeof storeTransfers> {
  const orders = await deps.collections.refundOrders();
  return storeTransfers(deps, actor, { ...command, orders });
}

export const giveTransferFile = act('accounts.give-transfer-file', {
  right: ['accounts', 'transfer', 'update'],
  async run(
    tx,
    deps: Deps,
    { batchId }: { readonly batchId: string },
  ): Promise<Result<{ bytes: Uint8Array; name: string }, 'no-such-file' | 'differs'>> {
    const [batch] = await transferBatches(tx, { batchId });
    if (batch === undefined) return err('no-such-file');
    const bytes = fileOf(deps, batch.payOn, await transfersOf(tx, batchId));
    if (createHash('sha256').update(bytes).digest('hex') !== batch.sha256) return err('differs');
    tx.record({
      event: 'transfer.file-given',
      recipient: `bank:${deps.collector.bank}`,
      items: ['口座情報', '振込金額'],
      detail: { batch: batchId, records: batch.records },
    });
    return ok({ bytes, name: `furikomi-${batch.payOn}.txt` });
  },
});

const noteOutcome = act('accounts.note-transfer-outcome', {
  right: ['accounts', 'transfer', 'update'],
  async run(
    tx,
    _deps: Deps,
    command: {
      readonly customerCode: string;
      readonly personNumber: string;
      readonly outcome: 'paid' | 'returned';
      readonly reason: string | null;
      readonly on: string;
    },
    actor,
  ): Promise<Result<null, 'not-staff'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    await insertTransferOutcome(tx, { ...command, by: actor.staffId });
    tx.record({
      event: `transfer.${command.outcome}`,
      subject: command.personNumber,
      facts: ['accounts.transfer_outcome'],
    });
    return ok(null);
  },
});

/** What became of one order of a batch, as the bank or the statement of the own account says. */
export interface SaidOfTransfer {
  readonly customerCode: string;
  readonly outcome: 'paid' | 'returned';
  /** Why it came back, in the bank's word. */
  readonly reason: string | null;
}

/**
 * Notes what became of the orders of a batch and tells collections, order by order. Orders of which nothing is said stay open; what was
 * noted before is left as it is, so that a repeat after a crash goes on where it stopped.
 */
export async function noteTransferOutcomes(
  deps: Deps,
  actor: Actor,
  command: { readonly batchId: string; readonly said: readonly SaidOfTransfer[]; readonly on: string },
): Promise<
  Result<{ paid: number; returned: number }, 'not-staff' | 'not-authorised' | 'no-such-file' | 'collections-refused'>
> {
  const seen = await readTransfers(deps, actor, { batchId: command.batchId });
  if (!seen.ok) return seen;
  const counts = { paid: 0, returned: 0 };
  const said = new Map(command.said.map((s) => [s.customerCode, s]));
  for (const { customerCode, personNumber } of seen.value.filter((l) => l.outcome === null)) {
    const known = said.get(customerCode);
    if (known === undefined) continue;
    const { outcome, reason } = known;
    const told = await deps.collections.giveRefundOutcome({ customerCode, outcome, on: command.on });
    if (!told.ok) return err('collections-refused');
    const noted = await noteOutcome(deps, actor, { customerCode, personNumber, outcome, reason, on: command.on });
    if (!noted.ok) return noted;
    counts[outcome] += 1;
  }
  return ok(counts);
}

/** The statement of the own account shows a batch as paid, but for what came back (組戻し). */
export async function noteTransferDay(
  deps: Deps,
  actor: Actor,
  command: { readonly batchId: string; readonly returned: readonly string[]; readonly on: string },
): ReturnType<typeof noteTransferOutcomes> {
  const seen = await readTransfers(deps, actor, { batchId: command.batchId });
  if (!seen.ok) return seen;
  const said = seen.value.map(({ customerCode }): SaidOfTransfer => {
    const came = command.returned.includes(customerCode);
    return { customerCode, outcome: came ? 'returned' : 'paid', reason: null };
  });
  return noteTransferOutcomes(deps, actor, { batchId: command.batchId, said, on: command.on });
}

export const readTransfers = act('accounts.read-transfers', {
  right: ['accounts', 'transfer', 'read'],
  async run(
    tx,
    _deps: Deps,
    { batchId }: { readonly batchId: string },
  ): Promise<Result<readonly TransferLine[], 'no-such-file'>> {
    const lines = await transfersOf(tx, batchId);
    if (lines.length === 0) return err('no-such-file');
    tx.record({ event: 'transfer.read', subjects: lines.map((l) => l.personNumber), detail: { batch: batchId } });
    return ok(lines);
  },
});

export const lookAtTransfers = look('accounts.look-at-transfers', {
  right: ['accounts', 'transfer', 'read'],
  run: (tx, _deps: Deps, _query: Record<string, never>): Promise<readonly TransferBatch[]> => transferBatches(tx),
});
