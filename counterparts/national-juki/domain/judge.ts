import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

export type Status = 'resident' | 'moving-out' | 'removed';

/** What the national server knows before a notice. */
export interface Known {
  /** Undefined where the code was never given. */
  readonly code:
    | {
        readonly municipalityCode: string | null;
        readonly ground: 'birth' | 'first-entry' | 'initial-load';
        /** Whether the notice's number is the one that belongs to the code. */
        readonly numberAgrees: boolean;
      }
    | undefined;
  readonly record:
    | { readonly status: Status; readonly municipalityCode: string; readonly reportedBy: string }
    | undefined;
}

export interface Notice {
  /** 二重登録: the record that stays, where it is present and of the same day of birth and sex. Null: it is not. */
  readonly survivor?: 'same-person' | null;
  readonly reason: string;
  readonly changedOn: Temporal.PlainDate;
  readonly fromMunicipality: string;
  /** The prefecture's server, `organisation/system`. */
  readonly reportedBy: string;
}

export type Refusal = 'N-01' | 'N-02' | 'N-03' | 'N-04' | 'N-05' | 'N-06';

const entries: ReadonlySet<string> = new Set([
  'initial-load',
  'moved-in',
  'moved-in-special',
  'moved-in-from-abroad',
  'birth',
  'entered-ex-officio',
  'restored-ex-officio',
]);
const removals: ReadonlySet<string> = new Set([
  'moved-out-completed',
  'moved-out-abroad',
  'death',
  'disappearance',
  'nationality-lost',
  'removed-ex-officio',
]);

/**
 * Judges a notice: at most one present record per code in the whole country, and a code belongs to one number.
 *
 * @returns the state after the change
 * @law 住民基本台帳法 第30条の7, 第30条の8
 */
export function judge(known: Known, notice: Notice, today: Temporal.PlainDate): Result<Status, Refusal> {
  const { code, record } = known;
  const isLoad = notice.reason === 'initial-load';
  if (code === undefined) return isLoad ? ok('resident') : err('N-02');
  if (!code.numberAgrees && notice.reason !== 'number-change') return err('N-04');
  if (notice.reason === 'birth') {
    const given = code.ground === 'birth' && code.municipalityCode === notice.fromMunicipality;
    return given && record === undefined ? ok('resident') : err('N-03');
  }
  if (entries.has(notice.reason)) {
    // 職権記載 of who is present there already: the prefecture had lost the record, and it is the same one.
    const isOwn = record?.reportedBy === notice.reportedBy && record.municipalityCode === notice.fromMunicipality;
    const isKept = notice.reason === 'entered-ex-officio' && isOwn;
    return record?.status === 'resident' && !isKept ? err('N-01') : ok('resident');
  }
  if (record?.reportedBy !== notice.reportedBy || record.municipalityCode !== notice.fromMunicipality)
    return err('N-05');
  // A 転出予定 that was on its way until its day had come is removed already when its 転出確定 follows.
  if (record.status === 'removed') return notice.reason === 'moved-out-completed' ? ok('removed') : err('N-05');
  if (notice.survivor === null || (notice.survivor && notice.reason !== 'removed-ex-officio')) return err('N-06');
  if (removals.has(notice.reason)) return ok('removed');
  if (notice.reason === 'moved-out-cancelled') return ok('resident');
  if (notice.reason !== 'moved-out') return ok(record.status);
  return ok(Temporal.PlainDate.compare(notice.changedOn, today) > 0 ? 'moving-out' : 'removed');
}
