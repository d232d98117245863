import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { closeTestBrowser, expectAccessible, testBrowser } from '@musubi/kernel/pages/testing.ts';
import type { BrowserContext } from 'playwright-core';
import { createConductor } from '../conductor.ts';
import type { Town } from '../open-town.ts';
import { settlePeople } from './settle.ts';
import { registerChanges } from './step-01-register.ts';
import { permitSearch } from './step-01a-task-of-search.ts';
import { assess, fileSalaryReports, matchReports, printNotices } from './step-02-to-05-tax.ts';
import { tellEmployers } from './step-05a-employers.ts';
import { inquireForCase, lodgeCopies } from './step-06-and-07-exchange.ts';
import { refuseWrongInquiries } from './step-08-refusals.ts';
import { seeOwnRecords } from './step-09-portal.ts';
import { collect } from './step-09a-collection.ts';
import { printAtStore } from './step-09b-certificate.ts';
import { searchEverywhere, verifyAll } from './step-10-and-11-proof.ts';
import { playWalk, type Step, type StepResult, type WalkContext } from './walk.ts';

const settle: Step = {
  id: '0',
  title: '町の人が二つの区に住み、各システムに届く',
  run: async (context) => settlePeople(context),
};

/** The walk through the whole (issue A), in order. */
export const steps: readonly Step[] = [
  settle,
  registerChanges,
  permitSearch,
  fileSalaryReports,
  matchReports,
  assess,
  printNotices,
  tellEmployers,
  lodgeCopies,
  inquireForCase,
  refuseWrongInquiries,
  seeOwnRecords,
  collect,
  printAtStore,
  verifyAll,
  searchEverywhere,
];

export interface PlayOptions {
  /** What is played; the walk alone unless more is asked for. */
  readonly steps?: readonly Step[];
  readonly onStep?: (step: Step, result: StepResult | undefined) => void | Promise<void>;
  readonly onProgress?: (done: number, of: number, what: string) => void;
}

interface Kept {
  readonly results: StepResult[];
  readonly memory: [string, string][];
}

/**
 * Plays the walk in an open town. What succeeded stands in `walk.json`: after a stop, whatever its reason, the walk goes on
 * with the step that had not ended; a walk that ended is not played again.
 */
export async function playInTown(town: Town, options: PlayOptions = {}) {
  const asked = options.steps ?? steps;
  const file = path.join(town.plan.home, 'walk.json');
  const kept = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Kept,
    (): Kept => ({ results: [], memory: [] }),
  );
  const memory = new Map(kept.memory);
  const done = kept.results.filter((r) => r.ok && asked.some((s) => s.id === r.id));
  for (const result of done) await options.onStep?.(asked.find((s) => s.id === result.id)!, result);
  const left = asked.filter((s) => !done.some((r) => r.id === s.id));
  if (left.length === 0) return { ok: true, steps: done };

  await using conductor = await createConductor(town.plan);
  const contexts = new Map<string, BrowserContext>();
  const pagesFolder = path.join(town.plan.home, 'pages-seen');
  await mkdir(pagesFolder, { recursive: true });
  const newBrowser = async (): Promise<BrowserContext> =>
    (await testBrowser()).newContext({ locale: 'ja-JP', viewport: { width: 1280, height: 900 } });
  const hosts: ReadonlyMap<string, string> = new Map(
    [...town.plan.configs.values()].flatMap((c) =>
      c.instances.flatMap((i) => (i.host ? [[`${c.organisation}/${i.system}`, i.host] as const] : [])),
    ),
  );
  const context: WalkContext = {
    town,
    conductor,
    memory,
    newBrowser,
    progress: options.onProgress ?? (() => {}),
    originOf(instance) {
      const host = hosts.get(instance);
      if (!host) throw new Error(`${instance} has no pages`);
      return `http://${host}:${town.plan.state.publicPort}`;
    },
    async signedIn(organisation, staffId) {
      const key = `${organisation}/${staffId}`;
      const known = contexts.get(key);
      if (known) return known;
      const made = await newBrowser();
      contexts.set(key, made);
      return made;
    },
    async look(page, name) {
      await page.screenshot({ path: path.join(pagesFolder, `${name}.png`), fullPage: true });
      await writeFile(path.join(pagesFolder, `${name}.html`), await page.content());
      await expectAccessible(page);
    },
    moveTo: (date) => conductor.moveTo(Temporal.PlainDate.from(date)),
  };
  try {
    const played = await playWalk(
      left,
      context,
      (step, result) => options.onStep?.(step, result),
      async (result) => {
        done.push(result);
        await writeFile(file, JSON.stringify({ results: done, memory: [...memory] } satisfies Kept), { mode: 0o600 });
      },
    );
    return { ok: played.ok && done.length === asked.length, steps: [...done, ...played.steps.filter((r) => !r.ok)] };
  } finally {
    for (const made of contexts.values()) await made.close();
    await closeTestBrowser();
  }
}
