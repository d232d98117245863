/** How many records of a file moved money, and how many of them nobody could place. */
export interface MatchCount {
  readonly finals: number;
  readonly waiting: number;
}

/** Fewer than these say nothing: a payer mis-keys now and then. */
const fewest = 5;
/** So many times the usual share is no accident of single payers. */
const alarmFrom = 3;
/** Share taken as usual where nothing is known yet, or nothing ever waited: one in two hundred. */
const leastShare = 1 / 200;

/**
 * How many times more records of a file wait than is usual for its channel; undefined where that says nothing. The share that waits
 * jumps when slips or matching are wrong, on the first day.
 *
 * @source INC-37: a change of the barcode's contents, 577 payers reminded who had paid
 */
export function timesNormal(file: MatchCount, usual: MatchCount): number | undefined {
  if (file.waiting < fewest || file.finals === 0) return undefined;
  const share = Math.max(leastShare, usual.finals === 0 ? 0 : usual.waiting / usual.finals);
  const times = file.waiting / file.finals / share;
  return times >= alarmFrom ? Math.round(times * 10) / 10 : undefined;
}
