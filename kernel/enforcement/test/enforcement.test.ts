import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { enforced, passages } from '../enforcement.ts';
import { mechanismIds } from '../mechanism-ids.ts';
import { proveMechanism } from '../testing.ts';
import { breaking, forgotten, guarded } from './sample-guard.ts';

const root = path.resolve(import.meta.dirname, '../../..');

test('design §7: a guard that works is proved: passed, went through the point, fails when it is off', async (t) => {
  const verdict = await proveMechanism('auth.lock-out', t, () => {
    assert.deepEqual(guarded(5), { ok: false, error: 'locked' });
  });
  assert.deepEqual(verdict, {
    mechanism: 'auth.lock-out',
    passed: true,
    passedAt: ['kernel/enforcement/test/sample-guard.ts'],
    failsWhenOff: true,
  });
});

test('design §7: a test that stays green without the guard proves nothing', async (t) => {
  const verdict = await proveMechanism('auth.lock-out', t, () => {
    assert.deepEqual(forgotten(5), { ok: false, error: 'locked' });
  });
  assert.equal(verdict.passed, true);
  assert.equal(verdict.failsWhenOff, false);
  assert.equal(verdict.fault, 'passes-when-off');
});

test('design §7: a test that goes past the point proves nothing', async (t) => {
  const verdict = await proveMechanism('auth.second-factor', t, () => {
    assert.deepEqual(guarded(5), { ok: false, error: 'locked' });
  });
  assert.equal(verdict.fault, 'not-passed');
  assert.deepEqual(verdict.passedAt, []);
});

test('design §7: a point called by the test itself is no passage', async (t) => {
  const verdict = await proveMechanism('auth.second-factor', t, () => {
    assert.equal(enforced('auth.second-factor'), true);
  });
  assert.equal(verdict.fault, 'not-passed');
});

test('design §7: a failing test is a failing test', async (t) => {
  const verdict = await proveMechanism('auth.lock-out', t, () => {
    assert.deepEqual(guarded(4), { ok: false, error: 'locked' });
  });
  assert.equal(verdict.passed, false);
  assert.equal(verdict.fault, 'failed');
});

test('design §7: only an assertion of the test itself counts as failing when off', async (t) => {
  const broke = await proveMechanism('auth.lock-out', t, () => {
    assert.deepEqual(breaking(5), { ok: false, error: 'locked' });
  });
  assert.equal(broke.fault, 'breaks-when-off');
  const hung = await proveMechanism(
    'auth.lock-out',
    t,
    async () => {
      if (guarded(5).ok) await new Promise((resolve) => setTimeout(resolve, 200));
    },
    { offTimeoutMs: 20 },
  );
  assert.equal(hung.fault, 'hangs-when-off');
});

test('design §7: a point outside TypeScript is taken away in the second run only', async (t) => {
  const removed: boolean[] = [];
  const verdict = await proveMechanism('vault.number-by-definer-function', t, async (_t, point) => {
    let granted = false;
    await point.whenOff('kernel/vault/schema/0001_vault.sql#grants', () => {
      granted = true;
    });
    removed.push(granted);
    assert.equal(granted, false);
  });
  assert.deepEqual(removed, [false, true]);
  assert.deepEqual(verdict.passedAt, ['kernel/vault/schema/0001_vault.sql']);
  assert.equal(verdict.failsWhenOff, true);
});

test('two proofs at once wait for each other, and afterwards every point is in force', async (t) => {
  const body = async () => {
    const before = guarded(5);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(before, { ok: false, error: 'locked' });
    assert.deepEqual(guarded(5), before);
  };
  const verdicts = await Promise.all([
    proveMechanism('auth.lock-out', t, body),
    proveMechanism('auth.lock-out', t, body),
  ]);
  assert.deepEqual(
    verdicts.map((verdict) => verdict.failsWhenOff),
    [true, true],
  );
  assert.deepEqual(guarded(5), { ok: false, error: 'locked' });
});

test('passages are counted for the evidence query', () => {
  const before = passages().get('auth.lock-out') ?? 0;
  guarded(0);
  assert.equal(passages().get('auth.lock-out'), before + 1);
});

