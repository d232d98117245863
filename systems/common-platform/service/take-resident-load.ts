import type { PlatformResidentLoad } from '@musubi/contracts/platform/persons.ts';
import { personLoads } from '@musubi/contracts/platform/persons.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import { insertRejections, knownChanges, knownRejections, openCaseHolders } from '../store/load.ts';
import { lockIdentification } from '../store/persons.ts';
import { fromRegister, type Incoming, whoAre } from './incoming.ts';
import { makePersons } from './make-persons.ts';
import { partyOfId } from './party-of-id.ts';
import { noteProtections } from './protections.ts';
import { Facts, type Load } from './settle.ts';
import { takeOne } from './take-one.ts';

/** numbered + updated + repeated + older + held + rejected = persons of the message. */
export interface LoadTaken {
  readonly numbered: number;
  readonly updated: number;
  readonly repeated: number;
  readonly older: number;
  readonly held: number;
  readonly rejected: number;
}

/**
 * A message of the register's first load, each person judged alone as by a single change: whoever is new beyond doubt is
 * numbered together with the others, anybody else goes the way of a single change, after them and in the message's order. A
 * number that fails its check digit is set aside with its change and the rest goes on: the register sends that person anew.
 * @source requirements 002 CIP-F4, CIP-F6; design §4.0
 */
export const takeResidentLoad = act('common-platform.take-resident-load', {
  right: ['common-platform', 'resident-change', 'update'],
  async run(
    tx,
    deps: Deps,
    { message, sender }: Received<PlatformResidentLoad>,
  ): Promise<Result<LoadTaken, 'not-your-register'>> {
    const { settings } = deps;
    if (settings.mode !== 'ward' || sender !== settings.register) return err('not-your-register');
    const { loadId } = message;
    const { system } = partyOfId(sender);
    await lockIdentification(tx);
    const facts = new Facts();
    const load: Load = { changes: [], protections: [] };
    const read = message.persons.map((change) => ({ change, incoming: fromRegister(change, system, true) }));
    const incoming = read.flatMap((r) => r.incoming ?? []);
    const unreadable = read.flatMap((r, row) => (r.incoming ? [] : [{ row, changeId: r.change.changeId }]));
    const rejected = await reject(tx, deps, loadId, unreadable, facts);
    const { fresh, others, repeated } = await sift(tx, deps, incoming);
    const subjects = await makePersons(tx, deps, fresh, facts, load);
    const counts = {
      numbered: fresh.length,
      updated: 0,
      repeated: repeated + unreadable.length - rejected,
      older: 0,
      held: 0,
      rejected,
    };
    for (const one of others) {
      const taken = await takeOne(tx, deps, one, facts, load);
      counts[wordOf[taken.kind]] += 1;
      if (taken.kind === 'held') subjects.push(...(taken.candidateId === undefined ? [] : [taken.candidateId]));
      else if (taken.kind !== 'repeated') subjects.push(taken.personId);
    }
    if (load.changes.length > 0)
      for (const receiver of settings.subscribers) {
        const [messageId] = await deps.outbox.enqueueBulk(tx, receiver, personLoads, [
          { subject: loadId, message: { loadId, persons: load.changes } },
        ]);
        const told = load.protections.map((p) => ({ ...p, receiver, messageId: messageId! }));
        await noteProtections(tx, deps, told, facts);
      }
    tx.record({
      event: 'load.taken',
      subjects: [...new Set(subjects)],
      facts: facts.list,
      ...(load.changes.length > 0 && settings.subscribers.length > 0
        ? { recipient: settings.subscribers.join(',') }
        : {}),
      detail: { source: system, loadId, ...counts },
    });
    return ok(counts);
  },
});

const wordOf = {
  new: 'numbered',
  same: 'updated',
  changed: 'updated',
  'number-changed': 'updated',
  repeated: 'repeated',
  older: 'older',
  held: 'held',
} as const;

/** Whoever is named once in the message, waits behind nobody and is known in no way is `fresh`. */
async function sift(tx: Tx, deps: Deps, incoming: readonly Incoming[]) {
  const known = await knownChanges(
    tx,
    incoming.map((i) => i.changeId),
  );
  const unknown = incoming.filter((i) => !known.has(i.changeId));
  const times = new Map<string, number>();
  const marksOf = (i: Incoming): string[] => [`c${i.changeId}`, `a${i.addresseeNumber}`, `n${i.number.digits()}`];
  for (const mark of unknown.flatMap(marksOf)) times.set(mark, (times.get(mark) ?? 0) + 1);
  const waiting = await openCaseHolders(tx, unknown);
  const who = await whoAre(tx, deps, unknown);
  const isFresh = (i: Incoming, no: number): boolean =>
    who[no]!.kind === 'new' && !waiting.has(i.addresseeNumber ?? '') && marksOf(i).every((m) => times.get(m) === 1);
  return {
    fresh: unknown.filter(isFresh),
    others: unknown.filter((i, no) => !isFresh(i, no)),
    repeated: incoming.length - unknown.length,
  };
}

/** Sets aside what was not set aside by an earlier copy of the message. @returns how many */
async function reject(
  tx: Tx,
  deps: Deps,
  loadId: string,
  rows: readonly { readonly row: number; readonly changeId: string }[],
  facts: Facts,
): Promise<number> {
  if (rows.length === 0) return 0;
  const known = await knownRejections(
    tx,
    rows.map((r) => r.changeId),
  );
  const made = rows
    .filter((r) => !known.has(r.changeId))
    .map((r) => ({ ...r, rejectionId: deps.newId(), word: 'invalid-number' }));
  if (made.length === 0) return 0;
  await insertRejections(tx, { loadId, rows: made, on: deps.civilClock.today(), at: deps.machineClock.now() });
  facts.add('load_rejection');
  return made.length;
}
