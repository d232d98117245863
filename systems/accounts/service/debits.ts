import { createHash } from 'node:crypto';
import { type DebitFile, isBankDay, readDebitFile, writeDebitFile } from '@musubi/contracts/zengin/direct-debit.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import type { Deps } from '../deps.ts';
import { resultFaults } from '../domain/banks.ts';
import {
  type BankFile,
  bankFiles,
  banksOf,
  type Failed,
  failedDebits,
  insertBankFile,
  insertBatch,
  insertResult,
  insertResultRefusal,
  lockBatch,
  type Request,
  requestsOf,
} from '../store/debits.ts';
import { debitable } from '../store/mandates.ts';

export type { BankFile, Failed } from '../store/debits.ts';

export interface PrepareDebits {
  readonly batchId: string;
  readonly dueOn: string;
  readonly debitOn: string;
}
const who = (actor: Actor): string => (actor.kind === 'staff' ? actor.staffId : actor.kind);

const listDebitable = act('accounts.list-debitable', {
  right: ['accounts', 'debit', 'update'],
  async run(
    tx,
    deps: Deps,
    { debitOn }: PrepareDebits,
  ): Promise<Result<readonly { personNumber: string; mandateId: string }[], 'not-a-bank-day' | 'in-the-past'>> {
    if (!isBankDay(Temporal.PlainDate.from(debitOn))) return err('not-a-bank-day');
    if (debitOn < deps.civilClock.today().toString()) return err('in-the-past');
    const found = await debitable(tx, debitOn);
    tx.record({
      event: 'debit.persons-listed',
      subjects: found.map((f) => f.personNumber),
      detail: { persons: found.length },
    });
    return ok(found);
  },
});

const storeBatch = act('accounts.store-debits', {
  right: ['accounts', 'debit', 'update'],
  async run(
    tx,
    deps: Deps,
    command: PrepareDebits & {
      readonly orders: readonly { caseKey: string; orgPersonNumber: string; amount: number }[];
      readonly mandates: ReadonlyMap<string, string>;
    },
    actor,
  ): Promise<Result<{ requests: number; repeated: boolean }, 'no-mandate'>> {
    const { batchId, dueOn, debitOn, orders } = command;
    if ((await lockBatch(tx, batchId)) !== undefined) {
      tx.record({ event: 'debit.batch-repeated', detail: { batch: batchId } });
      return ok({ requests: orders.length, repeated: true });
    }
    if (orders.some((o) => !command.mandates.has(o.orgPersonNumber))) return err('no-mandate');
    await insertBatch(
      tx,
      { batchId, dueOn, debitOn, by: who(actor), at: deps.machineClock.now() },
      orders.map((o) => ({
        caseKey: o.caseKey,
        mandateId: command.mandates.get(o.orgPersonNumber)!,
        personNumber: o.orgPersonNumber,
        amountYen: o.amount,
      })),
    );
    for (const bank of await banksOf(tx, batchId)) {
      const requests = await requestsOf(tx, batchId, bank);
      const bytes = fileOf(deps, debitOn, requests);
      await insertBankFile(tx, {
        batchId,
        bank,
        sha256: createHash('sha256').update(bytes).digest(),
        records: requests.length,
        totalYen: requests.reduce((all, r) => all + r.amountYen, 0),
      });
    }
    tx.record({
      event: 'debit.batch-made',
      subjects: orders.map((o) => o.orgPersonNumber),
      facts: ['accounts.debit_batch', 'accounts.debit_request', 'accounts.bank_file'],
      batches: { 'accounts.debit_request': null },
      detail: { batch: batchId, requests: orders.length },
    });
    return ok({ requests: orders.length, repeated: false });
  },
});

/** A file is made from the rows of its batch each time: there is no other file that could be sent in its place (INC-27). */
function fileOf(deps: Deps, debitOn: string, requests: readonly Request[]): Uint8Array {
  const { collector } = deps;
  const own = deps.banks.find(collector.bank, collector.branch);
  const file: DebitFile = {
    collectorCode: collector.code,
    collectorName: collector.name,
    debitOn: Temporal.PlainDate.from(debitOn),
    bank: collector.bank,
    branch: collector.branch,
    accountKind: collector.accountKind,
    accountNumber: collector.accountNumber,
    ...names(own),
    debits: requests.map((r) => ({
      bank: r.bank,
      branch: r.branch,
      ...names(deps.banks.find(r.bank, r.branch)),
      accountKind: r.accountKind as DebitFile['debits'][number]['accountKind'],
      accountNumber: r.accountNumber,
      depositor: r.holder,
      amount: yen(r.amountYen),
      first: r.first ? 'first' : 'other',
      customerNumber: r.caseKey,
      outcome: 'paid',
    })),
  };
  return writeDebitFile(file, 'request');
}
const names = (found: { bankName: string; branchName: string } | undefined) => ({
  ...(found?.bankName ? { bankName: found.bankName } : {}),
  ...(found?.branchName ? { branchName: found.branchName } : {}),
});

