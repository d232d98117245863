import { aTown, type Town } from '@musubi/collections/test/a-town.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { Month } from './collections/month.ts';
import { findViolations } from './collections/violations.ts';

export interface CollectionsChaos {
  readonly name: 'collections';
  /** Simulated months. */
  readonly seeds: number;
  readonly violations: number;
  readonly faults: Record<string, number>;
}

/** Months that share one set of books: as far as rates of interest are published. */
const monthsPerTown = 20;
/** Towns at the same time, each with books of its own: while one waits for its database, another goes on. */
const townsAtOnce = 4;

/**
 * Simulated months of collection: charges fall due, payers pay in every way that payers have, and files come late, doubled, reordered, cut,
 * with yesterday's header; processes die inside each step; clerks press twice. Afterwards the books are held against what was really paid.
 *
 * @param options.from months to leave out, so that many can be gone through in pieces; a month is the same in every piece
 */
export async function run(
  months: number,
  options: { readonly seed?: string; readonly from?: number } = {},
): Promise<CollectionsChaos> {
  const faults: Record<string, number> = {};
  let violations = 0;
  const { seed = 'collections', from = 0 } = options;
  const end = from + months;
  let next = from;
  const liveTowns = async (): Promise<void> => {
    while (next < end) {
      const first = next;
      next = Math.min(end, first - (first % monthsPerTown) + monthsPerTown);
      const last = next;
      await using town: Town = await aTown();
      for (let i = first; i < last; i++) {
        const month = new Month(town, seededRandom(`${seed} ${i}`), i % monthsPerTown, faults);
        await month.live();
        for (const violation of await findViolations(town, month.truth)) {
          violations++;
          console.error(`month ${i}: ${violation}`);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: townsAtOnce }, liveTowns));
  return { name: 'collections', seeds: months, violations, faults };
}
