import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Deps } from '../deps.ts';
import { findVersionDay, isKnownChange } from '../store/persons.ts';
import { hold, queueBehind } from './hold.ts';
import { type Incoming, whoIs } from './incoming.ts';
import { type Facts, holdNumber, type Load, makePerson, settleState } from './settle.ts';

export type Taken =
  | { readonly kind: 'repeated' }
  | { readonly kind: 'held'; readonly caseId: string; readonly why: string; readonly candidateId?: string }
  | { readonly kind: 'older' | 'new' | 'same' | 'changed' | 'number-changed'; readonly personId: string };

/**
 * Numbers, stores and passes on one record of the register, or holds it. Call after `lockIdentification`, in an act that
 * names `facts` in its event.
 * @param load where messages for the business systems are gathered; without it each is sent as a single change
 */
export async function takeOne(tx: Tx, deps: Deps, incoming: Incoming, facts: Facts, load?: Load): Promise<Taken> {
  if (await isKnownChange(tx, incoming.changeId)) return { kind: 'repeated' };
  const waiting = await queueBehind(tx, deps, incoming, facts);
  if (waiting !== undefined) return { kind: 'held', caseId: waiting, why: 'behind-another' };
  const who = await whoIs(tx, deps, incoming);
  if (who.kind === 'held') {
    const caseId = await hold(tx, deps, incoming, who, facts);
    return { kind: 'held', caseId, why: who.why, candidateId: who.candidateId };
  }
  const personId = who.kind === 'new' ? await makePerson(tx, deps, incoming, facts) : who.personId;
  // A load travels beside the stream of single changes and may bring yesterday's state after today's.
  const known = who.kind === 'new' ? undefined : await findVersionDay(tx, personId);
  if (incoming.bulk && known?.source === incoming.source && known.changedOn > incoming.changedOn)
    return { kind: 'older', personId };
  if (who.kind === 'number-changed') await holdNumber(tx, deps, personId, incoming, facts);
  await settleState(tx, deps, personId, incoming, facts, load);
  return { kind: who.kind, personId };
}
