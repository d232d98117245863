import type { PlatformResidentChange } from '@musubi/contracts/platform/persons.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import { lockIdentification } from '../store/persons.ts';
import { fromRegister } from './incoming.ts';
import { partyOfId } from './party-of-id.ts';
import { Facts } from './settle.ts';
import { type Taken, takeOne } from './take-one.ts';

/**
 * The register's change of one person: numbered, stored, passed on to the business systems, or held for a clerk. A held
 * record is taken as well (the stream goes on); it waits here, and what follows about the same person waits behind it.
 * @source requirements 002 CIP-F4, CIP-F6; incidents INC-50, INC-54
 */
export const takeResidentChange = act('common-platform.take-resident-change', {
  right: ['common-platform', 'resident-change', 'update'],
  async run(
    tx,
    deps: Deps,
    received: Received<PlatformResidentChange>,
  ): Promise<Result<Taken['kind'], 'invalid-number' | 'not-your-register'>> {
    const { settings } = deps;
    if (settings.mode !== 'ward' || received.sender !== settings.register) return err('not-your-register');
    const incoming = fromRegister(received.message, partyOfId(received.sender).system, false);
    if (incoming === undefined) return err('invalid-number');
    await lockIdentification(tx);
    const facts = new Facts();
    const taken = await takeOne(tx, deps, incoming, facts);
    const detail = { source: incoming.source };
    switch (taken.kind) {
      case 'repeated':
        tx.record({ event: 'person.change-repeated', detail });
        break;
      case 'held':
        tx.record({
          event: 'person.held',
          ...(taken.candidateId === undefined ? {} : { subject: taken.candidateId }),
          facts: facts.list,
          detail: { ...detail, case: taken.caseId, why: taken.why },
        });
        break;
      case 'older':
        tx.record({ event: 'person.change-older', subject: taken.personId, detail });
        break;
      default:
        tx.record({
          event: `person.${taken.kind === 'new' ? 'numbered' : taken.kind}`,
          subject: taken.personId,
          facts: facts.list,
          ...(settings.subscribers.length > 0 ? { recipient: settings.subscribers.join(',') } : {}),
          detail,
        });
    }
    return ok(taken.kind);
  },
});
