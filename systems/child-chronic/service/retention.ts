import type { lodgeCopies } from '@musubi/contracts/exchange/endpoints.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { RequestOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { createRetention, type Retention, type RetentionDeps } from '@musubi/kernel/retention/retention.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import { lodgeThroughPlatform } from '../clients/platform.ts';
import type { Deps } from '../deps.ts';
import * as store from '../store/retention.ts';
import { information } from './copies.ts';

export type { QuietCase } from '../store/retention.ts';

export type KeepingDeps = Deps & RetentionDeps;

const ground = '地方自治法第236条（5年）';
const largestBatch = 500;

/**
 * 保存期間: a case goes whole, with the numbers in it, when nothing moved about its patient for five years, thirty days after it came on the
 * list; it stays where somebody excluded it, and as long as its copy stands for other bodies.
 *
 * @law 地方自治法 第236条 (公法上の金銭債権の時効, 5年)
 * @source 001 II.6, flow 14
 */
export const retention: Retention<KeepingDeps> = createRetention<KeepingDeps>({
  system: 'child-chronic',
  class: { id: 'subsidy-case-5y', ground, years: 5 },
  leadDays: 60,
  databaseBackupDays: 35,
  count: store.countEnding,
  ending: store.endingRows,
  async numbers(tx, deps, rows) {
    const refs = store.numbersOf(rows);
    if (refs.length === 0) return {};
    const numbers = await deps.vault.revealMany(tx, refs.map(numberRef), 'retention/seal');
    return Object.fromEntries(refs.map((ref, i) => [ref, numbers[i]!.digits()]));
  },
  async remove(tx, _deps, rows, numberRefs) {
    const removed = await store.removeSealed(tx, rows, numberRefs);
    if (removed !== rows.length) throw new Error('retention: a row went missing between sealing and removal');
  },
  objects: store.filesLeftOver,
});

/** 五年間異動のない申請の一覧. */
export const listQuiet = act('child-chronic.list-quiet-cases', {
  right: ['child-chronic', 'retention', 'read'],
  async run(tx, deps: Deps, page: { offset: number; limit: number }) {
    const on = deps.civilClock.today();
    const rows = await store.quietCases(tx, { on, ...page });
    const counts = await store.countQuiet(tx, on);
    tx.record({ event: 'quiet-cases.listed', subjects: rows.map((r) => r.caseId), detail: { count: rows.length } });
    return ok({ rows, counts });
  },
});

type Lodge = RequestOf<typeof lodgeCopies>;

/** Takes what is on the list and not excluded; a batch without an answer is taken up again as it was. */
const prepareEnds = act('child-chronic.prepare-copy-ends', {
  right: ['child-chronic', 'retention', 'update'],
  async run(tx, deps: Deps, _command: object, actor): Promise<Result<Lodge, 'nothing-to-end' | 'not-staff'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    await store.lockEnds(tx);
    const open = await store.copiesToEnd(tx, { on: deps.civilClock.today(), limit: largestBatch });
    if (open.copies.length === 0) return err('nothing-to-end');
    const batchId = open.batchId ?? deps.newId();
    const cases = open.copies.map(({ caseId }) => caseId);
    if (open.batchId === null)
      await store.insertCopyEnds(tx, { batchId, cases, by: actor.staffId, at: deps.machineClock.now() });
    tx.record({
      event: open.batchId === null ? 'copy-ends.sent' : 'copy-ends.sent-again',
      subjects: cases,
      ground,
      items: [information],
      recipient: deps.settings.commonPlatform,
      facts: open.batchId === null ? ['child_chronic.copy_end'] : [],
      detail: { batch: batchId, copies: cases.length },
    });
    return ok({
      batchId,
      system: 'child-chronic',
      kind: 'difference',
      copies: open.copies.map((copy, i) => ({
        row: i + 1,
        orgPersonNumber: copy.orgPersonNumber,
        informationCode: information,
        condition: { asOf: copy.decidedOn },
        validFrom: copy.decidedOn,
        items: null,
        autoReplyBlocked: true,
        withheldFromPerson: true,
      })),
    });
  },
});

const noteEnds = act('child-chronic.note-copy-ends', {
  right: ['child-chronic', 'retention', 'update'],
  async run(
    tx,
    deps: Deps,
    { lodge, rejected }: { lodge: Lodge; rejected: readonly { row: number; code: string }[] },
  ): Promise<Result<{ ended: number; rejected: number }, never>> {
    const codes = new Map(rejected.map(({ row, code }) => [row, code]));
    const rows = lodge.copies.map(({ row }) => ({ rowNo: row, code: codes.get(row) ?? null }));
    const noted = await store.insertEndOutcomes(tx, lodge.batchId, rows, deps.machineClock.now());
    tx.record({
      event: 'copy-ends.answered',
      facts: noted > 0 ? ['child_chronic.copy_end_outcome'] : [],
      detail: { batch: lodge.batchId, rows: rows.length, rejected: rejected.length },
    });
    return ok({ ended: rows.length - rejected.length, rejected: rejected.length });
  },
});

/**
 * 副本の終了: what is on the list and not excluded no longer answers other bodies. Through the platform alone; a repeat after a crash is the
 * same batch.
 */
export async function endCopies(
  deps: Deps,
  actor: Actor,
): Promise<Result<{ ended: number; rejected: number }, string>> {
  const prepared = await prepareEnds(deps, actor, {});
  if (!prepared.ok) return prepared;
  const answer = await lodgeThroughPlatform(deps.peers, deps.settings.commonPlatform, prepared.value);
  if (!answer.ok) return answer;
  return noteEnds(deps, actor, { lodge: prepared.value, rejected: answer.value.rejected });
}
