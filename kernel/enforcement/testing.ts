import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { attachProbe } from './enforcement.ts';
import type { MechanismId } from './mechanism-ids.ts';

/** What the body of a mechanism test may ask of the point under test. */
export interface Point {
  /** True in the second run. For labels and time-outs only: a body that branches on it proves nothing. */
  readonly off: boolean;
  /**
   * For points that are not TypeScript (a grant, a constraint, a trigger, a TLS option): `remove` takes the protection
   * away and runs in the second run only; calling `whenOff` counts as passage. `at` names the point as in the mechanism.
   *
   *     await point.whenOff('kernel/vault/schema/0001_vault.sql', () => t.owner('grant select on vault.number to app'));
   */
  whenOff(at: string, remove: () => Promise<unknown> | unknown): Promise<void>;
}

export type MechanismTestBody = (t: TestContext, point: Point) => Promise<void> | void;

export interface Verdict {
  readonly mechanism: MechanismId;
  /** The body succeeded with every point in force. */
  readonly passed: boolean;
  /** Files, from the repository's root, in which the point was passed while it was in force. */
  readonly passedAt: readonly string[];
  /** The body failed on an assertion of its own when the point was switched off. */
  readonly failsWhenOff: boolean;
  /** Why it proves nothing; undefined when it proves the mechanism. */
  readonly fault?: 'failed' | 'not-passed' | 'passes-when-off' | 'breaks-when-off' | 'hangs-when-off';
  readonly cause?: unknown;
}

/**
 * A test that proves a mechanism: the body passes, it goes through the enforcement point, and the same body run again
 * with the point switched off fails on one of its own assertions. Anything less is a failed test.
 * Each result is a line in `.musubi/controls/results.jsonl`, which `musubi controls` reads.
 *
 * Assert on what the guard prevents (`assert.equal(result.error, 'locked')`), and make the whole world inside the body:
 * it runs twice. Points in other processes and threads cannot be switched off: call the guarded code in this one.
 */
export function mechanismTest(mechanism: MechanismId, title: string, body: MechanismTestBody): void {
  const file = testFile();
  test(`${mechanism}: ${title}`, async (t) => {
    const verdict = await proveMechanism(mechanism, t, body);
    report(verdict, title, file);
    if (verdict.fault === 'failed') throw verdict.cause;
    assert.equal(verdict.fault, undefined, `${mechanism}: ${explanations[verdict.fault ?? 'failed']}`);
  });
}

const explanations = {
  failed: 'the test failed',
  'not-passed': 'the test never went through enforced() for this mechanism',
  'passes-when-off': 'the test passes although the enforcement point is switched off: it does not depend on the guard',
  'breaks-when-off': 'with the point switched off the test ended in something other than an assertion of its own',
  'hangs-when-off': 'with the point switched off the test did not end',
} as const;

/** The two runs without the reporting. Bodies are proved one at a time in a process. */
export function proveMechanism(
  mechanism: MechanismId,
  t: TestContext,
  body: MechanismTestBody,
  { offTimeoutMs = 30_000 }: { readonly offTimeoutMs?: number } = {},
): Promise<Verdict> {
  const proof = turn.then(() => prove(mechanism, t, body, offTimeoutMs));
  turn = proof.then(
    () => undefined,
    () => undefined,
  );
  return proof;
}
let turn: Promise<undefined> = Promise.resolve(undefined);

async function prove(
  mechanism: MechanismId,
  t: TestContext,
  body: MechanismTestBody,
  offTimeoutMs: number,
): Promise<Verdict> {
  const began = performance.now();
  const on = await runBody(mechanism, false, t, body, undefined);
  const took = performance.now() - began;
  const base = { mechanism, passed: on.outcome === 'passed', passedAt: [...on.passedAt].sort(), failsWhenOff: false };
  if (!base.passed) return { ...base, fault: 'failed', cause: on.cause };
  if (base.passedAt.length === 0) return { ...base, fault: 'not-passed' };

  // On a busy machine the second run is as slow as the first; that is no hanging.
  const off = await runBody(mechanism, true, t, body, Math.max(offTimeoutMs, 3 * took));
  switch (off.outcome) {
    case 'assertion':
      return { ...base, failsWhenOff: true };
    case 'passed':
      return { ...base, fault: 'passes-when-off' };
    case 'late':
      return { ...base, fault: 'hangs-when-off' };
    case 'broke':
      return { ...base, fault: 'breaks-when-off', cause: off.cause };
  }
}

