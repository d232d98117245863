export interface ListRow {
  readonly row: string;
}

export interface ListChange {
  readonly row: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Names of what differs. */
  readonly fields: readonly string[];
}

/** What a version changes against another, in the order of the rows' names. */
export function listChanges(before: readonly ListRow[], after: readonly ListRow[]): ListChange[] {
  const old = new Map(before.map((row) => [row.row, row]));
  const next = new Map(after.map((row) => [row.row, row]));
  const changes: ListChange[] = [];
  for (const name of [...new Set([...old.keys(), ...next.keys()])].sort()) {
    const [a, b] = [old.get(name), next.get(name)];
    if (a === undefined) changes.push({ row: name, kind: 'added', fields: [] });
    else if (b === undefined) changes.push({ row: name, kind: 'removed', fields: [] });
    else {
      const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
      const text = (row: object, field: string): string => JSON.stringify(Reflect.get(row, field) ?? null);
      const fields = names.filter((field) => text(a, field) !== text(b, field));
      if (fields.length > 0) changes.push({ row: name, kind: 'changed', fields });
    }
  }
  return changes;
}
