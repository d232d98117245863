import { type ActDeps, act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import { incomeBands, type ShownBand, shownBands } from '../../domain/income-bands.ts';
import { countByBand } from '../../store/levy-statistics.ts';
import { assessmentRead } from '../assessment/functions.ts';

/** Fewer persons than these are not shown. */
export const minimumCount = 3;

/**
 * 課税状況調: persons with 所得割, 課税標準額 and 所得割額 by the band of the 課税標準額. Sums alone leave this act; a band of fewer than three
 * is hidden.
 */
export const levyStatistics = act('resident-tax.levy-statistics', {
  right: assessmentRead,
  async run(
    tx,
    _deps: ActDeps,
    { fiscalYear }: { readonly fiscalYear: number },
  ): Promise<Result<readonly ShownBand[], never>> {
    const limits = incomeBands.flatMap(({ upTo }) => (upTo === null ? [] : [upTo]));
    const counts = await countByBand(tx, fiscalYear, limits);
    const least = enforced('access.statistics-only') ? minimumCount : 1;
    const bands = shownBands(counts, least);
    const hidden = bands.filter(({ figures }) => figures === null).length;
    tx.record({
      event: 'levy-statistics.made',
      ground: '統計法・地方税法 課税状況等の調',
      detail: { fiscalYear, hidden },
    });
    return ok(bands);
  },
});
