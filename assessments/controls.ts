import { existsSync } from 'node:fs';
import path from 'node:path';
import { type MechanismId, mechanismIds } from '@musubi/kernel/enforcement/mechanism-ids.ts';
import { type AssessmentId, assessmentIds, assessmentOf, type Measure } from './measures.ts';
import { type Mechanism, mechanisms } from './mechanism.ts';
import { isProductCode, type Points } from './points.ts';
import type { TestResult } from './results.ts';

/** Why a measure is open, the first hindrance first. */
export type OpenBecause = 'system-not-built' | 'no-enforcement-point' | 'test-failed' | 'not-proved';

export type Status =
  | { readonly status: 'tested' }
  | { readonly status: 'open'; readonly because: OpenBecause; readonly mechanisms: readonly MechanismId[] }
  | { readonly status: 'reclassified'; readonly reason: string }
  | { readonly status: 'organisational' };

export interface Totals {
  /** Measures that the source assigns to software = tested + open + reclassified. */
  readonly software: number;
  readonly tested: number;
  readonly open: number;
  readonly reclassified: number;
  /** Measures for people, buildings and installations. */
  readonly organisational: number;
}

export interface ControlsReport {
  readonly assessments: Readonly<Record<AssessmentId, Totals>>;
  readonly systems: Readonly<Record<string, Totals>>;
}

/** What the status is computed from; all of it is read, nothing is set by hand. */
export interface Facts {
  readonly measures: readonly Measure[];
  readonly points: Points;
  readonly results: readonly TestResult[];
  /** Whether a file, from the root, exists. */
  readonly exists: (file: string) => boolean;
}

/**
 * A software measure is tested when its system is built and each of its mechanisms is proved for that system. A mechanism
 * is proved when every file that holds a point of it was passed by a test that succeeded with the point in force and
 * failed with the point switched off, and no test of it failed in that run.
 */
export function statusOf(measure: Measure, facts: Facts): Status {
  if (measure.kind !== 'software') return { status: 'organisational' };
  if (measure.reclassified !== undefined) return { status: 'reclassified', reason: measure.reclassified };
  const needed = measure.mechanisms ?? [];
  if (!isBuilt(measure.system, facts)) return { status: 'open', because: 'system-not-built', mechanisms: needed };

  const standings = needed.map((id) => ({ id, standing: standingOf(id, measure.system, facts) }));
  for (const because of ['no-enforcement-point', 'test-failed', 'not-proved'] as const) {
    const hindered = standings.filter(({ standing }) => standing === because).map(({ id }) => id);
    if (hindered.length > 0) return { status: 'open', because, mechanisms: hindered };
  }
  return { status: 'tested' };
}

/** A system is built when it can start: a folder with notes, or types that others import, keeps no promise. */
function isBuilt(system: string, facts: Facts): boolean {
  return facts.exists(path.posix.join(system, 'main.ts'));
}

/** Where a mechanism stands for one system; `system` matters only for mechanisms that each system keeps itself. */
export function standingOf(
  id: MechanismId,
  system: string,
  facts: Facts,
): 'proved' | 'no-enforcement-point' | 'test-failed' | 'not-proved' {
  const { scope }: Mechanism = mechanisms[id];
  const within = (file: string) => scope === 'shared' || file.startsWith(`${system}/`);
  const ofMechanism = facts.results.filter((result) => result.mechanism === id);
  if (ofMechanism.some((result) => !isProof(result) && concerns(result, within, scope))) return 'test-failed';

  const proofs = ofMechanism.filter(isProof);
  const inCode = [...(facts.points.get(id) ?? [])].filter(within);
  // Points in SQL and settings are known from the tests that take them away.
  const elsewhere = proofs
    .flatMap((result) => result.passedAt)
    .filter((file) => !file.endsWith('.ts') && within(file) && isProductCode(file) && facts.exists(file));
  const places = new Set([...inCode, ...elsewhere]);
  if (places.size === 0) return 'no-enforcement-point';
  const proved = new Set(proofs.flatMap((result) => result.passedAt));
  return [...places].every((file) => proved.has(file)) ? 'proved' : 'not-proved';
}

/** A failed test of another system's own point says nothing of this one. */
function concerns(result: TestResult, within: (file: string) => boolean, scope: Mechanism['scope']): boolean {
  return scope === 'shared' || within(result.file) || result.passedAt.some(within);
}

function isProof(result: TestResult): boolean {
  return result.passed && result.passedAt.length > 0 && result.failsWhenOff && result.fault === undefined;
}

export function controlsReport(facts: Facts): ControlsReport {
  const counted = facts.measures.map((measure) => ({ measure, status: statusOf(measure, facts).status }));
  const totalsOf = (rows: typeof counted): Totals => {
    const count = (status: Status['status']) => rows.filter((row) => row.status === status).length;
    return {
      software: rows.filter((row) => row.measure.kind === 'software').length,
      tested: count('tested'),
      open: count('open'),
      reclassified: count('reclassified'),
      organisational: count('organisational'),
    };
  };
  const systems = [...new Set(facts.measures.map((measure) => measure.system))].sort();
  return {
    assessments: Object.fromEntries(
      assessmentIds.map((id) => [id, totalsOf(counted.filter(({ measure }) => assessmentOf(measure) === id))]),
    ) as Record<AssessmentId, Totals>,
    systems: Object.fromEntries(
      systems.map((system) => [
        system.replace(/^[^/]+\//, ''),
        totalsOf(counted.filter(({ measure }) => measure.system === system)),
      ]),
    ),
  };
}

/** How many mechanisms stand where, as far as shared ones go; those of each system are counted by their measures. */
export function mechanismStandings(facts: Facts): ReadonlyMap<MechanismId, ReturnType<typeof standingOf>> {
  const systems = [...new Set(facts.measures.map((measure) => measure.system))];
  const rank = ['proved', 'test-failed', 'not-proved', 'no-enforcement-point'] as const;
  return new Map(
    mechanismIds.map((id) => {
      const standings = new Set(
        mechanisms[id].scope === 'shared'
          ? [standingOf(id, '', facts)]
          : systems.map((system) => standingOf(id, system, facts)),
      );
      return [id, rank.find((standing) => standings.has(standing)) ?? 'no-enforcement-point'];
    }),
  );
}

export function fileExists(root: string): (file: string) => boolean {
  return (file) => existsSync(path.join(root, file));
}
