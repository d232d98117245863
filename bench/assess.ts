import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { anEarner } from '@musubi/resident-tax/domain/an-earner.ts';
import { assess } from '@musubi/resident-tax/domain/assess.ts';
import type { AssessmentInput } from '@musubi/resident-tax/domain/assessment-input.ts';
import { recordingTrace } from '@musubi/resident-tax/domain/trace.ts';
import { replay } from '@musubi/resident-tax/domain/trace-replay.ts';
import { type FloorCase, floorAssess } from './floors/assess.ts';

export interface AssessBench {
  readonly name: 'assess';
  /** Assessments a second on one core, without and with recorded reasons. */
  readonly figures: { readonly per_s: number; readonly per_s_trace: number };
  readonly floor: { readonly per_s: number };
  readonly checks: {
    readonly equals_floor: boolean;
    readonly replay_agrees: boolean;
  };
}

const rates = ratesForYear(2026);

/** The same 4,096 earners every time: incomes spread over all bands, families of every size. */
function cases(): readonly FloorCase[] {
  let state = 20_260_101;
  const below = (limit: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
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

/** Whole passes over the cases until `forMs` have gone by; the best of three, as other work shares the machine. */
function perSecond(pass: () => number, count: number, forMs = 400): number {
  let best = 0;
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    let passes = 0;
    while (performance.now() - start < forMs) {
      if (pass() < 0) throw new Error('a levy is not negative');
      passes++;
    }
    best = Math.max(best, (passes * count * 1_000) / (performance.now() - start));
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
  const replays = inputs.every((input) => {
    const trace = recordingTrace(rates.version);
    assess(input, rates, trace);
    return replay(trace.steps, rates).faults.length === 0;
  });
  const total = (levy: (i: number) => number): number => inputs.reduce((sum, _, i) => sum + levy(i), 0);
  const silent = perSecond(
    () => total((i) => assess(inputs[i] as AssessmentInput, rates, null).annualTotal),
    inputs.length,
  );
  const traced = perSecond(
    () => total((i) => assess(inputs[i] as AssessmentInput, rates, recordingTrace(rates.version)).annualTotal),
    inputs.length,
  );
  const floor = perSecond(() => total((i) => floorAssess(plain[i] as FloorCase).total), inputs.length);
  return {
    name: 'assess',
    figures: { per_s: silent, per_s_trace: traced },
    floor: { per_s: floor },
    checks: {
      equals_floor: equals,
      replay_agrees: replays,
    },
  };
}
