import type { Random } from '../random/random.ts';

const shortestMs = 1_000;
const longestMs = 60_000;

/**
 * Pause before the next try: never under a second, on average doubling with each try up to a minute, with full jitter
 * so that many senders do not come back at once.
 *
 * @param tries tries that failed, from 1
 */
export function backoffMs(tries: number, random: Random): number {
  const ceiling = Math.min(longestMs, shortestMs * 2 ** Math.min(tries, 16));
  return shortestMs + random.below(ceiling - shortestMs + 1);
}
