import type { BrowserContext, Page } from 'playwright-core';
import type { Conductor } from '../conductor.ts';
import type { Town } from '../open-town.ts';

/** What a step shows for itself: counts, ids and digests; never a personal value. */
export type Evidence = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface StepResult {
  readonly id: string;
  readonly title: string;
  readonly ok: boolean;
  readonly evidence: Evidence;
  readonly seconds: number;
  /** Why it failed. */
  readonly fault?: string;
}

export interface WalkContext {
  readonly town: Town;
  readonly conductor: Conductor;
  /** A signed-in browser of a member of staff, kept for the whole walk. */
  signedIn(organisation: string, staffId: string): Promise<BrowserContext>;
  /** Address of an instance's pages. */
  originOf(instance: string): string;
  /** Takes a picture of a page, checks it for accessibility and keeps its bytes for the search of step 11. */
  look(page: Page, name: string): Promise<void>;
  /** Moves the civil date of all instances on to this day; where a stopped walk goes on, the town may be past it. */
  moveTo(date: string): Promise<void>;
  /** A fresh browser without anybody signed in. */
  newBrowser(): Promise<BrowserContext>;
  readonly progress: (done: number, of: number, what: string) => void;
  /** What earlier steps found and later ones need (ids, never personal values). */
  readonly memory: Map<string, string>;
}

export interface Step {
  readonly id: string;
  readonly title: string;
  /** Throws an Error that says what was expected and what came. Safe to run again in a town where it ran before. */
  run(context: WalkContext): Promise<Evidence>;
}

/** Plays the steps in order; after a failed one the rest is not tried. */
export async function playWalk(
  steps: readonly Step[],
  context: WalkContext,
  onStep: (step: Step, result: StepResult | undefined) => void | Promise<void> = () => {},
  onSuccess: (result: StepResult) => Promise<void> = async () => {},
): Promise<{ readonly ok: boolean; readonly steps: readonly StepResult[] }> {
  const results: StepResult[] = [];
  for (const step of steps) {
    await onStep(step, undefined);
    const began = performance.now();
    const seconds = (): number => Math.round((performance.now() - began) / 100) / 10;
    try {
      const evidence = await step.run(context);
      results.push({ id: step.id, title: step.title, ok: true, evidence, seconds: seconds() });
    } catch (error) {
      // The place in the walk says more than the message of a browser that waited.
      const place = /town\/walk\/step-[^)\n]*/.exec((error as Error).stack ?? '')?.[0] ?? '';
      const fault = `${error instanceof Error ? error.message : String(error)} ${place}`.trim();
      results.push({ id: step.id, title: step.title, ok: false, evidence: {}, seconds: seconds(), fault });
    }
    const result = results.at(-1)!;
    if (result.ok) await onSuccess(result);
    await onStep(step, result);
    if (!result.ok) break;
  }
  return { ok: results.length === steps.length && results.every((r) => r.ok), steps: results };
}

/** Asks again until `look` gives something, with a pause; for what arrives by streams. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > until) throw new Error(`${what} did not happen within ${timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

export function expect(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(what);
}
