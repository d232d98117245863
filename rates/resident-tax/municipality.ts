import { valueOn } from '../dated.ts';
import { type LocalRates, ratesForYear } from './for-year.ts';
import { separateLevy } from './separate-levy.ts';
import type { Ratio } from './shapes.ts';

/** What sets a municipality apart from a special ward. Amounts in yen. */
export interface MunicipalityRates {
  readonly designatedCity: boolean;
  readonly wardPerIncome: Ratio;
  readonly metropolisPerIncome: Ratio;
  readonly wardPerCapita: number;
  readonly metropolisPerCapita: number;
  readonly forestTax: number;
  /** 級地 (生活保護法による保護の基準) */
  readonly areaGrade: 1 | 2 | 3;
}

/** 均等割の非課税限度額 by 級地. @law 地方税法施行規則 第9条の21第2項 */
const perCapitaLimits = {
  1: { single: 450_000, perHead: 350_000, addition: 100_000, extra: 210_000 },
  2: { single: 415_000, perHead: 315_000, addition: 100_000, extra: 189_000 },
  3: { single: 380_000, perHead: 280_000, addition: 100_000, extra: 168_000 },
} as const;

/** A percentage written as a decimal (`2.025`) as an exact ratio. Throws where it is no plain decimal. */
export function percentRatio(text: string): Ratio {
  const [, whole, part = ''] = /^([0-9]+)(?:\.([0-9]+))?$/.exec(text) ?? [];
  if (whole === undefined) throw new Error('a percentage is written in digits, with a point at most');
  return [Number(whole + part), 100 * 10 ** part.length];
}

/**
 * The rates of a year for a municipality other than a special ward.
 *
 * @law 地方税法 第35条, 第38条, 第310条, 第314条の3, 附則第5条の4の2, 第33条の2〜第35条の4 (指定都市の読替え)
 */
export function localRates(fiscalYear: number, name: string, given: MunicipalityRates): LocalRates {
  const base = ratesForYear(fiscalYear);
  const city = given.designatedCity;
  const levy = {
    wardPerIncome: given.wardPerIncome,
    metropolisPerIncome: given.metropolisPerIncome,
    wardPerCapita: given.wardPerCapita,
    metropolisPerCapita: given.metropolisPerCapita,
    forestTax: given.forestTax,
  };
  const { extra, ...limits } = perCapitaLimits[given.areaGrade];
  return {
    name,
    rates: {
      levy,
      exemption: { ...base.exemption, perCapita: limits, perCapitaExtra: extra },
      adjustmentCredit: city
        ? { ...base.adjustmentCredit, ward: [4, 100], metropolis: [1, 100] }
        : base.adjustmentCredit,
      housingLoan: city ? { ...base.housingLoan, ward: [4, 5], metropolis: [1, 5] } : base.housingLoan,
      donation: city
        ? {
            ...base.donation,
            ward: [8, 100],
            metropolis: [2, 100],
            wardShare: [4, 5],
            metropolisShare: [1, 5],
          }
        : base.donation,
      separate: valueOn(separateLevy, base.levyDate)[city ? 'designated' : 'ordinary'],
    },
  };
}
