import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Deps } from '../deps.ts';
import { drawOutsideNumber, type OutsideReason } from '../domain/outside-number.ts';
import {
  insertOutsideNumber,
  insertOutsideStep,
  outsideStandings,
  outsideTakenFrom,
} from '../store/outside-persons.ts';
import type { Facts } from './settle.ts';

/* What happens to 住登外者宛名番号 inside acts of others. Call after `lockIdentification`. */

interface By {
  readonly system?: string | null;
  readonly note?: string | null;
  readonly municipalityCode?: string | null;
  readonly by: string;
  readonly facts: Facts;
}

/** One step of a number. `facts` names the table in the caller's event. */
export async function noteOutside(
  tx: Tx,
  deps: Deps,
  of: { readonly outsideNumber: string; readonly personId: string },
  step: 'begun' | 'ended',
  why: OutsideReason,
  { system = null, note = null, municipalityCode = null, by, facts }: By,
): Promise<void> {
  await insertOutsideStep(tx, {
    stepId: deps.newId(),
    outsideNumber: of.outsideNumber,
    personId: of.personId,
    step,
    why,
    system,
    note,
    municipalityCode,
    by,
    on: deps.civilClock.today(),
    at: deps.machineClock.now(),
  });
  facts.add('outside_step');
}

/** The person's number: the one that stands, the one that ended and is theirs again, or a new one. */
export async function giveOutsideNumber(
  tx: Tx,
  deps: Deps,
  personId: string,
  by: By,
): Promise<{ readonly outsideNumber: string; readonly known: boolean }> {
  const had = await outsideStandings(tx, { personId });
  const standing = had.find((o) => o.step === 'begun');
  if (standing) return { outsideNumber: standing.outsideNumber, known: true };
  const former = had.find((o) => o.why !== 'merged' && o.why !== 'merge-undone');
  const outsideNumber = former?.outsideNumber ?? (await draw(tx, deps, by.facts));
  await noteOutside(tx, deps, { outsideNumber, personId }, 'begun', 'asked', by);
  return { outsideNumber, known: former !== undefined };
}

async function draw(tx: Tx, deps: Deps, facts: Facts): Promise<string> {
  const row = { on: deps.civilClock.today(), at: deps.machineClock.now() };
  for (let tries = 0; tries < 10; tries++) {
    const outsideNumber = drawOutsideNumber(deps.random);
    if (!(await insertOutsideNumber(tx, { ...row, outsideNumber }))) continue;
    facts.add('outside_number');
    return outsideNumber;
  }
  throw new Error('no free 住登外者宛名番号 in ten draws');
}

/** The register knows the person from now on: the organisation's number stays, the number of an outsider ends. */
export async function endAsMovedIn(
  tx: Tx,
  deps: Deps,
  personId: string,
  { by, facts }: Pick<By, 'by' | 'facts'>,
): Promise<void> {
  for (const standing of await outsideStandings(tx, { personId }))
    if (standing.step === 'begun') await noteOutside(tx, deps, standing, 'ended', 'moved-in', { by, facts });
}

/** Two were found to be one: the survivor has one number, their own or that of the ended person. */
export async function mergeOutside(
  tx: Tx,
  deps: Deps,
  endedId: string,
  survivorId: string,
  { by, facts }: Pick<By, 'by' | 'facts'>,
): Promise<void> {
  let free = (await outsideStandings(tx, { personId: survivorId })).every((o) => o.step === 'ended');
  for (const standing of await outsideStandings(tx, { personId: endedId })) {
    if (standing.step === 'ended') continue;
    await noteOutside(tx, deps, standing, 'ended', 'merged', { by, facts });
    if (free) await noteOutside(tx, deps, { ...standing, personId: survivorId }, 'begun', 'merged', { by, facts });
    free = false;
  }
}

/** They are two again: what the merge took from the ended person goes back to them. */
export async function unmergeOutside(
  tx: Tx,
  deps: Deps,
  endedId: string,
  survivorId: string,
  { by, facts }: Pick<By, 'by' | 'facts'>,
): Promise<void> {
  for (const taken of await outsideTakenFrom(tx, endedId, survivorId)) {
    if (taken.step === 'begun') await noteOutside(tx, deps, taken, 'ended', 'merge-undone', { by, facts });
    await noteOutside(tx, deps, { ...taken, personId: endedId }, 'begun', 'merge-undone', { by, facts });
  }
}
