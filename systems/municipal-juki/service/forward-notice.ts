import {
  type ResidentLoad,
  type ResidentNotice,
  type ReturnNotice,
  residentChanges,
  residentLoads,
  returnNotices,
} from '@musubi/contracts/juki/notices.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { OnRefused, WithDelivery } from '@musubi/kernel/notice-journal/journalled.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import { checkItems, type Finding, type Rule } from '../domain/item-checks.ts';
import { insertReturned } from '../store/returned.ts';

const ground = '住民基本台帳法第30条の6';

/** 項目チェックと送信 (MCS-F1, MCS-F2): what passes goes on to the prefecture in the same transaction. */
export const forwardNotice = act('municipal-juki.forward-notice', {
  right: ['municipal-juki', 'notice', 'update'],
  async run(tx, deps: WithDelivery<Deps>, { message }: Received<ResidentNotice>): Promise<Result<undefined, Rule>> {
    const [finding] = findingsOf(deps, message);
    if (finding) {
      deps.delivery.items = finding.items;
      return err(finding.rule);
    }
    await deps.outbox.enqueue(tx, {
      receiver: deps.prefecturalJuki,
      family: residentChanges,
      subject: message.items.residentRecordCode,
      message,
    });
    tx.record({
      event: 'notice.forwarded',
      ground,
      items: Object.keys(message.items),
      recipient: deps.prefecturalJuki,
      detail: { changeId: message.changeId, reason: message.reason },
    });
    return ok(undefined);
  },
});

/** First load of the register: what passes its checks goes on, the rest goes back by its change. */
export const forwardLoad = act('municipal-juki.forward-load', {
  right: ['municipal-juki', 'notice', 'update'],
  async run(tx, deps: WithDelivery<Deps>, { message }: Received<ResidentLoad>): Promise<Result<undefined, never>> {
    const { loadId } = message;
    const checked = message.notices.map((notice) => ({ notice, finding: findingsOf(deps, notice)[0] }));
    const notices = checked.flatMap(({ notice, finding }) => (finding ? [] : [notice]));
    if (notices.length > 0) {
      const entry = { subject: loadId, message: { loadId, notices } };
      await deps.outbox.enqueueBulk(tx, deps.prefecturalJuki, residentLoads, [entry]);
    }
    for (const { notice, finding } of checked) if (finding) await returnFinding(tx, deps, notice.changeId, finding);
    const counts = { accepted: notices.length, rejected: checked.length - notices.length };
    Object.assign(deps.delivery, counts);
    tx.record({
      event: 'load.forwarded',
      ground,
      ...(counts.rejected > 0 ? { facts: ['municipal_juki.returned'] } : {}),
      recipient: deps.prefecturalJuki,
      detail: { loadId, ...counts },
    });
    return ok(undefined);
  },
});

function findingsOf(deps: Deps, notice: ResidentNotice): Finding[] {
  const context = { ownMunicipality: deps.municipalityCode, today: deps.civilClock.today().toString() };
  return enforced('input.item-checks') ? checkItems(notice, context) : [];
}

/** Beside the refusal's event: the register gets the notice back with rule and items. */
export const returnOnRefusal: OnRefused<Deps> = async (tx, deps, { message }, rule, { items }) => {
  const { changeId } = message as ResidentNotice;
  await returnFinding(tx, deps, changeId, { rule: rule as Rule, items });
  return ['municipal_juki.returned'];
};

async function returnFinding(tx: Tx, deps: Deps, changeId: string, { rule, items }: Finding): Promise<void> {
  const message: ReturnNotice = {
    kind: 'refused',
    returnId: deps.newId(),
    changeId,
    municipalityCode: deps.municipalityCode,
    refusedBy: deps.self,
    rule,
    items: [...items],
    presentAt: null,
  };
  await insertReturned(tx, { ...message, otherMunicipality: null }, deps.machineClock.now());
  await deps.outbox.enqueue(tx, { receiver: deps.residentRegister, family: returnNotices, subject: changeId, message });
}
