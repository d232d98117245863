import { type ActDeps, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { type RatesForYear, ratesForYear, supportedFiscalYears } from '@musubi/rates/resident-tax/for-year.ts';
import { assess } from '../../domain/assess.ts';
import type { AssessmentInput } from '../../domain/assessment-input.ts';
import { type DraftChange, type DraftFault, draftRates } from '../../domain/draft-rules.ts';
import { Comparison, firstDifference } from '../../domain/levy-comparison.ts';
import { recordingTrace, type TraceStep } from '../../domain/trace.ts';
import { inputFromJson } from '../../store/assessment-input-json.ts';
import * as store from '../../store/comparisons.ts';
import { assessmentRead, assessmentUpdate, nameOf } from '../assessment/functions.ts';

/** Levies whose year before is looked up at once. */
const piece = 2_000;
/** Persons kept with their difference, the largest first. */
const personsKept = 200;

const stepsOf = (input: AssessmentInput, rates: RatesForYear): readonly TraceStep[] => {
  const trace = recordingTrace(rates.version);
  assess(input, rates, trace);
  return trace.steps;
};

/** The largest differences so far. */
class Largest {
  readonly #rows: store.ComparedPerson[] = [];
  #least = 0;

  add(row: store.ComparedPerson): void {
    const by = weight(row);
    if (this.#rows.length >= personsKept && by <= this.#least) return;
    this.#rows.push(row);
    if (this.#rows.length < personsKept * 4) return;
    this.#cut();
  }
  #cut(): void {
    this.#rows.sort((a, b) => weight(b) - weight(a) || a.personId.localeCompare(b.personId));
    this.#rows.length = Math.min(this.#rows.length, personsKept);
    const last = this.#rows.at(-1);
    this.#least = last === undefined ? 0 : weight(last);
  }
  rows(): readonly store.ComparedPerson[] {
    this.#cut();
    return this.#rows;
  }
}
const weight = ({ beforeYen, afterYen }: store.ComparedPerson): number => Math.abs((afterYen ?? 0) - (beforeYen ?? 0));

interface Tally {
  readonly sums: Comparison;
  readonly largest: Largest;
  compared: number;
  differing: number;
}
const newTally = (): Tally => ({ sums: new Comparison(), largest: new Largest(), compared: 0, differing: 0 });

function count(
  tally: Tally,
  personId: string,
  before: number | null,
  after: number | null,
  cause: string | null,
): void {
  const found = tally.sums.add(before, after, cause);
  tally.compared += 1;
  if (found === 'same') return;
  tally.differing += 1;
  tally.largest.add({ personId, class: found, cause, beforeYen: before, afterYen: after });
}

interface About {
  readonly kind: store.StoredComparison['kind'];
  readonly fiscalYear: number;
  readonly title: string;
  readonly basis: unknown;
  readonly madeBy: string;
}
export interface Compared {
  readonly comparisonId: string;
  readonly compared: number;
  readonly differing: number;
  readonly beforeYen: number;
  readonly afterYen: number;
}

async function keep(tx: Tx, deps: ActDeps, about: About, tally: Tally): Promise<Compared> {
  const comparisonId = deps.newId();
  const { compared, differing } = tally;
  const { lines, ...sums } = tally.sums.result();
  const persons = tally.largest.rows();
  await store.insertComparison(
    tx,
    { comparisonId, ...about, compared, differing, ...sums, lines, madeAt: deps.machineClock.now() },
    persons,
  );
  tx.record({
    event: `comparison.${about.kind}`,
    subjects: persons.map((person) => person.personId),
    items: ['地方税関係情報'],
    facts: ['resident_tax.comparison', ...(persons.length > 0 ? ['resident_tax.comparison_person'] : [])],
    detail: { comparison: comparisonId, fiscalYear: about.fiscalYear, compared, differing },
  });
  return { comparisonId, compared, differing, ...sums };
}

export interface WhatIf {
  readonly fiscalYear: number;
  readonly title: string;
  readonly changes: readonly DraftChange[];
}
export type WhatIfRefusal =
  | 'no-rates-for-year'
  | 'no-title'
  | 'no-changes'
  | 'no-such-figure'
  | 'not-an-amount'
  | 'not-a-ratio';

/**
 * 試算: every levy of the year once more under a draft's figures. Who changes, by how much, and the first figure of the calculation that
 * is another one. Nothing of it is a levy.
 */
export const compareWhatIf = act('resident-tax.compare-what-if', {
  right: assessmentUpdate,
  async run(tx, deps: ActDeps, command: WhatIf, actor): Promise<Result<Compared, WhatIfRefusal>> {
    const { fiscalYear, title, changes } = command;
    if (!supportedFiscalYears.some((year) => year === fiscalYear)) return err('no-rates-for-year');
    if (title.trim() === '' || title.length > 100) return err('no-title');
    if (changes.length === 0) return err('no-changes');
    const rates = ratesForYear(fiscalYear);
    const drafted = draftRates(rates, title.trim(), changes);
    if (!drafted.ok) return err((drafted.error[0] as DraftFault).word);
    const tally = newTally();
    for await (const { personId, input: facts, annualYen } of levies(tx, fiscalYear)) {
      const input = inputFromJson(facts);
      const after = assess(input, drafted.value, null).annualTotal;
      const cause = after === annualYen ? null : firstDifference(stepsOf(input, rates), stepsOf(input, drafted.value));
      count(tally, personId, annualYen, after, cause);
    }
    const about = {
      kind: 'what-if',
      fiscalYear,
      title: title.trim(),
      basis: { changes },
      madeBy: nameOf(actor),
    } as const;
    return ok(await keep(tx, deps, about, tally));
  },
});

async function* levies(tx: Tx, fiscalYear: number): AsyncGenerator<store.LevyFacts> {
  for await (const some of store.leviesOfYear(tx, fiscalYear)) yield* some;
}

/** 前年比較: this year's levies beside those of the year before; the first figure that differs says why. */
export const compareYearBefore = act('resident-tax.compare-year-before', {
  right: assessmentUpdate,
  async run(
    tx,
    deps: ActDeps,
    { fiscalYear }: { readonly fiscalYear: number },
    actor,
  ): Promise<Result<Compared, 'no-rates-for-year'>> {
    const before = fiscalYear - 1;
    if (![fiscalYear, before].every((year) => supportedFiscalYears.some((one) => one === year)))
      return err('no-rates-for-year');
    const [rates, oldRates] = [ratesForYear(fiscalYear), ratesForYear(before)];
    const tally = newTally();
    let pending: store.LevyFacts[] = [];
    const settle = async (): Promise<void> => {
      const old = await store.leviesOf(
        tx,
        before,
        pending.map(({ personId }) => personId),
      );
      const byPerson = new Map(old.map((levy) => [levy.personId, levy]));
      for (const now of pending) {
        const then = byPerson.get(now.personId);
        const differs = then !== undefined && then.annualYen !== now.annualYen;
        const cause = differs
          ? firstDifference(stepsOf(inputFromJson(then.input), oldRates), stepsOf(inputFromJson(now.input), rates))
          : null;
        count(tally, now.personId, then?.annualYen ?? null, now.annualYen, cause);
      }
      pending = [];
    };
    for await (const levy of levies(tx, fiscalYear)) {
      pending.push(levy);
      if (pending.length === piece) await settle();
    }
    await settle();
    for (const gone of await store.onlyIn(tx, before, fiscalYear))
      count(tally, gone.personId, gone.annualYen, null, null);
    const about = {
      kind: 'year-before',
      fiscalYear,
      title: `令和${before - 2018}年度との比較`,
      basis: {},
      madeBy: nameOf(actor),
    } as const;
    return ok(await keep(tx, deps, about, tally));
  },
});

/** Figures of an old system in the order of the calculation, by the names of our steps. */
export const otherSystemColumns = [
  'total-income',
  'taxable-income',
  'ward-per-income',
  'metropolis-per-income',
  'ward-per-capita',
  'metropolis-per-capita',
  'forest-tax',
  'annual-total',
] as const;

const yenText = /^(?:0|[1-9][0-9]{0,11})$/;

/**
 * 新旧突合: a file of the system before, one person a line: 宛名番号, then the figures of `otherSystemColumns`, with that head line. Every
 * yen of difference is in one class, with the first figure that differs. A file with a line that cannot be read, a person twice or
 * one not known here is refused whole with the first such line.
 */
export const compareOtherSystem = act('resident-tax.compare-other-system', {
  right: assessmentUpdate,
  async run(
    tx,
    deps: ActDeps,
    command: { readonly fiscalYear: number; readonly title: string; readonly csv: string; readonly sha256: string },
    actor,
  ): Promise<
    Result<
      Compared,
      'no-rates-for-year' | 'no-title' | 'wrong-head-line' | 'unreadable-line' | 'person-twice' | 'unknown-person'
    >
  > {
    const { fiscalYear, title } = command;
    if (!supportedFiscalYears.some((year) => year === fiscalYear)) return err('no-rates-for-year');
    if (title.trim() === '' || title.length > 100) return err('no-title');
    const [head, ...rows] = command.csv.replace(/\r?\n$/, '').split(/\r?\n/);
    if (head !== ['addressee-number', ...otherSystemColumns].join(',')) return err('wrong-head-line');
    const old = new Map<string, readonly number[]>();
    for (const row of rows) {
      const [number = '', ...figures] = row.split(',');
      const isWhole = figures.length === otherSystemColumns.length && figures.every((figure) => yenText.test(figure));
      if (!/^[0-9]{1,15}$/.test(number) || !isWhole) return err('unreadable-line');
      if (old.has(number)) return err('person-twice');
      old.set(number, figures.map(Number));
    }
    const known = await store.personsByAddressee(tx, [...old.keys()]);
    if (known.size !== old.size) return err('unknown-person');
    const rates = ratesForYear(fiscalYear);
    const tally = newTally();
    for await (const levy of levies(tx, fiscalYear)) {
      const theirs = old.get(levy.addresseeNumber);
      if (theirs === undefined) {
        count(tally, levy.personId, null, levy.annualYen, null);
        continue;
      }
      old.delete(levy.addresseeNumber);
      const annual = theirs.at(-1) as number;
      const ours = new Map(
        stepsOf(inputFromJson(levy.input), rates).map((step) => [step.id as string, step.result as number]),
      );
      const cause = otherSystemColumns.find((name, i) => (ours.get(name) ?? 0) !== theirs[i]) ?? null;
      count(tally, levy.personId, annual, levy.annualYen, cause);
    }
    for (const [number, theirs] of old) count(tally, known.get(number) as string, theirs.at(-1) as number, null, null);
    const about = {
      kind: 'other-system',
      fiscalYear,
      title: title.trim(),
      basis: { sha256: command.sha256 },
      madeBy: nameOf(actor),
    } as const;
    return ok(await keep(tx, deps, about, tally));
  },
});

export const listComparisons = act('resident-tax.list-comparisons', {
  right: assessmentRead,
  async run(tx, _deps: ActDeps, query: { readonly limit: number; readonly offset: number }) {
    const rows = await store.listComparisons(tx, { comparisonId: null, ...query });
    tx.record({ event: 'comparison.listed', detail: { shown: rows.length } });
    return ok({ rows: rows as readonly store.StoredComparison[], total: rows[0]?.total ?? 0 });
  },
});

/** One comparison with the persons who differ most; names persons, so reading it is recorded. */
export const readComparison = act('resident-tax.read-comparison', {
  right: assessmentRead,
  async run(tx, _deps: ActDeps, { comparisonId }: { readonly comparisonId: string }) {
    const [comparison] = await store.listComparisons(tx, { comparisonId, limit: 1, offset: 0 });
    if (comparison === undefined) return err('no-such-comparison');
    const persons = await store.personsOfComparison(tx, comparisonId);
    tx.record({
      event: 'comparison.read',
      subjects: persons.map(({ personId }) => personId),
      items: ['地方税関係情報'],
    });
    return ok({ comparison: comparison as store.StoredComparison, persons });
  },
});

export type { StoredComparison } from '../../store/comparisons.ts';
