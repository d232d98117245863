/** Envelopes of a job as the contractor reports them. */
export interface PrintCounts {
  readonly printed: number;
  readonly spoiled: number;
  readonly dispatched: number;
}
export type CountFault = 'printed-less-spoiled-is-not-dispatched' | 'dispatched-is-not-ordered';

/** 作成数 − 破損数 = 発送数 = 依頼数; anything else is somebody's notice too many or too few. */
export function countFaults(ordered: number, { printed, spoiled, dispatched }: PrintCounts): readonly CountFault[] {
  return [
    ...(printed - spoiled === dispatched ? [] : (['printed-less-spoiled-is-not-dispatched'] as const)),
    ...(dispatched === ordered ? [] : (['dispatched-is-not-ordered'] as const)),
  ];
}
