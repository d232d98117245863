export interface Versioned {
  /** ISO day from which it counts. */
  readonly validFrom: string;
  /** Later lodgings have greater numbers. */
  readonly copyNo: number;
}

/**
 * Of the versions of one thing, those that were in force on some day of a span (both days included), the newest first. A version
 * is in force from its day until the next one's; of two of one day the later lodged counts alone.
 */
export function versionsInForce<V extends Versioned>(
  versions: readonly V[],
  { from, until }: { readonly from: string; readonly until: string },
): V[] {
  const sorted = versions.toSorted((a, b) =>
    a.validFrom === b.validFrom ? b.copyNo - a.copyNo : a.validFrom < b.validFrom ? 1 : -1,
  );
  const standing = sorted.filter((version, i) => sorted[i - 1]?.validFrom !== version.validFrom);
  return standing.filter((version, i) => {
    const next = standing[i - 1];
    return version.validFrom <= until && (next === undefined || next.validFrom > from);
  });
}