test('no process but one that runs a test file can switch a point off, whatever its environment says', () => {
  const program = `
    import { attachProbe, enforced } from ${JSON.stringify(path.join(root, 'kernel/enforcement/enforcement.ts'))};
    let refused = 0;
    try { attachProbe(() => false); } catch { refused = 1; }
    process.argv[1] = '/somewhere/else.test.ts';
    process.env.NODE_TEST_CONTEXT = 'child-v8';
    try { attachProbe(() => false); } catch { refused += 1; }
    console.log(refused, enforced('auth.lock-out'));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    env: { ...process.env, NODE_TEST_CONTEXT: 'child-v8', MUSUBI_TEST: '1', MUSUBI_SWITCH_OFF: 'auth.lock-out' },
  });
  assert.equal(stdout.trim(), '2 true', stderr);
});

test('product code cannot reach the switch: attachProbe is imported by testing.ts alone, testing.ts by tests alone', () => {
  const offenders: string[] = [];
  const folders = '{kernel,contracts,rates,assessments,systems,counterparts,town,cli,checks,bench,chaos,tools}';
  for (const file of globSync(`${folders}/**/*.{ts,mjs}`, { cwd: root, exclude: ['**/node_modules/**'] })) {
    if (/\.test\.ts$/.test(file) || file === 'kernel/enforcement/enforcement.ts') continue;
    const text = readFileSync(path.join(root, file), 'utf8');
    if (/\battachProbe\b/.test(text) && file !== 'kernel/enforcement/testing.ts')
      offenders.push(`${file}: attachProbe`);
    if (/enforcement\/testing\.ts['"]/.test(text) && !/(^|\/)test\//.test(file)) offenders.push(`${file}: testing.ts`);
  }
  assert.deepEqual(offenders, []);
});

test('mechanism ids are unique and of one form', () => {
  assert.equal(new Set(mechanismIds).size, mechanismIds.length);
  for (const id of mechanismIds) assert.match(id, /^[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*$/);
});

test('design §7: mechanismTest fails the run for a guard that is missing, and leaves one line for each test', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'musubi-enforcement-'));
  const file = path.join(folder, 'sample.test.ts');
  const results = path.join(folder, 'results.jsonl');
  await writeFile(
    file,
    `import assert from 'node:assert/strict';
     import { mechanismTest } from '${root}/kernel/enforcement/testing.ts';
     import { forgotten, guarded } from '${root}/kernel/enforcement/test/sample-guard.ts';
     mechanismTest('auth.lock-out', 'kept', () => assert.deepEqual(guarded(5), { ok: false, error: 'locked' }));
     mechanismTest('auth.lock-out', 'forgotten', () => assert.deepEqual(forgotten(5), { ok: false, error: 'locked' }));
     mechanismTest('auth.lock-out', 'broken', () => assert.deepEqual(guarded(0), { ok: false, error: 'locked' }));`,
  );
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const ran = spawnSync(process.execPath, ['--test', '--test-reporter=tap', file], {
    encoding: 'utf8',
    env: { ...env, MUSUBI_CONTROLS_FILE: results, MUSUBI_CONTROLS_RUN: 'run-1' },
  });
  const lines = readFileSync(results, 'utf8')
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));
  await rm(folder, { recursive: true });

  assert.equal(ran.status, 1);
  assert.match(ran.stdout, /^ok \d+ - auth\.lock-out: kept$/m);
  assert.match(ran.stdout, /^not ok \d+ - auth\.lock-out: forgotten$/m);
  assert.match(ran.stdout, /does not depend on the guard/);
  assert.deepEqual(
    lines.map(({ run, mechanism, title, passed, failsWhenOff, fault }) => [
      run,
      mechanism,
      title,
      passed,
      failsWhenOff,
      fault,
    ]),
    [
      ['run-1', 'auth.lock-out', 'kept', true, true, undefined],
      ['run-1', 'auth.lock-out', 'forgotten', true, false, 'passes-when-off'],
      ['run-1', 'auth.lock-out', 'broken', false, false, 'failed'],
    ],
  );
  assert.deepEqual(lines[0]?.passedAt, ['kernel/enforcement/test/sample-guard.ts']);
});
