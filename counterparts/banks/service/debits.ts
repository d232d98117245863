import { createHash } from 'node:crypto';
import {
  type DebitFile,
  type DebitOutcome,
  readDebitFile,
  writeDebitFile,
} from '@musubi/contracts/zengin/direct-debit.ts';
import type { ZenginFault } from '@musubi/contracts/zengin/frame.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { asSent, debitOutcome } from '../domain/manners.ts';
import {
  debitFileOfDay,
  findDebitFile,
  insertDebitFile,
  insertSent,
  knownDebits,
  lockCollector,
  outcomesOfFile,
} from '../store/books.ts';

export type Accepted =
  | { readonly taken: true; readonly repeated: boolean; readonly records: number; readonly totalYen: number }
  | { readonly taken: false; readonly faults: readonly ZenginFault[] };

/** A 委託者コード is used by the peer that has the contract, nobody else. */
export const mayUse = (deps: Deps, actor: Actor, code: string): boolean =>
  actor.kind === 'system' && deps.contracts[code] === `${actor.organisation}/${actor.system}`;

/**
 * 口座振替依頼: read strictly, whole or not at all. The same file again is the same order; a 顧客番号 that any file has used is never taken a
 * second time.
 */
export const takeDebitFile = act('banks.take-debit-file', {
  right: ['banks', 'order', 'update'],
  async run(
    tx,
    deps: Deps,
    { content }: { readonly content: Uint8Array },
    actor,
  ): Promise<Result<Accepted, 'no-contract'>> {
    const today = deps.civilClock.today();
    const read = await readDebitFile(content, 'request', today);
    const refuse = (faults: readonly ZenginFault[]): Result<Accepted, never> => {
      tx.record({ event: 'debit-file.refused', detail: { rule: faults[0]?.rule ?? '', row: faults[0]?.row ?? 0 } });
      return ok({ taken: false, faults });
    };
    if (!read.ok) return refuse(read.error);
    const { collectorCode, debits, debitOn } = read.value;
    if (!mayUse(deps, actor, collectorCode)) return err('no-contract');
    await lockCollector(tx, collectorCode);
    const sha256 = createHash('sha256').update(content).digest();
    const before = await findDebitFile(tx, sha256);
    if (before !== undefined) {
      tx.record({ event: 'debit-file.repeated', detail: { records: before.records } });
      return ok({ taken: true, repeated: true, ...before });
    }
    const faults = [...dayFaults(debitOn, today), ...(await numberFaults(tx, read.value))];
    if (faults.length > 0) return refuse(faults);
    const totalYen = debits.reduce((all, d) => all + d.amount, 0);
    await insertDebitFile(
      tx,
      {
        fileId: deps.newId(),
        collectorCode,
        bank: debits[0]!.bank,
        debitOn: debitOn.toString(),
        sha256,
        content,
        records: debits.length,
        totalYen,
      },
      debits.map((d) => ({
        customerNumber: d.customerNumber,
        amountYen: d.amount,
        outcome: debitOutcome(deps.seed, deps.manners, {
          customerNumber: d.customerNumber,
          account: `${d.bank}-${d.branch}-${d.accountNumber}`,
        }),
      })),
    );
    tx.record({
      event: 'debit-file.taken',
      facts: ['banks.debit_file', 'banks.debit'],
      batches: { 'banks.debit': null },
      detail: { records: debits.length, totalYen },
    });
    return ok({ taken: true, repeated: false, records: debits.length, totalYen });
  },
});

const dayFaults = (debitOn: Temporal.PlainDate, today: Temporal.PlainDate): readonly ZenginFault[] =>
  Temporal.PlainDate.compare(debitOn, today) < 0
    ? [{ rule: 'Z09', row: 1, field: '引落日', message: '引落日が過ぎています' }]
    : [];

async function numberFaults(tx: Parameters<typeof knownDebits>[0], file: DebitFile): Promise<readonly ZenginFault[]> {
  if (file.debits.length === 0) return [{ rule: 'Z02', row: 1, message: '依頼がありません' }];
  const numbers = file.debits.map((d) => d.customerNumber);
  const known = await knownDebits(tx, file.collectorCode, numbers);
  const { bank } = file.debits[0]!;
  return file.debits.flatMap((d, i): readonly ZenginFault[] => {
    const row = i + 2;
    if (known.has(d.customerNumber) || numbers.indexOf(d.customerNumber) < i)
      return [{ rule: 'Z10', row, field: '顧客番号', message: '依頼済みの顧客番号です' }];
    return d.bank === bank ? [] : [{ rule: 'Z11', row, field: '引落銀行番号', message: '他の銀行の口座です' }];
  });
}

/** 口座振替結果, from the day after the debit. The bank's books do not change when a file is spoilt on its way. */
export const giveDebitResult = act('banks.give-debit-result', {
  right: ['banks', 'order', 'read'],
  async run(
    tx,
    deps: Deps,
    query: { readonly collectorCode: string; readonly debitOn: string; readonly bank: string },
    actor,
  ): Promise<Result<{ content: Uint8Array }, 'no-contract' | 'no-such-file' | 'not-yet'>> {
    if (!mayUse(deps, actor, query.collectorCode)) return err('no-contract');
    const file = await debitFileOfDay(tx, query);
    if (file === undefined) return err('no-such-file');
    const today = deps.civilClock.today();
    if (today.toString() <= query.debitOn) return err('not-yet');
    const request = await readDebitFile(file.content, 'request', Temporal.PlainDate.from(query.debitOn));
    if (!request.ok) throw new Error('a file that was taken is no longer read');
    const outcomes = new Map((await outcomesOfFile(tx, file.fileId)).map((d) => [d.customerNumber, d.outcome]));
    const debits = request.value.debits.map((d) => ({ ...d, outcome: outcomes.get(d.customerNumber) as DebitOutcome }));
    const whole = writeDebitFile({ ...request.value, debits }, 'result');
    const content = asSent(
      deps.seed,
      deps.manners,
      { key: `${query.bank} ${query.debitOn}`, content: whole },
      file.sent,
    );
    await insertSent(tx, { sentId: deps.newId(), fileId: file.fileId, bytes: content.length });
    tx.record({
      event: 'debit-result.given',
      facts: ['banks.result_sent'],
      recipient: deps.contracts[query.collectorCode]!,
      items: ['口座情報', '振替結果'],
      detail: { debitOn: query.debitOn, records: debits.length },
    });
    return ok({ content });
  },
});
