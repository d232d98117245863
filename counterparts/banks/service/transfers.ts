import { createHash } from 'node:crypto';
import type { ZenginFault } from '@musubi/contracts/zengin/frame.ts';
import { readTransferFile } from '@musubi/contracts/zengin/transfer.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { transferOutcome } from '../domain/manners.ts';
import {
  findTransferFile,
  insertTransferFile,
  knownTransfers,
  lockCollector,
  type TransferLine,
  transfersOfDay,
} from '../store/books.ts';
import { type Accepted, mayUse } from './debits.ts';

/** 総合振込: read strictly, whole or not at all; a 顧客コード is paid once, whatever file it stands in. */
export const takeTransferFile = act('banks.take-transfer-file', {
  right: ['banks', 'order', 'update'],
  async run(
    tx,
    deps: Deps,
    { content, year }: { readonly content: Uint8Array; readonly year: number },
    actor,
  ): Promise<Result<Accepted, 'no-contract'>> {
    const read = await readTransferFile(content, year);
    const refuse = (faults: readonly ZenginFault[]): Result<Accepted, never> => {
      tx.record({ event: 'transfer-file.refused', detail: { rule: faults[0]?.rule ?? '', row: faults[0]?.row ?? 0 } });
      return ok({ taken: false, faults });
    };
    if (!read.ok) return refuse(read.error);
    const { senderCode, transfers, payOn } = read.value;
    if (!mayUse(deps, actor, senderCode)) return err('no-contract');
    await lockCollector(tx, senderCode);
    const sha256 = createHash('sha256').update(content).digest();
    const before = await findTransferFile(tx, sha256);
    if (before !== undefined) {
      tx.record({ event: 'transfer-file.repeated', detail: { records: before.records } });
      return ok({ taken: true, repeated: true, ...before });
    }
    if (Temporal.PlainDate.compare(payOn, deps.civilClock.today()) < 0)
      return refuse([{ rule: 'Z09', row: 1, field: '振込指定日', message: '振込指定日が過ぎています' }]);
    const codes = transfers.map((t) => t.customerCode);
    const known = await knownTransfers(tx, senderCode, codes);
    const again = codes.flatMap((code, i) => (known.has(code) || codes.indexOf(code) < i ? [i + 2] : []));
    if (again.length > 0)
      return refuse(
        again.map((row) => ({ rule: 'Z10', row, field: '顧客コード', message: '依頼済みの顧客コードです' })),
      );
    const totalYen = transfers.reduce((all, t) => all + t.amount, 0);
    await insertTransferFile(
      tx,
      { fileId: deps.newId(), senderCode, payOn: payOn.toString(), sha256, records: transfers.length, totalYen },
      transfers.map((t) => ({
        customerCode: t.customerCode,
        amountYen: t.amount,
        outcome: transferOutcome(deps.seed, deps.manners, `${t.bank}-${t.branch}-${t.accountNumber}`),
      })),
    );
    tx.record({
      event: 'transfer-file.taken',
      facts: ['banks.transfer_file', 'banks.transfer'],
      batches: { 'banks.transfer': null },
      detail: { records: transfers.length, totalYen },
    });
    return ok({ taken: true, repeated: false, records: transfers.length, totalYen });
  },
});

/** What was paid and what came back, from the day of the transfer on. */
export const giveTransferOutcomes = act('banks.give-transfer-outcomes', {
  right: ['banks', 'order', 'read'],
  async run(
    tx,
    deps: Deps,
    query: { readonly collectorCode: string; readonly payOn: string },
    actor,
  ): Promise<Result<readonly TransferLine[], 'no-contract' | 'no-such-file' | 'not-yet'>> {
    if (!mayUse(deps, actor, query.collectorCode)) return err('no-contract');
    const lines = await transfersOfDay(tx, { senderCode: query.collectorCode, payOn: query.payOn });
    if (lines.length === 0) return err('no-such-file');
    if (deps.civilClock.today().toString() < query.payOn) return err('not-yet');
    tx.record({
      event: 'transfer-outcomes.given',
      recipient: deps.contracts[query.collectorCode]!,
      items: ['振込結果'],
      detail: { payOn: query.payOn, records: lines.length },
    });
    return ok(lines);
  },
});
