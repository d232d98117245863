import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { findPoints, pointDrift } from '../points.ts';
import { beginFullRun, endFullRun, lastFullRun, latestResults, treeState } from '../results.ts';

function aRoot(): { root: string } & Disposable {
  const root = mkdtempSync(path.join(tmpdir(), 'musubi-controls-'));
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}
function write(root: string, file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}
function record(root: string, run: string, title: string, passed = true): void {
  mkdirSync(path.join(root, '.musubi/controls'), { recursive: true });
  const line = {
    run,
    mechanism: 'auth.lock-out',
    title,
    file: 'a.test.ts',
    passed,
    passedAt: ['a.ts'],
    failsWhenOff: true,
  };
  appendFileSync(path.join(root, '.musubi/controls/results.jsonl'), `${JSON.stringify(line)}\n`);
}

test('the last full run is the newest that came to its end; single files and broken runs never count', () => {
  using place = aRoot();
  const { root } = place;
  assert.equal(lastFullRun(root), undefined);
  record(root, 'partial', 'alone');
  assert.equal(lastFullRun(root), undefined);

  const first = beginFullRun(root);
  record(root, first, 'first');
  assert.equal(lastFullRun(root), undefined, 'not ended');
  endFullRun(root, first, true);
  record(root, 'partial', 'after');
  assert.deepEqual(
    lastFullRun(root)?.results.map((result) => result.title),
    ['first'],
  );

  const broken = beginFullRun(root);
  record(root, broken, 'broken');
  assert.equal(lastFullRun(root)?.run, first, 'a run that was broken off leaves the former one standing');

  const second = beginFullRun(root);
  record(root, second, 'second');
  endFullRun(root, second, false);
  assert.equal(lastFullRun(root)?.run, second);
  assert.equal(lastFullRun(root)?.ok, false);
});

test('a line cut in half by a killed process is no result and hides no other', () => {
  using place = aRoot();
  const run = beginFullRun(place.root);
  record(place.root, run, 'whole');
  appendFileSync(path.join(place.root, '.musubi/controls/results.jsonl'), '{"run":"x","mechanism":"auth.lo\n');
  endFullRun(place.root, run, true);
  assert.equal(lastFullRun(place.root)?.results.length, 1);
});

test('while working, the latest result of each test counts', () => {
  using place = aRoot();
  record(place.root, 'partial', 'one', false);
  record(place.root, 'partial', 'one', true);
  record(place.root, 'partial', 'two', true);
  assert.deepEqual(
    latestResults(place.root).map(({ title, passed }) => [title, passed]),
    [
      ['one', true],
      ['two', true],
    ],
  );
});

test('a change of the sources after the run is seen', () => {
  using place = aRoot();
  const { root } = place;
  assert.equal(treeState(root), 'unknown');
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', root, '-c', 'user.name=t', '-c', 'user.email=t@example.jp', ...args]);
  git('init', '-q');
  write(root, 'a.ts', '1');
  git('add', '.');
  git('commit', '-q', '-m', 'one');
  const before = treeState(root);
  write(root, 'docs/status/controls.md', 'generated');
  assert.equal(treeState(root), before, 'the generated page is no source');
  write(root, 'a.ts', '2');
  assert.notEqual(treeState(root), before);
});

test('points are read from product code: not from tests, helpers, comments or the harness', () => {
  using place = aRoot();
  const call = "if (enforced('auth.lock-out') && locked) return err('locked');\n";
  write(
    place.root,
    'kernel/access/password.ts',
    `${call}// if (enforced('auth.password')) never\n/* enforced('auth.password') */`,
  );
  write(place.root, 'kernel/access/test/password.test.ts', call);
  write(place.root, 'kernel/access/testing.ts', call);
  write(place.root, 'kernel/enforcement/enforcement.ts', call);
  write(place.root, 'systems/a/domain/rule.ts', "rejectUnauthorized: enforced(\n  'transport.mtls-both-sides',\n)");
  const points = findPoints(place.root);
  assert.deepEqual([...(points.get('auth.lock-out') ?? [])], ['kernel/access/password.ts']);
  assert.deepEqual([...(points.get('auth.password') ?? [])], []);
  assert.deepEqual([...(points.get('transport.mtls-both-sides') ?? [])], ['systems/a/domain/rule.ts']);
});

test('declared and real points are compared both ways', () => {
  const points = new Map([
    ['auth.lock-out' as const, new Set(['kernel/access/password.ts', 'kernel/access/passkey.ts'])],
  ]);
  const declared = new Map([
    ['auth.lock-out' as const, ['kernel/access/password.ts#verifyPassword']],
    ['auth.password' as const, ['kernel/access/password.ts#verifyPassword']],
  ]);
  assert.deepEqual(
    pointDrift(declared, points, () => false),
    [
      { mechanism: 'auth.password', planned: ['kernel/access/password.ts'], undeclared: [] },
      { mechanism: 'auth.lock-out', planned: [], undeclared: ['kernel/access/passkey.ts'] },
    ],
  );
});
