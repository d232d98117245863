import { sum, type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import type { RatesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import type { AssessmentInput, Dependants, Disability, Donation, Spouse } from './assessment-input.ts';
import {
  type CombinedReports,
  combineSalaryReports,
  type RegisterFacts,
  type ReportQuestion,
  type SalaryReport,
} from './from-reports.ts';
import { type FiledReturn, type ReturnQuestion, readReturn } from './from-returns.ts';
import { noDependants } from './household.ts';

/** 公的年金等支払報告書 as far as the levy needs it. */
export interface PensionReport {
  readonly documentId: string;
  readonly payerName: string;
  /** 支払金額 of all kinds together. */
  readonly revenue: Yen;
  readonly socialInsurance: Yen;
  readonly spouse: 'none' | 'ordinary' | 'elderly';
  readonly spouseAbroad: boolean;
  readonly dependants: {
    readonly specified: number;
    readonly elderly: number;
    readonly ordinary: number;
    readonly underSixteen: number;
    readonly abroad: number;
  };
  readonly disabled: { readonly special: number; readonly specialLivingTogether: number; readonly ordinary: number };
  readonly disability: Disability;
  readonly widow: boolean;
  readonly singleParent: boolean;
}

/** 申告特例通知書 of one body that was given to. */
export interface OneStopNotice {
  readonly documentId: string;
  readonly recipient: string;
  readonly amount: Yen;
}

/** All documents of one person and income year that count. */
export interface PersonsDocuments {
  readonly salaries: readonly SalaryReport[];
  readonly pensions: readonly PensionReport[];
  readonly returns: readonly FiledReturn[];
  readonly oneStops: readonly OneStopNotice[];
}

export type MergeQuestion =
  | ReportQuestion
  | ReturnQuestion
  | 'two-returns'
  | 'return-lacks-salary'
  | 'return-lacks-pension'
  | 'family-stated-twice'
  | 'income-unknown';

/** What became of a document in the merge. */
export const documentUses = {
  counted: '採用',
  'included-elsewhere': '他の資料に含まれるため加算しない',
  'covered-by-return': '申告書の内容による',
  'void-return-filed': '申告があるため無効（附則7条6項）',
  'void-too-many': '寄附先が5団体を超えるため無効（附則7条13項）',
} as const;
export type DocumentUse = keyof typeof documentUses;

export interface MergedDocuments {
  readonly input: AssessmentInput;
  readonly uses: ReadonlyMap<string, DocumentUse>;
  readonly questions: readonly MergeQuestion[];
}

/** 申告特例: at most so many bodies a year. @law 地方税法 附則第7条第1項 */
const mostOneStopBodies = 5;

/**
 * A person's documents as one set of facts: a return is the basis where there is one, and reports only tell who collects; without
 * one, salaries and pensions are added and the family stands in the document with the year-end adjustment. What cannot be settled by
 * a rule is a question, and the person waits.
 *
 * @law 地方税法 第317条の2, 第317条の3, 第317条の6, 附則第7条
 */
export function mergeDocuments(
  documents: PersonsDocuments,
  person: RegisterFacts,
  rates: RatesForYear,
): MergedDocuments {
  const uses = new Map<string, DocumentUse>();
  const base =
    documents.returns.length > 0
      ? fromReturn(documents, person, rates, uses)
      : fromReports(documents, person, rates, uses);
  const donations = oneStopsOf(documents, uses);
  // A notice of donations says that there is a taxpayer, not what was earned: no document of income is not no income.
  const { salaries, pensions, returns } = documents;
  const unknown = salaries.length + pensions.length + returns.length === 0;
  return {
    input: { ...base.input, donations: [...base.input.donations, ...donations] },
    uses,
    questions: [...new Set(unknown ? (['income-unknown'] as const) : base.questions)],
  };
}

interface Base {
  readonly input: AssessmentInput;
  readonly questions: readonly MergeQuestion[];
}

function fromReturn(
  { returns, salaries, pensions }: PersonsDocuments,
  person: RegisterFacts,
  rates: RatesForYear,
  uses: Map<string, DocumentUse>,
): Base {
  // A 確定申告 is a 住民税申告 too (第317条の3); where both were filed a clerk says which one counts.
  const filed = returns.find(({ kind }) => kind === 'tax-return') ?? returns[0]!;
  for (const one of returns) uses.set(one.documentId, one === filed ? 'counted' : 'covered-by-return');
  const read = readReturn(filed, person, rates);
  const questions: MergeQuestion[] = [...read.questions];
  if (returns.length > 1) questions.push('two-returns');

  for (const report of [...salaries, ...pensions]) uses.set(report.documentId, 'covered-by-return');
  const combined = salaries.length === 0 ? undefined : combineSalaryReports(salaries, person, rates);
  for (const id of combined?.includedElsewhere ?? []) uses.set(id, 'included-elsewhere');
  // More than the reports say is no question: small payments need no report. Less is: something was left out of the return.
  if (combined !== undefined && sum(combined.input.incomes.salaries) > read.declaredSalary)
    questions.push('return-lacks-salary');
  if (sum(pensions.map(({ revenue }) => revenue)) > read.declaredPension) questions.push('return-lacks-pension');
  // The reports know the loan that the year-end adjustment credited; a return repeats the amount without the day of moving in.
  const housingLoan = read.input.housingLoan ?? combined?.input.housingLoan ?? null;
  const open = housingLoan === null ? questions : questions.filter((q) => q !== 'housing-loan-move-in-missing');
  return {
    input: {
      ...read.input,
      housingLoan,
      specialCollection: combined?.input.specialCollection ?? false,
    },
    questions: open,
  };
}

function fromReports(
  { salaries, pensions }: PersonsDocuments,
  person: RegisterFacts,
  rates: RatesForYear,
  uses: Map<string, DocumentUse>,
): Base {
  for (const report of [...salaries, ...pensions]) uses.set(report.documentId, 'counted');
  const combined: CombinedReports =
    salaries.length === 0
      ? { input: withoutIncome(person, rates), includedElsewhere: [], questions: [] }
      : combineSalaryReports(salaries, person, rates);
  for (const id of combined.includedElsewhere) uses.set(id, 'included-elsewhere');
  if (pensions.length === 0) return combined;

  const { input } = combined;
  const stated = pensions.map(familyOf).filter((family) => !isEmpty(family));
  const ofSalary: Family = {
    spouse: input.spouse,
    dependants: input.dependants,
    disability: input.taxpayer.disability,
    widow: input.taxpayer.widow,
    singleParent: input.taxpayer.singleParent,
  };
  // Only heads can be compared: reports of pensions name two dependants at most.
  const all = [...(salaries.length === 0 || isEmpty(ofSalary) ? [] : [ofSalary]), ...stated];
  const [family = ofSalary] = all;
  const differs = all.some((other) => headsOf(other) !== headsOf(family));
  return {
    input: {
      ...input,
      taxpayer: {
        ...input.taxpayer,
        disability: family.disability,
        widow: family.widow,
        singleParent: family.singleParent,
      },
      spouse: family.spouse,
      dependants: family.dependants,
      incomes: { ...input.incomes, publicPensions: pensions.map(({ revenue }) => revenue) },
      deductions: {
        ...input.deductions,
        socialInsurance: [
          ...input.deductions.socialInsurance,
          ...pensions.map(({ socialInsurance }) => socialInsurance),
        ],
      },
    },
    questions: differs ? [...combined.questions, 'family-stated-twice'] : combined.questions,
  };
}

interface Family {
  readonly spouse: Spouse | null;
  readonly dependants: Dependants;
  readonly disability: Disability;
  readonly widow: boolean;
  readonly singleParent: boolean;
}

const headsOf = ({ spouse, dependants: d }: Family): string =>
  [spouse !== null, d.ordinary, d.specified, d.elderly + d.elderlyLivingTogether, d.underSixteen].join(' ');
const isEmpty = (family: Family): boolean => headsOf(family) === 'false 0 0 0 0' && family.disability === 'none';

function familyOf(report: PensionReport): Family {
  const { dependants, disabled } = report;
  return {
    spouse:
      report.spouse === 'none'
        ? null
        : {
            totalIncome: yen(0),
            elderly: report.spouse === 'elderly',
            abroad: report.spouseAbroad,
            familyEmployee: false,
          },
    dependants: {
      ...noDependants,
      ordinary: dependants.ordinary,
      specified: dependants.specified,
      elderly: dependants.elderly,
      underSixteen: dependants.underSixteen,
      abroad: dependants.abroad,
      disabled: disabled.ordinary,
      speciallyDisabled: disabled.special - disabled.specialLivingTogether,
      speciallyDisabledLivingTogether: disabled.specialLivingTogether,
      underTwentyThree: dependants.specified + dependants.underSixteen,
    },
    disability: report.disability,
    widow: report.widow,
    singleParent: report.singleParent,
  };
}

/** A person of whom no document states an income. */
function withoutIncome(person: RegisterFacts, rates: RatesForYear): AssessmentInput {
  const none = yen(0);
  return {
    fiscalYear: rates.fiscalYear,
    taxpayer: { ...person, disability: 'none', widow: false, singleParent: false, workingStudent: false },
    incomes: { salaries: [], specificExpenditure: none, publicPensions: [], other: null },
    carriedLosses: null,
    spouse: null,
    dependants: noDependants,
    specificRelatives: [],
    deductions: {
      socialInsurance: [],
      mutualAid: [],
      life: { newGeneral: none, newCare: none, newPension: none, oldGeneral: none, oldPension: none },
      earthquake: { earthquake: none, oldLongTerm: none, bothKinds: [] },
      medical: null,
      casualty: null,
    },
    returnFiled: false,
    donations: [],
    housingLoan: null,
    foreignTax: null,
    incomeTaxBasicDeduction: null,
    specialCollection: false,
    otherIncomeByOrdinary: false,
    pensionCollection: null,
    retirements: [],
  };
}

function oneStopsOf({ returns, oneStops }: PersonsDocuments, uses: Map<string, DocumentUse>): Donation[] {
  const bodies = new Set(oneStops.map(({ recipient }) => recipient));
  const use: DocumentUse =
    returns.length > 0 ? 'void-return-filed' : bodies.size > mostOneStopBodies ? 'void-too-many' : 'counted';
  for (const { documentId } of oneStops) uses.set(documentId, use);
  if (use !== 'counted') return [];
  return oneStops.map(({ recipient, amount }) => ({
    kind: 'hometown',
    amount,
    recipient,
    oneStop: true,
    declared: false,
  }));
}
