import type { AssessmentResult, LevySide } from './assessment-result.ts';

export interface CertificateLine {
  readonly label: string;
  readonly yen: number;
}

/** The figures of a 課税（非課税）証明書. What is always printed stands there with 0; other lines only where there is an amount. */
export interface CertificateFigures {
  readonly kind: 'levy' | 'exempt';
  readonly incomes: readonly CertificateLine[];
  readonly deductions: readonly CertificateLine[];
  readonly bases: readonly CertificateLine[];
  readonly levy: readonly CertificateLine[];
  readonly annualYen: number;
  readonly dependants: string;
  readonly remarks: readonly string[];
}

type Line = readonly [label: string, yen: number, always?: true];
const printed = (lines: readonly Line[]): readonly CertificateLine[] =>
  lines.filter(([, yen, always]) => yen !== 0 || always).map(([label, yen]) => ({ label, yen }));

const exemptReasons = {
  'public-assistance': '生活扶助を受けていること',
  disabled: '障害者であること',
  minor: '未成年者であること',
  widow: '寡婦であること',
  'single-parent': 'ひとり親であること',
} as const;

/**
 * What a certificate says of a decided levy.
 *
 * @law 地方税法 第20条の10 (納税証明書とは別に、所得・課税の証明は各区の規則), 第295条 (非課税)
 */
export function certificateFigures(result: AssessmentResult): CertificateFigures {
  const { incomes: i, deductions: d, bases: b, levy, perCapita, exemption } = result;
  const kind = result.annualTotal === 0 ? 'exempt' : 'levy';
  return {
    kind,
    incomes: printed([
      ['給与収入', i.salaryRevenue, true],
      ['給与所得', i.salary, true],
      ['公的年金等収入', i.publicPensionRevenue],
      ['雑所得（公的年金等を含む）', i.miscellaneous],
      ['事業所得', i.business],
      ['不動産所得', i.realEstate],
      ['利子所得', i.interest],
      ['配当所得', i.dividends],
      ['総合譲渡所得（短期）', i.transferShort],
      ['総合譲渡所得（長期）', i.transferLong],
      ['一時所得', i.occasional],
      ['分離短期譲渡所得', i.shortGeneral + i.shortReduced],
      ['分離長期譲渡所得', i.longGeneral + i.longSpecified + i.longReduced],
      ['一般株式等の譲渡所得等', i.generalStocks],
      ['上場株式等の譲渡所得等', i.listedStocks],
      ['上場株式等の配当所得等', i.listedDividends],
      ['先物取引に係る雑所得等', i.futures],
      ['山林所得', i.forestry],
      ['退職所得', i.declaredRetirement],
      ['合計所得金額', i.totalIncome, true],
      ['総所得金額等', result.totalIncomeAfterLosses, true],
    ]),
    deductions: printed([
      ['雑損控除', d.casualty],
      ['医療費控除', d.medical],
      ['社会保険料控除', d.socialInsurance],
      ['小規模企業共済等掛金控除', d.mutualAid],
      ['生命保険料控除', d.lifeInsurance],
      ['地震保険料控除', d.earthquakeInsurance],
      ['障害者控除', d.disability],
      ['寡婦控除', d.widow],
      ['ひとり親控除', d.singleParent],
      ['勤労学生控除', d.workingStudent],
      ['配偶者控除', d.spouse],
      ['配偶者特別控除', d.spouseSpecial],
      ['扶養控除', d.dependants],
      ['特定親族特別控除', d.specificRelatives],
      ['基礎控除', d.basic, true],
      ['所得控除合計', d.total, true],
    ]),
    bases: printed([
      ['総所得金額', b.aggregate, true],
      ['短期譲渡所得', b.shortGeneral + b.shortReduced],
      ['長期譲渡所得', b.longGeneral + b.longSpecified + b.longReduced],
      ['株式等の譲渡所得等', b.generalStocks + b.listedStocks],
      ['上場株式等の配当所得等', b.listedDividends],
      ['先物取引に係る雑所得等', b.futures],
      ['山林所得', b.forestry],
      ['退職所得', b.retirement],
    ]),
    levy: printed([
      ['特別区民税 税額控除', creditsOf(levy.ward)],
      ['特別区民税 所得割', levy.ward.perIncome, true],
      ['特別区民税 均等割', perCapita.ward, true],
      ['都民税 税額控除', creditsOf(levy.metropolis)],
      ['都民税 所得割', levy.metropolis.perIncome, true],
      ['都民税 均等割', perCapita.metropolis, true],
      ['森林環境税', result.forestTax, true],
    ]),
    annualYen: result.annualTotal,
    dependants: `同一生計配偶者及び扶養親族（16歳未満を含む） ${exemption.dependantCount}人`,
    remarks:
      kind === 'levy'
        ? []
        : [
            `非課税の理由：${
              exemption.full.length > 0
                ? exemption.full.map((reason) => exemptReasons[reason]).join('、')
                : '所得が非課税限度額以下であること'
            }`,
          ],
  };
}

const creditsOf = (side: LevySide): number =>
  side.adjustmentCredit +
  side.adjustmentMeasure +
  side.dividendCredit +
  side.housingLoanCredit +
  side.donationCredit +
  side.foreignTaxCredit +
  side.flatCut +
  side.withheldLevyCredit;

/** Fee of a certificate, yen. Free only on a ground that the ordinance names. */
export const feeWaivers = ['public-use', 'public-assistance'] as const;
export type FeeWaiver = (typeof feeWaivers)[number];
export const feeOf = (copies: number, each: number, waiver: FeeWaiver | null): number =>
  waiver === null ? copies * each : 0;
