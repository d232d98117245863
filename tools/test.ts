/**
 * The whole check: types, lint, then every test file against one PostgreSQL server of this run. `--static` stops after
 * types and lint, `--long` adds the long tests (`*.long.test.ts`), a path limits the test files to those under it.
 */
import { spawn } from 'node:child_process';
import { glob, mkdir, readdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { run as runTests } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { beginFullRun, endFullRun } from '@musubi/assessments/results.ts';
import { startEmbedded } from '@musubi/kernel/db/embedded.ts';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
const only = args.filter((a) => !a.startsWith('--'));
const long = args.includes('--long');
const places = [
  'kernel',
  'contracts',
  'rates',
  'assessments',
  'systems',
  'counterparts',
  'town',
  'cli',
  'checks',
  'bench',
  'chaos',
];

function run(title: string, command: string, commandArgs: readonly string[]): Promise<boolean> {
  console.log(`\n— ${title}`);
  return new Promise((resolve) => {
    const child = spawn(command, commandArgs, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('exit', (code) => resolve(code === 0));
  });
}

const bin = (name: string): string => path.join(root, 'node_modules', '.bin', name);

async function testFiles(): Promise<string[]> {
  const found: string[] = [];
  for (const place of only.length > 0 ? only : places) {
    if (place.endsWith('.ts')) found.push(place);
    else
      for await (const file of glob(`${place}/**/*.test.ts`, { cwd: root, exclude: (f) => f === 'node_modules' }))
        found.push(file);
  }
  return found
    .filter((f) => long || !f.endsWith('.long.test.ts'))
    .sort((a, b) => turn(a) - turn(b) || (a < b ? -1 : 1));
}
/** The walk, which takes minutes and mostly waits, begins first, and what keeps both cores busy by itself comes last. */
function turn(file: string): number {
  if (file.startsWith('town/walk/')) return 0;
  return /^(bench|chaos)\//.test(file) ? 2 : 1;
}

/** Runs the files, each in a process of its own; the report goes to the terminal. */
async function runFiles(files: string[]): Promise<boolean> {
  console.log(`\n— ${files.length} test files`);
  let good = true;
  const events = runTests({ files, concurrency: 3, timeout: 1_200_000 }).on('test:fail', (failed) => {
    if (failed.todo === undefined || failed.todo === false) good = false;
  });
  for await (const text of events.compose(spec)) process.stdout.write(text);
  return good;
}

/**
 * Where this run's server keeps its files: in memory where Linux has room for it, because a database made for each test
 * costs a third there, else in the checkout. What a run that was killed left behind goes away first.
 */
async function scratch(): Promise<string> {
  const memory = '/dev/shm';
  const free = await statfs(memory).then(
    (found) => found.bavail * found.bsize,
    () => 0,
  );
  const parent = free >= 8 * 2 ** 30 ? memory : path.join(root, '.musubi');
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const pid = /^musubi-test-run-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid)))
      await rm(path.join(parent, name), { recursive: true, force: true });
  }
  const directory = path.join(parent, `musubi-test-run-${process.pid}`);
  await mkdir(directory);
  return directory;
}
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function main(): Promise<boolean> {
  const types = await run('types (tsc)', process.execPath, [bin('tsc'), '-p', 'tsconfig.json']);
  const lint = await run('lint and format (biome)', process.execPath, [
    bin('biome'),
    'check',
    '--error-on-warnings',
    '.',
  ]);
  if (args.includes('--static')) return types && lint;

  const files = await testFiles();
  const directory = await scratch();
  const server = await startEmbedded({ directory, unsafeFast: true, settings: { max_wal_size: '1GB' } });
  // Only a run over all files may count for the controls.
  const controlsRun = only.length === 0 ? beginFullRun(root) : undefined;
  let tests = false;
  try {
    process.env.MUSUBI_TEST_POSTGRES = server.adminUrl;
    if (controlsRun !== undefined) process.env.MUSUBI_CONTROLS_RUN = controlsRun;
    tests = await runFiles(files);
  } finally {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
    if (controlsRun !== undefined) endFullRun(root, controlsRun, tests);
  }
  console.log(`\ntypes ${types ? 'good' : 'BAD'} · lint ${lint ? 'good' : 'BAD'} · tests ${tests ? 'good' : 'BAD'}`);
  return types && lint && tests;
}

process.exitCode = (await main()) ? 0 : 1;
