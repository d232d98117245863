import type { registerPerson as endpoint } from '@musubi/contracts/platform/persons.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { findLinkage } from '../store/linkage.ts';
import { findPerson, findRegistration, insertRegistration, lockIdentification } from '../store/persons.ts';
import { hold } from './hold.ts';
import { fromBusiness, ownerOf, whoIs } from './incoming.ts';
import { beginWanting, bind, Facts, makePerson, settleState } from './settle.ts';

export type RegisterPerson = RequestOf<typeof endpoint>;
export type Registered =
  | { readonly kind: 'registered'; readonly person: ResponseOf<typeof endpoint> }
  /** On the clerks' work list; the caller learns that the particulars disagree, not with what. */
  | { readonly kind: 'held' };

/**
 * 住登外者: gives or finds the organisation's number of a person whom a business system knows from papers. The number and
 * all particulars must agree; what agrees in part is held, and the holding is kept although the caller is refused.
 * @source requirements 002 CIP-F3, CIP-F4; 001 LNK-F2, LNK-F3
 */
export const registerPerson = act('common-platform.register-person', {
  right: ['common-platform', 'person', 'update'],
  async run(
    tx,
    deps: Deps,
    command: RegisterPerson,
    actor,
  ): Promise<Result<Registered, 'not-your-business' | 'invalid-number' | 'request-key-reused'>> {
    if (actor.kind !== 'system' || actor.system !== command.system) return err('not-your-business');
    const number = IndividualNumber.parse(command.individualNumber);
    if (!number.ok) return err('invalid-number');
    await lockIdentification(tx);
    const before = await findRegistration(tx, command.requestId);
    if (before) return repeated(tx, deps, command, number.value, before);

    const today = deps.civilClock.today();
    const incoming = fromBusiness(command, number.value, { reason: 'registered-by-business', today });
    const facts = new Facts();
    const who = await whoIs(tx, deps, incoming);
    const detail = { source: command.system, request: command.requestId };
    if (who.kind === 'held') {
      const caseId = await hold(tx, deps, { ...incoming, changeId: deps.newId() }, who, facts);
      tx.record({
        event: 'person.held',
        subject: who.candidateId,
        facts: facts.list,
        detail: { ...detail, case: caseId, why: who.why },
      });
      return ok({ kind: 'held' });
    }
    const known = who.kind !== 'new';
    const personId = known ? who.personId : await makePerson(tx, deps, incoming, facts);
    if (known) {
      await bind(tx, deps, personId, command.system, null, facts);
      await beginWanting(tx, deps, personId, facts);
    } else await settleState(tx, deps, personId, incoming, facts);
    await insertRegistration(tx, {
      requestId: command.requestId,
      system: command.system,
      personId,
      known,
      registeredAt: deps.machineClock.now(),
    });
    facts.add('registration');
    tx.record({
      event: known ? 'person.found' : 'person.numbered',
      subject: personId,
      facts: facts.list,
      recipient: `${actor.organisation}/${actor.system}`,
      detail,
    });
    return ok({ kind: 'registered', person: await answer(tx, personId, known) });
  },
});

/** The answer of the first time, where it is the same question: compared by the vault, not by a digest that could be guessed. */
async function repeated(
  tx: Tx,
  deps: Deps,
  command: RegisterPerson,
  number: IndividualNumber,
  before: { readonly system: string; readonly personId: string; readonly known: boolean; readonly stands: boolean },
): Promise<Result<Registered, 'request-key-reused'>> {
  const holders = await deps.vault.holders(tx, number, 'identify-person');
  const same = before.system === command.system && holders.some((h) => h.owner === ownerOf(before.personId));
  if (!same) return err('request-key-reused');
  if (!before.stands) {
    // The link that this request made was undone (INC-53): asking again does not bring it back.
    tx.record({ event: 'person.registration-ended', subject: before.personId, detail: { source: command.system } });
    return ok({ kind: 'held' });
  }
  tx.record({ event: 'person.found', subject: before.personId, detail: { source: command.system, repeated: true } });
  return ok({ kind: 'registered', person: await answer(tx, before.personId, before.known) });
}

async function answer(tx: Tx, personId: string, known: boolean): Promise<ResponseOf<typeof endpoint>> {
  const person = await findPerson(tx, personId);
  const linkage = await findLinkage(tx, personId);
  const state = linkage?.state;
  return {
    orgPersonNumber: person!.orgPersonNumber,
    known,
    linkage: state === 'held' || state === 'requested' ? state : 'none',
  };
}
