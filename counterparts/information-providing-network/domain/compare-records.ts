/** What one of the three has on record of an inquiry: the last result, or the word with which it ended. */
export interface Word {
  readonly result: string | null;
  readonly refusal: string | null;
}

/** The network's own: null where the permit has no outcome yet. */
export interface ThreeRecords {
  readonly network: Word | null;
  readonly asker: Word | undefined;
  readonly provider: Word | undefined;
}

/**
 * 不一致. `not-taken`: the provider answered and the asker ended without the answer, as it may when the way back broke: told, but nobody
 * has what is not on record. All others must not be.
 */
export type Disagreement =
  | 'missing-at-asker'
  | 'missing-at-provider'
  | 'missing-at-network'
  | 'results-differ'
  | 'not-taken';

/** Refusals that the network or the asker says by itself, without the provider having been asked or having answered. */
const ofTheWay: ReadonlySet<string> = new Set(['provider-unavailable', 'answer-not-verified']);

/** Compares the three records of one inquiry that got a permit; undefined where they agree. */
export function disagreementOf({ network, asker, provider }: ThreeRecords): Disagreement | undefined {
  const given = provider?.result ?? null;
  if (asker?.result != null) {
    // The asker has an answer: then all three must have it.
    if (provider === undefined) return 'missing-at-provider';
    if (network === null) return 'missing-at-network';
    return asker.result === given && asker.result === network.result ? undefined : 'results-differ';
  }
  if (network?.result != null) {
    if (provider === undefined) return 'missing-at-provider';
    if (given !== network.result) return 'results-differ';
    return asker === undefined ? 'missing-at-asker' : 'not-taken';
  }
  // A clerk's decision that the asker has not collected yet stands at the provider alone.
  if (given !== null) return asker === undefined && network === null ? 'missing-at-asker' : 'not-taken';
  const refusal = network?.refusal ?? null;
  if (refusal !== null && !ofTheWay.has(refusal) && provider === undefined) return 'missing-at-provider';
  return undefined;
}
