type Value = string | number | boolean | null;

/** What a copy says and how it may be given. */
export interface ComparedCopy {
  readonly items: Readonly<Record<string, Value>>;
  readonly autoReplyBlocked: boolean;
  readonly withheldFromPerson: boolean;
}

export interface CopyDifference {
  readonly person: string;
  readonly kind: 'missing' | 'surplus' | 'differing';
  /** Names of what differs; never a value. */
  readonly items: readonly string[];
}

/** Names of what the two do not say alike, in the order of their names. An item without a value is as one that is not there. */
export function differingItems(original: ComparedCopy, copy: ComparedCopy): string[] {
  const names = new Set([...Object.keys(original.items), ...Object.keys(copy.items)]);
  const differing = [...names].filter((name) => (original.items[name] ?? null) !== (copy.items[name] ?? null)).sort();
  if (original.autoReplyBlocked !== copy.autoReplyBlocked) differing.push('自動応答不可');
  if (original.withheldFromPerson !== copy.withheldFromPerson) differing.push('不開示');
  return differing;
}

/** Person by person: what the originals of a range say beside what the copies of the same range say. */
export function compareRange(
  originals: ReadonlyMap<string, ComparedCopy>,
  copies: ReadonlyMap<string, ComparedCopy>,
): CopyDifference[] {
  const found: CopyDifference[] = [];
  for (const [person, original] of originals) {
    const copy = copies.get(person);
    const items = copy === undefined ? [] : differingItems(original, copy);
    if (copy === undefined) found.push({ person, kind: 'missing', items });
    else if (items.length > 0) found.push({ person, kind: 'differing', items });
  }
  for (const person of copies.keys()) if (!originals.has(person)) found.push({ person, kind: 'surplus', items: [] });
  return found;
}
