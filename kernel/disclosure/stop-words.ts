import type { Stop } from './case.ts';

/** What one scope of stopping ends: `ways` are the system's own words for how data leaves or is used. */
export interface StopScope {
  readonly label: string;
  readonly ways: readonly string[];
}

/** `provision`, or `provision:SUIDO-01` where only one task is stopped. Words stand in facts: none is ever renamed. */
export const stopWords = (scope: StopScope, { tasks }: Stop): string[] =>
  scope.ways.flatMap((way) => (tasks.length === 0 ? [way] : tasks.map((task) => `${way}:${task}`)));

/** The words that stop this way of giving for this task. */
export const stoppingWords = (way: string, task: string): readonly [string, string] => [way, `${way}:${task}`];

/** Whether what stands about a person stops this way of giving it for this task. */
export const isStopped = (words: readonly string[], way: string, task: string): boolean =>
  stoppingWords(way, task).some((word) => words.includes(word));
