export interface Asked {
  readonly orderedYen: number;
  readonly stopped: boolean;
  readonly annualYen: number;
}

/** A pension is paid six times a year; no more is kept back from one than it is. @law 地方税法 第321条の7の6 */
export function withhold({ orderedYen, stopped, annualYen }: Asked): {
  readonly withheldYen: number;
  readonly reason: '' | 'stopped' | 'pension-short';
} {
  if (stopped) return { withheldYen: 0, reason: 'stopped' };
  const paid = Math.trunc(annualYen / 6);
  return orderedYen <= paid ? { withheldYen: orderedYen, reason: '' } : { withheldYen: 0, reason: 'pension-short' };
}
