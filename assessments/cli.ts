import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mechanismIds } from '@musubi/kernel/enforcement/mechanism-ids.ts';
import type { Command } from 'commander';
import { controlsReport, type Facts, fileExists, mechanismStandings, statusOf } from './controls.ts';
import { importOfficialText } from './import.ts';
import { loadMeasures, measuresByMechanism } from './measures.ts';
import { mechanisms } from './mechanism.ts';
import { findPoints, pointDrift } from './points.ts';
import { lastFullRun, latestResults, treeState } from './results.ts';
import { statusPage, statusTable } from './status.ts';

interface Options {
  readonly json?: true;
  readonly write?: true;
  readonly partial?: true;
  readonly mechanisms?: true;
  readonly open?: string;
  readonly official?: string;
}

/** Adds `musubi controls`: what the five assessments promise, and how much of it the last full run of the tests proved. */
export function registerControls(program: Command): void {
  program
    .command('controls')
    .description(
      'what the assessments promise and what the last full test run proved (特定個人情報保護評価の措置の状況)',
    )
    .option('--json', 'one object on the last line')
    .option('--write', 'write docs/status/controls.md (from a full run only)')
    .option('--partial', 'count the last result of every test, also from runs of single files')
    .option('--mechanisms', 'list each mechanism, its standing and its enforcement points')
    .option('--open <system>', 'list the open measures of one system (or: all) and what hinders them')
    .option('--official <file>', 'with --open: show the official sentences of this file, kept outside the repository')
    .action(async (options: Options) => {
      process.exitCode = await controls(options, path.resolve(import.meta.dirname, '..'), (text) => console.log(text));
    });
}

/**
 * @returns exit code: 0 done, 1 the official text was refused, 2 options that contradict each other
 */
export async function controls(options: Options, root: string, print: (text: string) => void): Promise<0 | 1 | 2> {
  if (options.write && options.partial) {
    print('--write publishes a full run; it cannot be combined with --partial.');
    return 2;
  }
  const run = lastFullRun(root);
  const facts: Facts = {
    measures: await loadMeasures(),
    points: findPoints(root),
    results: options.partial ? latestResults(root) : (run?.results ?? []),
    exists: fileExists(root),
  };
  const report = controlsReport(facts);
  const stale = run !== undefined && run.tree !== treeState(root);

  if (options.mechanisms) print(mechanismList(facts));
  if (options.open !== undefined) {
    const shown = await openList(facts, options.open, options.official, root);
    print(shown.text);
    if (!shown.ok) return 1;
  }
  if (options.write) {
    await mkdir(path.join(root, 'docs/status'), { recursive: true });
    await writeFile(path.join(root, 'docs/status/controls.md'), statusPage(report, run));
  }
  if (options.json) {
    print(JSON.stringify({ ...report, run: run && { id: run.run, endedAt: run.endedAt, ok: run.ok, stale } }));
    return 0;
  }
  print(statusTable(report));
  if (options.partial) print('\nCounted from single test files too; only a full run (npm test) is evidence.');
  else if (run === undefined) print('\nNo full run yet: npm test makes one.');
  else print(`\nFull run of ${run.endedAt}${stale ? ', of older sources than these' : ''}.`);
  return 0;
}

function mechanismList(facts: Facts): string {
  const standings = mechanismStandings(facts);
  const resting = measuresByMechanism(facts.measures);
  const drift = new Map(
    pointDrift(new Map(mechanismIds.map((id) => [id, mechanisms[id].points])), facts.points, facts.exists).map(
      (each) => [each.mechanism, each],
    ),
  );
  const lines = mechanismIds.flatMap((id) => [
    `${id.padEnd(36)} ${(standings.get(id) ?? '').padEnd(21)} ${String(resting.get(id)?.length ?? 0).padStart(4)} measures  issue ${mechanisms[id].issue}`,
    `    for      ${[...new Set(resting.get(id)?.map((measure) => measure.category))].sort().join(', ')}`,
    ...[...(facts.points.get(id) ?? [])].map((file) => `    kept in  ${file}`),
    ...(drift.get(id)?.planned ?? []).map((file) => `    planned  ${file}`),
  ]);
  return `${lines.join('\n')}\n`;
}

async function openList(
  facts: Facts,
  system: string,
  officialFile: string | undefined,
  root: string,
): Promise<{ readonly ok: boolean; readonly text: string }> {
  const official = officialFile === undefined ? undefined : await importOfficialText(officialFile, { root, ...facts });
  if (official?.ok === false)
    return { ok: false, text: `The official text was refused: ${JSON.stringify(official.error)}` };
  const sentences = official?.value.byMeasure ?? new Map<string, string>();
  const lines = facts.measures
    .filter((measure) => system === 'all' || measure.system.endsWith(`/${system}`))
    .flatMap((measure) => {
      const status = statusOf(measure, facts);
      if (status.status !== 'open') return [];
      const sentence = sentences.get(measure.id) ?? measure.paraphrase;
      return [`${measure.id}  ${sentence}\n    ${status.because}: ${status.mechanisms.join(', ')}`];
    });
  return { ok: true, text: `${lines.join('\n')}\n` };
}
