import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps, LineAnswer, LineWord } from '../deps.ts';
import { insertLineDelivery } from '../store/line.ts';
import { giveBankFile, lookAtDebits, type ResultTaken, takeBankResult } from './debits.ts';
import { giveTransferFile, lookAtTransfers, noteTransferOutcomes } from './transfers.ts';

type Refusal = 'not-authorised' | 'not-staff' | 'no-such-file' | 'differs' | 'past-generation' | 'no-line' | LineWord;
type Sent = Result<LineAnswer, Refusal>;

const noteSent = (kind: 'debit' | 'transfer') =>
  act(`accounts.note-sent-${kind}`, {
    right: ['accounts', kind, 'update'],
    async run(
      tx,
      deps: Deps,
      command: { readonly batchId: string; readonly bank: string; readonly answer: LineAnswer },
      actor,
    ): Promise<Result<null, 'not-staff'>> {
      if (actor.kind !== 'staff') return err('not-staff');
      const { batchId, bank, answer } = command;
      const word = !answer.taken ? 'refused' : answer.repeated ? 'repeated' : 'taken';
      await insertLineDelivery(tx, {
        deliveryId: deps.newId(),
        kind,
        batchId,
        bank,
        answer: word,
        rule: answer.taken ? null : (answer.faults[0]?.rule ?? 'unknown'),
        on: deps.civilClock.today().toString(),
        by: actor.staffId,
      });
      tx.record({
        event: `${kind}.file-sent`,
        facts: ['accounts.line_delivery'],
        recipient: `bank:${bank}`,
        items: ['口座情報', kind === 'debit' ? '引落金額' : '振込金額'],
        detail: { batch: batchId, answer: word },
      });
      return ok(null);
    },
  });
const noteDebitSent = noteSent('debit');
const noteTransferSent = noteSent('transfer');

/**
 * 口座振替依頼の伝送: the file of a batch goes to its bank over the line. It is the file that the digest of the batch names (INC-27); sent again
 * after a lost answer it is the same order there.
 */
export async function sendDebitFile(
  deps: Deps,
  actor: Actor,
  command: { readonly batchId: string; readonly bank: string },
): Promise<Sent> {
  if (!deps.line.has(command.bank)) return err('no-line');
  const file = await giveBankFile(deps, actor, command);
  if (!file.ok) return file;
  const answer = await deps.line.sendDebits(command.bank, file.value.bytes);
  if (!answer.ok) return answer;
  const noted = await noteDebitSent(deps, actor, { ...command, answer: answer.value });
  return noted.ok ? answer : noted;
}

/** 口座振替結果の受信: asks the bank for the result of a batch's file and takes it as if a clerk had brought it. */
export async function fetchDebitResult(
  deps: Deps,
  actor: Actor,
  command: { readonly batchId: string; readonly bank: string },
): Promise<Result<ResultTaken, Refusal | 'collections-refused'>> {
  if (!deps.line.has(command.bank)) return err('no-line');
  const files = await lookAtDebits(deps, actor, {});
  if (!files.ok) return files;
  const file = files.value.find((f) => f.batchId === command.batchId && f.bank === command.bank);
  if (file === undefined) return err('no-such-file');
  const result = await deps.line.debitResult(command.bank, file.debitOn);
  return result.ok ? takeBankResult(deps, actor, result.value) : result;
}

/** 総合振込の伝送 to the bank of the ward's own account. */
export async function sendTransferFile(
  deps: Deps,
  actor: Actor,
  { batchId }: { readonly batchId: string },
): Promise<Sent> {
  const { bank } = deps.collector;
  if (!deps.line.has(bank)) return err('no-line');
  const batches = await lookAtTransfers(deps, actor, {});
  if (!batches.ok) return batches;
  const batch = batches.value.find((b) => b.batchId === batchId);
  if (batch === undefined) return err('no-such-file');
  const file = await giveTransferFile(deps, actor, { batchId });
  if (!file.ok) return file;
  const answer = await deps.line.sendTransfers(bank, file.value.bytes, Number(batch.payOn.slice(0, 4)));
  if (!answer.ok) return answer;
  const noted = await noteTransferSent(deps, actor, { batchId, bank, answer: answer.value });
  return noted.ok ? answer : noted;
}

/** 振込結果の受信: paid orders are paid, what came back is told to collections with the bank's word, order by order. */
export async function fetchTransferOutcomes(
  deps: Deps,
  actor: Actor,
  { batchId }: { readonly batchId: string },
): Promise<Result<{ paid: number; returned: number }, Refusal | 'collections-refused'>> {
  const { bank } = deps.collector;
  if (!deps.line.has(bank)) return err('no-line');
  const batches = await lookAtTransfers(deps, actor, {});
  if (!batches.ok) return batches;
  const batch = batches.value.find((b) => b.batchId === batchId);
  if (batch === undefined) return err('no-such-file');
  const outcomes = await deps.line.transferOutcomes(bank, batch.payOn);
  if (!outcomes.ok) return outcomes;
  const said = outcomes.value.map(({ customerCode, outcome }) => ({
    customerCode,
    outcome: outcome === 'paid' ? ('paid' as const) : ('returned' as const),
    reason: outcome === 'paid' ? null : outcome,
  }));
  return noteTransferOutcomes(deps, actor, { batchId, said, on: batch.payOn });
}
