import { type FuhyoReturn, fuhyoReturns } from '@musubi/contracts/fuhyo/notices.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { WithDelivery } from '@musubi/kernel/notice-journal/journalled.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';

/** What the national server refused: noted here, and passed on to the municipality that it came from. */
export const takeReturn = act('fuhyo-link.take-return', {
  right: ['fuhyo-link', 'return', 'update'],
  async run(
    tx,
    deps: WithDelivery<Deps>,
    { message }: Received<FuhyoReturn>,
  ): Promise<Result<undefined, 'unknown-municipality'>> {
    const receiver = deps.municipalities[message.municipalityCode];
    if (receiver === undefined) return err('unknown-municipality');
    await tx`
      insert into fuhyo_link.national_refusal (return_id, change_id, municipality_code, rule, received_at, event_id)
      values (${message.returnId}, ${message.changeId}, ${message.municipalityCode}, ${message.rule},
        ${deps.machineClock.now()}, ${tx.eventId})`;
    await deps.outbox.enqueue(tx, { receiver, family: fuhyoReturns, subject: message.changeId, message });
    tx.record({
      event: 'national-refusal.taken',
      facts: ['fuhyo_link.national_refusal'],
      recipient: receiver,
      detail: { changeId: message.changeId, rule: message.rule },
    });
    return ok(undefined);
  },
});
