import { spawn } from 'node:child_process';
import { cp, glob, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { type Mutant, mutantsOf } from './mutants.ts';

/*
 * Are the tests of the tax engine as good as they look? Single changes of its code, sampled by seed, each of which some test
 * must find. Outside the suite: one change takes a run of the engine's tests.
 *
 *   npm run -s node -- checks/mutation/run.ts --count 500 --seed 1 [--part 3/10] [--only land.ts] [--json]
 *
 * `--part` takes one of equal parts of the same sample, so that a long sample is run piece by piece.
 */
const system = 'systems/resident-tax';
const engine = ['assess.ts', 'bases.ts', 'carried-losses.ts', 'collection.ts', 'credits.ts', 'deductions.ts'].concat(
  ['donation-credit.ts', 'exemption.ts', 'household.ts', 'incomes.ts', 'land.ts', 'levy-sides.ts', 'loss-offset.ts'],
  ['other-incomes.ts', 'ratio.ts', 'retirement.ts'],
);
const tests = 'domain/*.test.ts';
/** Random cases replayed: only where nothing else noticed. */
const slowTests = 'service/interchange/*.test.ts';
/** Processor time: all tests of the engine together take a tenth of it, however busy the machine is. */
const limitSeconds = 90;

const root = fileURLToPath(new URL('../../', import.meta.url));
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    part: { type: 'string', default: '1/1' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

/** A copy of the one system whose code is changed, beside the rest of the tree as it is. */
async function workshop(): Promise<string> {
  const place = await mkdtemp(path.join(tmpdir(), 'musubi-mutants-'));
  await cp(path.join(root, system), path.join(place, system), { recursive: true });
  const modules = path.join(place, 'node_modules');
  await mkdir(path.join(modules, '@musubi'), { recursive: true });
  for (const name of await readdir(path.join(root, 'node_modules')))
    if (name !== '@musubi') await symlink(path.join(root, 'node_modules', name), path.join(modules, name));
  for (const name of await readdir(path.join(root, 'node_modules/@musubi'))) {
    const isOurs = name === path.basename(system);
    const target = isOurs ? path.join(place, system) : path.join(root, 'node_modules/@musubi', name);
    await symlink(target, path.join(modules, '@musubi', name));
  }
  return place;
}

/** What is tried for a change, in this order: the file's own tests, all of the engine, the random cases. */
async function stagesFor(place: string): Promise<(file: string) => readonly string[][]> {
  const list = async (pattern: string): Promise<string[]> => {
    const files: string[] = [];
    for await (const file of glob(pattern, { cwd: path.join(place, system) })) files.push(path.join(system, file));
    return files;
  };
  const [quick, slow] = [await list(tests), await list(slowTests)];
  return (file) => {
    const own = quick.filter((t) => t === file.replace(/\.ts$/, '.test.ts') || t.endsWith('/trace.test.ts'));
    return [own, quick.filter((t) => !own.includes(t)), slow];
  };
}

let notEnded = 0;

async function isFound(place: string, stages: readonly (readonly string[])[]): Promise<boolean> {
  for (const files of stages) if (files.length > 0 && (await failsOn(place, files))) return true;
  return false;
}

/** True where the tests notice: they fail, or do not end (stopped by a signal, counted apart). */
function failsOn(place: string, files: readonly string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const limited = `ulimit -t ${limitSeconds}; exec "$0" --test --test-isolation=none "$@"`;
    const child = spawn('/bin/sh', ['-c', limited, process.execPath, ...files], { cwd: place, stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (signal !== null) notEnded++;
      resolve(code !== 0);
    });
  });
}

const random = seededRandom(`mutants:${values.seed}`);
const all: Mutant[] = [];
for (const file of values.only === undefined ? engine : [values.only]) {
  const where = path.join(system, 'domain', file);
  all.push(...mutantsOf(where, await readFile(path.join(root, where), 'utf8')));
}
const whole: Mutant[] = [];
const pool = [...all];
while (whole.length < Number(values.count) && pool.length > 0)
  whole.push(pool.splice(random.below(pool.length), 1)[0]!);
const [part = 1, parts = 1] = values.part.split('/').map(Number);
const sample = whole.filter((_, i) => i % parts === part - 1);

const survived: Mutant[] = [];
let done = 0;
const queue = [...sample];
async function work(): Promise<void> {
  const place = await workshop();
  try {
    const stages = await stagesFor(place);
    if (await isFound(place, stages(queue[0]?.file ?? ''))) throw new Error('the tests fail without any change');
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const file = path.join(place, mutant.file);
      await writeFile(file, mutant.text);
      if (!(await isFound(place, stages(mutant.file)))) {
        survived.push(mutant);
        if (!values.json) console.log(`not found: ${mutant.file}:${mutant.line} ${mutant.from} → ${mutant.to}`);
      }
      await cp(path.join(root, mutant.file), file);
      done++;
      if (!values.json && done % 25 === 0) console.log(`${done} of ${sample.length}`);
    }
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));

const found = sample.length - survived.length;
const share = Math.round((found / sample.length) * 1000) / 10;
const result = {
  possible: all.length,
  mutants: sample.length,
  found,
  found_percent: share,
  not_ended: notEnded,
  survived: survived.map(({ file, line, from, to }) => ({ file, line, from, to })),
};
console.log(
  values.json
    ? JSON.stringify(result)
    : `${found} of ${sample.length} changes found (${share} %; ${notEnded} because the tests did not end), of ${all.length} possible`,
);
process.exitCode = share >= 90 ? 0 : 1;
