import { yen } from '@musubi/kernel/yen/yen.ts';
import type { AssessmentInput } from './assessment-input.ts';

/*
 * 上場株式等の配当・源泉徴収口座の譲渡: enters the levy only where it was first declared before the notice of the year was served. Both days are
 * the person's own.
 * @law 地方税法 第313条第12項から第15項まで, 第314条の9; @source rules resident-tax (納税通知書送達後の申告); incidents INC-19
 */

/** When a rule on late declarations begins to hold: years before the first row have none. */
export interface LateDeclarationRule {
  readonly fromFiscalYear: number;
  /** `left-out`: what was first declared on or after the day of service does not enter. */
  readonly late: 'left-out' | 'enters';
  readonly article: string;
}
export const lateDeclarationRules: readonly LateDeclarationRule[] = [
  { fromFiscalYear: 2005, late: 'left-out', article: '地方税法 第313条第13項・第15項' },
];

/** What is known of the service of a person's notice of a year. */
export type ServiceOfYear =
  /** No notice, or all came back and were served in no other way. */
  | { readonly state: 'not-served' }
  | { readonly state: 'served'; readonly on: string }
  /** A notice went out, and nobody entered the day of its service. */
  | { readonly state: 'not-recorded' };

export type ListedShares =
  | { readonly verdict: 'enter' | 'left-out'; readonly article: string | null }
  | { readonly verdict: 'service-day-missing' | 'filing-day-missing' };

/**
 * @param declaredOn the day on which listed shares of the year were first declared, in ISO text; null where a return does not say its day
 * @returns whether they enter; without one of the days only where the other does not decide
 */
export function listedSharesOf(
  fiscalYear: number,
  declaredOn: string | null,
  service: ServiceOfYear,
  rules: readonly LateDeclarationRule[] = lateDeclarationRules,
): ListedShares {
  const rule = rules.filter(({ fromFiscalYear }) => fromFiscalYear <= fiscalYear).at(-1);
  if (rule === undefined || rule.late === 'enters' || service.state === 'not-served')
    return { verdict: 'enter', article: rule?.article ?? null };
  if (service.state === 'not-recorded') return { verdict: 'service-day-missing' };
  if (declaredOn === null) return { verdict: 'filing-day-missing' };
  return { verdict: declaredOn < service.on ? 'enter' : 'left-out', article: rule.article };
}

const none = yen(0);

/** Whether the facts hold listed shares: dividends taxed apart, gains of a withholding account, or what was withheld of either. */
export const hasListedShares = ({ incomes: { other } }: AssessmentInput): boolean =>
  other !== null &&
  (other.listedStocks.length > 0 ||
    other.dividends.some(({ treatment, levyWithheld }) => treatment === 'separate' || levyWithheld > 0));

/** Dividends of 総合課税 from which the prefecture's tax was withheld: the return does not say how much of them is of listed shares. */
export const listedInAggregate = ({ incomes: { other } }: AssessmentInput): boolean =>
  other?.dividends.some(({ treatment, levyWithheld }) => treatment === 'aggregate' && levyWithheld > 0) ?? false;

/** The facts without listed shares: their income, what was withheld of it, and losses of them that were carried over. */
export function withoutListedShares(input: AssessmentInput): AssessmentInput {
  const { other } = input.incomes;
  if (other === null) return input;
  const dividends = other.dividends
    .filter(({ treatment }) => treatment !== 'separate')
    .map((one) => ({ ...one, levyWithheld: none }));
  return {
    ...input,
    incomes: { ...input.incomes, other: { ...other, dividends, listedStocks: [] } },
    carriedLosses: input.carriedLosses && { ...input.carriedLosses, listedStock: [] },
  };
}
