import { type ResidentNotice, type ReturnNotice, returnNotices } from '@musubi/contracts/juki/notices.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { WithDelivery } from '@musubi/kernel/notice-journal/journalled.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import type { Refusal } from '../domain/change-logic.ts';
import type { IdentificationRow } from '../store/identification.ts';

const send = (tx: Tx, deps: Deps, receiver: string, subject: string, message: ReturnNotice): Promise<string> =>
  deps.outbox.enqueue(tx, { receiver, family: returnNotices, subject, message });

/** To the server that sent the notice: which rule ended it, which items were at fault, where the person is present. */
export async function returnRefusal(
  tx: Tx,
  deps: Deps,
  receiver: string,
  { changeId, items }: ResidentNotice,
  refusal: Refusal,
): Promise<void> {
  await send(tx, deps, receiver, changeId, {
    kind: 'refused',
    returnId: deps.newId(),
    changeId,
    municipalityCode: items.municipalityCode,
    refusedBy: deps.self,
    rule: refusal.rule,
    items: [...refusal.items],
    presentAt: refusal.presentAt,
  });
}

/** To the ward where the person is present: another one tried to enter the same person. */
export async function returnClaim(tx: Tx, deps: Deps, presentAt: string, notice: ResidentNotice): Promise<void> {
  const receiver = deps.municipalities[presentAt];
  if (receiver === undefined) return;
  await send(tx, deps, receiver, notice.items.residentRecordCode, {
    kind: 'claimed-elsewhere',
    returnId: deps.newId(),
    municipalityCode: presentAt,
    residentRecordCode: notice.items.residentRecordCode,
    otherMunicipality: notice.items.municipalityCode,
    changedOn: notice.changedOn,
  });
}

/** 転入通知 to the ward whose 転出予定 it ends. @law 住民基本台帳法 第9条第1項 */
export async function returnMovedIn(tx: Tx, deps: Deps, leftFrom: string, row: IdentificationRow): Promise<void> {
  const receiver = deps.municipalities[leftFrom];
  if (receiver === undefined) return;
  await send(tx, deps, receiver, row.resident_record_code, {
    kind: 'moved-in-elsewhere',
    returnId: deps.newId(),
    municipalityCode: leftFrom,
    residentRecordCode: row.resident_record_code,
    otherMunicipality: row.municipality_code,
    changedOn: row.change_date,
  });
}

/** What the national server refused: noted here, and passed on to the municipality that it came from. */
export const takeReturn = act('prefectural-juki.take-return', {
  right: ['prefectural-juki', 'return', 'update'],
  async run(
    tx,
    deps: WithDelivery<Deps>,
    { message }: Received<ReturnNotice>,
  ): Promise<Result<undefined, 'unknown-municipality'>> {
    const receiver = deps.municipalities[message.municipalityCode];
    if (receiver === undefined || message.kind !== 'refused') return err('unknown-municipality');
    await tx`
      insert into prefectural_juki.national_refusal (return_id, change_id, municipality_code, rule, received_at, event_id)
      values (${message.returnId}, ${message.changeId}, ${message.municipalityCode}, ${message.rule},
        ${deps.machineClock.now()}, ${tx.eventId})`;
    await send(tx, deps, receiver, message.changeId, message);
    tx.record({
      event: 'national-refusal.taken',
      facts: ['prefectural_juki.national_refusal'],
      recipient: receiver,
      detail: { changeId: message.changeId, rule: message.rule },
    });
    return ok(undefined);
  },
});
