import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Deps } from '../deps.ts';
import type { Identification } from '../domain/identify.ts';
import { addHeldChange, findOpenCase, insertCase } from '../store/held.ts';
import { type Incoming, sealIncoming } from './incoming.ts';
import type { Facts } from './settle.ts';

type Held = Extract<Identification, { kind: 'held' }>;

/** Puts a record on the clerks' work list. Nothing of it is used until somebody has decided. @returns the case */
export async function hold(tx: Tx, deps: Deps, incoming: Incoming, held: Held, facts: Facts): Promise<string> {
  const caseId = deps.newId();
  await insertCase(tx, {
    caseId,
    source: incoming.source,
    addresseeNumber: incoming.addresseeNumber,
    why: held.why,
    candidateId: held.candidateId,
    differing: held.differing,
    openedOn: deps.civilClock.today(),
    openedAt: deps.machineClock.now(),
  });
  facts.add('held_case');
  await append(tx, deps, caseId, incoming, facts);
  return caseId;
}

/** A later change of a person whose earlier one waits: it queues behind it. @returns the case, if there is one */
export async function queueBehind(tx: Tx, deps: Deps, incoming: Incoming, facts: Facts): Promise<string | undefined> {
  if (incoming.addresseeNumber === null) return undefined;
  const caseId = await findOpenCase(tx, incoming.source, incoming.addresseeNumber);
  if (caseId !== undefined) await append(tx, deps, caseId, incoming, facts);
  return caseId;
}

async function append(tx: Tx, deps: Deps, caseId: string, incoming: Incoming, facts: Facts): Promise<void> {
  const sealedRef = await sealIncoming(tx, deps, incoming);
  await addHeldChange(tx, { caseId, changeId: incoming.changeId, sealedRef, heldAt: deps.machineClock.now() });
  facts.add('held_change');
}
