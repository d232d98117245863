import type { DatedTable } from '../dated.ts';
import type { Ratio, UpTo } from './shapes.ts';

/** Both sides of a rate, in hundredths of a percent of the base. */
export interface SideRates {
  readonly ward: Ratio;
  readonly metropolis: Ratio;
}
const per = (ward: number, metropolis: number): SideRates => ({
  ward: [ward, 10_000],
  metropolis: [metropolis, 10_000],
});

export type SeparateBase =
  | 'shortGeneral'
  | 'shortReduced'
  | 'longGeneral'
  | 'longSpecified'
  | 'longReduced'
  | 'listedDividends'
  | 'generalStocks'
  | 'listedStocks'
  | 'futures';

export type DividendKind = 'profit' | 'securitiesTrust' | 'foreignCurrencyTrust';

export interface SeparateLevy {
  /** Rate of the part of the base up to the row's end, beginning where the row before ends. */
  readonly rates: Readonly<Record<SeparateBase, readonly UpTo<SideRates>[]>>;
  readonly dividendCredit: {
    /** Of the sum of all bases; dividends above it are credited at `above`. */
    readonly threshold: number;
    readonly kinds: Readonly<Record<DividendKind, { readonly below: SideRates; readonly above: SideRates }>>;
  };
  /** Of the limit of the income tax. */
  readonly foreignTax: SideRates;
  /** 配当割額・株式等譲渡所得割額: the ward's share of the credit. */
  readonly withheldWardShare: Ratio;
  /** 寄附金の特例控除の割合 without 課税総所得金額: 短期譲渡; 長期譲渡・上場配当等・株式等・先物. */
  readonly donationShort: Ratio;
  readonly donationOther: Ratio;
}

const whole = (rates: SideRates): readonly UpTo<SideRates>[] => [{ upTo: Number.POSITIVE_INFINITY, value: rates }];
const stepped = (end: number, below: SideRates, above: SideRates): readonly UpTo<SideRates>[] => [
  { upTo: end, value: below },
  { upTo: Number.POSITIVE_INFINITY, value: above },
];

const ward: SeparateLevy = {
  rates: {
    shortGeneral: whole(per(540, 360)),
    shortReduced: whole(per(300, 200)),
    longGeneral: whole(per(300, 200)),
    longSpecified: stepped(20_000_000, per(240, 160), per(300, 200)),
    longReduced: stepped(60_000_000, per(240, 160), per(300, 200)),
    listedDividends: whole(per(300, 200)),
    generalStocks: whole(per(300, 200)),
    listedStocks: whole(per(300, 200)),
    futures: whole(per(300, 200)),
  },
  dividendCredit: {
    threshold: 10_000_000,
    kinds: {
      profit: { below: per(160, 120), above: per(80, 60) },
      securitiesTrust: { below: per(80, 60), above: per(40, 30) },
      foreignCurrencyTrust: { below: per(40, 30), above: per(20, 15) },
    },
  },
  foreignTax: per(1_800, 1_200),
  withheldWardShare: [3, 5],
  donationShort: [59_370, 100_000],
  donationOther: [74_685, 100_000],
};

const designated: SeparateLevy = {
  ...ward,
  rates: {
    shortGeneral: whole(per(720, 180)),
    shortReduced: whole(per(400, 100)),
    longGeneral: whole(per(400, 100)),
    longSpecified: stepped(20_000_000, per(320, 80), per(400, 100)),
    longReduced: stepped(60_000_000, per(320, 80), per(400, 100)),
    listedDividends: whole(per(400, 100)),
    generalStocks: whole(per(400, 100)),
    listedStocks: whole(per(400, 100)),
    futures: whole(per(400, 100)),
  },
  dividendCredit: {
    threshold: 10_000_000,
    kinds: {
      profit: { below: per(224, 56), above: per(112, 28) },
      securitiesTrust: { below: per(112, 28), above: per(56, 14) },
      foreignCurrencyTrust: { below: per(56, 14), above: per(28, 7) },
    },
  },
  foreignTax: per(2_400, 600),
};

/** 分離課税の税率, 配当控除, 外国税額控除, 配当割額等の控除, by the kind of municipality. */
export const separateLevy: DatedTable<{ readonly ordinary: SeparateLevy; readonly designated: SeparateLevy }> = {
  id: 'separate-levy',
  supportedUntil: '2027-12-31',
  rows: [
    {
      effectiveFrom: '2024-01-01',
      published: '2023-03-31',
      law: '地方税法 第37条の3, 第37条の4, 第314条の8, 第314条の9, 附則第5条, 第33条の2, 第34条〜第34条の3, 第35条〜第35条の4',
      source: '岐阜市の計算例（長期譲渡・配当）; 株式等・先物・外国税額は一般的知識による',
      standing: 'recalled',
      value: { ordinary: ward, designated },
    },
  ],
};
