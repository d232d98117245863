import type { processingNumber } from '@musubi/contracts/exchange/endpoints.ts';
import { messageTypes, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { z } from 'zod';
import type { Deps } from '../deps.ts';

/** Minutes for which a processing number counts (design §4.2). */
const minutes = 10;

/** 処理通番: bound to the intermediate server (or the portal) that asked, by our signature. */
export const issueProcessingNumber = act('linkage.issue-processing-number', {
  right: ['information-providing-network', 'linkage', 'update'],
  async run(
    tx,
    deps: Deps,
    { requestId }: { requestId: string },
    actor,
  ): Promise<Result<{ processingNumber: string }, never>> {
    if (actor.kind !== 'system') throw new Error('a processing number is for a system');
    const { organisation, system } = actor;
    const at = deps.machineClock.now();
    const until = at.add({ minutes });
    const number = deps.newId();
    await tx`
      insert into information_providing_network.processing_number
        (number, request_id, organisation, system, issued_at, until_at, event_id)
      values (${number}, ${requestId}, ${organisation}, ${system}, ${at}, ${until}, ${tx.eventId})`;
    tx.record({
      event: 'linkage.processing-number-issued',
      recipient: `${organisation}/${system}`,
      facts: ['information_providing_network.processing_number'],
      detail: { processingNumber: number },
    });
    const payload: z.infer<typeof processingNumber> = {
      v: 1,
      number,
      organisation,
      system,
      issuedAt: at.toString(),
      until: until.toString(),
    };
    return ok({ processingNumber: signMessage(deps.identity, messageTypes.processingNumber, payload) });
  },
});
