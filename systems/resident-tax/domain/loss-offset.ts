import { type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import { cutAt } from './ratio.ts';

/** Incomes that take part in 損益通算; only `business`, `realEstate` and `forestry` may be negative, `transferLoss` is a loss as such. */
export interface Offsettable {
  readonly interest: number;
  readonly dividends: number;
  readonly realEstate: number;
  readonly business: number;
  readonly salary: number;
  readonly miscellaneous: number;
  readonly transferShort: number;
  readonly transferLong: number;
  readonly transferLoss: number;
  readonly occasional: number;
  readonly forestry: number;
  readonly retirement: number;
}

export interface Offset {
  /** 総所得金額 */
  readonly aggregate: Yen;
  readonly forestry: Yen;
  readonly retirement: Yen;
  readonly unabsorbed: Yen;
}

/**
 * 損益通算: ordinary income, then short and long transfers and occasional income, then forestry, then retirement; the half of long
 * transfers and occasional income is taken from what remains, a fraction of a yen cut.
 *
 * @law 所得税法 第69条, 第22条第2項; 所得税法施行令 第198条
 */
export function offsetLosses(of: Offsettable): Offset {
  const losses = Math.min(0, of.business) + Math.min(0, of.realEstate);
  if (losses === 0 && of.transferLoss === 0 && of.forestry >= 0) return withoutLosses(of);
  let ordinary = ordinaryOf(of);
  let { transferShort, transferLong, occasional, forestry, retirement } = of;
  let fromOrdinary = Math.max(0, -ordinary);
  ordinary = Math.max(0, ordinary);
  let fromTransfers = of.transferLoss;
  let fromForestry = Math.max(0, -forestry);
  forestry = Math.max(0, forestry);

  let taken = Math.min(fromTransfers, occasional); // (2)
  fromTransfers -= taken;
  occasional -= taken;

  taken = Math.min(fromOrdinary, transferShort); // (3)
  fromOrdinary -= taken;
  transferShort -= taken;
  taken = Math.min(fromOrdinary, transferLong);
  fromOrdinary -= taken;
  transferLong -= taken;
  taken = Math.min(fromOrdinary, occasional);
  fromOrdinary -= taken;
  occasional -= taken;

  taken = Math.min(fromTransfers, ordinary); // (4)
  fromTransfers -= taken;
  ordinary -= taken;

  let rest = fromOrdinary + fromTransfers; // (5)
  taken = Math.min(rest, forestry);
  rest -= taken;
  forestry -= taken;
  taken = Math.min(rest, retirement);
  rest -= taken;
  retirement -= taken;

  taken = Math.min(fromForestry, ordinary); // (6)
  fromForestry -= taken;
  ordinary -= taken;
  taken = Math.min(fromForestry, transferShort);
  fromForestry -= taken;
  transferShort -= taken;
  taken = Math.min(fromForestry, transferLong);
  fromForestry -= taken;
  transferLong -= taken;
  taken = Math.min(fromForestry, occasional);
  fromForestry -= taken;
  occasional -= taken;
  taken = Math.min(fromForestry, retirement);
  fromForestry -= taken;
  retirement -= taken;

  return {
    aggregate: yen(ordinary + transferShort + half(transferLong + occasional)),
    forestry: yen(forestry),
    retirement: yen(retirement),
    unabsorbed: yen(rest + fromForestry),
  };
}

const ordinaryOf = (of: Offsettable): number =>
  of.interest + of.dividends + of.realEstate + of.business + of.salary + of.miscellaneous;
const half = (amount: number): Yen => cutAt(amount, [1, 2]);

const withoutLosses = (of: Offsettable): Offset => ({
  aggregate: yen(ordinaryOf(of) + of.transferShort + half(of.transferLong + of.occasional)),
  forestry: yen(of.forestry),
  retirement: yen(of.retirement),
  unabsorbed: yen(0),
});
