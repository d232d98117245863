/** A part of what a dead payer left. */
export interface Share {
  readonly numerator: number;
  readonly denominator: number;
}

/** Greatest common divisor of two whole numbers above 0. */
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** Whether the shares make up the whole, exactly. */
export function makeWhole(shares: readonly Share[]): boolean {
  let [n, d] = [0, 1];
  for (const { numerator, denominator } of shares) {
    n = n * denominator + numerator * d;
    d *= denominator;
    const by = gcd(n, d);
    [n, d] = [n / by, d / by];
  }
  return n === d;
}

/**
 * 納税義務の承継: what each heir owes of an amount, by its share, cut to whole yen; what is cut off is owed by the first.
 *
 * @law 地方税法 第9条第2項 (按分), 第9条の2 (相続人の代表者)
 */
export function shareAmong(amount: number, shares: readonly Share[]): readonly number[] {
  const parts = shares.map((s) => Number((BigInt(amount) * BigInt(s.numerator)) / BigInt(s.denominator)));
  const left = amount - parts.reduce((all, part) => all + part, 0);
  return parts.map((part, i) => (i === 0 ? part + left : part));
}

/** What is open of a charge, as its papers say it. */
export interface OpenParts {
  readonly taxYen: number;
  readonly feeYen: number;
  readonly interestYen: number;
}
/** What each heir owes of a charge, item by item: the parts of all are the whole of each item. */
export function partsOfHeirs(open: OpenParts, shares: readonly Share[]): readonly OpenParts[] {
  const [tax, fee, interest] = [open.taxYen, open.feeYen, open.interestYen].map((yen) => shareAmong(yen, shares));
  return shares.map((_, i) => ({ taxYen: tax![i]!, feeYen: fee![i]!, interestYen: interest![i]! }));
}
