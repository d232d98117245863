import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

export type Refusal = 'FN-01' | 'FN-02' | 'FN-03';

export interface Known {
  readonly isPresent: boolean;
  /** The prefecture's server that reports it. */
  readonly reportedBy: string;
}

/** At most one present supplement a code in the whole country, reported by one prefecture. @law 住民基本台帳法 第30条の42 */
export function judge(
  known: Known | undefined,
  noticeKind: 'entry' | 'correction' | 'removal',
  reportedBy: string,
): Result<undefined, Refusal> {
  if (noticeKind === 'entry') return known?.isPresent ? err('FN-01') : ok(undefined);
  if (!known?.isPresent) return err('FN-02');
  return known.reportedBy === reportedBy ? ok(undefined) : err('FN-03');
}
