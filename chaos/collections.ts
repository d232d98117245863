import { aTown, type Town } from '@musubi/collections/test/a-town.ts';
import { type Random, seededRandom } from '@musubi/kernel/random/random.ts';
import { Month } from './collections/month.ts';
import { findViolations } from './collections/violations.ts';

export interface CollectionsChaos {
  readonly name: 'collections';
  /** Simulated months. */
  readonly seeds: number;
  readonly violations: number;
  readonly faults: Record<string, number>;
}

/** Months that share one set of books. */
const monthsPerTown = 12;

/**
 * Simulated months of collection: charges fall due, payers pay in every way that payers have, and files come late, doubled, reordered, cut,
 * with yesterday's header; processes die inside each step; clerks press twice. Afterwards the books are held against what was really paid.
 */
export async function run(months: number, options: { readonly seed?: string } = {}): Promise<CollectionsChaos> {
  const faults: Record<string, number> = {};
  let violations = 0;
  for (let done = 0; done < months; done += monthsPerTown) {
    await using town: Town = await aTown();
    for (let i = done; i < Math.min(done + monthsPerTown, months); i++) {
      const random: Random = seededRandom(`${options.seed ?? 'collections'} ${i}`);
      const month = new Month(town, random, i % monthsPerTown, faults);
      await month.live();
      for (const violation of await findViolations(town, month.truth)) {
        violations++;
        console.error(`month ${i}: ${violation}`);
      }
    }
  }
  return { name: 'collections', seeds: months, violations, faults };
}
