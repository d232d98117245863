import {
  type FuhyoLoad,
  type FuhyoNotice,
  type FuhyoReturn,
  fuhyoChanges,
  fuhyoLoads,
  fuhyoReturns,
} from '@musubi/contracts/fuhyo/notices.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { OnRefused, WithDelivery } from '@musubi/kernel/notice-journal/journalled.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import { checkSupplement, type FuhyoFinding, type FuhyoRule } from '../domain/fuhyo-checks.ts';
import { insertReturned } from '../store/returned.ts';

const ground = '住民基本台帳法第30条の41';

/** Where supplements go; a municipality without it has no handlers for them. */
const linkOf = ({ fuhyoLink }: Deps): string => {
  if (fuhyoLink === undefined) throw new Error('no server for supplements is set');
  return fuhyoLink;
};

/** 附票の項目チェックと送信 (MCS-F4): what passes goes on to the prefecture's supplement server in the same transaction. */
export const forwardFuhyo = act('municipal-juki.forward-fuhyo', {
  right: ['municipal-juki', 'notice', 'update'],
  async run(tx, deps: WithDelivery<Deps>, { message }: Received<FuhyoNotice>): Promise<Result<undefined, FuhyoRule>> {
    const [finding] = findingsOf(deps, message);
    if (finding) {
      deps.delivery.items = finding.items;
      return err(finding.rule);
    }
    const receiver = linkOf(deps);
    const subject = message.items.formerResidentRecordCode ?? message.items.residentRecordCode;
    await deps.outbox.enqueue(tx, { receiver, family: fuhyoChanges, subject, message });
    tx.record({
      event: 'fuhyo.forwarded',
      ground,
      items: Object.keys(message.items),
      recipient: receiver,
      detail: { changeId: message.changeId, kind: message.items.noticeKind },
    });
    return ok(undefined);
  },
});

/** First load of the supplements: what passes its checks goes on, the rest goes back by its change. */
export const forwardFuhyoLoad = act('municipal-juki.forward-fuhyo-load', {
  right: ['municipal-juki', 'notice', 'update'],
  async run(tx, deps: WithDelivery<Deps>, { message }: Received<FuhyoLoad>): Promise<Result<undefined, never>> {
    const { loadId } = message;
    const receiver = linkOf(deps);
    const checked = message.notices.map((notice) => ({ notice, finding: findingsOf(deps, notice)[0] }));
    const notices = checked.flatMap(({ notice, finding }) => (finding ? [] : [notice]));
    if (notices.length > 0)
      await deps.outbox.enqueueBulk(tx, receiver, fuhyoLoads, [{ subject: loadId, message: { loadId, notices } }]);
    for (const { notice, finding } of checked) if (finding) await returnFinding(tx, deps, notice.changeId, finding);
    const counts = { accepted: notices.length, rejected: checked.length - notices.length };
    Object.assign(deps.delivery, counts);
    tx.record({
      event: 'fuhyo-load.forwarded',
      ground,
      ...(counts.rejected > 0 ? { facts: ['municipal_juki.returned'] } : {}),
      recipient: receiver,
      detail: { loadId, ...counts },
    });
    return ok(undefined);
  },
});

function findingsOf(deps: Deps, { items }: FuhyoNotice): FuhyoFinding[] {
  const context = { ownMunicipality: deps.municipalityCode, today: deps.civilClock.today().toString() };
  return enforced('input.item-checks') ? checkSupplement(items, context) : [];
}

/** Beside the refusal's event: the register gets the notice back with rule and items. */
export const returnFuhyoOnRefusal: OnRefused<Deps> = async (tx, deps, { message }, rule, { items }) => {
  await returnFinding(tx, deps, (message as FuhyoNotice).changeId, { rule: rule as FuhyoRule, items });
  return ['municipal_juki.returned'];
};

const returnFinding = (tx: Tx, deps: Deps, changeId: string, { rule, items }: FuhyoFinding): Promise<void> =>
  passDown(tx, deps, {
    returnId: deps.newId(),
    changeId,
    municipalityCode: deps.municipalityCode,
    refusedBy: deps.self,
    rule,
    items: [...items],
    presentAt: null,
  });

async function passDown(tx: Tx, deps: Deps, message: FuhyoReturn): Promise<void> {
  await insertReturned(tx, { ...message, kind: 'refused', otherMunicipality: null }, deps.machineClock.now());
  await deps.outbox.enqueue(tx, {
    receiver: deps.residentRegister,
    family: fuhyoReturns,
    subject: message.changeId,
    message,
  });
}

/** What comes back from above: kept in the work list here, and passed on to the register. */
export const takeFuhyoReturn = act('municipal-juki.take-fuhyo-return', {
  right: ['municipal-juki', 'return', 'update'],
  async run(tx, deps: WithDelivery<Deps>, { message }: Received<FuhyoReturn>): Promise<Result<undefined, 'not-ours'>> {
    if (message.municipalityCode !== deps.municipalityCode) return err('not-ours');
    await passDown(tx, deps, message);
    tx.record({
      event: 'fuhyo-return.taken',
      facts: ['municipal_juki.returned'],
      recipient: deps.residentRegister,
      detail: { returnId: message.returnId, rule: message.rule },
    });
    return ok(undefined);
  },
});
