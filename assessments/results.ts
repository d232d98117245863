import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mechanismIds } from '@musubi/kernel/enforcement/mechanism-ids.ts';
import { z } from 'zod';

const begunSchema = z.object({ run: z.string(), begunAt: z.string(), tree: z.string() });
const endedSchema = z.object({ run: z.string(), endedAt: z.string(), ok: z.boolean() });
const resultSchema = z.object({
  run: z.string(),
  mechanism: z.enum(mechanismIds),
  title: z.string(),
  file: z.string(),
  passed: z.boolean(),
  passedAt: z.array(z.string()),
  failsWhenOff: z.boolean(),
  fault: z.string().optional(),
});

/** What one `mechanismTest` showed. */
export type TestResult = Readonly<z.infer<typeof resultSchema>>;

export interface TestRun {
  readonly run: string;
  readonly endedAt: string;
  /** False when some test of that run, of a mechanism or not, failed. */
  readonly ok: boolean;
  /** The state of the sources when it began. */
  readonly tree: string;
  readonly results: readonly TestResult[];
}

/**
 * Begins a run over all tests: `npm test` calls it, hands the id to its test processes as `MUSUBI_CONTROLS_RUN`, and calls
 * `endFullRun` when all of them ended. A run that was broken off never counts. Drops all but the last full run.
 */
export function beginFullRun(root: string, now = Temporal.Now.instant()): string {
  const last = lastFullRun(root);
  const kept = last === undefined ? [] : linesOf(root).filter((line) => line.run === last.run);
  const run = randomUUID();
  mkdirSync(path.dirname(resultsFile(root)), { recursive: true });
  const lines = [...kept, { run, begunAt: now.toString(), tree: treeState(root) }];
  writeFileSync(resultsFile(root), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return run;
}

export function endFullRun(root: string, run: string, ok: boolean, now = Temporal.Now.instant()): void {
  appendFileSync(resultsFile(root), `${JSON.stringify({ run, endedAt: now.toString(), ok })}\n`);
}

/** The newest run over all tests that came to its end. */
export function lastFullRun(root: string): TestRun | undefined {
  const lines = linesOf(root);
  const ended = lines.flatMap((line) => endedSchema.safeParse(line).data ?? []).at(-1);
  const begun = lines.flatMap((line) => begunSchema.safeParse(line).data ?? []).find((line) => line.run === ended?.run);
  if (ended === undefined || begun === undefined) return undefined;
  return { ...ended, tree: begun.tree, results: resultsIn(lines).filter((result) => result.run === ended.run) };
}

/** While working: the last result of every test, whichever run it came from. Never the basis of a published figure. */
export function latestResults(root: string): readonly TestResult[] {
  const latest = new Map<string, TestResult>();
  for (const result of resultsIn(linesOf(root))) {
    latest.set(`${result.file}\n${result.mechanism}\n${result.title}`, result);
  }
  return [...latest.values()];
}

function resultsIn(lines: readonly Line[]): TestResult[] {
  return lines.flatMap((line) => resultSchema.safeParse(line).data ?? []);
}

type Line = Readonly<Record<string, unknown>>;

/** A line cut short by a killed process is no result. */
function linesOf(root: string): Line[] {
  if (!existsSync(resultsFile(root))) return [];
  return readFileSync(resultsFile(root), 'utf8')
    .split('\n')
    .flatMap((text) => {
      try {
        const line: unknown = JSON.parse(text);
        return typeof line === 'object' && line !== null ? [line as Line] : [];
      } catch {
        return [];
      }
    });
}

function resultsFile(root: string): string {
  return path.join(root, '.musubi/controls/results.jsonl');
}

/** Names the sources: the commit's tree, and a digest of what differs from it (generated status pages apart). */
export function treeState(root: string): string {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', root, ...args], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  try {
    const tree = git('rev-parse', 'HEAD^{tree}').trim();
    const sources = ['--', '.', ':(exclude)docs/status'];
    const changes = git('diff', 'HEAD', ...sources) + git('ls-files', '--others', '--exclude-standard', ...sources);
    return changes === '' ? tree : `${tree}+${createHash('sha256').update(changes).digest('hex').slice(0, 16)}`;
  } catch {
    return 'unknown';
  }
}
