import type { PersonChange } from '@musubi/contracts/platform/persons.ts';
import { personChanges } from '@musubi/contracts/platform/persons.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Deps } from '../deps.ts';
import { drawOrgPersonNumber } from '../domain/org-person-number.ts';
import { insertSteps, wantLinkage } from '../store/linkage.ts';
import { bindPerson, findPerson, insertPerson, insertPersonNumber, putVersion } from '../store/persons.ts';
import { type Incoming, ownerOf, searchKeys } from './incoming.ts';
import { endAsMovedIn } from './outside-numbers.ts';
import { partyOfId } from './party-of-id.ts';
import { noteProtections, type ProtectionTold, wasProtected } from './protections.ts';

/** Names of the tables in which an act wrote rows: an event must name all of them. */
export class Facts {
  readonly #tables = new Set<string>();
  add(...tables: readonly string[]): void {
    for (const table of tables) this.#tables.add(`common_platform.${table}`);
  }
  get list(): string[] {
    return [...this.#tables].sort();
  }
}

/** What a message of the register's load brings for the business systems: sent together, when all of it was judged. */
export interface Load {
  readonly changes: PersonChange[];
  /** Persons whose 支援措置 began or ended by it. */
  readonly protections: Omit<ProtectionTold, 'receiver' | 'messageId'>[];
}

/** Gives the person a number of the organisation and a place in the vault. @returns the new person's id */
export async function makePerson(tx: Tx, deps: Deps, incoming: Incoming, facts: Facts): Promise<string> {
  const personId = await makeNumberless(tx, deps, facts);
  await holdNumber(tx, deps, personId, incoming, facts);
  return personId;
}

/** A person of whom no Individual Number is known (yet): nothing is asked or lodged about them until there is one. */
export async function makeNumberless(tx: Tx, deps: Deps, facts: Facts): Promise<string> {
  const personId = deps.newId();
  const row = { personId, madeOn: deps.civilClock.today(), madeAt: deps.machineClock.now() };
  // 10^14 numbers: a second draw is a curiosity, a tenth a broken source of randomness.
  for (
    let tries = 0;
    !(await insertPerson(tx, { ...row, orgPersonNumber: drawOrgPersonNumber(deps.random) }));
    tries++
  ) {
    if (tries === 10) throw new Error('no free organisation person number in ten draws');
  }
  facts.add('person');
  return personId;
}

/** Holds the (new) number; a former one is closed in the vault and stays in its history. */
export async function holdNumber(
  tx: Tx,
  deps: Deps,
  personId: string,
  incoming: Incoming,
  facts: Facts,
): Promise<void> {
  const [put] = await deps.vault.putMany(
    tx,
    [{ owner: ownerOf(personId), number: incoming.number }],
    'hold-person-number',
  );
  if (put?.outcome === 'same') return;
  await insertPersonNumber(tx, personId, put!.ref, deps.machineClock.now());
  facts.add('person_number');
}

/**
 * Stores what the source says, binds the source and tells the subscribed business systems, all in the caller's act.
 * @param load gathers what the subscribers are to be told, for a caller that sends many at once
 */
export async function settleState(
  tx: Tx,
  deps: Deps,
  personId: string,
  incoming: Incoming,
  facts: Facts,
  load?: Load,
): Promise<void> {
  const at = deps.machineClock.now();
  const { changeId, source, reason, changedOn, state } = incoming;
  const was = (await wasProtected(tx, [personId])).has(personId);
  await putVersion(tx, { personId, source, changeId, reason, changedOn, state, ...searchKeys(state) }, at);
  facts.add('particulars');
  await bind(tx, deps, personId, source, incoming.addresseeNumber, facts);
  if (state.status !== 'removed') await beginWanting(tx, deps, personId, facts);
  if (state.status === 'resident') await endAsMovedIn(tx, deps, personId, { by: source, facts });
  if (incoming.sourceKind === 'register')
    await forward(tx, deps, personId, incoming, facts, was !== state.addressProtected, load);
}

export async function bind(
  tx: Tx,
  deps: Deps,
  personId: string,
  system: string,
  addresseeNumber: string | null,
  facts: Facts,
): Promise<void> {
  const row = { bindingId: deps.newId(), personId, system, addresseeNumber, boundAt: deps.machineClock.now() };
  if (await bindPerson(tx, row)) facts.add('binding');
}

/** From now on the job asks for the person's linkage code. */
export async function beginWanting(tx: Tx, deps: Deps, personId: string, facts: Facts): Promise<void> {
  const at = deps.machineClock.now();
  if (!(await wantLinkage(tx, personId, at))) return;
  await insertSteps(tx, {
    rows: [{ stepId: deps.newId(), personId }],
    step: 'wanted',
    word: null,
    on: deps.civilClock.today(),
    at,
  });
  facts.add('linkage_step');
}

async function forward(
  tx: Tx,
  deps: Deps,
  personId: string,
  incoming: Incoming,
  facts: Facts,
  protectionChanged: boolean,
  load: Load | undefined,
): Promise<void> {
  const person = await findPerson(tx, personId);
  const message = personChangeOf(person!.orgPersonNumber, incoming);
  const { changeId } = incoming;
  const protection = { personId, changeId, isProtected: incoming.state.addressProtected };
  load?.changes.push(message);
  if (protectionChanged) load?.protections.push(protection);
  const told: ProtectionTold[] = [];
  for (const receiver of deps.settings.subscribers) {
    await bind(tx, deps, personId, partyOfId(receiver).system, incoming.addresseeNumber, facts);
    // A held record of a load that a clerk decides is a single act, and travels as one.
    if (load !== undefined) continue;
    const messageId = await deps.outbox.enqueue(tx, { receiver, family: personChanges, subject: personId, message });
    told.push({ ...protection, receiver, messageId });
  }
  if (protectionChanged) await noteProtections(tx, deps, told, facts);
}

/** What a business system is told. Throws for a person whom no register has sent. */
export function personChangeOf(orgPersonNumber: string, incoming: Incoming): PersonChange {
  const { birthOn, status, municipalityCode, householdNumber, relationship, becameResidentOn, ...state } =
    incoming.state;
  if (status === 'unregistered' || incoming.addresseeNumber === null) throw new Error('only residents are forwarded');
  return {
    changeId: incoming.changeId,
    reason: incoming.reason,
    changedOn: incoming.changedOn,
    orgPersonNumber,
    addresseeNumber: incoming.addresseeNumber,
    individualNumber: incoming.number.digits(),
    state: {
      ...state,
      status,
      birthDate: birthOn,
      municipalityCode: municipalityCode ?? '',
      householdNumber: householdNumber ?? '',
      relationship: relationship ?? '',
      becameResidentOn: becameResidentOn ?? incoming.changedOn,
    },
  };
}
