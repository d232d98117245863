/** What a municipality has under a tag, beside what stands here. */
export interface Pair {
  readonly here: Readonly<Record<string, unknown>> | undefined;
  readonly there: Readonly<Record<string, unknown>> | undefined;
  /** A notice about the person is on its way: what differs now says nothing yet. */
  readonly isUnderWay: boolean;
}

export type Outcome =
  | { readonly kind: 'same' | 'under-way' | 'missing' | 'surplus'; readonly items: readonly string[] }
  | { readonly kind: 'differing'; readonly items: readonly string[] };

/**
 * Looks again at one candidate, record by record. `missing`: the municipality has someone whom this register does not have as
 * present there; `surplus`: the other way round.
 */
export function compare({ here, there, isUnderWay }: Pair, items: readonly string[]): Outcome {
  if (here === undefined && there === undefined) return { kind: 'same', items: [] };
  const differing = here && there ? items.filter((item) => (here[item] ?? null) !== (there[item] ?? null)) : [];
  if (here && there && differing.length === 0) return { kind: 'same', items: [] };
  if (isUnderWay) return { kind: 'under-way', items: [] };
  if (!here) return { kind: 'missing', items: [] };
  return there ? { kind: 'differing', items: differing } : { kind: 'surplus', items: [] };
}
