import { err, ok, type Result } from '../result/result.ts';

/** requested → prepared → handed-over → reconciled | differs → returned | erased. A difference can be put right once more. */
export type HandOverState = 'requested' | 'prepared' | 'handed-over' | 'reconciled' | 'differs' | 'returned' | 'erased';

const next: Readonly<Record<HandOverState, readonly HandOverState[]>> = {
  requested: ['prepared'],
  prepared: ['handed-over', 'erased'],
  'handed-over': ['reconciled', 'differs'],
  differs: ['reconciled', 'differs', 'returned', 'erased'],
  reconciled: ['returned', 'erased'],
  returned: [],
  erased: [],
};

export const mayStep = (from: HandOverState, to: HandOverState): Result<undefined, 'not-in-this-state'> =>
  next[from].includes(to) ? ok(undefined) : err('not-in-this-state');

/** Count and totals of one file, as the slip states them or as the receiver counted them. */
export interface FileCount {
  readonly fileName: string;
  readonly records: number;
  /** By code, whole numbers: `{ payment_yen: 1234000 }`. */
  readonly totals: Readonly<Record<string, number>>;
}

/** 送付票: travels with the medium, in clear; names no person. */
export interface Slip {
  readonly handOverId: string;
  readonly kind: string;
  readonly receiver: string;
  readonly settleByOn: string;
  readonly files: readonly (FileCount & {
    /** SHA-256 of the age file that lies on the medium, hex. */
    readonly sha256: string;
    /** Bytes of the age file. */
    readonly length: number;
  })[];
  readonly fileCount: number;
  readonly recordCount: number;
}

export interface Difference {
  readonly fileName: string;
  /** `records`, `missing`, `unexpected`, or the total's code. */
  readonly what: string;
  readonly stated: number;
  readonly counted: number;
}

/** What the slip says against what was counted, file by file; empty when all agrees. */
export function reconcile(stated: readonly FileCount[], counted: readonly FileCount[]): Difference[] {
  const found: Difference[] = [];
  const byName = new Map(counted.map((c) => [c.fileName, c]));
  for (const file of stated) {
    const own = byName.get(file.fileName);
    byName.delete(file.fileName);
    if (!own) {
      found.push({ fileName: file.fileName, what: 'missing', stated: file.records, counted: 0 });
      continue;
    }
    if (own.records !== file.records)
      found.push({ fileName: file.fileName, what: 'records', stated: file.records, counted: own.records });
    for (const code of new Set([...Object.keys(file.totals), ...Object.keys(own.totals)])) {
      const [a, b] = [file.totals[code] ?? 0, own.totals[code] ?? 0];
      if (a !== b) found.push({ fileName: file.fileName, what: code, stated: a, counted: b });
    }
  }
  for (const extra of byName.values())
    found.push({ fileName: extra.fileName, what: 'unexpected', stated: 0, counted: extra.records });
  return found;
}
