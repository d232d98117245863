import {
  deductionNames,
  remarksWith,
  type Tk01,
  type Tk01Deduction,
  type Tk01Side,
} from '@musubi/contracts/special-collection/tk01.ts';
import { toHalfWidthKana } from '@musubi/kernel/text/width.ts';
import type { AssessmentInput } from '../../domain/assessment-input.ts';
import type { AssessmentResult, LevySide } from '../../domain/assessment-result.ts';
import type { Addressee } from '../../store/assessment-sources.ts';
import type { Explained } from '../assessment/assess-one.ts';

/** Stands where the address of a protected person would: the payer has no need of it (RTX-F1.7, T05). */
export const withheldAddress = '（住所は記載しません）';

export interface LineFacts {
  readonly fiscalYear: number;
  readonly municipality: string;
  readonly designationNumber: string;
  readonly recipientNumber: string | null;
  readonly issuedOn: Temporal.PlainDate;
  readonly person: Addressee;
  readonly explained: Explained;
  /** June to May. */
  readonly months: readonly number[];
  /** 通知書番号 of the person's year. */
  readonly noticeNumber: string | undefined;
  readonly before: { readonly sequenceNo: number; readonly collectedYen: number } | undefined;
}

/**
 * One person of a payer's notice. What the person earns elsewhere is in the total only.
 *
 * @law 地方税法 第321条の4第1項・第2項, 同法施行規則 第3号様式
 */
export function tk01Of(of: LineFacts): Tk01 {
  const { result, input } = of.explained;
  const { incomes, bases, levy } = result;
  const collectedYen = of.months.reduce((total, amount) => total + amount, 0);
  const hidden = of.person.addressProtected;
  return {
    fiscalYear: of.fiscalYear,
    municipality: of.municipality,
    designationNumber: of.designationNumber,
    recipientNumber: of.recipientNumber ?? '',
    addresseeNumber: of.person.addresseeNumber,
    kind: of.before === undefined ? 'first' : 'change',
    sequence: (of.before?.sequenceNo ?? 0) + 1,
    issuedOn: of.issuedOn,
    changeReason: of.before === undefined ? '' : '06',
    kana: toHalfWidthKana(of.person.nameKana),
    name: of.person.name,
    postalCode: hidden ? '' : (of.person.postalCode ?? ''),
    address: hidden ? withheldAddress : of.person.address,
    salaryRevenue: incomes.salaryRevenue,
    salaryIncome: incomes.salary,
    incomeAdjustment: incomes.incomeAdjustmentChild + incomes.incomeAdjustmentPension,
    otherIncome: incomes.aggregate - incomes.salary,
    deductions: deductionsOf(result),
    bases: {
      aggregate: bases.aggregate,
      short: bases.shortGeneral + bases.shortReduced,
      long: bases.longGeneral + bases.longSpecified + bases.longReduced,
      stocks: bases.generalStocks + bases.listedStocks,
      listedDividends: bases.listedDividends,
      futures: bases.futures,
      forestry: bases.forestry,
    },
    ward: sideOf(levy.ward, result.perCapita.ward),
    metropolis: sideOf(levy.metropolis, result.perCapita.metropolis),
    forestTax: result.forestTax,
    collectedYen,
    shortfall: result.withheldLevy.shortfall,
    appropriated: 0,
    beforeYen: of.before?.collectedYen ?? null,
    months: of.months,
    dependants: dependantsOf(input),
    own: ownOf(input),
    remarks: remarksWith(of.noticeNumber),
  };
}

function deductionsOf({ deductions }: AssessmentResult): Tk01['deductions'] {
  const of = (name: Tk01Deduction): number =>
    name === 'widowOrSingleParent' ? deductions.widow + deductions.singleParent : deductions[name];
  return Object.fromEntries(deductionNames.map((name) => [name, of(name)])) as Record<Tk01Deduction, number>;
}

const sideOf = (side: LevySide, perCapita: number): Tk01Side => ({
  beforeCredits: side.computed,
  credits:
    side.adjustmentCredit +
    side.adjustmentMeasure +
    side.dividendCredit +
    side.housingLoanCredit +
    side.donationCredit +
    side.foreignTaxCredit +
    side.flatCut +
    side.withheldLevyCredit,
  perIncome: side.perIncome,
  perCapita,
});

function dependantsOf({ spouse, dependants: d, specificRelatives }: AssessmentInput): string {
  const counts = [
    ['配', spouse === null || spouse.familyEmployee ? 0 : 1],
    ['特', d.specified],
    ['老', d.elderly + d.elderlyLivingTogether],
    ['他', d.ordinary],
    ['特親', specificRelatives.length],
    ['年少', d.underSixteen],
  ] as const;
  return counts.flatMap(([word, count]) => (count > 0 ? [`${word}${count}`] : [])).join(';');
}

function ownOf({ taxpayer: t }: AssessmentInput): string {
  const marks = [
    [t.disability === 'special', '特障'],
    [t.disability === 'ordinary', '他障'],
    [t.widow && !t.singleParent, '寡'],
    [t.singleParent, 'ひ'],
    [t.workingStudent, '勤'],
  ] as const;
  return marks.flatMap(([holds, word]) => (holds ? [word] : [])).join(';');
}
