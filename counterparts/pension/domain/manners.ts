import { lot } from '@musubi/kernel/random/lot.ts';

/** How an insurer's line behaves: chances in percent. All zero: every file is there in time and right. */
export interface Manners {
  /** The results of a month come one to three days later than they should. */
  readonly late: number;
  /** A file is first sent cut in half; asked again, the insurer sends it whole. */
  readonly cut: number;
}
export const wellBehaved: Manners = { late: 0, cut: 0 };

export const daysLate = (seed: string, { late }: Manners, fileName: string): number =>
  lot(seed, `late ${fileName}`) < late ? 1 + (lot(seed, `days ${fileName}`) % 3) : 0;

/** @param isFirst the first asking for the file since the insurer's process began */
export const asSent = (seed: string, { cut }: Manners, fileName: string, content: Buffer, isFirst: boolean): Buffer =>
  isFirst && lot(seed, `cut ${fileName}`) < cut ? content.subarray(0, content.length >> 1) : content;
