/** 課税標準額の段階 of the survey, whole yen; `upTo` inclusive, the last without end. @source 課税状況等の調 */
export const incomeBands = [
  { upTo: 100_000, label: '10万円以下' },
  { upTo: 1_000_000, label: '10万円を超え100万円以下' },
  { upTo: 2_000_000, label: '100万円を超え200万円以下' },
  { upTo: 3_000_000, label: '200万円を超え300万円以下' },
  { upTo: 4_000_000, label: '300万円を超え400万円以下' },
  { upTo: 5_500_000, label: '400万円を超え550万円以下' },
  { upTo: 7_000_000, label: '550万円を超え700万円以下' },
  { upTo: 10_000_000, label: '700万円を超え1,000万円以下' },
  { upTo: null, label: '1,000万円を超える' },
] as const;

export interface BandCount {
  readonly band: number;
  readonly persons: number;
  readonly taxableYen: number;
  readonly wardYen: number;
  readonly metropolisYen: number;
}
export interface ShownBand {
  readonly label: string;
  /** Null: fewer persons than may be shown, with all that stands beside. */
  readonly figures: Omit<BandCount, 'band'> | null;
}

/**
 * Every band with what may be shown of it. Where exactly one band is too small, the smallest of the others is hidden with it, so that
 * nobody finds it by taking the rest from the total.
 */
export function shownBands(counts: readonly BandCount[], least: number): readonly ShownBand[] {
  const of = incomeBands.map((_, band) => counts.find((one) => one.band === band) ?? emptyBand(band));
  const hidden = new Set(of.filter(({ persons }) => persons > 0 && persons < least).map(({ band }) => band));
  if (hidden.size === 1) {
    const others = of.filter(({ band, persons }) => persons > 0 && !hidden.has(band));
    const smallest = others.toSorted((a, b) => a.persons - b.persons)[0];
    if (smallest !== undefined) hidden.add(smallest.band);
  }
  return of.map(({ band, ...figures }, i) => ({
    label: incomeBands[i]?.label ?? '',
    figures: hidden.has(band) ? null : figures,
  }));
}

const emptyBand = (band: number): BandCount => ({ band, persons: 0, taxableYen: 0, wardYen: 0, metropolisYen: 0 });
