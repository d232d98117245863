import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { countLookAlikes, insertDistinctPair, type LookAlike, lookAlikes } from '../store/corrections.ts';
import { candidates } from '../store/persons.ts';

export type { LookAlike };

/** Persons who may have been registered twice: same name, birthday and sex, and nobody has looked at the two yet. */
export const findLookAlikes = act('common-platform.find-look-alikes', {
  right: ['common-platform', 'held-record', 'read'],
  async run(tx, _deps: Deps, query: { offset: number; limit: number }) {
    const rows = await lookAlikes(tx, query);
    tx.record({
      event: 'look-alikes.listed',
      subjects: [...new Set(rows.flatMap((r) => [r.personA, r.personB]))],
      detail: { count: rows.length },
    });
    return ok({ rows, total: await countLookAlikes(tx) });
  },
});

/** A clerk saw the documents of both: two persons (twins, namesakes). They are not listed again. */
export const noteDistinct = act('common-platform.note-distinct', {
  right: ['common-platform', 'held-record', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { personA: string; personB: string; evidence: string },
    actor,
  ): Promise<Result<null, 'not-staff' | 'no-such-pair' | 'already-noted'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const both = await candidates(tx, [command.personA, command.personB]);
    if (both.length !== 2) return err('no-such-pair');
    const made = await insertDistinctPair(tx, { ...command, by: actor.staffId, at: deps.machineClock.now() });
    if (!made) return err('already-noted');
    tx.record({
      event: 'look-alikes.found-distinct',
      subjects: [command.personA, command.personB],
      facts: ['common_platform.distinct_pair'],
    });
    return ok(null);
  },
});
