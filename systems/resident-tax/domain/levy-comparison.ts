import type { TraceStep } from './trace.ts';

/** How one person's year differs. `new` and `gone`: only one side has a levy. */
export const differenceClasses = [
  'same',
  'new',
  'gone',
  'up-to-1000',
  'up-to-10000',
  'up-to-100000',
  'up-more',
  'down-to-1000',
  'down-to-10000',
  'down-to-100000',
  'down-more',
] as const;
export type DifferenceClass = (typeof differenceClasses)[number];

/** @param before whole yen of the year's tax; null where there was none */
export function classOf(before: number | null, after: number | null): DifferenceClass {
  if (before === null) return after === null ? 'same' : 'new';
  if (after === null) return 'gone';
  const by = Math.abs(after - before);
  if (by === 0) return 'same';
  const way = after > before ? 'up' : 'down';
  return by <= 1_000
    ? `${way}-to-1000`
    : by <= 10_000
      ? `${way}-to-10000`
      : by <= 100_000
        ? `${way}-to-100000`
        : `${way}-more`;
}

/** The first figure, in the order of the calculation, that is not the same: where the difference comes from. */
export function firstDifference(before: readonly TraceStep[], after: readonly TraceStep[]): string | null {
  const was = new Map(before.map((step) => [step.id as string, step.result as number]));
  for (const step of after) {
    if ((was.get(step.id) ?? 0) !== step.result) return step.id;
    was.delete(step.id);
  }
  for (const [id, result] of was) if (result !== 0 && !after.some((step) => step.id === id)) return id;
  return null;
}

export interface ComparisonLine {
  readonly class: DifferenceClass;
  /** Step of the calculation, or null where nothing differs or one side is missing. */
  readonly cause: string | null;
  readonly persons: number;
  /** Sum of after − before, yen. */
  readonly differenceYen: number;
}

/** Adds up, by class and cause. Every yen of the difference stands in exactly one line. */
export class Comparison {
  readonly #lines = new Map<
    string,
    { class: DifferenceClass; cause: string | null; persons: number; differenceYen: number }
  >();
  #before = 0;
  #after = 0;

  add(before: number | null, after: number | null, cause: string | null): DifferenceClass {
    const found = classOf(before, after);
    const key = `${found} ${cause ?? ''}`;
    const line = this.#lines.get(key) ?? { class: found, cause, persons: 0, differenceYen: 0 };
    line.persons += 1;
    line.differenceYen += (after ?? 0) - (before ?? 0);
    this.#lines.set(key, line);
    this.#before += before ?? 0;
    this.#after += after ?? 0;
    return found;
  }

  /** In the order of the classes, the largest difference first within one. */
  result(): { readonly beforeYen: number; readonly afterYen: number; readonly lines: readonly ComparisonLine[] } {
    const lines = [...this.#lines.values()].toSorted(
      (a, b) =>
        differenceClasses.indexOf(a.class) - differenceClasses.indexOf(b.class) ||
        Math.abs(b.differenceYen) - Math.abs(a.differenceYen) ||
        (a.cause ?? '').localeCompare(b.cause ?? ''),
    );
    return { beforeYen: this.#before, afterYen: this.#after, lines };
  }
}
