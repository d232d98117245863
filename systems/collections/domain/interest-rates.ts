import { type DatedTable, rowOn } from '@musubi/rates/dated.ts';

/** Rates of a calendar year in tenths of a percent. */
export interface InterestRates {
  /** 延滞金, until one month after the due date. */
  readonly firstMonth: number;
  /** 延滞金, afterwards. */
  readonly later: number;
  /** 還付加算金 and 納税の猶予. */
  readonly refund: number;
}

const law = '地方税法 第321条の2, 第326条, 第17条の4, 附則第3条の2';
const row = (year: number, value: InterestRates, source: string, standing: 'read' | 'recalled') => ({
  effectiveFrom: `${year}-01-01`,
  published: `${year - 1}`,
  law,
  source,
  standing,
  value,
});

export const interestRates: DatedTable<InterestRates> = {
  id: 'collections.interest-rates',
  supportedUntil: '2026-12-31',
  rows: [
    row(2018, { firstMonth: 26, later: 89, refund: 16 }, '特例基準割合 1.6%（平成30年から令和2年まで）', 'recalled'),
    row(2021, { firstMonth: 25, later: 88, refund: 10 }, '平均貸付割合 0.5%', 'read'),
    row(2022, { firstMonth: 24, later: 87, refund: 9 }, '平均貸付割合 0.4%（令和4年から令和7年まで）', 'read'),
    row(2026, { firstMonth: 28, later: 91, refund: 13 }, '平均貸付割合 0.8%（袋井市、京都市の公表）', 'read'),
  ],
};

/** Last day whose rates are published and stand in the table; nothing is guessed beyond it. */
export const ratesKnownUntil: string = interestRates.supportedUntil;
export const hasRates = (day: string): boolean => day <= ratesKnownUntil;
export const ratesOn = (day: string): InterestRates => rowOn(interestRates, day).value;
export const rateVersion = 'interest-rates/2026-01-01';
