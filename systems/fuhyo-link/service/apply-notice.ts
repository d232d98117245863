import {
  type FuhyoLoad,
  type FuhyoNotice,
  fuhyoReturns,
  nationalFuhyoLoads,
  nationalFuhyoNotices,
} from '@musubi/contracts/fuhyo/notices.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { OnRefused, WithDelivery } from '@musubi/kernel/notice-journal/journalled.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import type { Refusal, Rule } from '../domain/supplement-logic.ts';
import { insertProvisions } from '../store/provisions.ts';
import { type SupplementRow, writeRows } from '../store/supplements.ts';
import { judgeNotices } from './judge-notices.ts';

const ground = '住民基本台帳法第30条の41・第30条の42';
const facts = ['fuhyo_link.supplement', 'fuhyo_link.provision_record'];

/**
 * 附票本人確認情報の更新 (FPS-F1): logic check, current record and history, notice to the national server, all in one
 * transaction with the stream's number. No person's session brings a notice in, whatever it may do otherwise.
 */
export const applyNotice = act('fuhyo-link.apply-notice', {
  right: ['fuhyo-link', 'notice', 'update'],
  async run(
    tx,
    deps: WithDelivery<Deps, Refusal>,
    { message, sender }: Received<FuhyoNotice>,
    actor,
  ): Promise<Result<undefined, Rule | 'not-a-server'>> {
    if (enforced('input.machine-only') && actor.kind !== 'system') return err('not-a-server');
    const [judged] = await judgeNotices(tx, deps, [message], sender);
    if (judged!.kind === 'refused') {
      const { refusal } = judged!;
      Object.assign(deps.delivery, { items: refusal.items, found: refusal });
      return err(refusal.rule);
    }
    const { row } = judged!;
    await writeRows(tx, [row], deps.machineClock.now(), deps.civilClock.today());
    // The person's lock is held, so the order of the notices holds.
    await deps.outbox.enqueue(tx, {
      receiver: deps.nationalFuhyo,
      family: nationalFuhyoNotices,
      subject: row.supplement_id,
      message,
    });
    await recordNationalProvisions(tx, deps, [row], Object.keys(message.items));
    tx.record({
      event: 'notice.applied',
      subject: row.supplement_id,
      facts,
      ground,
      items: Object.keys(message.items),
      recipient: deps.nationalFuhyo,
      detail: { changeId: message.changeId, kind: message.items.noticeKind, retroactive: row.retroactive },
    });
    return ok(undefined);
  },
});

/** First load of a municipality: each person is judged alone; what is refused goes back by its change. */
export const applyLoad = act('fuhyo-link.apply-load', {
  right: ['fuhyo-link', 'notice', 'update'],
  async run(
    tx,
    deps: WithDelivery<Deps>,
    { message, sender }: Received<FuhyoLoad>,
    actor,
  ): Promise<Result<undefined, 'not-a-server'>> {
    if (enforced('input.machine-only') && actor.kind !== 'system') return err('not-a-server');
    const judged = await judgeNotices(tx, deps, message.notices, sender);
    const entered = judged.flatMap((j) => (j.kind === 'applied' ? [j] : []));
    const rows = entered.map((j) => j.row);
    await writeRows(tx, rows, deps.machineClock.now(), deps.civilClock.today());
    if (entered.length > 0) {
      const load = { loadId: message.loadId, notices: entered.map((j) => j.notice) };
      await deps.outbox.enqueueBulk(tx, deps.nationalFuhyo, nationalFuhyoLoads, [
        { subject: message.loadId, message: load },
      ]);
      await recordNationalProvisions(tx, deps, rows, Object.keys(entered[0]!.notice.items));
    }
    for (const j of judged) if (j.kind === 'refused') await returnRefusal(tx, deps, sender, j.notice, j.refusal);
    const counts = { accepted: entered.length, rejected: judged.length - entered.length };
    Object.assign(deps.delivery, counts);
    tx.record({
      event: 'load.applied',
      subjects: rows.map((r) => r.supplement_id),
      facts,
      ground,
      recipient: deps.nationalFuhyo,
      detail: { loadId: message.loadId, ...counts },
    });
    return ok(undefined);
  },
});

/** 機構への通知 is a provision too: each has its record. */
export const recordNationalProvisions = (
  tx: Tx,
  deps: Deps,
  rows: readonly SupplementRow[],
  items: readonly string[],
): Promise<void> =>
  insertProvisions(
    tx,
    rows.map((row) => ({
      provisionId: deps.newId(),
      supplementId: row.supplement_id,
      inquiryId: null,
      recipient: deps.nationalFuhyo,
      requester: deps.nationalFuhyo,
      task: 'national-notice',
      ground: '住民基本台帳法第30条の42',
      method: 'network',
      items,
      withheld: [],
      refused: undefined,
    })),
    deps.machineClock.now(),
  );

/** Beside the refusal's event: the sender learns rule and items. */
export const returnOnRefusal: OnRefused<Deps, Refusal> = async (tx, deps, { message, sender }, rule, { found }) => {
  const refusal = found ?? { rule: rule as Rule, items: [], presentAt: null };
  await returnRefusal(tx, deps, sender, message as FuhyoNotice, refusal);
  return [];
};

async function returnRefusal(
  tx: Tx,
  deps: Deps,
  receiver: string,
  { changeId, items }: FuhyoNotice,
  refusal: Refusal,
): Promise<void> {
  await deps.outbox.enqueue(tx, {
    receiver,
    family: fuhyoReturns,
    subject: changeId,
    message: {
      returnId: deps.newId(),
      changeId,
      municipalityCode: items.managingMunicipalityCode,
      refusedBy: deps.self,
      rule: refusal.rule,
      items: [...refusal.items],
      presentAt: refusal.presentAt,
    },
  });
}
