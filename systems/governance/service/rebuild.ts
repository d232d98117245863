import { look } from '@musubi/kernel/db/act.ts';
import type { Deps } from '../deps.ts';
import { findRegister } from '../domain/registers.ts';
import { type CurrentEntry, historyOf, listCurrent } from '../store/entries.ts';
import { standing } from './registers.ts';

/**
 * Makes where each entry stands again from its facts, and gives the numbers of those where `current` says otherwise
 * (design §2.5). Nothing is changed.
 */
export const differingEntries = look('governance.differing-entries', {
  right: ['governance', 'reminder', 'read'],
  async run(tx, _deps: Deps, query: { readonly register: string }): Promise<readonly string[]> {
    const definition = findRegister(query.register);
    if (definition === undefined) return [];
    const differing: string[] = [];
    const all = { registers: [query.register], state: null, text: null, dueBy: null, offset: 0, limit: 100_000 };
    for (const entry of (await listCurrent(tx, all)).rows) {
      let { initial: state } = definition;
      let values: CurrentEntry['values'] = {};
      const history = await historyOf(tx, entry.entryId);
      for (const [i, change] of history.entries()) {
        values = { ...values, ...change.values };
        if (change.kind === 'step') state = change.toState ?? state;
        else if (i > 0) state = definition.correctedState ?? state;
      }
      const { entryId, register, label, openedBy, openedOn } = entry;
      const made = standing(definition, {
        ...{ entryId, register, label, openedBy, openedOn },
        state,
        values,
        changes: history.length,
        lastChangedBy: history.at(-1)?.by ?? '',
      });
      if (sorted(made) !== sorted(entry)) differing.push(entry.label);
    }
    return differing;
  },
});

/** The same text for the same content, whatever the order of its members. */
const sorted = (entry: CurrentEntry): string =>
  JSON.stringify(
    Object.entries({ ...entry, values: Object.entries(entry.values).sort() }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
