import type { PlatformResidentChange } from '@musubi/contracts/platform/persons.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import { findVersionDay, isKnownChange, lockIdentification } from '../store/persons.ts';
import { hold, queueBehind } from './hold.ts';
import { fromRegister, type Incoming, whoIs } from './incoming.ts';
import { partyOfId } from './party-of-id.ts';
import { Facts, holdNumber, makePerson, settleState } from './settle.ts';

export type Taken = 'new' | 'same' | 'changed' | 'number-changed' | 'held' | 'repeated' | 'older';

const taking = (name: string, bulk: boolean) =>
  act(name, {
    right: ['common-platform', 'resident-change', 'update'],
    async run(
      tx,
      deps: Deps,
      received: Received<PlatformResidentChange>,
    ): Promise<Result<Taken, 'invalid-number' | 'not-your-register'>> {
      if (deps.settings.mode !== 'ward' || received.sender !== deps.settings.register) return err('not-your-register');
      const incoming = fromRegister(received.message, partyOfId(received.sender).system, bulk);
      if (incoming === undefined) return err('invalid-number');
      return ok(await take(tx, deps, incoming));
    },
  });

/**
 * The register's change of one person: numbered, stored, passed on to the business systems, or held for a clerk. A held
 * record is taken as well (the stream goes on); it waits here, and what follows about the same person waits behind it.
 * @source requirements 002 CIP-F4, CIP-F6; incidents INC-50, INC-54
 */
export const takeResidentChange = taking('common-platform.take-resident-change', false);
/** The same for the first load of a whole register. */
export const takeResidentLoad = taking('common-platform.take-resident-load', true);

async function take(tx: Tx, deps: Deps, incoming: Incoming): Promise<Taken> {
  await lockIdentification(tx);
  const detail = { source: incoming.source };
  if (await isKnownChange(tx, incoming.changeId)) {
    tx.record({ event: 'person.change-repeated', detail });
    return 'repeated';
  }
  const facts = new Facts();
  const waiting = await queueBehind(tx, deps, incoming, facts);
  if (waiting !== undefined) {
    tx.record({ event: 'person.held', facts: facts.list, detail: { ...detail, case: waiting, why: 'behind-another' } });
    return 'held';
  }
  const who = await whoIs(tx, deps, incoming);
  if (who.kind === 'held') {
    const caseId = await hold(tx, deps, incoming, who, facts);
    tx.record({
      event: 'person.held',
      subject: who.candidateId,
      facts: facts.list,
      detail: { ...detail, case: caseId, why: who.why },
    });
    return 'held';
  }
  const personId = who.kind === 'new' ? await makePerson(tx, deps, incoming, facts) : who.personId;
  // A load travels beside the stream of single changes and may bring yesterday's state after today's.
  const known = who.kind === 'new' ? undefined : await findVersionDay(tx, personId);
  if (incoming.bulk && known?.source === incoming.source && known.changedOn > incoming.changedOn) {
    tx.record({ event: 'person.change-older', subject: personId, detail });
    return 'older';
  }
  if (who.kind === 'number-changed') await holdNumber(tx, deps, personId, incoming, facts);
  await settleState(tx, deps, personId, incoming, facts);
  tx.record({
    event: `person.${who.kind === 'new' ? 'numbered' : who.kind}`,
    subject: personId,
    facts: facts.list,
    ...(deps.settings.subscribers.length > 0 ? { recipient: deps.settings.subscribers.join(',') } : {}),
    detail,
  });
  return who.kind;
}