/**
 * 口座振替依頼情報作成 (ACC-F3): asks collections for the debits of a due date and makes one file a bank. Each step may be repeated under the
 * same batch id; a charge has one debit under way, whatever is repeated.
 */
export async function prepareDebits(
  deps: Deps,
  actor: Actor,
  command: PrepareDebits,
): Promise<
  Result<{ requests: number; repeated: boolean }, 'not-a-bank-day' | 'in-the-past' | 'no-mandate' | 'not-authorised'>
> {
  const persons = await listDebitable(deps, actor, command);
  if (!persons.ok) return persons;
  const orders = await deps.collections.orderDebits({
    ...command,
    persons: persons.value.map((p) => p.personNumber),
  });
  const mandates = new Map(persons.value.map((p) => [p.personNumber, p.mandateId]));
  return storeBatch(deps, actor, { ...command, orders, mandates });
}

/** A bank's file, made anew and held against the digest that was noted when the batch was made. */
export const giveBankFile = act('accounts.give-bank-file', {
  right: ['accounts', 'debit', 'update'],
  async run(
    tx,
    deps: Deps,
    { batchId, bank }: { readonly batchId: string; readonly bank: string },
  ): Promise<Result<{ bytes: Uint8Array; name: string }, 'no-such-file' | 'differs' | 'past-generation'>> {
    const [file] = await bankFiles(tx, { batchId, bank });
    if (file === undefined) return err('no-such-file');
    // INC-26, INC-27: a file whose day is over is never the one to be sent.
    if (file.debitOn < deps.civilClock.today().toString()) return err('past-generation');
    const bytes = fileOf(deps, file.debitOn, await requestsOf(tx, batchId, bank));
    const same = createHash('sha256').update(bytes).digest('hex') === file.sha256;
    if (!same && enforced('dispatch.release-comparison')) return err('differs');
    tx.record({
      event: 'debit.file-given',
      recipient: `bank:${bank}`,
      items: ['口座情報', '引落金額'],
      detail: { batch: batchId, records: file.records },
    });
    return ok({ bytes, name: `furikae-${file.debitOn}-${bank}.txt` });
  },
});

export interface ResultFault {
  readonly rule: string;
  readonly row?: number;
  readonly field?: string;
  readonly message: string;
}
type Checked =
  | { readonly taken: false; readonly faults: readonly ResultFault[] }
  | { readonly taken: true; readonly file: BankFile; readonly debits: DebitFile['debits'] };

const checkResult = act('accounts.check-result', {
  right: ['accounts', 'debit', 'update'],
  async run(
    tx,
    deps: Deps,
    { content, sha256 }: { readonly content: Uint8Array; readonly sha256: string },
  ): Promise<Result<Checked, never>> {
    const read = await readDebitFile(content, 'result', deps.civilClock.today());
    const refuse = async (faults: readonly ResultFault[]): Promise<Result<Checked, never>> => {
      await insertResultRefusal(tx, {
        refusalId: deps.newId(),
        sha256: Buffer.from(sha256, 'hex'),
        bytes: content.length,
        faults: faults.slice(0, 100),
        at: deps.machineClock.now(),
      });
      tx.record({
        event: 'debit.result-refused',
        facts: ['accounts.result_refusal'],
        detail: { rule: faults[0]?.rule ?? '' },
      });
      return ok({ taken: false, faults: faults.slice(0, 100) });
    };
    if (!read.ok) return refuse(read.error);
    const { value } = read;
    if (value.collectorCode !== deps.collector.code)
      return refuse([{ rule: 'Z13', row: 1, field: '委託者コード', message: '委託者コードが一致しません' }]);
    // Comes back as it was sent: money that went to another account is not ours to count.
    const { bank: paidInto, branch, accountNumber } = deps.collector;
    if (value.bank !== paidInto || value.branch !== branch || (value.accountNumber ?? accountNumber) !== accountNumber)
      return refuse([{ rule: 'Z13', row: 1, field: '取引銀行番号', message: '入金先の口座が依頼と一致しません' }]);
    const bank = value.debits[0]?.bank ?? '';
    const files = await bankFiles(tx, { bank, debitOn: value.debitOn.toString() });
    const keys = new Set(value.debits.map((d) => d.customerNumber));
    for (const file of files) {
      const sent = await requestsOf(tx, file.batchId, bank);
      if (!sent.some((s) => keys.has(s.caseKey))) continue;
      // Also the very same file: what was counted is not counted again, and who brings it is told so (AC-24).
      if (file.resultSha256 !== null && enforced('input.duplicate-file'))
        return refuse([{ rule: 'Z13', row: 1, message: 'この依頼の結果は受け入れ済みです。何も変わりません' }]);
      const faults = resultFaults(sent, value.debits);
      if (faults.length > 0) return refuse(faults);
      tx.record({ event: 'debit.result-checked', detail: { batch: file.batchId, records: sent.length } });
      return ok({ taken: true, file, debits: value.debits });
    }
    return refuse([{ rule: 'Z13', row: 2, message: 'この引落日・金融機関への依頼がありません' }]);
  },
});

