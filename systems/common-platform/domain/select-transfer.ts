import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';

type Value = string | number | boolean | null;
export interface AnsweredRow {
  readonly rowId: string;
  readonly result: '00' | '10';
  readonly items: Readonly<Record<string, Value>>;
}

/**
 * What of a source's answer may go on: rows that were asked for, each once, and of them the items asked for. Whatever else a
 * source sends is left out and counted; a row that it does not answer comes back as "nothing held".
 * @source 001 III.2 (問い合わせのあった対象者のみ), 002 II.5
 */
export function selectTransfer(
  asked: { readonly rowIds: readonly string[]; readonly items: readonly string[] },
  answered: readonly AnsweredRow[],
): { readonly rows: readonly AnsweredRow[]; readonly leftOut: number } {
  if (!enforced('transfer.named-persons-only')) return { rows: answered, leftOut: 0 };
  let leftOut = 0;
  const found = new Map<string, AnsweredRow>();
  for (const row of answered) {
    if (!asked.rowIds.includes(row.rowId) || found.has(row.rowId)) {
      leftOut++;
      continue;
    }
    const kept = Object.entries(row.items).filter(([item]) => asked.items.includes(item));
    leftOut += Object.keys(row.items).length - kept.length;
    found.set(row.rowId, { ...row, items: Object.fromEntries(kept) });
  }
  const rows = asked.rowIds.map((rowId) => found.get(rowId) ?? { rowId, result: '10' as const, items: {} });
  return { rows, leftOut };
}
