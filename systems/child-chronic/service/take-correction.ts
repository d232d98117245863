import type { IdentityCorrection } from '@musubi/contracts/platform/corrections.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import { endRegistrations, insertCorrection, standingRegistrations } from '../store/cases.ts';

/**
 * The platform corrected who somebody is: cases registered under a number that was wrongly linked, or that ended in another,
 * wait for a new registration. Answers that came under the wrong number stay as facts and are no longer asked on.
 * @source incidents INC-53; design §4.2
 */
export const takeCorrection = act('child-chronic.take-correction', {
  right: ['child-chronic', 'identity-correction', 'update'],
  async run(
    tx,
    deps: Deps,
    { message, sender }: Received<IdentityCorrection>,
  ): Promise<Result<number, 'not-your-platform'>> {
    if (sender !== deps.settings.commonPlatform) return err('not-your-platform');
    const { correctionId, kind, orgPersonNumber } = message;
    const ended = kind === 'unlinked' ? orgPersonNumber : kind === 'merged' ? message.ended : null;
    const found = ended === null ? [] : await standingRegistrations(tx, ended);
    const at = deps.machineClock.now();
    const on = message.correctedOn;
    if (!(await insertCorrection(tx, { correctionId, kind, registrations: found.length, on, at }))) {
      tx.record({ event: 'identity.correction-repeated', detail: { correction: correctionId } });
      return ok(0);
    }
    if (found.length > 0)
      await endRegistrations(tx, {
        registrationIds: found.map((r) => r.registrationId),
        correctionId,
        kind: kind === 'merged' ? 'merged' : 'unlinked',
        on,
        at,
      });
    tx.record({
      event: 'identity.correction-taken',
      subjects: [...new Set(found.map((r) => r.caseId))],
      facts: ['child_chronic.correction', ...(found.length > 0 ? ['child_chronic.registration_end'] : [])],
      detail: { correction: correctionId, kind, registrations: found.length },
    });
    return ok(found.length);
  },
});
