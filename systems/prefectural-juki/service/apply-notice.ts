import type { ResidentLoad, ResidentNotice } from '@musubi/contracts/juki/notices.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Rule } from '../domain/change-logic.ts';
import { writeRows } from '../store/identification.ts';
import { forwardLoad, forwardNotice } from './forward.ts';
import type { DeliveryDeps, OnRefused } from './journalled.ts';
import { judgeNotices } from './judge-notices.ts';
import { returnClaim, returnMovedIn, returnRefusal } from './return-notices.ts';

/**
 * 本人確認情報の更新 (JPS-F1): logic check, current record and history, notice to the national server, all in one
 * transaction with the stream's number.
 *
 * @law 住民基本台帳法 第30条の6, 第30条の7
 */
export const applyNotice = act('prefectural-juki.apply-notice', {
  right: ['prefectural-juki', 'notice', 'update'],
  async run(tx, deps: DeliveryDeps, { message, sender }: Received<ResidentNotice>): Promise<Result<undefined, Rule>> {
    const [judged] = await judgeNotices(tx, deps, [message], sender);
    if (judged!.kind === 'refused') {
      const { rule, items, presentAt } = judged!.refusal;
      Object.assign(deps.delivery, { items, presentAt });
      return err(rule);
    }
    const detail = { changeId: message.changeId, reason: message.reason };
    if (judged!.kind === 'superseded') {
      tx.record({ event: 'notice.superseded', subject: judged!.personId, detail });
      return ok(undefined);
    }
    const { row, endsMovingOutAt } = judged!;
    await writeRows(tx, [row], deps.machineClock.now());
    await forwardNotice(tx, deps, row, message);
    if (endsMovingOutAt !== undefined) await returnMovedIn(tx, deps, endsMovingOutAt, row);
    tx.record({
      event: 'notice.applied',
      subject: row.person_id,
      facts: ['prefectural_juki.identification', 'prefectural_juki.provision_record'],
      ground: '住民基本台帳法第30条の6・第30条の7',
      items: Object.keys(message.items),
      recipient: deps.nationalJuki,
      detail: { ...detail, retroactive: row.retroactive },
    });
    return ok(undefined);
  },
});

/** First load of a municipality: each person is judged alone; what is refused goes back by its change. */
export const applyLoad = act('prefectural-juki.apply-load', {
  right: ['prefectural-juki', 'notice', 'update'],
  async run(tx, deps: DeliveryDeps, { message, sender }: Received<ResidentLoad>): Promise<Result<undefined, never>> {
    const judged = await judgeNotices(tx, deps, message.notices, sender);
    const entered = judged.flatMap((j) => (j.kind === 'applied' ? [j] : []));
    await writeRows(
      tx,
      entered.map((j) => j.row),
      deps.machineClock.now(),
    );
    await forwardLoad(tx, deps, message.loadId, entered);
    for (const j of judged) {
      if (j.kind === 'refused') await returnRefusal(tx, deps, sender, j.notice, j.refusal);
    }
    Object.assign(deps.delivery, { accepted: entered.length, rejected: judged.length - entered.length });
    tx.record({
      event: 'load.applied',
      subjects: entered.map((j) => j.row.person_id),
      facts: ['prefectural_juki.identification', 'prefectural_juki.provision_record'],
      ground: '住民基本台帳法第30条の6・第30条の7',
      recipient: deps.nationalJuki,
      detail: { loadId: message.loadId, accepted: entered.length, rejected: judged.length - entered.length },
    });
    return ok(undefined);
  },
});

/** Beside the refusal's event: the sender learns the rule, and so does the ward where the person is present. */
export const returnOnRefusal: OnRefused = async (tx, deps, { message, sender }, rule, { items, presentAt }) => {
  const notice = message as ResidentNotice;
  await returnRefusal(tx, deps, sender, notice, { rule: rule as Rule, items, presentAt });
  if (rule === 'L-01' && presentAt !== null && presentAt !== notice.items.municipalityCode)
    await returnClaim(tx, deps, presentAt, notice);
};
