import type { Tx } from '@musubi/kernel/db/sql.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../deps.ts';
import {
  type Bound,
  closeVersion,
  disclaimNumbers,
  endBindings,
  insertCorrectedBinding,
  reopenVersion,
  standingBindings,
  standingNumbers,
} from '../store/corrections.ts';
import { findCase, heldChanges } from '../store/held.ts';
import { insertSteps, withdrawWanting } from '../store/linkage.ts';
import { insertPersonNumber } from '../store/persons.ts';
import { type Incoming, openIncoming, ownerOf } from './incoming.ts';
import { mergeOutside, unmergeOutside } from './outside-numbers.ts';
import { beginWanting, type Facts, holdNumber, makeNumberless, settleState } from './settle.ts';

/** The correction under way: its id, the person it is about, and the tables that it wrote. */
export interface Under {
  readonly correctionId: string;
  readonly personId: string;
  readonly facts: Facts;
}

/** Ends links and makes others in their place. */
export async function moveBindings(
  tx: Tx,
  deps: Deps,
  { correctionId, facts }: Under,
  change: {
    readonly end: readonly Bound[];
    readonly to: { readonly personId: string; readonly as: readonly Bound[] } | undefined;
  },
): Promise<void> {
  const at = deps.machineClock.now();
  if (change.end.length > 0) {
    const ids = change.end.map((b) => b.bindingId);
    await endBindings(tx, correctionId, ids, at);
    facts.add('binding_end');
  }
  if (change.to === undefined) return;
  const standing = await standingBindings(tx, { personId: change.to.personId });
  for (const { system, addresseeNumber } of change.to.as) {
    if (standing.some((b) => b.system === system && b.addresseeNumber === addresseeNumber)) continue;
    const { personId } = change.to;
    await insertCorrectedBinding(tx, correctionId, {
      bindingId: deps.newId(),
      personId,
      system,
      addresseeNumber,
      boundAt: at,
    });
    facts.add('binding', 'corrected_binding');
  }
}

/** `endedId` ends in the person: its links move, it is no longer found, its number is a former one or was never right. */
export async function mergePersons(
  tx: Tx,
  deps: Deps,
  c: Under,
  endedId: string,
  numberWasWrong: boolean,
): Promise<readonly Bound[]> {
  const at = deps.machineClock.now();
  const links = await standingBindings(tx, { personId: endedId });
  await moveBindings(tx, deps, c, { end: links, to: { personId: c.personId, as: links } });
  if (numberWasWrong) await disclaim(tx, deps, c, endedId, await standingNumbers(tx, endedId));
  await mergeOutside(tx, deps, endedId, c.personId, { by: c.correctionId, facts: c.facts });
  // The version moves to the history as it is; that it ended stands in the correction.
  await closeVersion(tx, endedId, at);
  if (await withdrawWanting(tx, endedId)) {
    const rows = [{ stepId: deps.newId(), personId: endedId }];
    await insertSteps(tx, { rows, step: 'refused', word: 'merged', on: deps.civilClock.today(), at });
    c.facts.add('linkage_step');
  }
  return links;
}

/** The two are two again: links go back to where they were, except those that came since. */
export async function undoMerge(
  tx: Tx,
  deps: Deps,
  c: Under,
  endedId: string,
  done: { readonly ended: readonly Bound[]; readonly made: readonly Bound[] },
): Promise<void> {
  const standing = await standingBindings(tx, { personId: c.personId });
  const end = done.made.filter((m) => standing.some((s) => s.bindingId === m.bindingId));
  await moveBindings(tx, deps, c, { end, to: { personId: endedId, as: done.ended } });
  await unmergeOutside(tx, deps, endedId, c.personId, { by: c.correctionId, facts: c.facts });
  await reopen(tx, deps, c, endedId, []);
  await beginWanting(tx, deps, endedId, c.facts);
}

/**
 * What a case brought to the person by mistake becomes a person of its own, with the number if it was theirs; the person gets
 * back the state and the number that they had before the case.
 */
export async function separatePerson(
  tx: Tx,
  deps: Deps,
  c: Under,
  caseId: string,
  numberMoves: boolean,
): Promise<{ readonly madeId: string; readonly moved: readonly Bound[] }> {
  const held = (await findCase(tx, caseId))!;
  const arrived: Incoming[] = [];
  for (const { sealedRef } of await heldChanges(tx, caseId))
    arrived.push(await openIncoming(tx, deps, sealedRef, 'separate-persons'));
  // A register's number went on to the business systems under the same number: those links go with it.
  const { source, addresseeNumber } = held;
  const links = (await standingBindings(tx, { personId: c.personId })).filter((b) =>
    addresseeNumber === null ? b.system === source : b.addresseeNumber === addresseeNumber,
  );
  await moveBindings(tx, deps, c, { end: links, to: undefined });
  if (numberMoves) await giveBackNumber(tx, deps, c);
  await closeVersion(tx, c.personId, deps.machineClock.now());
  await reopen(
    tx,
    deps,
    c,
    c.personId,
    arrived.map((a) => a.changeId),
  );
  const madeId = await makeNumberless(tx, deps, c.facts);
  if (numberMoves) await holdNumber(tx, deps, madeId, arrived.at(-1)!, c.facts);
  for (const incoming of arrived)
    await settleState(tx, deps, madeId, { ...incoming, changeId: deps.newId(), reason: 'separated' }, c.facts);
  return { madeId, moved: links };
}

/** The newest number was never the person's; the one before it is theirs again. */
async function giveBackNumber(tx: Tx, deps: Deps, c: Under): Promise<void> {
  const [wrong, before] = await standingNumbers(tx, c.personId);
  if (wrong === undefined) return;
  await disclaim(tx, deps, c, c.personId, [wrong]);
  if (before === undefined) return;
  const number = await deps.vault.reveal(tx, numberRef(before), 'separate-persons');
  const [put] = await deps.vault.putMany(tx, [{ owner: ownerOf(c.personId), number }], 'separate-persons');
  if (put === undefined || put.outcome === 'same') return;
  await insertPersonNumber(tx, c.personId, put.ref, deps.machineClock.now());
  c.facts.add('person_number');
}

async function disclaim(
  tx: Tx,
  deps: Deps,
  { correctionId, facts }: Under,
  personId: string,
  refs: readonly string[],
): Promise<void> {
  if (refs.length === 0) return;
  await disclaimNumbers(tx, correctionId, personId, refs, deps.machineClock.now());
  facts.add('number_disclaimer');
}

async function reopen(tx: Tx, deps: Deps, c: Under, personId: string, notOf: readonly string[]): Promise<void> {
  const row = { personId, changeId: deps.newId(), reason: 'corrected', notOf };
  if (await reopenVersion(tx, { ...row, on: deps.civilClock.today(), at: deps.machineClock.now() }))
    c.facts.add('particulars');
}
