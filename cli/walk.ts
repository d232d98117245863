import path from 'node:path';
import { openTown } from '@musubi/town/open-town.ts';
import { startPage, type WalkState } from '@musubi/town/start-page.ts';
import { playInTown, steps } from '@musubi/town/walk/play.ts';
import type { Step, StepResult } from '@musubi/town/walk/walk.ts';
import { yearSteps } from '@musubi/town/year/year.ts';
import type { Command } from 'commander';
import { loadDefinitions, systemNames } from './definitions.ts';
import { progressOn } from './progress.ts';

export interface TownRun {
  readonly home: string;
  readonly fresh: boolean;
  readonly residents: number;
  readonly publicPort: number;
  readonly seed: string;
  readonly prefix: string;
  readonly quiet: boolean;
  /** The rest of the year too. */
  readonly year: boolean;
}

/** Fewer residents have too few employers for salary reports with a fault of each kind, and nobody who pays tax without one. */
const leastResidents = 600;

/** @throws Error with what is wrong with the option */
export function residentsOf(text: string): number {
  const residents = Number(text);
  if (!Number.isSafeInteger(residents) || residents < leastResidents)
    throw new Error(`--residents: a whole number, ${leastResidents} or more`);
  return residents;
}

/** Opens the town, plays the walk and hands over the open town; the caller closes it. */
export async function runTown(run: TownRun) {
  const progress = progressOn(process.stderr);
  const asked = run.year ? [...steps, ...yearSteps] : steps;
  const state: { -readonly [K in keyof WalkState]: WalkState[K] } & { results: StepResult[] } = {
    titles: asked.map(({ id, title }) => ({ id, title })),
    results: [],
    running: undefined,
  };
  const definitions = await loadDefinitions(systemNames);
  const own = await startPage({
    publicPort: run.publicPort,
    cacheFolder: path.join(run.home, 'cache'),
    definitions,
    walk: () => state,
  });
  const stages = {
    database: 'データベース database',
    schemas: '表と権限 schemas',
    processes: '各機関のシステム processes',
  } as const;
  const town = await openTown({
    home: run.home,
    databaseUrl: process.env.DATABASE_URL,
    fresh: run.fresh,
    publicPort: run.publicPort,
    residents: run.residents,
    seed: run.seed,
    prefix: run.prefix,
    definitions,
    own,
    onProgress: (stage, done, of, what) => {
      progress.show(stages[stage], done, of, what);
      if (done === of) progress.end(true, stages[stage], of > 1 ? `${of}` : '');
    },
  });
  const walk = async () => {
    const result = await playInTown(town, {
      steps: asked,
      onStep(step: Step, done: StepResult | undefined) {
        state.running = done ? undefined : step.id;
        if (done) state.results.push(done);
        if (done) progress.end(done.ok, `${step.id} ${step.title}`, done.ok ? `${done.seconds} s` : done.fault);
        else progress.show(`${step.id} ${step.title}`, 0, 1);
      },
      onProgress: (done, of, what) => progress.show(what, done, of),
    });
    state.running = undefined;
    return result;
  };
  return { town, walk };
}

/** `musubi walk`: the town in a folder of its own, made anew, walked through, closed. */
export function registerWalk(program: Command): void {
  program
    .command('walk')
    .option('--json', 'one JSON object on the last line')
    .option('--residents <n>', 'how many residents the town has', '3000')
    .option('--keep', 'go on with the town of the last walk')
    .option('--year', 'and play the rest of the year, to the closing of its books')
    .option('--port <n>', 'port of the pages', '8099')
    .description('make a town and walk through the whole, from a birth to the proof')
    .action(async (options: { json?: boolean; residents: string; keep?: boolean; year?: boolean; port: string }) => {
      const home = path.join(import.meta.dirname, '..', '.musubi', 'walk');
      const { town, walk } = await runTown({
        home,
        fresh: !options.keep,
        residents: residentsOf(options.residents),
        publicPort: Number(options.port),
        seed: 'musubi-2026',
        prefix: 'musubi_walk',
        quiet: options.json === true,
        year: options.year === true,
      });
      try {
        const result = await walk();
        if (options.json) console.log(JSON.stringify(result));
        process.exitCode = result.ok ? 0 : 1;
      } finally {
        await town.close();
      }
    });
}
