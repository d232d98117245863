import type { PersonChange, PersonLoad } from '@musubi/contracts/platform/persons.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../../deps.ts';
import { insertFirstStates, insertPersons, insertRejections, knownTo } from '../../store/person-load.ts';
import { applyOne, numberPurpose, personOwner, stateOf } from './apply-one.ts';

/** added + changed + repeated + rejected = persons of the message. */
export interface LoadApplied {
  readonly added: number;
  readonly changed: number;
  readonly repeated: number;
  readonly rejected: number;
}

interface Fresh {
  readonly change: PersonChange;
  readonly number: IndividualNumber;
}

/**
 * A message of the first load, each person judged alone as by a single change: whoever is not known yet is entered together with
 * the others, anybody else goes the way of a single change. What that way would refuse is set aside and the rest goes on.
 *
 * @law 番号利用法 第9条第1項
 */
export const applyPersonLoad = act('resident-tax.apply-person-load', {
  right: ['resident-tax', 'person-change', 'update'],
  async run(tx, deps: Deps, { message }: Received<PersonLoad>): Promise<Result<LoadApplied, never>> {
    const { loadId, persons } = message;
    const { fresh, others } = await sift(tx, persons);
    const entered = await enter(tx, deps, fresh);
    const subjects = [...entered.personIds];
    const counts = { added: subjects.length, changed: 0, repeated: 0, rejected: 0 };
    let numberHeldByOthers = entered.numberHeldByOthers;
    const rejected: { row: number; changeId: string; word: string }[] = [];
    for (const change of [...others, ...entered.overtaken]) {
      const done = await applyOne(tx, deps, change);
      if (!done.ok) {
        rejected.push({ row: persons.indexOf(change), changeId: change.changeId, word: done.error });
        continue;
      }
      counts[done.value.kind] += 1;
      if (done.value.kind === 'repeated') continue;
      subjects.push(done.value.personId);
      numberHeldByOthers += done.value.numberHeldByOthers;
    }
    const set = await insertRejections(
      tx,
      loadId,
      rejected.map((r) => ({ ...r, rejectionId: deps.newId() })),
      deps.machineClock.now(),
    );
    counts.rejected = set;
    counts.repeated += rejected.length - set;
    tx.record({
      event: 'load.applied',
      subjects: [...new Set(subjects)],
      facts: [
        ...(counts.added > 0 ? ['resident_tax.person'] : []),
        ...(subjects.length > 0 ? ['resident_tax.person_state'] : []),
        ...(set > 0 ? ['resident_tax.load_rejection'] : []),
      ],
      detail: { loadId, ...counts, numberHeldByOthers },
    });
    return ok(counts);
  },
});

/** `fresh`: named once in the message, a sound number, and neither person, addressee number nor change known. */
async function sift(tx: Tx, persons: readonly PersonChange[]) {
  const known = await knownTo(tx, persons);
  const times = new Map<string, number>();
  const marksOf = (c: PersonChange): string[] => [
    `c${c.changeId}`,
    `o${c.orgPersonNumber}`,
    `a${c.addresseeNumber}`,
    `n${c.individualNumber}`,
  ];
  for (const mark of persons.flatMap(marksOf)) times.set(mark, (times.get(mark) ?? 0) + 1);
  const fresh: Fresh[] = [];
  const others: PersonChange[] = [];
  for (const change of persons) {
    const number = IndividualNumber.parse(change.individualNumber);
    const once = marksOf(change).every((mark) => times.get(mark) === 1 && !known.has(mark));
    if (number.ok && once) fresh.push({ change, number: number.value });
    else others.push(change);
  }
  return { fresh, others };
}

/** Enters them with one statement for each table. `overtaken`: somebody else's act made the person meanwhile. */
async function enter(tx: Tx, deps: Deps, fresh: readonly Fresh[]) {
  const made = await insertPersons(
    tx,
    fresh.map(({ change }) => ({ ...change, personId: deps.newId() })),
  );
  const rows = fresh.flatMap(({ change, number }) => {
    const personId = made.get(change.orgPersonNumber);
    return personId === undefined ? [] : [{ change, number, personId, owner: personOwner(personId) }];
  });
  const holders = await deps.vault.holdersOfMany(
    tx,
    rows.map((r) => r.number),
    numberPurpose,
  );
  const puts = await deps.vault.putMany(tx, rows, numberPurpose);
  await insertFirstStates(
    tx,
    rows.map(({ change, personId }, i) => ({ personId, ...stateOf(change, puts[i]!.ref) })),
    deps.machineClock.now(),
  );
  return {
    personIds: rows.map((r) => r.personId),
    overtaken: fresh.flatMap(({ change }) => (made.has(change.orgPersonNumber) ? [] : [change])),
    numberHeldByOthers: holders.flat().filter((h) => h.holds && h.owner.startsWith('person:')).length,
  };
}
