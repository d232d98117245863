import { act, look } from '@musubi/kernel/db/act.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { countDifferences, differencesOf, listRuns, type StoredDifference } from '../store/reconciliation.ts';

const right = ['prefectural-juki', 'journal', 'read'] as const;

/** Runs and their counts: nothing personal. */
export const readRuns = look('prefectural-juki.read-reconciliation-runs', {
  right,
  run: (tx, _deps: Deps, { offset, limit }: { readonly offset: number; readonly limit: number }) =>
    listRuns(tx, offset, limit),
});

export const readDifferences = act('prefectural-juki.read-reconciliation-differences', {
  right,
  async run(
    tx,
    _deps: Deps,
    query: { readonly runId: string; readonly offset: number; readonly limit: number },
  ): Promise<Result<{ rows: StoredDifference[]; total: number }, never>> {
    const found = await differencesOf(tx, query.runId, query.offset, query.limit);
    const total = await countDifferences(tx, query.runId);
    tx.record({
      event: 'reconciliation.differences-read',
      subjects: found.flatMap((d) => d.personId ?? []),
      detail: { runId: query.runId, count: found.length },
    });
    return ok({ rows: found, total });
  },
});
