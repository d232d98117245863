import type { Manners } from './manners.ts';

export interface Counts {
  readonly printed: number;
  readonly spoiled: number;
  readonly dispatched: number;
}

/** What the report says of a job of so many envelopes. A proof stays in the house. */
export function countsOf(documents: number, purpose: 'proof' | 'bulk', manners: Manners): Counts {
  if (purpose === 'proof') return { printed: documents, spoiled: 0, dispatched: 0 };
  return {
    printed: documents + manners.spoiled,
    spoiled: manners.spoiled - manners.unreported,
    dispatched: documents - manners.heldBack,
  };
}
