import { type ActDeps, act } from '@musubi/kernel/db/act.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { flatCutShortfall } from '../../domain/flat-cut.ts';
import { type ListedShares, listedSharesOf } from '../../domain/service-day.ts';
import type { StepId } from '../../domain/trace.ts';
import { type Addressee, addressees } from '../../store/assessment-sources.ts';
import {
  getAssessments,
  getInstalments,
  idsOfYear,
  type ListedAssessment,
  leviesOfPerson,
  listAssessments as listStored,
  type PersonsLevy,
  type StoredAssessment,
  type StoredInstalment,
} from '../../store/assessments.ts';
import { type ChargedRevision, chargesOfLevy } from '../../store/charges.ts';
import { type ListedShareFacts, listedShareFacts } from '../../store/service-days.ts';
import { assessOne, type Explained } from './assess-one.ts';
import { rulesVersion } from './draft.ts';
import { assessmentRead } from './functions.ts';

export type AssessmentListQuery = Parameters<typeof listStored>[1];

/** 賦課一覧: names persons, so each page read is recorded with whom it showed. */
export const listAssessments = act('resident-tax.list-assessments', {
  right: assessmentRead,
  async run(tx, _deps: ActDeps, query: AssessmentListQuery) {
    const rows = await listStored(tx, query);
    tx.record({
      event: 'assessment.listed',
      subjects: rows.map((row) => row.personId),
      items: ['氏名', '年税額'],
      detail: { fiscalYear: query.fiscalYear, shown: rows.length },
    });
    return ok({ rows: rows as readonly ListedAssessment[], total: rows[0]?.total ?? 0 });
  },
});

/** 個人の賦課の一覧: every levy of every year, each with its page. */
export const listLeviesOfPerson = act('resident-tax.list-levies-of-person', {
  right: assessmentRead,
  async run(tx, _deps: ActDeps, { personId }: { readonly personId: string }) {
    const levies = await leviesOfPerson(tx, personId);
    tx.record({ event: 'assessment.listed', subject: personId, items: ['年税額'], detail: { shown: levies.length } });
    return ok(levies as readonly PersonsLevy[]);
  },
});

/** A figure of this version beside the same figure of the version before. */
export interface FigureDifference {
  readonly id: StepId;
  readonly title: string;
  readonly before: number;
  readonly now: number;
}

export interface AssessmentView {
  readonly assessment: StoredAssessment;
  readonly person: Addressee;
  readonly instalments: readonly StoredInstalment[];
  /** What was charged of the person's year, as it stands; empty until the decision is charged. */
  readonly charges: readonly ChargedRevision[];
  /** Regenerated from the stored facts and versions. */
  readonly explained: Explained;
  /** 定額減税控除不足額, for the year of a flat cut that found too little levy. */
  readonly flatCutShortfallYen: number;
  /** What is regenerated equals what is stored, figure by figure; false is an alarm. */
  readonly agrees: boolean;
  readonly versions: readonly StoredAssessment[];
  readonly differences: readonly FigureDifference[];
  /** 上場株式等: when they were declared and the notice served, and what follows; null where no return declares any. */
  readonly listed: (ListedShareFacts & { readonly shares: ListedShares }) | null;
}

/** 個人の賦課: every figure with its reason. */
export const readAssessment = act('resident-tax.read-assessment', {
  right: assessmentRead,
  async run(tx, _deps: ActDeps, { assessmentId }: { readonly assessmentId: string }) {
    const [assessment] = await getAssessments(tx, [assessmentId]);
    if (!assessment) return err('no-such-assessment');
    const person = (await addressees(tx, [assessment.personId])).get(assessment.personId);
    if (!person) throw new Error('an assessment without its person');
    const versions = await getAssessments(tx, await idsOfYear(tx, assessment.personId, assessment.fiscalYear));
    const explained = assessOne(assessment.input);
    const previous = versions.find((version) => version.assessmentId === assessment.previousId);
    const listed = (await listedShareFacts(tx, assessment.fiscalYear, [assessment.personId])).get(assessment.personId);
    const view: AssessmentView = {
      listed: listed
        ? { ...listed, shares: listedSharesOf(assessment.fiscalYear, listed.declaredOn, listed.service) }
        : null,
      assessment,
      person,
      instalments: await getInstalments(tx, assessmentId),
      charges: await chargesOfLevy(tx, assessmentId),
      explained,
      flatCutShortfallYen: flatCutShortfall(explained.input, explained.result, ratesForYear(assessment.fiscalYear)),
      agrees: agrees(assessment, explained),
      versions: versions.toSorted((a, b) => a.version - b.version),
      differences: previous ? differencesOf(assessOne(previous.input), explained) : [],
    };
    tx.record({ event: 'assessment.read', subject: assessment.personId, items: ['地方税関係情報'] });
    return ok(view);
  },
});

/** Stored amounts against those computed anew, under the same rates and rules. */
export function agrees(stored: StoredAssessment, { result }: Explained): boolean {
  return (
    stored.rulesVersion === rulesVersion &&
    stored.ratesVersion === result.ratesVersion &&
    stored.status === result.status &&
    stored.totalIncomeYen === result.incomes.totalIncome &&
    stored.taxableYen === result.bases.aggregate &&
    stored.wardPerIncomeYen === result.levy.ward.perIncome &&
    stored.metropolisPerIncomeYen === result.levy.metropolis.perIncome &&
    stored.wardPerCapitaYen === result.perCapita.ward &&
    stored.metropolisPerCapitaYen === result.perCapita.metropolis &&
    stored.forestTaxYen === result.forestTax &&
    stored.annualYen === result.annualTotal
  );
}

/** Figures of both that are not the same; one that is new began at zero. */
export function differencesOf(before: Explained, now: Explained): FigureDifference[] {
  const old = new Map(before.steps.map((step) => [step.id, step.result]));
  return now.steps.flatMap((step, i) => {
    const was = old.get(step.id) ?? 0;
    if (was === step.result) return [];
    return [{ id: step.id, title: now.explained[i]?.title ?? step.id, before: was, now: step.result }];
  });
}

export type { ListedAssessment, PersonsLevy, StoredAssessment } from '../../store/assessments.ts';