const noteResult = act('accounts.note-result', {
  right: ['accounts', 'debit', 'update'],
  async run(
    tx,
    deps: Deps,
    command: {
      readonly file: BankFile;
      readonly debits: DebitFile['debits'];
      readonly sha256: string;
      readonly bytes: number;
    },
    actor,
  ): Promise<Result<{ paid: number; failed: number }, never>> {
    const { file, debits } = command;
    await lockBatch(tx, file.batchId);
    const [now] = await bankFiles(tx, { batchId: file.batchId, bank: file.bank });
    const paid = debits.filter((d) => d.outcome === 'paid');
    if (now?.resultSha256 == null)
      await insertResult(tx, {
        batchId: file.batchId,
        bank: file.bank,
        sha256: Buffer.from(command.sha256, 'hex'),
        bytes: command.bytes,
        outcomes: debits.map((d) => ({ caseKey: d.customerNumber, outcome: d.outcome })),
        paidYen: paid.reduce((all, d) => all + d.amount, 0),
        by: who(actor),
        at: deps.machineClock.now(),
      });
    tx.record({
      event: 'debit.result-taken',
      facts: ['accounts.bank_result', 'accounts.debit_outcome'],
      batches: { 'accounts.debit_outcome': null },
      detail: { batch: file.batchId, paid: paid.length, failed: debits.length - paid.length },
    });
    return ok({ paid: paid.length, failed: debits.length - paid.length });
  },
});

export type ResultTaken =
  | { readonly taken: false; readonly faults: readonly ResultFault[] }
  | { readonly taken: true; readonly paid: number; readonly failed: number };

/**
 * 口座振替結果受入 (ACC-F4): reads the bank's file whole, holds it against what was sent (Z13), hands it to collections and notes it. A repeat
 * after a crash between the two does nothing twice, because collections counts a file by its digest.
 */
export async function takeBankResult(
  deps: Deps,
  actor: Actor,
  content: Uint8Array,
): Promise<Result<ResultTaken, 'not-authorised' | 'collections-refused'>> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const checked = await checkResult(deps, actor, { content, sha256 });
  if (!checked.ok) return checked;
  if (!checked.value.taken) return ok(checked.value);
  const { file, debits } = checked.value;
  const handed = await deps.collections.giveDebitResults({
    bank: file.bank,
    debitOn: file.debitOn,
    sha256,
    bytes: content.length,
    results: debits.map((d, i) => ({ row: i + 2, caseKey: d.customerNumber, amount: d.amount, outcome: d.outcome })),
  });
  if (!handed.ok) return err('collections-refused');
  const noted = await noteResult(deps, actor, { file, debits, sha256, bytes: content.length });
  return noted.ok ? ok({ taken: true, ...noted.value }) : noted;
}

export const lookAtDebits = look('accounts.look-at-debits', {
  right: ['accounts', 'debit', 'read'],
  run: (tx, _deps: Deps, _query: Record<string, never>): Promise<readonly BankFile[]> => bankFiles(tx),
});

/** 口座振替不能: whose debit did not go through, for notices and slips (W08). */
export const listFailed = act('accounts.list-failed', {
  right: ['accounts', 'debit', 'read'],
  async run(tx, _deps: Deps, { batchId }: { readonly batchId: string }): Promise<Result<readonly Failed[], never>> {
    const failed = await failedDebits(tx, batchId);
    tx.record({
      event: 'debit.failed-listed',
      subjects: failed.map((f) => f.personNumber),
      detail: { batch: batchId },
    });
    return ok(failed);
  },
});
