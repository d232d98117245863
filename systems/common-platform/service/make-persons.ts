import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Deps } from '../deps.ts';
import { drawOrgPersonNumber } from '../domain/org-person-number.ts';
import { insertSteps } from '../store/linkage.ts';
import { insertBindings, insertNumbers, insertParticulars, insertPersons, insertWanting } from '../store/load.ts';
import { type Incoming, ownerOf, searchKeys } from './incoming.ts';
import { partyOfId } from './party-of-id.ts';
import { type Facts, type Load, personChangeOf } from './settle.ts';

interface Made {
  readonly incoming: Incoming;
  readonly personId: string;
  readonly orgPersonNumber: string;
}

/**
 * What `makePerson` and `settleState` do for one, for many persons whom nobody knows, with one statement for each table.
 * @param load gets their messages for the business systems
 * @returns the new persons' ids, in the order given
 */
export async function makePersons(
  tx: Tx,
  deps: Deps,
  fresh: readonly Incoming[],
  facts: Facts,
  load: Load,
): Promise<string[]> {
  if (fresh.length === 0) return [];
  const made = await numbered(tx, deps, fresh);
  const at = deps.machineClock.now();
  const puts = await deps.vault.putMany(
    tx,
    made.map(({ personId, incoming }) => ({ owner: ownerOf(personId), number: incoming.number })),
    'hold-person-number',
  );
  await insertNumbers(
    tx,
    made.map(({ personId }, i) => ({ personId, ref: puts[i]!.ref })),
    at,
  );
  await insertParticulars(
    tx,
    made.map(({ personId, incoming }) => ({ personId, ...incoming, ...searchKeys(incoming.state) })),
    at,
  );
  const receivers = deps.settings.subscribers.map((s) => partyOfId(s).system);
  await insertBindings(
    tx,
    made.flatMap(({ personId, incoming: { source, addresseeNumber } }) =>
      [source, ...receivers].map((system) => ({ bindingId: deps.newId(), personId, system, addresseeNumber })),
    ),
    at,
  );
  facts.add('person', 'person_number', 'particulars', 'binding');
  const wanting = made.filter(({ incoming }) => incoming.state.status !== 'removed');
  if (wanting.length > 0) {
    await insertWanting(
      tx,
      wanting.map((w) => w.personId),
      at,
    );
    const rows = wanting.map(({ personId }) => ({ personId, stepId: deps.newId() }));
    await insertSteps(tx, { rows, step: 'wanted', word: null, on: deps.civilClock.today(), at });
    facts.add('linkage_step');
  }
  for (const { personId, orgPersonNumber, incoming } of made) {
    load.changes.push(personChangeOf(orgPersonNumber, incoming));
    if (incoming.state.addressProtected)
      load.protections.push({ personId, changeId: incoming.changeId, isProtected: true });
  }
  return made.map((m) => m.personId);
}

/** Draws again for those whose number was taken. */
async function numbered(tx: Tx, deps: Deps, fresh: readonly Incoming[]): Promise<Made[]> {
  const ids = fresh.map(() => deps.newId());
  const numbers = new Map<string, string>();
  const on = deps.civilClock.today();
  for (let tries = 0; numbers.size < fresh.length; tries++) {
    if (tries === 10) throw new Error('no free organisation person number in ten draws');
    const drawn = ids
      .filter((id) => !numbers.has(id))
      .map((personId) => ({ personId, orgPersonNumber: drawOrgPersonNumber(deps.random) }));
    const entered = await insertPersons(tx, drawn, on, deps.machineClock.now());
    for (const { personId, orgPersonNumber } of drawn)
      if (entered.has(personId)) numbers.set(personId, orgPersonNumber);
  }
  return fresh.map((incoming, i) => ({ incoming, personId: ids[i]!, orgPersonNumber: numbers.get(ids[i]!)! }));
}
