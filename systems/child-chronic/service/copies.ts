import type { lodgeCopies } from '@musubi/contracts/exchange/endpoints.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { RequestOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { lodgeThroughPlatform } from '../clients/platform.ts';
import type { Deps } from '../deps.ts';
import { tierWords } from '../domain/tier-words.ts';
import {
  type CopyCheck,
  type CopyCounts,
  type CopyLine,
  type CopyState,
  casesOfBatch,
  copyChecks,
  copyLines,
  countCopies,
  insertCopyBatch,
  insertCopyCheck,
  insertOutcomes,
  lockCopies,
} from '../store/copies.ts';

export type { CopyCheck, CopyLine, CopyState };

export const information = 'TKX-0014';
const ground = '番号利用法 第19条第8号, 第21条の2';
const largestBatch = 500;

type Lodge = RequestOf<typeof lodgeCopies>;

const copyOf = (line: CopyLine, row: number): Lodge['copies'][number] => ({
  row,
  orgPersonNumber: line.orgPersonNumber!,
  informationCode: information,
  condition: { asOf: line.decidedOn },
  validFrom: line.decidedOn,
  lastOn: line.lastOn,
  items: { 支給認定: true, 自己負担上限月額: line.ceilingYen, 階層区分: tierWords[line.tier] },
  autoReplyBlocked: false,
  withheldFromPerson: false,
});

/** Takes what is decided and not lodged; a batch without an answer is taken up again as it was. */
const prepare = act('child-chronic.prepare-copies', {
  right: ['child-chronic', 'copy', 'update'],
  async run(tx, deps: Deps, _command: object, actor): Promise<Result<Lodge, 'nothing-to-lodge' | 'not-staff'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    await lockCopies(tx);
    const page = { offset: 0, limit: largestBatch };
    const [open] = await copyLines(tx, { ...page, state: 'sent' });
    const again = open?.batchId ?? null;
    const lines = again
      ? await linesOf(tx, again)
      : [
          ...(await copyLines(tx, { ...page, state: 'error' })),
          ...(await copyLines(tx, { ...page, state: 'to-register' })),
        ]
          .filter((line) => line.orgPersonNumber !== null)
          .slice(0, largestBatch);
    if (lines.length === 0) return err('nothing-to-lodge');
    const batchId = again ?? deps.newId();
    if (again === null) {
      const cases = lines.map((line) => line.caseId);
      await insertCopyBatch(tx, { batchId, cases, by: actor.staffId, at: deps.machineClock.now() });
    }
    tx.record({
      event: again === null ? 'copies.sent' : 'copies.sent-again',
      subjects: lines.map((line) => line.caseId),
      ground,
      items: [information],
      recipient: deps.settings.commonPlatform,
      facts: again === null ? ['child_chronic.copy_batch'] : [],
      detail: { batch: batchId, copies: lines.length },
    });
    return ok({
      batchId,
      system: 'child-chronic',
      kind: 'difference',
      copies: lines.map((line, i) => copyOf(line, i + 1)),
    });
  },
});

async function linesOf(tx: Parameters<typeof copyLines>[0], batchId: string): Promise<CopyLine[]> {
  const rows = await casesOfBatch(tx, batchId);
  const lines = new Map((await copyLines(tx, { offset: 0, limit: 100_000 })).map((line) => [line.caseId, line]));
  return rows.map(({ caseId }) => lines.get(caseId)!);
}

const note = act('child-chronic.note-copies', {
  right: ['child-chronic', 'copy', 'update'],
  async run(
    tx,
    deps: Deps,
    { lodge, rejected }: { lodge: Lodge; rejected: readonly { row: number; code: string }[] },
  ): Promise<Result<{ accepted: number; rejected: number }, never>> {
    const codes = new Map(rejected.map(({ row, code }) => [row, code]));
    const rows = lodge.copies.map(({ row }) => ({ rowNo: row, code: codes.get(row) ?? null }));
    const noted = await insertOutcomes(tx, lodge.batchId, rows, deps.machineClock.now());
    tx.record({
      event: 'copies.answered',
      facts: noted > 0 ? ['child_chronic.copy_outcome'] : [],
      detail: { batch: lodge.batchId, rows: rows.length, rejected: rejected.length },
    });
    return ok({ accepted: rows.length - rejected.length, rejected: rejected.length });
  },
});

/**
 * 副本登録: decided cases go to the platform and through it alone. A repeat after a crash is the same batch.
 * @source 001 III.5-R3-09, III.6-R7-11
 */
export async function lodgeDecided(
  deps: Deps,
  actor: Actor,
): Promise<Result<{ accepted: number; rejected: number }, string>> {
  const prepared = await prepare(deps, actor, {});
  if (!prepared.ok) return prepared;
  const answer = await lodgeThroughPlatform(deps.peers, deps.settings.commonPlatform, prepared.value);
  if (!answer.ok) return answer;
  return note(deps, actor, { lodge: prepared.value, rejected: answer.value.rejected });
}

export interface CopyView extends CopyCounts {
  readonly rows: readonly CopyLine[];
  readonly checks: readonly CopyCheck[];
}

/** 副本登録状況: every decision with its state. */
export const showCopies = act('child-chronic.show-copies', {
  right: ['child-chronic', 'copy', 'read'],
  async run(tx, _deps: Deps, query: { offset: number; limit: number }): Promise<Result<CopyView, never>> {
    const rows = await copyLines(tx, query);
    tx.record({ event: 'copies.shown', subjects: rows.map((r) => r.caseId), detail: { count: rows.length } });
    return ok({ rows, ...(await countCopies(tx)), checks: await copyChecks(tx) });
  },
});

/** 確認リストの確認: the list is signed; a decision without an accepted copy needs an explanation. */
export const signCopyCheck = act('child-chronic.sign-copy-check', {
  right: ['child-chronic', 'copy-check', 'update'],
  async run(
    tx,
    deps: Deps,
    { explanation }: { explanation: string },
    actor,
  ): Promise<Result<{ open: number }, 'not-staff' | 'explanation-missing'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const { decisions, accepted } = await countCopies(tx);
    const open = decisions - accepted;
    if (enforced('exchange.copy-status') && open > 0 && explanation.trim() === '') return err('explanation-missing');
    await insertCopyCheck(tx, {
      checkId: deps.newId(),
      decisions,
      accepted,
      open,
      explanation: explanation.trim(),
      signedBy: actor.staffId,
      on: deps.civilClock.today(),
    });
    tx.record({
      event: 'copy-check.signed',
      facts: ['child_chronic.copy_check'],
      detail: { decisions, accepted, open },
    });
    return ok({ open });
  },
});
