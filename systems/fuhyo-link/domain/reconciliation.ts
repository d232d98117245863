export interface Comparable {
  readonly residentRecordCode: string;
}

export interface Difference {
  readonly kind: 'missing' | 'surplus' | 'differing';
  readonly residentRecordCode: string;
  /** Names of the items that differ. */
  readonly items: readonly string[];
}

/**
 * Differences between what the municipality shows and what stands here, person by person. A person about whom a notice is on
 * its way differs for now only: that is no finding.
 */
export function compareAll<R extends Comparable>(
  there: readonly { readonly record: R; readonly underWay: boolean }[],
  here: readonly R[],
  items: readonly (keyof R & string)[],
  leaving: ReadonlySet<string> = new Set(),
): { readonly differences: Difference[]; readonly underWay: number } {
  const mine = new Map(here.map((record) => [record.residentRecordCode, record]));
  const differences: Difference[] = [];
  let underWay = 0;
  for (const shown of there) {
    const { residentRecordCode } = shown.record;
    const own = mine.get(residentRecordCode);
    mine.delete(residentRecordCode);
    const differing = own ? items.filter((item) => own[item] !== shown.record[item]) : [];
    if (own && differing.length === 0) continue;
    if (shown.underWay) underWay += 1;
    else differences.push({ kind: own ? 'differing' : 'missing', residentRecordCode, items: differing });
  }
  for (const residentRecordCode of mine.keys()) {
    if (leaving.has(residentRecordCode)) underWay += 1;
    else differences.push({ kind: 'surplus', residentRecordCode, items: [] });
  }
  return { differences, underWay };
}
