import { isDeepStrictEqual } from 'node:util';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { anEarner } from '@musubi/resident-tax/domain/an-earner.ts';
import { assess } from '@musubi/resident-tax/domain/assess.ts';
import type { AssessmentInput } from '@musubi/resident-tax/domain/assessment-input.ts';
import { recordingTrace } from '@musubi/resident-tax/domain/trace.ts';
import { replay } from '@musubi/resident-tax/domain/trace-replay.ts';
import { taxpayers } from './assess/mixture.ts';
import { type FloorCase, floorAssess } from './floors/assess.ts';

export interface AssessBench {
  readonly name: 'assess';
  /** Assessments a second of processor time, without and with recorded reasons. */
  readonly figures: {
    /** The mixture of `assess/mixture.ts`. */
    readonly per_s: number;
    readonly per_s_trace: number;
    /** Salary earners alone: what the floor does. */
    readonly per_s_salary: number;
  };
  readonly floor: { readonly per_s: number };
  readonly checks: {
    readonly equals_floor: boolean;
    readonly replay_agrees: boolean;
    readonly reasons_change_nothing: boolean;
  };
}

const rates = ratesForYear(2026);

/** The same numbers every time. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
}

/** The same 4,096 earners every time: incomes spread over all bands, families of every size. What the floor can compute. */
function cases(): readonly FloorCase[] {
  const below = numbers(20_260_101);
  return Array.from({ length: 4_096 }, () => {
    const revenue = below(12_000_000);
    return {
      revenue,
      social: Math.floor((revenue * 15) / 100),
      newGeneral: below(90_000),
      spouseIncome: below(3) === 0 ? below(1_500_000) : null,
      ordinary: below(2),
      specified: below(2),
      underSixteen: below(3),
    };
  });
}

const inputOf = (c: FloorCase): AssessmentInput =>
  anEarner({
    salaries: [c.revenue],
    socialInsurance: c.social,
    life: { newGeneral: c.newGeneral },
    dependants: {
      ordinary: c.ordinary,
      specified: c.specified,
      underSixteen: c.underSixteen,
      underTwentyThree: c.specified + c.underSixteen,
    },
    ...(c.spouseIncome === null ? {} : { spouse: { totalIncome: c.spouseIncome } }),
  });

const processorMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/**
 * Whole passes over the cases until `forMs` of processor time have gone by, all threads of the process counted; the best of five after
 * two that are not counted, in which the code is compiled. Processor time says what one core does also where other work shares the machine.
 */
function perSecond(pass: () => number, count: number, forMs = 500): number {
  let best = 0;
  for (let round = -2; round < 5; round++) {
    const start = processorMs();
    let passes = 0;
    while (processorMs() - start < forMs) {
      if (pass() < 0) throw new Error('a levy is not negative');
      passes++;
    }
    if (round >= 0) best = Math.max(best, (passes * count * 1_000) / (processorMs() - start));
  }
  return Math.round(best);
}

/** Assessment as a pure function, against the same arithmetic written straight, in the same run. */
export async function run(): Promise<AssessBench> {
  const plain = cases();
  const inputs = plain.map(inputOf);
  const equals = inputs.every((input, i) => {
    const result = assess(input, rates, null);
    const floor = floorAssess(plain[i] as FloorCase);
    return result.annualTotal === floor.total && (result.collection.instalments[0]?.amount ?? 0) === floor.first;
  });
  const mixture = taxpayers(numbers(20_260_102), 4_096);
  const reasoned = mixture.map((input) => {
    const trace = recordingTrace(rates.version);
    const result = assess(input, rates, trace);
    return { input, result, replays: replay(trace.steps, rates).faults.length === 0 };
  });
  const silent = perSecond(() => total(mixture, (input) => assess(input, rates, null).annualTotal), mixture.length);
  const salary = perSecond(() => total(inputs, (input) => assess(input, rates, null).annualTotal), inputs.length);
  const traced = perSecond(
    () => total(mixture, (input) => assess(input, rates, recordingTrace(rates.version)).annualTotal),
    mixture.length,
  );
  const floor = perSecond(() => total(plain, (c) => floorAssess(c).total), plain.length);
  return {
    name: 'assess',
    figures: { per_s: silent, per_s_trace: traced, per_s_salary: salary },
    floor: { per_s: floor },
    checks: {
      equals_floor: equals,
      replay_agrees: reasoned.every(({ replays }) => replays),
      reasons_change_nothing: reasoned.every(({ input, result }) =>
        isDeepStrictEqual(assess(input, rates, null), result),
      ),
    },
  };
}

function total<T>(of: readonly T[], levy: (one: T) => number): number {
  let sum = 0;
  for (const one of of) sum += levy(one);
  return sum;
}
