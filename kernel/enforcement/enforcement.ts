import type { MechanismId } from './mechanism-ids.ts';

/**
 * Marks an enforcement point: the place in the code where a promised protection is really kept.
 *
 *     if (enforced('auth.lock-out') && account.failures >= policy.attempts) return err('locked');
 *
 * Answers true, always, in every process that is not running a test file; it counts the passage and does nothing else.
 * Write it as the first operand, so that the point is passed whether or not the guard then refuses.
 */
export function enforced(id: MechanismId): boolean {
  passed.set(id, (passed.get(id) ?? 0) + 1);
  return probe === undefined || probe(id);
}

/** How often each point was passed since this process began: figures for the evidence query, nothing personal. */
export function passages(): ReadonlyMap<MechanismId, number> {
  return passed;
}

/** Told of every passage; its answer becomes the answer of `enforced`. Exists only while a mechanism is being proved. */
export type Probe = (id: MechanismId) => boolean;

/**
 * Only `testing.ts` beside this file calls this (a test reads all imports and holds that).
 * It refuses in any process that did not begin with a test file under Node's test runner. Both facts are read once, when
 * this file is first loaded, from how the process was started: no environment variable, setting, message or request can
 * switch a point off in a process whose first file is `cli/musubi.ts`.
 */
export function attachProbe(attached: Probe): Disposable {
  if (!isTestProcess) throw new Error('enforcement points can be switched off only in a process that runs a test file');
  if (probe !== undefined) throw new Error('another mechanism is being proved in this process');
  probe = attached;
  return {
    [Symbol.dispose]() {
      probe = undefined;
    },
  };
}

// State of the process, on purpose and the only one of its kind: points sit deep inside calls that must not carry a
// switch in their arguments, where production code could set it.
const passed = new Map<MechanismId, number>();
let probe: Probe | undefined;
const isTestProcess = process.env.NODE_TEST_CONTEXT !== undefined && /\.test\.ts$/.test(process.argv[1] ?? '');
