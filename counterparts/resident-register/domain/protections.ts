/* 支援措置: what the rows of one application say on a day. */

export interface ProtectionStep {
  readonly kind: 'granted' | 'refused' | 'extended' | 'ended';
  /** ISO day, the last on which it stands. */
  readonly untilOn: string | null;
}

export type ProtectionState = 'provisional' | 'granted' | 'refused' | 'ended';

/** From its arrival until somebody refuses or ends it, an application withholds the address: running out ends nothing by itself. */
export function stateOf(steps: readonly ProtectionStep[]): {
  readonly state: ProtectionState;
  readonly untilOn: string | null;
} {
  const last = steps.at(-1);
  if (last === undefined) return { state: 'provisional', untilOn: null };
  if (last.kind === 'refused' || last.kind === 'ended') return { state: last.kind, untilOn: null };
  return { state: 'granted', untilOn: last.untilOn };
}

export const withholds = (steps: readonly ProtectionStep[]): boolean =>
  ['provisional', 'granted'].includes(stateOf(steps).state);

/**
 * One year, the first day counted: decided on 29 February 2028 it stands until 28 February 2029, on 1 June until 31 May.
 *
 * @source 住民基本台帳事務処理要領 第5-10
 */
export const periodFrom = (from: Temporal.PlainDate): Temporal.PlainDate =>
  from.month === 2 && from.day === 29 ? from.add({ years: 1 }) : from.add({ years: 1 }).subtract({ days: 1 });

/** An extension is asked for from one month before the end, and counts on from the end. */
export const mayExtend = (untilOn: Temporal.PlainDate, today: Temporal.PlainDate): boolean =>
  Temporal.PlainDate.compare(today, untilOn.subtract({ months: 1 })) >= 0;

/** Days for which a list of those to be lifted may be worked off. */
export const liftListDays = 7;
