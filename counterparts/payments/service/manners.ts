import { createHash } from 'node:crypto';

/** How an agency misbehaves: chances in percent. All zero: every file comes on its day, whole and once. */
export interface Manners {
  /** The file comes one to three days late. */
  readonly late: number;
  /** It is sent again although it was taken. */
  readonly doubled: number;
  /** A first try is cut off in the middle. */
  readonly cut: number;
  /** A payer takes the money back the next day: a 速報 is followed by a 取消. */
  readonly cancelled: number;
  /** One digit of a typed number is wrong. */
  readonly misKeyed: number;
}
export const wellBehaved: Manners = { late: 0, doubled: 0, cut: 0, cancelled: 0, misKeyed: 0 };

/**
 * A number from 0 to 99 that is the same for the same seed and thing for ever: a process that dies and comes again misbehaves in the
 * same way, so that what it did can be told afterwards.
 */
const lot = (seed: string, about: string): number =>
  createHash('sha256').update(`${seed}\0${about}`).digest().readUInt32BE(0) % 100;

const happens = (seed: string, fault: keyof Manners, manners: Manners, thing: string): boolean =>
  lot(seed, `${fault} ${thing}`) < manners[fault];

/** What goes wrong with one file on its way. */
export interface FileFate {
  /** Days after the one on which it should have come. */
  readonly lateDays: number;
  readonly doubled: boolean;
  /** Bytes of the first try; undefined: whole. */
  readonly cutAt: number | undefined;
}
export function fateOf(
  seed: string,
  manners: Manners,
  file: { readonly key: string; readonly bytes: number },
): FileFate {
  return {
    lateDays: happens(seed, 'late', manners, file.key) ? 1 + (lot(seed, `days ${file.key}`) % 3) : 0,
    doubled: happens(seed, 'doubled', manners, file.key),
    cutAt: happens(seed, 'cut', manners, file.key)
      ? 1 + Math.trunc(((file.bytes - 2) * lot(seed, `place ${file.key}`)) / 100)
      : undefined,
  };
}

export const isCancelled = (seed: string, manners: Manners, paymentId: string): boolean =>
  happens(seed, 'cancelled', manners, paymentId);

/** The number as it was keyed: mostly as it stood on the paper. */
export function keyed(seed: string, manners: Manners, paymentId: string, digits: string): string {
  if (digits.length === 0 || !happens(seed, 'misKeyed', manners, paymentId)) return digits;
  const at = lot(seed, `digit ${paymentId}`) % digits.length;
  return `${digits.slice(0, at)}${(Number(digits[at]) + 1) % 10}${digits.slice(at + 1)}`;
}