interface Run {
  readonly outcome: 'passed' | 'assertion' | 'broke' | 'late';
  readonly passedAt: ReadonlySet<string>;
  readonly cause?: unknown;
}

async function runBody(
  mechanism: MechanismId,
  off: boolean,
  t: TestContext,
  body: MechanismTestBody,
  timeoutMs: number | undefined,
): Promise<Run> {
  const passedAt = new Set<string>();
  using _probe = attachProbe((id) => {
    if (id !== mechanism) return true;
    const at = callerOfEnforced();
    if (at !== undefined && !isTestCode(at)) passedAt.add(at);
    return !off;
  });
  const point: Point = {
    off,
    async whenOff(at, remove) {
      passedAt.add(at.replace(/#.*$/, ''));
      if (off) await remove();
    },
  };
  try {
    const running = body(t, point);
    if (timeoutMs === undefined) await running;
    else if ((await within(timeoutMs, running)) === 'late') return { outcome: 'late', passedAt };
    return { outcome: 'passed', passedAt };
  } catch (cause) {
    return { outcome: isOwnAssertion(cause) ? 'assertion' : 'broke', passedAt, cause };
  }
}

/** The body within its time. What a hung body does later happens with every point in force again. */
async function within(ms: number, body: Promise<void> | void): Promise<'ended' | 'late'> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, ms, 'late');
  });
  try {
    return await Promise.race([Promise.resolve(body).then(() => 'ended' as const), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** An assertion that the test made; one inside the product means that something else caught the missing guard. */
function isOwnAssertion(cause: unknown): boolean {
  if (!(cause instanceof assert.AssertionError)) return false;
  const first = filesInStack(cause.stack)[0];
  return first === undefined || isTestCode(first);
}

function callerOfEnforced(): string | undefined {
  const files = filesInStack(new Error('where').stack);
  return files.find((file) => !file.startsWith('kernel/enforcement/') || file.startsWith('kernel/enforcement/test/'));
}

/** The harness's own sample of product code counts as such, so that the harness can be tested. */
function isTestCode(file: string): boolean {
  if (file === 'kernel/enforcement/test/sample-guard.ts') return false;
  return /\.test\.ts$|(^|\/)test\/|(^|\/)testing\.ts$/.test(file);
}

function filesInStack(stack: string | undefined): string[] {
  return [...(stack ?? '').matchAll(/(?:file:\/\/|\()(\/[^\s():]+\.(?:ts|mjs|js)):\d+:\d+/g)].map((match) =>
    path.relative(root, match[1] ?? ''),
  );
}

const root = path.resolve(import.meta.dirname, '../..');

function testFile(): string {
  const first = process.argv[1] ?? '';
  return path.relative(root, first.startsWith('file:') ? fileURLToPath(first) : first);
}

function report(verdict: Verdict, title: string, file: string): void {
  const line = {
    run: process.env.MUSUBI_CONTROLS_RUN ?? 'partial',
    mechanism: verdict.mechanism,
    title,
    file,
    passed: verdict.passed,
    passedAt: verdict.passedAt,
    failsWhenOff: verdict.failsWhenOff,
    ...(verdict.fault === undefined ? {} : { fault: verdict.fault }),
    at: Temporal.Now.instant().toString(),
  };
  const results = process.env.MUSUBI_CONTROLS_FILE ?? path.join(root, '.musubi/controls/results.jsonl');
  mkdirSync(path.dirname(results), { recursive: true });
  // One write of less than a page: lines of test files that run side by side do not mix.
  appendFileSync(results, `${JSON.stringify(line)}\n`);
}
